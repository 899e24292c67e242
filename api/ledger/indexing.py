"""The index that decisions are found by, written with them.

A row of it says for one term which of 64 decisions that follow each other have it, a bit each. So
what any number of filters have in common is found by comparing one row of each for 64 decisions at
once: a million decisions are at most 15,625 rows a filter, whatever they have in common, and a
decision that repeats what others have costs no row of its own. Another table says for stretches of
1,024 decisions between which times they were made: times nearly rise with the index, and never
have to.

Nothing here is the record: what is erased is taken out, and all of it can be made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from api.ledger.secret import SearchSecret
from api.ledger.terms import Term
from api.store.prepared import Prepared, execute_many
from api.store.tables import DECISION_STRETCHES as S
from api.store.tables import DECISION_TERMS as T

BLOCK = 64
STRETCH = 1024

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_LEAST: Mapping[str, Any] = {"sqlite": func.min, "postgresql": func.least}
_GREATEST: Mapping[str, Any] = {"sqlite": func.max, "postgresql": func.greatest}


class DecisionIndex:
    """Writes the index. Safe to share between threads."""

    def __init__(self, dialect: Dialect) -> None:
        insert, name = _INSERTS[dialect.name], dialect.name
        stretches = insert(S)
        self._terms = _in_arrays if name == "postgresql" else _row_by_row(dialect)
        self._stretches = Prepared(
            stretches.on_conflict_do_update(
                index_elements=[S.c.stretch],
                set_={
                    "earliest": _LEAST[name](S.c.earliest, stretches.excluded.earliest),
                    "latest": _GREATEST[name](S.c.latest, stretches.excluded.latest),
                },
            ),
            dialect,
            ("stretch", "earliest", "latest"),
        )
        self._secret = SearchSecret()

    def record(
        self, connection: Connection, made: Iterable[tuple[int, str, Iterable[Term]]]
    ) -> None:
        """Adds decisions: the index, the time and the terms of each. Again is no different."""
        terms: list[tuple[int, Iterable[Term]]] = []
        times: dict[int, tuple[str, str]] = {}
        for index, at, found in made:
            earliest, latest = times.get(index // STRETCH, (at, at))
            times[index // STRETCH] = (min(earliest, at), max(latest, at))
            terms.append((index, found))
        self._stretches.run(
            connection,
            [
                {"stretch": number, "earliest": ends[0], "latest": ends[1]}
                for number, ends in times.items()
            ],
        )
        self.add(connection, terms)

    def add(self, connection: Connection, terms: Iterable[tuple[int, Iterable[Term]]]) -> None:
        """Lets the decisions of these indexes be found by these terms too."""
        # In the order of the key, in which a database writes fastest.
        found = sorted(self._bits(connection, terms).items())
        if found:
            self._terms(connection, [(term, block, signed(b)) for (term, block), b in found])

    def remove(self, connection: Connection, terms: Iterable[tuple[int, Iterable[Term]]]) -> None:
        """Lets the decisions of these indexes no longer be found by these terms."""
        for (term, block), bits in self._bits(connection, terms).items():
            row = (T.c.term == term) & (T.c.block == block)
            kept = signed(~bits & _ALL)
            connection.execute(T.update().where(row).values(bits=T.c.bits.bitwise_and(kept)))
            connection.execute(T.delete().where(row & (T.c.bits == 0)))

    def _bits(
        self, connection: Connection, terms: Iterable[tuple[int, Iterable[Term]]]
    ) -> Mapping[tuple[bytes, int], int]:
        """The bits by row."""
        by_block: dict[int, dict[Term, int]] = {}
        for index, found in terms:
            block, place = divmod(index, BLOCK)
            bits_of = by_block.setdefault(block, {})
            for term in found:
                bits_of[term] = bits_of.get(term, 0) | 1 << place
        keys = self._secret.keys(connection)
        rows: dict[tuple[bytes, int], int] = {}
        for block, bits_of in by_block.items():
            for term, bits in bits_of.items():
                row = (keys.of(term), block)
                rows[row] = rows.get(row, 0) | bits  # names may differ in spelling only
        return rows


_ALL = (1 << BLOCK) - 1

_Rows = list[tuple[bytes, int, int]]

# All rows in one message: one each costs PostgreSQL several times as much.
_ARRAYS = (
    "INSERT INTO decision_terms (term, block, bits) "
    "SELECT * FROM unnest(%s::bytea[], %s::bigint[], %s::bigint[]) "
    "ON CONFLICT (term, block) DO UPDATE SET bits = decision_terms.bits | excluded.bits"
)


def _in_arrays(connection: Connection, rows: _Rows) -> None:
    connection.exec_driver_sql(_ARRAYS, tuple(map(list, zip(*rows, strict=True))))


def _row_by_row(dialect: Dialect) -> Callable[[Connection, _Rows], None]:
    insert = sqlite.insert(T)
    statement = insert.on_conflict_do_update(
        index_elements=[T.c.term, T.c.block],
        set_={"bits": T.c.bits.bitwise_or(insert.excluded.bits)},
    )
    sql = str(statement.compile(dialect=dialect))

    def run(connection: Connection, rows: _Rows) -> None:
        execute_many(connection, sql, rows)

    return run


def signed(bits: int) -> int:
    """64 bits as the number that a database takes for them."""
    return bits - (1 << BLOCK) if bits >> BLOCK - 1 else bits


def places(block: int, bits: int) -> list[int]:
    """The indexes of decisions whose bits are set in a row, the newest first."""
    return [block * BLOCK + n for n in range(BLOCK - 1, -1, -1) if bits >> n & 1]


def times_between(connection: Connection, since: str | None, until: str | None) -> tuple[int, int]:
    """The lowest and highest index that a decision of this time may have."""
    low, high = 0, _HIGHEST
    if since is not None:
        first = select(S.c.stretch).where(S.c.latest >= since).order_by(S.c.stretch).limit(1)
        stretch = connection.execute(first).scalar()
        low = stretch * STRETCH if stretch is not None else _HIGHEST
    if until is not None:
        last = select(S.c.stretch).where(S.c.earliest <= until).order_by(S.c.stretch.desc())
        stretch = connection.execute(last.limit(1)).scalar()
        high = stretch * STRETCH + STRETCH - 1 if stretch is not None else -1
    return low, high


_HIGHEST = (1 << 62) - 1
