"""May this shipment go? classify -> facts -> match -> fold -> outlook, under one version.

A pure function of shipment, rule-set version and day: no clock, network or database in here.
"""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.decide import oracle
from api.decide.business import Businesses
from api.decide.classify import Classification, Classifier, LineClassification
from api.decide.decision import (
    Caution,
    Evaluation,
    LineResult,
    ListingState,
    Prospect,
    Reading,
    Reason,
    Screened,
    Uncertainty,
)
from api.decide.engine import EngineError, Pattern, RuleTable
from api.decide.facts import Case, Cases, LookedUp, read_of, signals_of
from api.decide.papers import Papers
from api.decide.parties import PartyHit, ScreenedParty, party_hits, screen_party
from api.disposition import Disposition
from api.rulebook.conditions import Scalar, tests_of
from api.rulebook.messages import placeholders
from api.rulebook.model import Instrument, Rule, RuleSetVersion
from api.rulebook.parties import ListedParty
from api.screening.screener import Screener
from api.shipment import Line, Party, Shipment

OUTLOOK_YEARS = 2
CHECK_EVERY = 100
"""One evaluation in so many is held against the oracle."""

_REMEMBERED = 5_000


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
    day: date
    """One of its days: between two change dates all are alike."""

    def lists(self, listed: ListedParty) -> bool:
        """Whether the party is on its list."""
        return listed.instrument in self.instruments and listed.period.on(self.day)


