"""The one place where decisions are appended: in groups, gapless, before they are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select, tuple_

from api.alerts.outbox import Alert, put
from api.errors import CannotDecide, IdempotencyConflict, LodestoneError
from api.flows.footprint import Footprint
from api.flows.recording import FlowsWriter
from api.ledger.answer import answer_of, content_of
from api.ledger.indexing import DecisionIndex
from api.ledger.read import ANSWER_COLUMNS, stored_answer
from api.ledger.terms import Term
from api.store.database import Database
from api.store.logbook import Logbook, NewEntry
from api.store.prepared import Prepared
from api.store.tables import DECISIONS as D
from api.store.tables import IDEMPOTENCY as I


@dataclass(frozen=True)
class IdempotencyKey:
    """The caller's name for a request, and the digest of what was asked under it."""

    key: str
    body_digest: str


class NewDecision(msgspec.Struct, frozen=True):
    """A decision about to be recorded.

    `columns` are those of the decisions' table but for its place in the log; `words` are the shared
    members of the answer (see `ledger.answer`), which the column has deflated (RFC 1950). `entry`
    commits to the columns (see `ledger.content`); `footprint` and `alerts` are recorded in the same
    transaction, as are `terms`, by which it is found.
    """

    columns: Mapping[str, Any]
    words: bytes
    entry: NewEntry
    footprint: Footprint
    alerts: tuple[Alert, ...] = ()
    idempotency: IdempotencyKey | None = None
    terms: tuple[Term, ...] = ()

    @property
    def id(self) -> str:
        """The decision's id."""
        found: str = self.columns["id"]
        return found

    @property
    def content(self) -> bytes:
        """The answer without its place in the log."""
        c = self.columns
        return content_of(c["id"], c["reference"], self.words, c["screening"], c["evaluated_at"])


class Recorded(msgspec.Struct, frozen=True):
    """A decision as it is on disk: the answer, whole, and whether an earlier request made it."""

    id: str
    answer: bytes
    repeated: bool = False


class Ledger:
    """Appends decisions. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._logbook = Logbook(database.dialect)
        self._decisions = Prepared(D.insert(), database.dialect, D.c.keys())
        self._keys = Prepared(I.insert(), database.dialect, I.c.keys())
        self._flows = FlowsWriter(database.dialect)
        self._index = DecisionIndex(database.dialect)

    def append(self, group: Sequence[NewDecision]) -> list[Recorded | Exception]:
        """Records the decisions in one transaction; what is to be answered, once it is on disk.

        The same idempotency key with the same request gives the earlier decision, and
        IdempotencyConflict in its place with another request. Raises CannotDecide when nothing
        could be recorded.
        """
        if not group:
            return []
        try:
            return self._append(group)
        except LodestoneError:
            raise
        except Exception as error:
            raise CannotDecide(str(error)) from error

    def _append(self, group: Sequence[NewDecision]) -> list[Recorded | Exception]:
        with self._database.writing() as connection:
            seen = _seen(connection, group)
            made: dict[str, NewDecision] = {}
            firsts: dict[_Name, str] = {}
            for new in group:
                name = _name(new)
                if name is None or (name not in seen and name not in firsts):
                    made[new.id] = new
                    if name is not None:
                        firsts[name] = new.id
            recorded = self._record(connection, list(made.values()))
            for name, first in firsts.items():
                key = made[first].idempotency
                assert key is not None  # it has a name
                seen[name] = (key.body_digest, recorded[first])
        return [recorded[new.id] if new.id in made else _repeat(new, seen) for new in group]

    def _record(self, connection: Connection, made: Sequence[NewDecision]) -> dict[str, Recorded]:
        """Each once, by id."""
        places = self._logbook.append(connection, [new.entry for new in made])
        self._decisions.run(
            connection,
            [
                {**new.columns, "index": place.index, "leaf": place.leaf.hex()}
                for new, place in zip(made, places, strict=True)
            ],
        )
        self._flows.record(connection, [(new.id, new.footprint) for new in made])
        self._index.record(
            connection,
            [
                (place.index, new.columns["evaluated_at"], new.terms)
                for new, place in zip(made, places, strict=True)
            ],
        )
        put(connection, [alert for new in made for alert in new.alerts])
        self._keys.run(
            connection,
            [
                {
                    "actor": new.columns["actor"],
                    "key": new.idempotency.key,
                    "body_digest": new.idempotency.body_digest,
                    "decision_index": place.index,
                }
                for new, place in zip(made, places, strict=True)
                if new.idempotency is not None
            ],
        )
        return {
            new.id: Recorded(new.id, answer_of(new.content, place.index, place.leaf.hex()))
            for new, place in zip(made, places, strict=True)
        }


_Name = tuple[str, str]  # of an actor and his idempotency key


def _name(new: NewDecision) -> _Name | None:
    return (new.columns["actor"], new.idempotency.key) if new.idempotency else None


def _seen(
    connection: Connection, group: Sequence[NewDecision]
) -> dict[_Name, tuple[str, Recorded]]:
    """What the keys of this group were used for before."""
    names = {name for new in group if (name := _name(new)) is not None}
    if not names:
        return {}
    rows = connection.execute(
        select(I.c.actor, I.c.key, I.c.body_digest, *ANSWER_COLUMNS)
        .join(D, D.c.index == I.c.decision_index)
        .where(tuple_(I.c.actor, I.c.key).in_(names))
    ).all()
    return {
        (r.actor, r.key): (r.body_digest, Recorded(r.id, stored_answer(r._mapping))) for r in rows
    }


def _repeat(new: NewDecision, seen: Mapping[_Name, tuple[str, Recorded]]) -> Recorded | Exception:
    assert new.idempotency is not None  # only named requests are seen again
    body_digest, earlier = seen[new.columns["actor"], new.idempotency.key]
    if new.idempotency.body_digest != body_digest:
        return IdempotencyConflict(new.idempotency.key)
    return Recorded(earlier.id, earlier.answer, repeated=True)
