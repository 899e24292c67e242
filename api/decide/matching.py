"""Which rules fire on which cases, on one day, under one reading of doubtful law."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.decide import oracle
from api.decide.engine import EngineError, Pattern, RuleTable
from api.decide.facts import Case, Cases
from api.decide.hints import Hints
from api.decide.normal_form import branches_of
from api.decide.reasons import Fired, told_apart_by
from api.decide.signals import Signals
from api.disposition import Disposition
from api.rulebook.model import Rule, RuleSet
from api.rulebook.parties import ListedParty


@dataclass(frozen=True)
class Findings:
    """What fired on one day under one reading."""

    fired: Fired
    disposition: Disposition
    by_line: Mapping[int | None, Disposition]

    def with_those_of(self, others: Sequence[Findings]) -> Findings:
        """The same, and what fired in other readings besides."""
        fired = dict(self.fired)
        for other in others:
            for key, cases in other.fired.items():
                fired.setdefault(key, cases)
        return replace(self, fired=fired)

    def agree_with(self, other: Findings) -> bool:
        """Whether both come to the same for every line; nothing found is not controlled."""
        free = Disposition.not_controlled
        lines = {*self.by_line, *other.by_line}
        return all(self.by_line.get(n, free) == other.by_line.get(n, free) for n in lines)


@dataclass(frozen=True)
class Epoch:
    """The rules and instruments in force between two change dates, under one reading."""

    table: RuleTable
    rules: tuple[Rule, ...]
    instruments: frozenset[str]
    day: date
    """One of its days: between two change dates all are alike."""

    def lists(self, listed: ListedParty) -> bool:
        """Whether the party is on its list."""
        return listed.instrument in self.instruments and listed.period.on(self.day)


class Matcher:
    """Matches cases with the rules in force. Safe to share between threads."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._rule_set = rule_set
        patterns = [pattern_of(rule) for rule in rule_set.rules]
        self._ever = RuleTable(patterns)
        self._hints = Hints((p.kind, branch) for p in patterns for branch in branches_of(p.when))
        self._rules = {rule.id: rule for rule in rule_set.rules}
        self._apart = {rule.id: told_apart_by(rule) for rule in rule_set.rules}
        self._epochs: dict[tuple[int, str | None], Epoch] = {}
        self._lock = threading.Lock()

    def may_fire(self, signals: Signals, check: bool) -> bool:
        """Whether any rule, whenever in force, fires on one of them. Raises EngineError."""
        worth = self._hints.may_fire(signals.pieces())
        if not worth and not check:
            return False
        fired = False
        for case in signals.cases():
            names = self._ever.match(case.kind, case.facts) if worth else ()
            if check:
                _hold_against_oracle(case, names, self._rule_set.rules)
            fired = fired or bool(names)
        return fired

    def find(
        self, cases: Cases, day: date, lenient: str | None = None, check: bool = False
    ) -> Findings:
        """What fires. `check` holds it against the oracle. Raises EngineError."""
        epoch = self.epoch(day, lenient)
        fired: dict[tuple[str, str], tuple[Case, ...]] = {}
        by_line: dict[int | None, Disposition] = {}
        for case in cases.on(epoch.instruments, epoch.lists):
            names = epoch.table.match(case.kind, case.facts)
            if check:
                _hold_against_oracle(case, names, epoch.rules)
            line = case.line.line if case.line is not None else None
            for name in names:
                key = (name, self._apart[name](case))
                fired[key] = (*fired.get(key, ()), case)
                then = self._rules[name].then
                by_line[line] = max(then, by_line.get(line, then))
        return Findings(fired, max(by_line.values(), default=Disposition(0)), by_line)

    def epoch(self, day: date, lenient: str | None = None) -> Epoch:
        """What is in force, compiled once between two change dates.

        `lenient` names the instrument whose doubtful clauses are taken as still suspended.
        """
        key = (bisect_right(self._rule_set.change_dates, day), lenient)
        epoch = self._epochs.get(key)
        if epoch is None:
            with self._lock:
                epoch = self._epochs.get(key)
                if epoch is None:
                    epoch = self._epochs[key] = self._compiled(day, lenient)
        return epoch

    def _compiled(self, day: date, lenient: str | None) -> Epoch:
        rules = tuple(rule for rule in self._rule_set.rules if self._on(rule, day, lenient))
        return Epoch(
            RuleTable([pattern_of(rule) for rule in rules]),
            rules,
            frozenset(
                i.id
                for i in self._rule_set.instruments.values()
                if i.on(day, doubtful_applies=i.id != lenient)
            ),
            day,
        )

    def _on(self, rule: Rule, day: date, lenient: str | None) -> bool:
        if rule.basis.instrument is None:
            return True  # in force with the entry or the listing at hand
        instrument = self._rule_set.instruments[rule.basis.instrument]
        return instrument.on(day, rule.basis.clause, doubtful_applies=instrument.id != lenient)

    def close(self) -> None:
        """Frees the compiled rules."""
        with self._lock:
            for epoch in self._epochs.values():
                epoch.table.close()
            self._epochs.clear()
            self._ever.close()


def _hold_against_oracle(case: Case, fired: tuple[str, ...], rules: Sequence[Rule]) -> None:
    expected = {
        rule.id
        for rule in rules
        if rule.applies_to == case.kind and oracle.holds(rule.when, case.facts)
    }
    if expected != set(fired):
        differing = ", ".join(sorted(expected ^ set(fired)))
        raise EngineError(f"engine and oracle disagree about {differing}; nothing is decided")


def pattern_of(rule: Rule) -> Pattern:
    """The rule as the engine takes it."""
    return Pattern(rule.id, rule.applies_to, rule.when)