class Evaluator:
    """Decides shipments under one rule-set version. Safe to share between threads."""

    def __init__(self, version: RuleSetVersion, check_every: int = CHECK_EVERY) -> None:
        self.version = version
        self._rule_set = version.rule_set
        self._classifier = Classifier(version.rule_set)
        self._screener = Screener(version.rule_set.parties, version.rule_set.screening)
        self._businesses = Businesses(version.rule_set.trade)
        self._papers = Papers(version.rule_set.trade)
        self._ever = RuleTable([pattern_of(rule) for rule in self._rule_set.rules])
        self._rules = {rule.id: rule for rule in self._rule_set.rules}
        self._apart = {rule.id: _told_apart_by(rule) for rule in self._rule_set.rules}
        self._epochs: dict[tuple[int, str | None], _Epoch] = {}
        self._lock = threading.Lock()
        self._remembered: OrderedDict[tuple[object, ...], tuple[Evaluation, LookedUp]] = (
            OrderedDict()
        )
        self._check_every = check_every
        self._count = itertools.count(1)

    def classify(self, line: Line) -> LineClassification:
        """The line against every entry, whatever is in force."""
        return self._classifier.classify(line)

    def screen(self, party: Party) -> ScreenedParty:
        """The party and its owners against every listed party, whatever is in force."""
        return screen_party(
            party,
            lambda name, country, identifiers: self._screener.screen(
                name, country, [(i.type, i.value) for i in identifiers]
            ),
            self._businesses.of,
        )

    def screening(self, party: Party, day: date) -> tuple[Screened, ...]:
        """Whom the party may be, and how the listings stand on the day."""
        same = self._rule_set.screening.same_at_least
        return tuple(
            self._standing(found, day)
            for found in party_hits(0, self.screen(party), lambda _: True, same)
        )

    def name_key(self, name: str) -> str:
        """What tells a name from others, whatever its spelling, order and legal form."""
        return self._screener.key(name)

    def look_up(self, shipment: Shipment) -> LookedUp:
        """What deciding needs besides the shipment, computed here; nothing of earlier decisions."""
        return LookedUp(
            tuple(self.classify(line) for line in shipment.lines),
            tuple(self.screen(party) for party in shipment.parties),
        )

    def evaluate(
        self, shipment: Shipment, day: date, looked_up: LookedUp | None = None
    ) -> Evaluation:
        """The shipment as decided for an export on the day.

        `looked_up` may come from caches; its lines and parties must be as this version's `classify`
        and `screen` would answer. Raises EngineError when the rules cannot be matched: then nothing
        is decided.
        """
        looked_up = looked_up or self.look_up(shipment)
        count = next(self._count)
        check = count % self._check_every == 0
        signals = signals_of(
            shipment, looked_up, day, self._rule_set, self._papers, self._classifier.materials_named
        )
        if any(self._may_fire(signal, check) for signal in signals):
            cases = Cases(shipment, looked_up, self._rule_set, signals)
            return self._evaluate(shipment, day, looked_up, cases, check)
        # All that the law reads; classifications by identity, which the remembered value keeps.
        key = (
            day,
            not shipment.licences,
            looked_up.history is None,
            tuple(map(id, looked_up.lines)),
            read_of(shipment, looked_up.parties),
        )
        known = self._remembered.get(key)
        # A remembered answer was computed by these rules before: it is checked more seldom.
        if known is not None and count % (10 * self._check_every):
            return known[0]
        cases = Cases(shipment, looked_up, self._rule_set)
        evaluation = self._evaluate(shipment, day, looked_up, cases, check)
        self._remembered[key] = (evaluation, looked_up)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return evaluation

    def _may_fire(self, signal: Case, check: bool) -> bool:
        """Whether any rule, whenever in force, fires on it."""
        names = self._ever.match(signal.kind, signal.facts)
        if check:
            self._hold_against_oracle(signal, names, self._rule_set.rules)
        return bool(names)

    def _evaluate(
        self,
        shipment: Shipment,
        day: date,
        looked_up: LookedUp,
        cases: Cases,
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
            lines=self._lines(shipment, looked_up.lines, reasons, day),
            uncertainties=uncertainties,
            cautions=self._cautions(shipment, looked_up, day),
            outlook=tuple(self._outlook(cases, shipment, day, findings.disposition)),
            screening=tuple(self._screened(cases, day)),
            history=looked_up.history,
            measures=tuple(
                i for i in self._rule_set.instruments.values() if i.id in epoch.instruments
            ),
            facts=tuple(case.facts for case in cases.on(epoch.instruments, epoch.lists)),
        )

    def close(self) -> None:
        """Frees the compiled rules."""
        with self._lock:
            for epoch in self._epochs.values():
                epoch.table.close()
            self._epochs.clear()
            self._ever.close()

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
                        day,
                    )
                    self._epochs[key] = epoch
        return epoch

    def _on(self, rule: Rule, day: date, lenient: str | None) -> bool:
        if rule.basis.instrument is None:
            return True  # in force with the entry or the listing at hand
        instrument = self._rule_set.instruments[rule.basis.instrument]
        return instrument.on(day, rule.basis.clause, doubtful_applies=instrument.id != lenient)

    def _find(self, cases: Cases, day: date, lenient: str | None, check: bool = False) -> _Findings:
        epoch = self._epoch(day, lenient)
        fired: dict[tuple[str, str], tuple[Case, ...]] = {}
        by_line: dict[int | None, Disposition] = {}
        for case in cases.on(epoch.instruments, epoch.lists):
            names = epoch.table.match(case.kind, case.facts)
            if check:
                in_force = [r for r in self._rule_set.rules if self._on(r, day, lenient)]
                self._hold_against_oracle(case, names, in_force)
            line = case.line.line if case.line is not None else None
            for name in names:
                key = (name, self._apart[name](case))
                fired[key] = (*fired.get(key, ()), case)
                then = self._rules[name].then
                by_line[line] = max(then, by_line.get(line, then))
        return _Findings(fired, max(by_line.values(), default=Disposition(0)), by_line)

    def _hold_against_oracle(
        self, case: Case, fired: tuple[str, ...], rules: Sequence[Rule]
    ) -> None:
        expected = {
            rule.id
            for rule in rules
            if rule.applies_to == case.kind and oracle.holds(rule.when, case.facts)
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
        self, cases: Cases, day: date, doubtful: tuple[str, ...], strict: _Findings
    ) -> tuple[tuple[Uncertainty, ...], tuple[_Findings, ...]]:
        found: list[Uncertainty] = []
        readings: list[_Findings] = []
        concerned = cases.entry_instruments | {
            self._rules[name].basis.instrument for name, _ in strict.fired
        }
        concerned |= {hit.hit.listed.instrument for hit in cases.hits(lambda _: True)}
        for name in doubtful:
            if name not in concerned:
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
        if rule.basis.by == "listing" and case.listed is not None:
            basis = case.listed.instrument
        assert basis is not None  # such rules fire only on cases with an entry or a listing
        return Reason(
            rule=rule,
            lines=lines or (every_line if rule.applies_to != "party" else ()),
            instrument=self._rule_set.instruments[basis],
            classification=case.classification,
            code_contradiction=case.code_contradiction or (),
            parties=tuple(dict.fromkeys(c.party for c in cases if c.party is not None)),
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

    def _screened(self, cases: Cases, day: date) -> Iterator[Screened]:
        return (self._standing(found, day) for found in cases.hits(lambda _: True))

    def _standing(self, found: PartyHit, day: date) -> Screened:
        listed = found.hit.listed
        instrument = self._rule_set.instruments[listed.instrument]
        state, until = _listing_state(listed, instrument, day)
        return Screened(found, instrument, state, until)

    def _cautions(self, shipment: Shipment, looked_up: LookedUp, day: date) -> tuple[Caution, ...]:
        cautions: list[Caution] = []
        if not self._rule_set.parties:
            cautions.append("parties_not_screened")
        if looked_up.history is None:
            cautions.append("history_not_consulted")
        if day < self._rule_set.known_from:
            cautions.append("before_known_law")
        if shipment.licences:
            cautions.append("licences_not_checked")
        return tuple(cautions)

    # --- outlook ---

    def _outlook(
        self, cases: Cases, shipment: Shipment, day: date, disposition: Disposition
    ) -> list[Prospect]:
        ahead: list[Prospect] = []
        horizon = _years_later(day, OUTLOOK_YEARS)
        for change in self._rule_set.change_dates:
            if not day < change <= horizon:
                continue
            findings = self._find(cases, change, None)
            if findings.disposition != disposition:
                disposition = findings.disposition
                epoch = self._epoch(change, None)
                in_force = tuple(
                    case.classification
                    for case in cases.on(epoch.instruments, epoch.lists)
                    if case.kind == "line" and case.classification is not None
                )
                ahead.append(
                    Prospect(change, disposition, self._deciding(findings, shipment), in_force)
                )
        return ahead


_TOLD_APART = ("destination.", "line.", "end_use.", "party.", "corridor.", "history.")


def _same(one: Mapping[int | None, Disposition], other: Mapping[int | None, Disposition]) -> bool:
    """Whether two readings come to the same for every line; nothing found is not controlled."""
    free = Disposition.not_controlled
    return all(one.get(line, free) == other.get(line, free) for line in {*one, *other})


def pattern_of(rule: Rule) -> Pattern:
    """The rule as the engine takes it."""
    return Pattern(rule.id, rule.applies_to, rule.when)


def _listing_state(
    listed: ListedParty, instrument: Instrument, day: date
) -> tuple[ListingState, date | None]:
    """How a listing stands on the day, and the last day of a suspension."""
    if day < listed.period.from_day or day < instrument.in_force.from_day:
        return "not_yet", None
    if not listed.period.on(day) or not instrument.in_force.on(day):
        return "ended", None
    if instrument.doubt_on(day, None) is not None:
        return "uncertain", None
    for suspension in instrument.suspended:
        if suspension.clauses is None and suspension.period.on(day):
            return "stopped" if suspension.stopped else "suspended", suspension.period.until
    return "in_force", None


def _told_apart_by(rule: Rule) -> Callable[[Case], str]:
    """Which of a rule's cases share one reason: those of which its message says the same."""
    texts = (*rule.because.values(), *(rule.remedy or {}).values())
    names = {name for text in texts for name in placeholders(text)}
    by_entry = any(name.startswith("entry.") for name in names) or rule.basis.instrument is None
    facts = tuple(sorted(n for n in names if n.startswith(_TOLD_APART)))
    by_line = any(name in ("line.number", "line.code_means", "entry.because") for name in names)
    by_line = by_line or any(name.startswith("papers.") for name in names)
    by_party = rule.applies_to in ("party", "dealing")

    def key(case: Case) -> str:
        found: list[Scalar | None] = [case.facts.get(fact) for fact in facts]
        if by_entry and case.classification is not None:
            found.append(case.classification.entry.id)
        if by_line and case.line is not None:
            found.append(str(case.line.line))
        if by_party and case.party is not None:
            listed = case.party.hit.listed
            found += [str(case.party.party), listed.instrument, case.party.through]
        return "|".join(map(str, found))

    return key


def _years_later(day: date, years: int) -> date:
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
