"""May this shipment go? classify -> facts -> match -> fold -> outlook, under one version.

A pure function of shipment, rule-set version and day: no clock, network or database in here.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache, partial

from api.decide.business import Businesses
from api.decide.classify import Classification, Classifier, LineClassification
from api.decide.decision import (
    Caution,
    Evaluation,
    LineResult,
    Prospect,
    Reading,
    Reason,
    Screened,
    Uncertainty,
)
from api.decide.facts import Cases, LookedUp, read_of
from api.decide.involved import Involved, involved
from api.decide.matching import Findings, Matcher
from api.decide.papers import Papers
from api.decide.parties import ScreenedParty, party_hits, screen_party
from api.decide.reasons import Reasons
from api.decide.route import materials_of
from api.decide.signals import Signals
from api.decide.standing import standing
from api.disposition import Disposition
from api.rulebook.model import RuleSetVersion
from api.screening.screener import Screener
from api.shipment import Line, Party, Shipment

OUTLOOK_YEARS = 2
CHECK_EVERY = 100
"""One evaluation in so many is held against the oracle."""

_SELDOM = 10  # times less often is checked what was checked before or raises no flag
_REMEMBERED = 5_000
# Names screened: the same owner stands behind many a party.
_OWNERS_REMEMBERED = 1_000


class Evaluator:
    """Decides shipments under one rule-set version. Safe to share between threads."""

    def __init__(self, version: RuleSetVersion, check_every: int = CHECK_EVERY) -> None:
        self.version = version
        self._rule_set = version.rule_set
        self._classifier = Classifier(version.rule_set)
        self._screener = Screener(version.rule_set.parties, version.rule_set.screening)
        self._screen = lru_cache(_OWNERS_REMEMBERED)(self._screener.screen)
        self._businesses = Businesses(version.rule_set.trade)
        self._papers = Papers(version.rule_set.trade)
        self._matcher = Matcher(version.rule_set)
        self._reasons = Reasons(version.rule_set)
        self._involved = lru_cache(_REMEMBERED)(partial(involved, trade=version.rule_set.trade))
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
            lambda name, country, identifiers: self._screen(
                name, country, tuple((i.type, i.value) for i in identifiers)
            ),
            self._businesses,
        )

    def screening(self, party: Party, day: date) -> tuple[Screened, ...]:
        """Whom the party may be, and how the listings stand on the day."""
        same = self._rule_set.screening.same_at_least
        return tuple(
            standing(found, self._rule_set, day)
            for found in party_hits(0, self.screen(party), lambda _: True, same)
        )

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
        who = self._involved(shipment.parties, looked_up.parties)
        signals = self._signals(shipment, day, looked_up, who)
        if self._matcher.may_fire(signals, count % (self._check_every * _SELDOM) == 0):
            cases = Cases(shipment, looked_up, self._rule_set, signals.cases())
            return self._evaluate(shipment, day, looked_up, cases, check)
        # All that the law reads; classifications by identity, which the remembered value keeps.
        key = (
            day,
            not shipment.licences,
            looked_up.history is None,
            tuple(map(id, looked_up.lines)),
            read_of(shipment, who),
        )
        known = self._remembered.get(key)
        # A remembered answer was computed by these rules before: it is checked more seldom.
        if known is not None and count % (self._check_every * _SELDOM):
            return known[0]
        cases = Cases(shipment, looked_up, self._rule_set)
        evaluation = self._evaluate(shipment, day, looked_up, cases, check)
        self._remembered[key] = (evaluation, looked_up)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return evaluation

    def evaluate_afresh(self, shipment: Shipment, day: date, looked_up: LookedUp) -> Evaluation:
        """What `evaluate` gives, with nothing remembered, all of it held against the oracle.

        Raises EngineError.
        """
        who = involved(shipment.parties, looked_up.parties, self._rule_set.trade)
        signals = self._signals(shipment, day, looked_up, who)
        raised = signals.cases() if self._matcher.may_fire(signals, check=True) else ()
        cases = Cases(shipment, looked_up, self._rule_set, raised)
        return self._evaluate(shipment, day, looked_up, cases, check=True)

    def _signals(
        self, shipment: Shipment, day: date, looked_up: LookedUp, involved: Involved
    ) -> Signals:
        return Signals(
            shipment,
            looked_up,
            day,
            involved,
            self._rule_set,
            self._papers,
            self._classifier.materials_named,
        )

    def _evaluate(
        self,
        shipment: Shipment,
        day: date,
        looked_up: LookedUp,
        cases: Cases,
        check: bool,
    ) -> Evaluation:
        epoch = self._matcher.epoch(day)
        strict = self._matcher.find(cases, day, check=check)
        uncertainties, readings = self._uncertainties(cases, shipment, day, strict)
        findings = max((strict, *readings), key=lambda found: found.disposition)
        merged = findings.with_those_of((strict, *readings))
        reasons = self._reasons.of(merged.fired, shipment)
        return Evaluation(
            as_of=day,
            disposition=findings.disposition,
            reasons=reasons,
            lines=self._lines(shipment, looked_up.lines, reasons, day),
            materials=materials_of(found.bearing for found in looked_up.lines),
            uncertainties=uncertainties,
            cautions=self._cautions(shipment, looked_up, day),
            outlook=tuple(self._outlook(cases, shipment, day, findings.disposition)),
            screening=tuple(
                standing(found, self._rule_set, day) for found in cases.hits(lambda _: True)
            ),
            history=looked_up.history,
            measures=tuple(
                i for i in self._rule_set.instruments.values() if i.id in epoch.instruments
            ),
            facts=tuple(case.facts for case in cases.on(epoch.instruments, epoch.lists)),
        )

    def close(self) -> None:
        """Frees the compiled rules."""
        self._matcher.close()

    # --- doubt ---

    def _doubtful(self, day: date) -> tuple[str, ...]:
        return tuple(
            instrument.id
            for instrument in self._rule_set.instruments.values()
            if any(doubt.period.on(day) for doubt in instrument.doubts)
        )

    def _uncertainties(
        self, cases: Cases, shipment: Shipment, day: date, strict: Findings
    ) -> tuple[tuple[Uncertainty, ...], tuple[Findings, ...]]:
        found: list[Uncertainty] = []
        readings: list[Findings] = []
        concerned = cases.entry_instruments | self._reasons.laws_of(strict.fired)
        concerned |= {hit.hit.listed.instrument for hit in cases.hits(lambda _: True)}
        for name in self._doubtful(day):
            if name not in concerned:
                continue
            lenient = self._matcher.find(cases, day, name)
            if strict.agree_with(lenient):
                continue
            readings.append(lenient)
            instrument = self._rule_set.instruments[name]
            doubt = next(d for d in instrument.doubts if d.period.on(day))
            found.append(
                Uncertainty(
                    instrument,
                    doubt,
                    tuple(
                        Reading(applies, reading.disposition, self._deciding(reading, shipment))
                        for applies, reading in ((True, strict), (False, lenient))
                    ),
                )
            )
        return tuple(found), tuple(readings)

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

    def _deciding(self, findings: Findings, shipment: Shipment) -> tuple[Reason, ...]:
        return self._reasons.deciding(findings.fired, findings.disposition, shipment)

    # --- outlook ---

    def _outlook(
        self, cases: Cases, shipment: Shipment, day: date, disposition: Disposition
    ) -> list[Prospect]:
        ahead: list[Prospect] = []
        horizon = _years_later(day, OUTLOOK_YEARS)
        for change in self._rule_set.change_dates:
            if not day < change <= horizon:
                continue
            findings = self._matcher.find(cases, change)
            if findings.disposition != disposition:
                disposition = findings.disposition
                epoch = self._matcher.epoch(change)
                in_force = tuple(
                    case.classification
                    for case in cases.on(epoch.instruments, epoch.lists)
                    if case.kind == "line" and case.classification is not None
                )
                ahead.append(
                    Prospect(change, disposition, self._deciding(findings, shipment), in_force)
                )
        return ahead


def _years_later(day: date, years: int) -> date:
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
