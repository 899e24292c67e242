"""May this shipment go? classify -> facts -> match -> fold -> outlook, under one version.

A pure function of shipment, rule-set version and day: no clock, network or database in here.
"""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.decide import oracle
from api.decide.classify import Classification, Classifier, LineClassification
from api.decide.decision import (
    Caution,
    Evaluation,
    LineResult,
    Prospect,
    Reading,
    Reason,
    Uncertainty,
)
from api.decide.engine import EngineError, Pattern, RuleTable
from api.decide.facts import Case, cases_of, read_of
from api.disposition import Disposition
from api.rulebook.conditions import Scalar, tests_of
from api.rulebook.messages import placeholders
from api.rulebook.model import Rule, RuleSetVersion
from api.shipment import Line, Shipment

OUTLOOK_YEARS = 2
CHECK_EVERY = 100
"""One evaluation in so many is held against the oracle."""

_REMEMBERED = 5_000

Classify = Callable[[Line], LineClassification]


@dataclass(frozen=True)
class _Findings:
    """What fired on one day under one reading."""

    fired: Mapping[tuple[str, str], tuple[Case, ...]]
    """Cases by rule and by what tells its reasons apart."""
    disposition: Disposition
    by_line: Mapping[int | None, Disposition]


@dataclass(frozen=True)
class _Epoch:
    """The rules and instruments in force between two change dates, under one reading."""

    table: RuleTable
    instruments: frozenset[str]


