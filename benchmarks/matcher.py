"""The matcher on one line: beside other engines, and as the rule set grows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import msgspec

from api.checking import read_checked
from api.decide.engine import Pattern, RuleTable
from api.decide.evaluate import Evaluator
from api.decide.facts import Case, Cases
from api.decide.matching import pattern_of
from api.decide.normal_form import branches_of
from api.rulebook.conditions import All, Scalar, Test
from api.rulebook.model import RuleSetVersion
from api.shipment import Shipment
from benchmarks import others
from benchmarks.figures import Figure, microseconds

ROOT = Path(__file__).parent.parent
DAY = date(2026, 11, 23)


def _cases() -> tuple[list[Pattern], list[Case]]:
    """The rules in force, and the cases of one real line against the entries it bears on."""
    rule_set, _ = read_checked(ROOT / "rules" / "cn")
    evaluator = Evaluator(RuleSetVersion(rule_set, 1))
    body = (ROOT / "fixtures" / "antimony-trioxide-to-united-states.json").read_bytes()
    shipment = msgspec.json.decode(body, type=Shipment)
    patterns = [
        pattern_of(rule)
        for rule in rule_set.rules
        if rule.basis.instrument is None
        or rule_set.instruments[rule.basis.instrument].on(DAY, rule.basis.clause)
    ]
    patterns = [pattern for pattern in patterns if not _reads_text(pattern)]
    cases = Cases(shipment, evaluator.look_up(shipment), rule_set)
    every = cases.on(frozenset(rule_set.instruments), lambda _: True)
    return patterns, [case for case in every if case.kind == "line"]


def _reads_text(pattern: Pattern) -> bool:
    """Whether it has a regular expression, which not every engine knows."""
    leaves = (leaf for branch in branches_of(pattern.when) for leaf in branch)
    return any(leaf.comparison in ("matches", "matches_not") for leaf in leaves)


def beside_others() -> Iterator[Figure]:
    """One line against the whole cn set, in each engine."""
    patterns, cases = _cases()
    table = RuleTable(patterns)
    engines = {
        "zen-engine": others.zen_table(patterns, "line"),
        "cedarpy": others.cedar(patterns, "line"),
        "regopy": others.rego(patterns, "line"),
    }
    for name, match in engines.items():
        for case in cases:
            expected = set(table.match("line", case.facts, afresh=True))
            found = match(case.facts)
            if found != expected:
                raise AssertionError(f"{name} finds {found}, not {expected}")

    def all_by(match: Callable[[Mapping[str, Scalar]], object]) -> Callable[[], object]:
        return lambda: [match(case.facts) for case in cases]

    ours = all_by(lambda facts: table.match("line", facts, afresh=True))
    times = microseconds({"ours": ours, **{name: all_by(engines[name]) for name in engines}})
    for name in engines:
        aim = 0.1 if name == "zen-engine" else None
        note = f"{times['ours']:.0f} us beside {times[name]:.0f} us, {len(cases)} cases"
        yield Figure(
            f"matcher, one line, beside {name}", times["ours"] / times[name], aim, note=note
        )


def as_it_grows() -> Iterator[Figure]:
    """The same line as the rule set grows: cost follows the candidates, not the rules."""
    facts: dict[str, Scalar] = {
        "entry.list": "dual_use",
        "entry.match": "listed",
        "entry.material": "m0",
        "destination.country": "c0",
        "departure.country": "CN",
        "entry.content_value_pct": Decimal("0.4"),
    }
    tables = {size: RuleTable(_rules(size)) for size in (50, 500, 5_000)}
    times = microseconds(
        {
            str(size): partial(table.match, "line", facts, afresh=True)
            for size, table in tables.items()
        }
    )
    for size in (500, 5_000):
        yield Figure(
            f"matcher, {size} rules beside 50",
            times[str(size)] / times["50"],
            1.2,
            note=f"{times[str(size)]:.1f} us beside {times['50']:.1f} us",
        )


def _rules(size: int) -> list[Pattern]:
    """Rules like those of the law, spread over materials and countries as a growing law is."""
    make = random.Random(7)
    rules = []
    for n in range(size):
        when = All(
            (
                Test("entry.list", "is", "dual_use"),
                Test("entry.match", "in", ("listed", "possible")),
                Test("entry.material", "is", f"m{n % 25}"),
                Test("destination.country", "is", f"c{n // 25}"),
                Test("departure.country", "is", "CN"),
                Test("entry.content_value_pct", "at_least", Decimal(make.randint(0, 50)) / 10),
            )
        )
        rules.append(Pattern(f"r{n}", "line", when))
    return rules


def figures() -> Iterator[Figure]:
    """All of them."""
    yield from beside_others()
    yield from as_it_grows()
