"""The one place where decisions are appended: in groups, gapless, before they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select, tuple_

from api.alerts.outbox import Alert, put
from api.errors import CannotDecide, IdempotencyConflict, LodestoneError
from api.flows.footprint import Footprint
from api.flows.recording import FlowsWriter
from api.ledger.answer import answer_of, content_of, leaf_hash
from api.ledger.indexing import DecisionIndex
from api.ledger.read import ANSWER_COLUMNS, stored_answer
from api.ledger.terms import Term
from api.store.database import Database
from api.store.tables import DECISIONS as D
from api.store.tables import IDEMPOTENCY as I

_NEWEST = select(func.max(D.c.index))


@dataclass(frozen=True)
class IdempotencyKey:
    """The caller's name for a request, and the digest of what was asked under it."""

    key: str
    body_digest: str


@dataclass(frozen=True)
class NewDecision:
    """A decision about to be recorded.

    `words` are the shared members of the answer (see `ledger.answer`); `deflated_words` are the
    same and `facts` the facts as JSON, both deflated (RFC 1950). `screening` and `history` are what
    was looked up besides, as JSON; `footprint` and `alerts` are recorded in the same transaction,
    as are `terms`, by which it is found.
    """

    id: str
    reference: str
    exporter: str
    evaluated_at: str
    as_of: date
    outcome: str
    disposition: str
    rule_set: str
    version: int
    digest: str
    actor: str
    language: str
    request: bytes
    facts: bytes
    words: bytes
    deflated_words: bytes
    screening: bytes
    history: bytes
    footprint: Footprint
    terms: tuple[Term, ...] = ()
    alerts: tuple[Alert, ...] = ()
    idempotency: IdempotencyKey | None = None


@dataclass(frozen=True)
class Recorded:
    """A decision as it is on disk: the answer, whole, and whether an earlier request made it."""

    id: str
    answer: bytes
    repeated: bool = False


class Ledger:
    """Appends decisions. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Written out once: this is the hot path, and building statements costs more than running.
        self._newest = str(_NEWEST.compile(dialect=database.dialect))
        self._insert = str(D.insert().compile(dialect=database.dialect))
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
            index = connection.exec_driver_sql(self._newest).scalar()
            index = -1 if index is None else index
            outcomes: list[Recorded | Exception] = []
            rows: list[tuple[object, ...]] = []
            keys: list[dict[str, object]] = []
            made: list[tuple[int, NewDecision]] = []
            for new in group:
                name = (new.actor, new.idempotency.key) if new.idempotency else None
                if name in seen:
                    outcomes.append(_repeat(new, *seen[name]))
                    continue
                index += 1
                content = content_of(
                    new.id, new.reference, new.words, new.screening, new.evaluated_at
                )
                leaf = leaf_hash(content)
                recorded = Recorded(new.id, answer_of(content, index, leaf))
                outcomes.append(recorded)
                rows.append(_row(new, index, leaf))
                made.append((index, new))
                if name is not None and new.idempotency is not None:
                    digest = new.idempotency.body_digest
                    seen[name] = (digest, recorded)
                    keys.append(
                        {
                            "actor": name[0],
                            "key": name[1],
                            "body_digest": digest,
                            "decision_index": index,
                        }
                    )
            if rows:
                connection.exec_driver_sql(self._insert, rows)
                self._flows.record(connection, [(new.id, new.footprint) for _, new in made])
                self._index.record(
                    connection, [(index, new.evaluated_at, new.terms) for index, new in made]
                )
                put(connection, [alert for _, new in made for alert in new.alerts])
            if keys:
                connection.execute(I.insert(), keys)
        return outcomes


def _seen(
    connection: Connection, group: Sequence[NewDecision]
) -> dict[tuple[str, str] | None, tuple[str, Recorded]]:
    """What the keys of this group were used for before."""
    names = {(new.actor, new.idempotency.key) for new in group if new.idempotency}
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


def _repeat(new: NewDecision, body_digest: str, earlier: Recorded) -> Recorded | Exception:
    assert new.idempotency is not None  # only named requests are seen again
    if new.idempotency.body_digest != body_digest:
        return IdempotencyConflict(new.idempotency.key)
    return Recorded(earlier.id, earlier.answer, repeated=True)


def _row(new: NewDecision, index: int, leaf: str) -> tuple[object, ...]:
    """In the order of the table's columns."""
    return (
        index,
        new.id,
        new.reference,
        new.exporter,
        new.evaluated_at,
        new.as_of.isoformat(),
        new.outcome,
        new.disposition,
        new.rule_set,
        new.version,
        new.digest,
        new.actor,
        new.language,
        new.request,
        new.facts,
        new.deflated_words,
        new.screening,
        new.history,
        leaf,
    )