class Evaluator:
    """Decides shipments under one rule-set version. Safe to share between threads."""

    def __init__(self, version: RuleSetVersion, check_every: int = CHECK_EVERY) -> None:
        self.version = version
        self._rule_set = version.rule_set
        self._classifier = Classifier(version.rule_set)
        self._rules = {rule.id: rule for rule in self._rule_set.rules}
        self._apart = {rule.id: _told_apart_by(rule) for rule in self._rule_set.rules}
        self._epochs: dict[tuple[int, str | None], _Epoch] = {}
        self._lock = threading.Lock()
        self._remembered: OrderedDict[
            tuple[object, ...], tuple[Evaluation, tuple[LineClassification, ...]]
        ] = OrderedDict()
        self._check_every = check_every
        self._count = itertools.count(1)

    def classify(self, line: Line) -> LineClassification:
        """The line against every entry, whatever is in force."""
        return self._classifier.classify(line)

    def evaluate(
        self, shipment: Shipment, day: date, classify: Classify | None = None
    ) -> Evaluation:
        """The shipment as decided for an export on the day.

        `classify` may answer from a cache; it must answer as this version's `classify` would.
        Raises EngineError when the rules cannot be matched: then nothing is decided.
        """
        look_up = classify or self.classify
        classified = tuple(look_up(line) for line in shipment.lines)
        count = next(self._count)
        # All that deciding reads; classifications by identity, which the remembered value keeps.
        key = (day, not shipment.licences, tuple(map(id, classified)), read_of(shipment))
        known = self._remembered.get(key)
        # A remembered answer was computed by these rules before: it is checked more seldom.
        if known is not None and count % (10 * self._check_every):
            return known[0]
        check = count % self._check_every == 0
        cases = cases_of(shipment, classified, self._rule_set)
        evaluation = self._evaluate(shipment, day, classified, cases, check)
        self._remembered[key] = (evaluation, classified)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return evaluation

    def _evaluate(
        self,
        shipment: Shipment,
        day: date,
        classified: tuple[LineClassification, ...],
        cases: tuple[Case, ...],
        check: bool,
    ) -> Evaluation:
        epoch = self._epoch(day, None)
        doubtful = self._doubtful(day)
        strict = self._find(cases, day, None, check)
        uncertainties, readings = self._uncertainties(cases, day, doubtful, strict)
        findings = max((strict, *readings), key=lambda found: found.disposition)
        merged = self._merge((findings, strict, *readings))
        reasons = self._reasons(merged, shipment)
        return Evaluation(
            as_of=day,
            disposition=findings.disposition,
            reasons=reasons,
            lines=self._lines(shipment, classified, reasons, day),
            uncertainties=uncertainties,
            cautions=self._cautions(shipment, day),
            outlook=tuple(self._outlook(cases, shipment, day, findings.disposition)),
            measures=tuple(
                i for i in self._rule_set.instruments.values() if i.id in epoch.instruments
            ),
            facts=tuple(case.facts for case in self._in_force(cases, epoch)),
        )

    def close(self) -> None:
        """Frees the compiled rules."""
        with self._lock:
            for epoch in self._epochs.values():
                epoch.table.close()
            self._epochs.clear()

    # --- one day, one reading ---

    def _epoch(self, day: date, lenient: str | None) -> _Epoch:
        """What is in force, compiled once between two change dates.

        `lenient` names the instrument whose doubtful clauses are taken as still suspended.
        """
        key = (bisect_right(self._rule_set.change_dates, day), lenient)
        epoch = self._epochs.get(key)
        if epoch is None:
            with self._lock:
                epoch = self._epochs.get(key)
                if epoch is None:
                    epoch = _Epoch(
                        RuleTable(
                            [
                                pattern_of(r)
                                for r in self._rule_set.rules
                                if self._on(r, day, lenient)
                            ]
                        ),
                        frozenset(
                            i.id
                            for i in self._rule_set.instruments.values()
                            if i.on(day, doubtful_applies=i.id != lenient)
                        ),
                    )
                    self._epochs[key] = epoch
        return epoch

    def _on(self, rule: Rule, day: date, lenient: str | None) -> bool:
        if rule.basis.instrument is None:
            return True  # in force with the entry at hand
        instrument = self._rule_set.instruments[rule.basis.instrument]
        return instrument.on(day, rule.basis.clause, doubtful_applies=instrument.id != lenient)

    def _in_force(self, cases: Sequence[Case], epoch: _Epoch) -> list[Case]:
        on = epoch.instruments
        return [case for case in cases if case.instrument is None or case.instrument in on]

    def _find(
        self, cases: Sequence[Case], day: date, lenient: str | None, check: bool = False
    ) -> _Findings:
        epoch = self._epoch(day, lenient)
        fired: dict[tuple[str, str], tuple[Case, ...]] = {}
        by_line: dict[int | None, Disposition] = {}
        for case in self._in_force(cases, epoch):
            names = epoch.table.match(case.kind, case.facts)
            if check:
                self._hold_against_oracle(case, names, day, lenient)
            line = case.line.line if case.line is not None else None
            for name in names:
                key = (name, self._apart[name](case))
                fired[key] = (*fired.get(key, ()), case)
                then = self._rules[name].then
                by_line[line] = max(then, by_line.get(line, then))
        return _Findings(fired, max(by_line.values(), default=Disposition(0)), by_line)

    def _hold_against_oracle(
        self, case: Case, fired: tuple[str, ...], day: date, lenient: str | None
    ) -> None:
        expected = {
            rule.id
            for rule in self._rule_set.rules
            if rule.applies_to == case.kind
            and self._on(rule, day, lenient)
            and oracle.holds(rule.when, case.facts)
        }
        if expected != set(fired):
            differing = ", ".join(sorted(expected ^ set(fired)))
            raise EngineError(f"engine and oracle disagree about {differing}; nothing is decided")

    # --- doubt ---

    def _doubtful(self, day: date) -> tuple[str, ...]:
        return tuple(
            instrument.id
            for instrument in self._rule_set.instruments.values()
            if any(doubt.period.on(day) for doubt in instrument.doubts)
        )

    def _uncertainties(
        self, cases: Sequence[Case], day: date, doubtful: tuple[str, ...], strict: _Findings
    ) -> tuple[tuple[Uncertainty, ...], tuple[_Findings, ...]]:
        found: list[Uncertainty] = []
        readings: list[_Findings] = []
        entries = {case.instrument for case in cases}
        bases = {self._rules[name].basis.instrument for name, _ in strict.fired}
        for name in doubtful:
            if name not in entries and name not in bases:
                continue
            lenient = self._find(cases, day, name)
            if _same(strict.by_line, lenient.by_line):
                continue
            readings.append(lenient)
            instrument = self._rule_set.instruments[name]
            doubt = next(d for d in instrument.doubts if d.period.on(day))
            found.append(
                Uncertainty(
                    instrument,
                    doubt,
                    tuple(
                        Reading(applies, reading.disposition, self._deciding(reading))
                        for applies, reading in ((True, strict), (False, lenient))
                    ),
                )
            )
        return tuple(found), tuple(readings)

    # --- fold ---

    def _merge(self, readings: Sequence[_Findings]) -> _Findings:
        fired: dict[tuple[str, str], tuple[Case, ...]] = {}
        for reading in readings:
            for key, cases in reading.fired.items():
                fired.setdefault(key, cases)
        return replace(readings[0], fired=fired)

    def _reasons(self, findings: _Findings, shipment: Shipment) -> tuple[Reason, ...]:
        """Reasons, the strictest first, then in the order of the rules."""
        order = {rule.id: n for n, rule in enumerate(self._rule_set.rules)}
        every_line = tuple(line.line for line in shipment.lines)
        reasons = [
            self._reason(name, cases, every_line) for (name, _), cases in findings.fired.items()
        ]
        reasons.sort(key=lambda r: (-r.disposition, order[r.rule.id], r.lines))
        return tuple(reasons)

    def _deciding(
        self, findings: _Findings, shipment: Shipment | None = None
    ) -> tuple[Reason, ...]:
        """The reasons that carry the disposition."""
        every_line = tuple(line.line for line in shipment.lines) if shipment else ()
        return tuple(
            self._reason(name, cases, every_line)
            for (name, _), cases in findings.fired.items()
            if self._rules[name].then == findings.disposition
        )

    def _reason(self, name: str, cases: tuple[Case, ...], every_line: tuple[int, ...]) -> Reason:
        rule, case = self._rules[name], cases[0]
        lines = tuple(sorted({c.line.line for c in cases if c.line is not None}))
        basis = rule.basis.instrument or case.instrument
        assert basis is not None  # a rule with `instrument: entry` fires on entries only
        return Reason(
            rule=rule,
            lines=lines or every_line,
            instrument=self._rule_set.instruments[basis],
            classification=case.classification,
            code_contradiction=case.code_contradiction or (),
            matched={
                test.fact: case.facts[test.fact]
                for test in tests_of(rule.when)
                if test.fact in case.facts
            },
            facts=case.facts,
        )

    def _lines(
        self,
        shipment: Shipment,
        classified: Sequence[LineClassification],
        reasons: Sequence[Reason],
        day: date,
    ) -> tuple[LineResult, ...]:
        return tuple(
            LineResult(
                line.line,
                max(
                    (r.disposition for r in reasons if line.line in r.lines), default=Disposition(0)
                ),
                self._controls((classification,), day),
            )
            for line, classification in zip(shipment.lines, classified, strict=True)
        )

    def _controls(
        self, classified: Sequence[LineClassification], day: date
    ) -> tuple[Classification, ...]:
        return tuple(
            found
            for classification in classified
            for found in classification.entries
            if self._rule_set.instruments[found.entry.instrument].on(day)
        )

    def _cautions(self, shipment: Shipment, day: date) -> tuple[Caution, ...]:
        cautions: list[Caution] = ["parties_not_screened"]
        if day < self._rule_set.known_from:
            cautions.append("before_known_law")
        if shipment.licences:
            cautions.append("licences_not_checked")
        return tuple(cautions)

    # --- outlook ---

    def _outlook(
        self, cases: Sequence[Case], shipment: Shipment, day: date, disposition: Disposition
    ) -> list[Prospect]:
        ahead: list[Prospect] = []
        horizon = _years_later(day, OUTLOOK_YEARS)
        for change in self._rule_set.change_dates:
            if not day < change <= horizon:
                continue
            findings = self._find(cases, change, None)
            if findings.disposition != disposition:
                disposition = findings.disposition
                in_force = tuple(
                    case.classification
                    for case in self._in_force(cases, self._epoch(change, None))
                    if case.classification is not None
                )
                ahead.append(
                    Prospect(change, disposition, self._deciding(findings, shipment), in_force)
                )
        return ahead


