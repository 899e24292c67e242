"""The log's entries as rows: appended in the transaction of whatever they record."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import BigInteger, Connection, Integer, bindparam, func, select
from sqlalchemy.engine.interfaces import Dialect

from api.log.commitments import Content
from api.log.envelope import Envelope, Kind, Outcome
from api.log.hashing import leaf_hash
from api.log.tree import appended
from api.store.prepared import Prepared, PreparedQuery
from api.store.tables import LOG_ENTRIES, LOG_HASHES

_E, _H = LOG_ENTRIES.c, LOG_HASHES.c
_NEWEST = select(func.max(_E.index))


class NewEntry(msgspec.Struct, frozen=True):
    """An entry about to be appended: its leaf, and the salts that open what it commits to."""

    kind: Kind
    id: str
    encoded: bytes
    leaf: bytes
    salts: bytes


def new_entry(
    kind: Kind,
    id_: str,
    time: str,
    actor: str,
    content: Content,
    rule_set: str | None = None,
    outcome: Outcome | None = None,
) -> NewEntry:
    """The entry of something recorded (see `Envelope`), committed to with fresh salts."""
    sealed = content.sealed(os.urandom(content.salt_bytes))
    encoded = Envelope(kind, id_, time, actor, sealed.digest, rule_set, outcome).encoded()
    return NewEntry(kind, id_, encoded, leaf_hash(encoded), b"".join(sealed.salts))


class Place(msgspec.Struct, frozen=True):
    """Where an entry stands in the log, and its leaf hash."""

    index: int
    leaf: bytes


class Logbook:
    """Appends entries. The caller's transaction must be the only one that writes."""

    def __init__(self, dialect: Dialect) -> None:
        columns = ("index", "kind", "id", "entry", "leaf", "salts")
        self._entries = Prepared(LOG_ENTRIES.insert(), dialect, columns)
        self._hashes = Prepared(LOG_HASHES.insert(), dialect, ("level", "index", "hash"))
        self._newest = PreparedQuery(_NEWEST, dialect)

    def append(self, connection: Connection, entries: Sequence[NewEntry]) -> list[Place]:
        """Appends the entries, in order, and says where they stand. Raises the driver's errors."""
        if not entries:
            return []
        (newest,) = self._newest.column(connection)
        size = 0 if newest is None else newest + 1
        places = [Place(index, entry.leaf) for index, entry in enumerate(entries, size)]
        self._entries.run_in_order(
            connection,
            [
                (index, entry.kind, entry.id, entry.encoded, entry.leaf, entry.salts)
                for index, entry in enumerate(entries, size)
            ],
        )
        rows = appended(StoredHashes(connection), size, [entry.leaf for entry in entries])
        # The leaves stand beside their entries.
        self._hashes.run_in_order(connection, [row for row in rows if row[0]])
        return places


class StoredHashes:
    """The tree's hashes, read through one connection (see `log.tree.HashReader`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """Those that are stored of the range."""
        leaves, nodes = _queries(self._connection.dialect)
        last = start + count - 1
        if level == 0:
            return leaves.column(self._connection, first=start, last=last)
        return nodes.column(self._connection, level=level, first=start, last=last)


@lru_cache(4)
def _queries(dialect: Dialect) -> tuple[PreparedQuery, PreparedQuery]:
    """For leaves and for hashes of a level, in order."""
    first, last = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
    leaves = select(_E.leaf).where(_E.index.between(first, last)).order_by(_E.index)
    nodes = select(_H.hash).where(
        _H.level == bindparam("level", type_=Integer), _H.index.between(first, last)
    )
    return (
        PreparedQuery(leaves, dialect),
        PreparedQuery(nodes.order_by(_H.index), dialect),
    )


def log_size(connection: Connection) -> int:
    """How many entries there are."""
    newest = connection.execute(_NEWEST).scalar()
    return 0 if newest is None else int(newest) + 1


def logged(connection: Connection, kind: Kind, ids: Iterable[str]) -> frozenset[str]:
    """Those of the ids that an entry of this kind has."""
    found = connection.execute(select(_E.id).where(_E.kind == kind, _E.id.in_(list(ids))))
    return frozenset(found.scalars())
