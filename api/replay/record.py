"""Decisions as they lie in the database, nothing of them read yet: any part may be spoilt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select

from api.errors import NotFound
from api.store.database import Database
from api.store.tables import DECISIONS as D
from api.store.tables import ERASURES

_PAGE = 250


class Record(NamedTuple):
    """One row. `facts` and `words` are deflated (RFC 1950), the other bytes are JSON."""

    id: str
    reference: str
    exporter: str
    evaluated_at: str
    as_of: str
    outcome: str
    disposition: str
    rule_set: str
    version: int
    digest: str
    language: str
    request: bytes
    facts: bytes
    words: bytes
    screening: bytes
    history: bytes
    erased: bool = False
    """Whether something of it was erased on lawful order."""


_ERASED = exists().where(ERASURES.c.decision_id == D.c.id)
_COLUMNS = (*(D.c[name] for name in Record._fields if name != "erased"), _ERASED)


class Span(NamedTuple):
    """Decisions from one index to another, both included, recorded in a time (RFC 3339, UTC)."""

    first: int
    last: int
    since: str | None = None
    until: str | None = None


class Records:
    """Reads rows, in pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, decision_id: str) -> Record:
        """The row of this id. Raises NotFound, and CannotDecide when the database is away."""
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(D.c.id == decision_id)).first()
        if row is None:
            raise NotFound(decision_id)
        return Record(*row)

    def span(self, since: str | None, until: str | None) -> tuple[Span, int] | None:
        """Where the decisions of a time lie, and how many they are; None where there are none.

        Raises CannotDecide when the database is away.
        """
        ends = select(func.min(D.c.index), func.max(D.c.index), func.count()).where(
            *_in_time(since, until)
        )
        with self._database.reading() as connection:
            first, last, count = connection.execute(ends).one()
        return (Span(first, last, since, until), count) if count else None

    def of(self, span: Span) -> Iterator[Record]:
        """The rows in the order of the log, page by page. Raises CannotDecide."""
        statement = select(D.c.index, *_COLUMNS).where(*_in_time(span.since, span.until))
        after = span.first - 1
        while True:
            page = (
                statement.where(D.c.index > after, D.c.index <= span.last)
                .order_by(D.c.index)
                .limit(_PAGE)
            )
            with self._database.reading() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                yield Record(*row[1:])
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]


def _in_time(since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    at = D.c.evaluated_at
    return [*([at >= since] if since else []), *([at <= until] if until else [])]