def _same(one: Mapping[int | None, Disposition], other: Mapping[int | None, Disposition]) -> bool:
    """Whether two readings come to the same for every line; nothing found is not controlled."""
    free = Disposition.not_controlled
    return all(one.get(line, free) == other.get(line, free) for line in {*one, *other})


def pattern_of(rule: Rule) -> Pattern:
    """The rule as the engine takes it."""
    return Pattern(rule.id, rule.applies_to, rule.when)


def _told_apart_by(rule: Rule) -> Callable[[Case], str]:
    """Which of a rule's cases share one reason: those of which its message says the same."""
    texts = (*rule.because.values(), *(rule.remedy or {}).values())
    names = {name for text in texts for name in placeholders(text)}
    by_entry = any(name.startswith("entry.") for name in names) or rule.basis.instrument is None
    facts = tuple(sorted(n for n in names if n.startswith(("destination.", "line.", "end_use."))))
    by_line = any(name in ("line.number", "line.code_means", "entry.because") for name in names)

    def key(case: Case) -> str:
        found: list[Scalar | None] = [case.facts.get(fact) for fact in facts]
        if by_entry and case.classification is not None:
            found.append(case.classification.entry.id)
        if by_line and case.line is not None:
            found.append(str(case.line.line))
        return "|".join(map(str, found))

    return key


def _years_later(day: date, years: int) -> date:
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
