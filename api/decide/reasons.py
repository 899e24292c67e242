"""Findings folded into reasons: which cases share one, in what order they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.decide.decision import Reason
from api.decide.facts import Case
from api.disposition import Disposition
from api.rulebook.conditions import Scalar, tests_of
from api.rulebook.messages import placeholders
from api.rulebook.model import Rule, RuleSet
from api.shipment import Shipment

Fired = Mapping[tuple[str, str], tuple[Case, ...]]
"""Cases by rule and by what tells its reasons apart."""

_TOLD_APART = ("destination.", "line.", "end_use.", "party.", "corridor.", "history.")


def told_apart_by(rule: Rule) -> Callable[[Case], str]:
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


class Reasons:
    """Makes them under one rule set."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._rule_set = rule_set
        self._rules = {rule.id: rule for rule in rule_set.rules}
        self._told = {
            rule.id: (
                *(test.fact for test in tests_of(rule.when)),
                *(name for text in rule.because.values() for name in placeholders(text)),
            )
            for rule in rule_set.rules
        }
        self._order = {rule.id: n for n, rule in enumerate(rule_set.rules)}

    def of(self, fired: Fired, shipment: Shipment) -> tuple[Reason, ...]:
        """Reasons, the strictest first, then in the order of the rules."""
        every_line = tuple(line.line for line in shipment.lines)
        reasons = [self._reason(name, cases, every_line) for (name, _), cases in fired.items()]
        reasons.sort(key=lambda r: (-r.disposition, self._order[r.rule.id], r.lines))
        return tuple(reasons)

    def deciding(
        self, fired: Fired, disposition: Disposition, shipment: Shipment
    ) -> tuple[Reason, ...]:
        """The reasons that carry the disposition."""
        every_line = tuple(line.line for line in shipment.lines)
        return tuple(
            self._reason(name, cases, every_line)
            for (name, _), cases in fired.items()
            if self._rules[name].then == disposition
        )

    def laws_of(self, fired: Fired) -> frozenset[str]:
        """The instruments that the rules themselves rest on."""
        laws = (self._rules[name].basis.instrument for name, _ in fired)
        return frozenset(law for law in laws if law is not None)

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
            matched={name: case.facts[name] for name in self._told[name] if name in case.facts},
            facts=case.facts,
        )
