"""Search finds every decision that has what is wanted, once and in order, and scans no table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import event, select, text

from api.ledger.append import Ledger
from api.ledger.indexing import DecisionIndex
from api.ledger.search import Search, Wanted
from api.ledger.terms import Term
from api.store.database import Database
from api.store.tables import DECISION_TERMS
from benchmarks.search import fill, pairs
from tests.ledger.test_append import decision

TERMS = [Term("country", c) for c in ("CN", "US", "DE")] + [
    Term("outcome", "deny"),
    Term("party", "Rhein GmbH"),
]
SECONDS = st.integers(0, 59)


def at(second: int) -> str:
    return f"2026-11-23T00:00:{second:02}.000Z"


MADE = st.lists(st.tuples(st.sets(st.sampled_from(TERMS)), SECONDS), min_size=1, max_size=150)
WANTED = st.builds(
    Wanted,
    st.lists(st.sampled_from(TERMS), max_size=3, unique=True).map(tuple),
    st.none() | SECONDS.map(at),
    st.none() | SECONDS.map(at),
)


class Log:
    """A log beside the list of what was put into it."""

    def __init__(self, database: Database) -> None:
        self._ledger = Ledger(database)
        self.made: list[tuple[set[Term], str]] = []

    def append(self, group: list[tuple[set[Term], int]]) -> None:
        new = []
        for terms, second in group:
            number = len(self.made)
            self.made.append((terms, at(second)))
            made = decision(str(number))
            columns = {**made.columns, "evaluated_at": at(second)}
            new.append(replace(made, columns=columns, terms=tuple(terms)))
        self._ledger.append(new)

    def with_all(self, wanted: Wanted) -> list[int]:
        return [
            index
            for index, (terms, moment) in reversed(list(enumerate(self.made)))
            if terms.issuperset(wanted.terms)
            and (wanted.since is None or moment >= wanted.since)
            and (wanted.until is None or moment <= wanted.until)
        ]


def test_pages_have_every_decision_once_and_in_order_whatever_is_appended_meanwhile(
    database: Database,
) -> None:
    log, search = Log(database), Search(database)  # they grow from example to example

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(first=MADE, meanwhile=MADE, wanted=WANTED, limit=st.integers(1, 200))
    def hold(first: Any, meanwhile: Any, wanted: Wanted, limit: int) -> None:
        log.append(first)
        expected = log.with_all(wanted)
        found: list[int] = []
        below = None
        while True:
            page = search.page(wanted, limit, below)
            assert len(page.rows) <= limit
            found += [row.index for row in page.rows]
            if page.below is None:
                break
            assert len(page.rows) == limit, "only the last page is short"
            below = page.below
            if len(found) == limit:
                log.append(meanwhile)
        assert found == expected

    hold()


def test_a_newest_block_beyond_the_page_hides_nothing_below(database: Database) -> None:
    log, search = Log(database), Search(database)
    log.append([({TERMS[0]}, 0), *(({TERMS[1]}, 0) for _ in range(100)), ({TERMS[0]}, 0)])
    first = search.page(Wanted((TERMS[0],)), 1)
    assert [row.index for row in first.rows] == [101]
    assert [row.index for row in search.page(Wanted((TERMS[0],)), 1, first.below).rows] == [0]


def test_what_is_taken_out_is_no_longer_found_by_it(database: Database) -> None:
    log, search = Log(database), Search(database)
    name, country = TERMS[4], TERMS[0]
    log.append([({name, country}, n) for n in range(3)])
    index = DecisionIndex(database.dialect)
    with database.writing() as connection:
        index.remove(connection, [(1, [name])])
    assert [row.index for row in search.page(Wanted((name,)), 9).rows] == [2, 0]
    assert [row.index for row in search.page(Wanted((country,)), 9).rows] == [2, 1, 0]
    with database.writing() as connection:
        index.remove(connection, [(0, [name]), (2, [name])])
        rows = connection.execute(select(DECISION_TERMS.c.term)).scalars().all()
    assert [bytes(row)[:1] for row in rows] == [b"c"], "no row is left of the name"


def test_a_decision_gets_terms_later_too(database: Database) -> None:
    log, search = Log(database), Search(database)
    log.append([({TERMS[0]}, n) for n in range(70)])
    released = Term("actor", "approver")
    with database.writing() as connection:
        DecisionIndex(database.dialect).add(connection, [(63, [released]), (64, [released])])
    assert [row.index for row in search.page(Wanted((released,)), 9).rows] == [64, 63]


def test_the_index_names_nobody(database: Database) -> None:
    Log(database).append([({Term("party", "Rhein GmbH"), Term("exporter", "Hunan")}, 0)])
    with database.reading() as connection:
        rows = connection.execute(select(DECISION_TERMS.c.term)).scalars().all()
    assert len(rows) == 2
    assert not any(b"rhein" in bytes(row).lower() or b"hunan" in bytes(row).lower() for row in rows)


@pytest.mark.parametrize(
    "spelt", ["RHEIN GMBH", "Rhein, GmbH.", "ＲＨＥＩＮ gmbh", "  rhein   gmbh"]
)
def test_a_name_is_found_however_it_is_spelt(database: Database, spelt: str) -> None:
    Log(database).append([({Term("party", "Rhein GmbH")}, 0)])
    search = Search(database)
    assert len(search.page(Wanted((Term("party", spelt),)), 9).rows) == 1
    assert not search.page(Wanted((Term("party", "Rhein AG"),)), 9).rows
    assert not search.page(Wanted((Term("exporter", "Rhein GmbH"),)), 9).rows


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    engine = database._engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def scanned(database: Database, statement: str, parameters: Any) -> list[str]:
    """The tables that the plan of the statement reads from end to end."""
    with database.reading() as connection:
        if database.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans = [str(row.detail) for row in rows]
            assert plans
            return [
                plan
                for plan in plans
                if "TEMP B-TREE" in plan or (plan.startswith("SCAN") and "SUBQUERY" not in plan)
            ]
        rows = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        plan = rows.scalar_one()
    plan = plan if isinstance(plan, list) else json.loads(plan)
    found: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        if node["Node Type"] == "Seq Scan":
            found.append(f"SCAN {node['Relation Name']}")
        if "Join" in node["Node Type"] or node["Node Type"] in ("Nested Loop", "Materialize"):
            # Good with these terms; a plan without knowing them may read all for each of all.
            found.append(node["Node Type"])
        for child in node.get("Plans", ()):
            walk(child)

    walk(plan[0]["Plan"])
    return found


def test_no_filter_and_no_pair_of_filters_scans_a_table(database: Database) -> None:
    fill(database, 60_000)
    search = Search(database)
    search.page(Wanted((TERMS[0],)), 1)  # reads the secret, once
    for name, wanted in pairs():
        with statements(database) as asked:
            search.page(wanted, 200)
        for statement, parameters in asked:
            # Of stretches there is one a thousand decisions: reading all takes less than a page.
            if "decision_stretches" not in statement:
                assert scanned(database, statement, parameters) == [], name


def test_a_scan_would_be_seen(database: Database) -> None:
    fill(database, 5_000)
    assert scanned(database, "SELECT id FROM decisions WHERE exporter = 'x'", ())


def test_filling_leaves_as_many_rows_as_blocks(database: Database) -> None:
    fill(database, 6_400)
    with database.reading() as connection:
        count = connection.execute(
            text("SELECT count(*) FROM decision_terms WHERE term = :term"),
            {"term": b"ccCN"[1:]},
        ).scalar_one()
    assert count == 100
