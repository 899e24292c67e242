"""Finding decisions: filters that all must hold, the newest first, page by page.

Pages follow the index of the log, so that what is appended meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select

from api.ledger.indexing import BLOCK, places, times_between
from api.ledger.secret import SearchSecret
from api.ledger.terms import KINDS, Term
from api.store.database import Database
from api.store.tables import DECISION_TERMS
from api.store.tables import DECISIONS as D

ROW_COLUMNS = (
    D.c.index,
    D.c.id,
    D.c.reference,
    D.c.exporter,
    D.c.evaluated_at,
    D.c.as_of,
    D.c.outcome,
    D.c.disposition,
    D.c.rule_set,
    D.c.version,
    D.c.actor,
)
"""What a list says of a decision."""


@dataclass(frozen=True)
class Wanted:
    """Decisions with all of these terms, made from `since` to `until` (RFC 3339, both included)."""

    terms: tuple[Term, ...] = ()
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows of decisions, the newest first, and the index below which there are more."""

    rows: Sequence[Any]
    below: int | None


class Search:
    """Finds decisions. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._secret = SearchSecret()

    def size(self) -> int:
        """One more than the newest index."""
        with self._database.reading() as connection:
            newest = connection.execute(select(func.max(D.c.index))).scalar()
        return 0 if newest is None else int(newest) + 1

    def page(
        self,
        wanted: Wanted,
        limit: int,
        below: int | None = None,
        columns: Sequence[ColumnElement[object]] = ROW_COLUMNS,
    ) -> Page:
        """At most `limit` decisions of an index below one. Raises CannotDecide.

        `columns` are those of the rows; the index has to be among them.
        """
        rows: list[Any] = []
        with self._database.reading() as connection:
            low, high = times_between(connection, wanted.since, wanted.until)
            if below is not None:
                high = min(high, below - 1)
            while len(rows) <= limit and low <= high:
                most = limit + 1 - len(rows)
                query = select(*columns).order_by(D.c.index.desc()).limit(most)
                if wanted.terms:
                    found, high = self._indexes(connection, wanted.terms, low, high, most)
                    if not found:
                        continue
                    query = query.where(D.c.index.in_(found))
                else:
                    query, high = query.where(D.c.index.between(low, high)), low - 1
                if wanted.since is not None:
                    query = query.where(D.c.evaluated_at >= wanted.since)
                if wanted.until is not None:
                    query = query.where(D.c.evaluated_at <= wanted.until)
                rows += connection.execute(query).all()
        next_below = rows[limit - 1].index if len(rows) > limit else None
        return Page(rows[:limit], next_below)

    def all(
        self, wanted: Wanted, size: int, columns: Sequence[ColumnElement[object]], a_page: int
    ) -> Iterator[Any]:
        """Every decision of an index below `size`, holding one page at a time."""
        below: int | None = size
        while below is not None:
            page = self.page(wanted, a_page, below, columns)
            yield from page.rows
            below = page.below

    def _indexes(
        self, connection: Connection, terms: Sequence[Term], low: int, high: int, most: int
    ) -> tuple[list[int], int]:
        """The newest indexes from low to high with all the terms; up to where there may be more."""
        keys = self._secret.keys(connection)
        # What is seldom first: it says which blocks the others are asked for.
        ordered = sorted(terms, key=lambda term: KINDS.index(term.kind))
        query = blocks_of([keys.of(term) for term in ordered], low, high, most)
        rows = connection.execute(query).all()
        found = [
            index for row in rows for index in places(row.block, row.common) if low <= index <= high
        ]
        if len(found) > most:
            return found[:most], found[most - 1] - 1
        return found, rows[-1].block * BLOCK - 1 if len(rows) == most else low - 1


def blocks_of(terms: Sequence[bytes], low: int, high: int, most: int) -> Select[tuple[int, int]]:
    """Asks for blocks from low to high with bits that all the terms have in common.

    The others are looked up by their key, block for block of the first, and never joined: that no
    planner can take for cheaper what costs a thousand times as much, as PostgreSQL's does where it
    plans without knowing the terms.
    """
    first = DECISION_TERMS.alias("t0")
    common: ColumnElement[int] = first.c.bits
    for number, term in enumerate(terms[1:], 1):
        other = DECISION_TERMS.alias(f"t{number}")
        query = select(other.c.bits).where(other.c.term == term, other.c.block == first.c.block)
        common = common.bitwise_and(func.coalesce(query.scalar_subquery(), literal_column("0")))
    found = (
        select(first.c.block, common.label("common"))
        .where(first.c.term == terms[0], first.c.block.between(low // BLOCK, high // BLOCK))
        .subquery()
    )
    return (
        select(found.c.block, found.c.common)
        .where(found.c.common != literal_column("0"))
        .order_by(found.c.block.desc())
        .limit(most)
    )
