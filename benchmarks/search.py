"""Searching a million decisions: every filter and every pair of them, the first page of each."""

from __future__ import annotations

import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

from sqlalchemy import text

from api.instants import rfc3339
from api.ledger.indexing import DecisionIndex
from api.ledger.search import Search, Wanted
from api.ledger.terms import Term
from api.store.database import Database
from api.store.tables import DECISIONS
from benchmarks.figures import Figure

DECISIONS_MADE = 1_000_000
_GROUP = 16_384
_KINDS = 50_000
_LIMIT = 200
_AIM_MS = 50
_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_COUNTRIES = "US DE JP KR MX VN TH MY IN FR IT GB CA AE TR NL PL CZ SG ID".split()
_MATERIALS = "antimony gallium germanium tungsten dysprosium terbium samarium indium".split()
_DISPOSITIONS = ("not_controlled", "information_required", "review", "licence_required", "exempt")
_CHANCES = (40, 15, 10, 30, 5)


@dataclass(frozen=True)
class Kind:
    """What decisions of a kind have in common, besides reference, version and time."""

    exporter: str
    outcome: str
    disposition: str
    actor: str
    terms: tuple[Term, ...]

    @classmethod
    def of(cls, chance: random.Random) -> Kind:
        """One as a busy service has it: a few of everything make most of it."""
        exporter = f"Exporter {int(chance.paretovariate(0.5)) % 3_000} Co., Ltd."
        consignee = f"Consignee {int(chance.paretovariate(0.3)) % 20_000} GmbH"
        country = _COUNTRIES[min(int(chance.expovariate(0.3)), len(_COUNTRIES) - 1)]
        (disposition,) = chance.choices(_DISPOSITIONS, _CHANCES)
        outcome = "allow" if disposition in ("not_controlled", "exempt") else "deny"
        material = _MATERIALS[min(int(chance.expovariate(0.5)), len(_MATERIALS) - 1)]
        actor = "erp" if chance.random() < 0.97 else chance.choice(("officer", "approver"))
        number = chance.randrange(4)
        terms = [
            Term("exporter", exporter),
            Term("party", exporter),
            Term("party", consignee),
            Term("country", "CN"),
            Term("country", country),
            Term("material", material),
            Term("rule_set", "cn"),
            Term("actor", actor),
            Term("disposition", disposition),
            Term("outcome", outcome),
            Term("rule", f"rule-of-{disposition}"),
            Term("rule", f"red-flag-{chance.randrange(60)}"),
        ]
        if disposition != "not_controlled":
            terms += [Term("entry", f"{material}/{number}"), Term("entry", f"1C{number}")]
        return cls(exporter, outcome, disposition, actor, tuple(terms))


SOUGHT: dict[str, Wanted] = {
    "time": Wanted(since="2024-12-01T00:00:00.000Z", until="2024-12-01T23:59:59.999Z"),
    "reference": Wanted((Term("reference", "SO-4500500000"),)),
    "party": Wanted((Term("party", "Consignee 17 GmbH"),)),
    "exporter": Wanted((Term("exporter", "exporter 2 co ltd"),)),
    "entry": Wanted((Term("entry", "antimony/1"),)),
    "rule": Wanted((Term("rule", "red-flag-7"),)),
    "material": Wanted((Term("material", "antimony"),)),
    "country": Wanted((Term("country", "US"),)),
    "rule_set": Wanted((Term("rule_set", "cn@3"),)),
    "actor": Wanted((Term("actor", "officer"),)),
    "disposition": Wanted((Term("disposition", "review"),)),
    "outcome": Wanted((Term("outcome", "allow"),)),
    # What many have, and nobody both.
    "rule of others": Wanted((Term("rule", "rule-of-licence_required"),)),
    "everybody's": Wanted((Term("rule_set", "cn"), Term("country", "CN"))),
}


def pairs() -> Iterator[tuple[str, Wanted]]:
    """Every filter, and every two of them."""
    yield "no filter", Wanted()
    yield from SOUGHT.items()
    for (one, first), (two, second) in combinations(SOUGHT.items(), 2):
        both = Wanted(
            (*first.terms, *second.terms),
            first.since or second.since,
            first.until or second.until,
        )
        yield f"{one} and {two}", both


def fill(database: Database, count: int) -> None:
    """Records so many synthetic decisions in an empty database."""
    chance = random.Random(9162)
    kinds = [Kind.of(chance) for _ in range(_KINDS)]
    index = DecisionIndex(database.dialect)
    insert = str(DECISIONS.insert().compile(dialect=database.dialect))
    gc.disable()
    for start in range(0, count, _GROUP):
        rows: list[tuple[object, ...]] = []
        made: list[tuple[int, str, tuple[Term, ...]]] = []
        for number in range(start, min(start + _GROUP, count)):
            kind, version = kinds[int(chance.random() * _KINDS)], 1 + number // 100_000
            reference = f"SO-{4_500_000_000 + number}"
            at = rfc3339(_FIRST + timedelta(seconds=63 * number + number % 37))
            own = (Term("reference", reference), Term("rule_set", f"cn@{version}"))
            made.append((number, at, kind.terms + own))
            rows.append(
                (
                    *(number, f"{number:036d}", reference, kind.exporter, at, at[:10]),
                    *(kind.outcome, kind.disposition, "cn", version, "sha256:0", kind.actor, "en"),
                    *(b"{}", b"", b"", b"", b"", "0" * 64),
                )
            )
        with database.writing() as connection:
            connection.exec_driver_sql(insert, rows)
            index.record(connection, made)
    gc.enable()
    with database.writing() as connection:
        connection.execute(text("ANALYZE"))


def slowest(database: Database, rounds: int = 3) -> tuple[str, float, int]:
    """The search that takes longest, its milliseconds (the median of rounds), and of how many."""
    search, times = Search(database), {}
    for name, wanted in pairs():
        spent = []
        for _ in range(rounds):
            started = time.perf_counter()
            search.page(wanted, _LIMIT)
            spent.append((time.perf_counter() - started) * 1e3)
        times[name] = statistics.median(spent)
    name = max(times, key=times.__getitem__)
    return name, times[name], len(times)


@contextmanager
def _databases() -> Iterator[list[tuple[str, str]]]:
    from tests.conftest import free_port
    from tests.postgres import Postgres

    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(free_port())
        try:
            server.start()
            with server.new_database() as url:
                yield [
                    ("SQLite", f"sqlite:///{Path(folder).absolute()}/search.db"),
                    ("PostgreSQL", url),
                ]
        finally:
            server.remove()


def figures() -> Iterator[Figure]:
    """Fills a database of each kind, then searches."""
    count = int(os.environ.get("SEARCH_DECISIONS", DECISIONS_MADE))
    with _databases() as databases:
        for kind, url in databases:
            database = Database(url)
            database.create()
            started = time.perf_counter()
            fill(database, count)
            built = time.perf_counter() - started
            name, milliseconds, searches = slowest(database)
            database.close()
            yield Figure(
                f"slowest search of {count:,} decisions on {kind}, beside 50 ms",
                milliseconds / _AIM_MS,
                1.0,
                note=f"{milliseconds:.1f} ms: {name}, of {searches}; built in {built:.0f} s",
            )
