"""The log's entries as rows: appended in the transaction of whatever they record."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.engine.interfaces import Dialect

from api.log.commitments import Content, Sealed
from api.log.envelope import Envelope, Kind, Outcome
from api.log.hashing import leaf_hash
from api.log.tree import appended
from api.store.prepared import Prepared
from api.store.tables import LOG_ENTRIES, LOG_HASHES, LOG_SALTS

_E, _H = LOG_ENTRIES.c, LOG_HASHES.c


@dataclass(frozen=True)
class NewEntry:
    """Something recorded, about to be logged: see `Envelope` for what the members mean."""

    kind: Kind
    id: str
    time: str
    actor: str
    sealed: Sealed
    rule_set: str | None = None
    outcome: Outcome | None = None

    def envelope(self) -> Envelope:
        """The leaf."""
        return Envelope(
            kind=self.kind,
            id=self.id,
            time=self.time,
            actor=self.actor,
            content=self.sealed.digest,
            rule_set=self.rule_set,
            outcome=self.outcome,
        )


@dataclass(frozen=True)
class Place:
    """Where an entry stands in the log, and its leaf hash."""

    index: int
    leaf: bytes


def seal(content: Content) -> Sealed:
    """The content, committed to with fresh salts."""
    return content.sealed(os.urandom(content.salt_bytes))


class Logbook:
    """Appends entries. The caller's transaction must be the only one that writes."""

    def __init__(self, dialect: Dialect) -> None:
        def prepared(table: object) -> Prepared:
            return Prepared(table.insert(), dialect, table.c.keys())  # type: ignore[attr-defined]

        self._entries, self._hashes = prepared(LOG_ENTRIES), prepared(LOG_HASHES)
        self._salts = prepared(LOG_SALTS)
        self._newest = str(select(func.max(_E.index)).compile(dialect=dialect))

    def append(self, connection: Connection, entries: Sequence[NewEntry]) -> list[Place]:
        """Appends the entries, in order, and says where they stand. Raises SQLAlchemyError."""
        if not entries:
            return []
        newest = connection.exec_driver_sql(self._newest).scalar()
        size = 0 if newest is None else newest + 1
        encoded = [entry.envelope().encoded() for entry in entries]
        places = [Place(index, leaf_hash(leaf)) for index, leaf in enumerate(encoded, size)]
        self._entries.run(
            connection,
            [
                {"index": place.index, "kind": entry.kind, "id": entry.id, "entry": leaf}
                for place, entry, leaf in zip(places, entries, encoded, strict=True)
            ],
        )
        self._salts.run(
            connection,
            [
                {"index": place.index, "salts": b"".join(entry.sealed.salts)}
                for place, entry in zip(places, entries, strict=True)
            ],
        )
        rows = appended(StoredHashes(connection), size, [place.leaf for place in places])
        self._hashes.run(
            connection,
            [{"level": level, "index": index, "hash": value} for level, index, value in rows],
        )
        return places


class StoredHashes:
    """The tree's hashes, read through one connection (see `log.tree.HashReader`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """Those that are stored of the range."""
        return (
            self._connection.execute(
                select(_H.hash)
                .where(_H.level == level, _H.index.between(start, start + count - 1))
                .order_by(_H.index)
            )
            .scalars()
            .all()
        )


def log_size(connection: Connection) -> int:
    """How many entries there are."""
    newest = connection.execute(select(func.max(_E.index))).scalar()
    return 0 if newest is None else int(newest) + 1


def logged(connection: Connection, kind: Kind, ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids that an entry of this kind has."""
    found = connection.execute(select(_E.id).where(_E.kind == kind, _E.id.in_(list(ids))))
    return frozenset(found.scalars())
