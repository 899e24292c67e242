"""The law as values: instruments, control entries and rules, and the rule set that holds all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from api.disposition import Disposition
from api.rulebook.conditions import Condition
from api.rulebook.goods import Goods
from api.rulebook.parties import NO_SCREENING, ListedParty, Screening
from api.rulebook.trade import NOTHING_KNOWN, Trade
from api.rulebook.values import Period, Text, Verified
from api.rulebook.vocabulary import CaseKind, Severity


@dataclass(frozen=True)
class Suspension:
    """Clauses put to sleep by another instrument; None for all.

    Stopped ones are no longer carried out, with no end named; their listing was not taken back.
    """

    clauses: frozenset[str] | None
    period: Period
    by: str
    stopped: bool


@dataclass(frozen=True)
class Doubt:
    """A stretch of time in which it is uncertain whether clauses apply; None for all clauses."""

    clauses: frozenset[str] | None
    period: Period
    question: Text
    confirm: Text
    sources: tuple[str, ...]

    def touches(self, clause: str | None) -> bool:
        """Whether the doubt is about this clause; `None` asks about the instrument as a whole."""
        return self.clauses is None or (clause is not None and clause in self.clauses)


@dataclass(frozen=True)
class Clause:
    """One clause that rules rest on."""

    id: str
    effect: Text
    in_force: Period
    verified: Verified


@dataclass(frozen=True)
class Containing:
    """What 'containing' an element means where the law names no limit, in mass percent."""

    counts_from_pct: Decimal
    ignored_up_to_pct: Decimal


@lru_cache(4_096)
def code_key(code: str | None) -> str:
    """A control code as people mean it: `1c905 a4` is `1C905.a.4`."""
    return "".join(c for c in (code or "").upper() if c.isalnum())


@dataclass(frozen=True)
class ControlEntry:
    """One numbered item on an instrument's list, and how goods are recognised as it."""

    id: str
    instrument: str
    code: str | None
    number: str | None
    part: str | None
    qualification: str | None
    material: str
    form: str
    forms: frozenset[str]
    title: Text
    codes: tuple[str, ...]
    except_codes: tuple[str, ...]
    shared_codes: tuple[str, ...]
    asks_on: tuple[str, ...]
    names: tuple[str, ...]
    not_names: tuple[str, ...]
    made_of: Condition | None
    contains: tuple[str, ...]
    meets: Condition
    verified: Verified
    notes: tuple[str, ...]

    @property
    def label(self) -> str:
        """How people cite it: the control code, else the number in its instrument."""
        return self.code or self.number or self.id.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Instrument:
    """One legal measure."""

    id: str
    title: Text
    short: Text
    authority: tuple[str, ...]
    in_force: Period
    list: str
    """What being on its list means: one of ENTRY_LISTS, PARTY_LISTS, or `none`."""
    verified: Verified
    sources: tuple[str, ...]
    clauses: Mapping[str, Clause]
    suspended: tuple[Suspension, ...]
    doubts: tuple[Doubt, ...]
    containing: Containing | None
    content_materials: frozenset[str]
    entries: tuple[ControlEntry, ...]

    def on(self, day: date, clause: str | None = None, *, doubtful_applies: bool = True) -> bool:
        """Whether the clause (None: the instrument as a whole) applies on the day.

        A doubt is decided as the caller says: applied, or taken as still suspended.
        """
        if not self.in_force.on(day):
            return False
        if clause is not None and not self.clauses[clause].in_force.on(day):
            return False
        if self.doubt_on(day, clause) is not None:
            return doubtful_applies
        return not any(
            suspension.period.on(day)
            and (
                suspension.clauses is None or (clause is not None and clause in suspension.clauses)
            )
            for suspension in self.suspended
        )

    def doubt_on(self, day: date, clause: str | None) -> Doubt | None:
        """The doubt about this clause on the day, if any."""
        return next(
            (doubt for doubt in self.doubts if doubt.period.on(day) and doubt.touches(clause)), None
        )

    def changes(self) -> Iterator[date]:
        """Every day on which something about this instrument changes."""
        yield from self.in_force.changes()
        for clause in self.clauses.values():
            yield from clause.in_force.changes()
        for suspension in self.suspended:
            yield from suspension.period.changes()
        for doubt in self.doubts:
            yield from doubt.period.changes()


@dataclass(frozen=True)
class Basis:
    """The law a rule rests on.

    Without an instrument it is that of the control entry or of the listing at hand (`by`).
    """

    instrument: str | None
    clause: str | None
    by: Literal["entry", "listing"] | None = None


@dataclass(frozen=True)
class Rule:
    """One policy statement over case facts."""

    id: str
    basis: Basis
    applies_to: CaseKind
    when: Condition
    then: Disposition
    because: Text
    remedy: Text | None
    asks: tuple[str, ...] = ()
    severity: Severity | None = None
    """Given, it makes the rule a red flag; `high` goes out as an alert."""


@dataclass(frozen=True)
class RuleSet:
    """A regime's instruments, rules and lists: what a version publishes."""

    id: str
    title: Text
    time_zone: str
    known_from: date
    instruments: Mapping[str, Instrument]
    rules: tuple[Rule, ...]
    goods: Goods
    digest: str = field(compare=False)
    parties: tuple[ListedParty, ...] = ()
    screening: Screening = NO_SCREENING
    trade: Trade = NOTHING_KNOWN

    @cached_property
    def entries(self) -> Mapping[str, ControlEntry]:
        """Every control entry by id."""
        return {
            entry.id: entry
            for instrument in self.instruments.values()
            for entry in instrument.entries
        }

    def knows_code(self, declared: str) -> bool:
        """Whether a control code is one of this rule set, a part of one or the family of some."""
        key = code_key(declared)
        return any(own.startswith(key) or key.startswith(own) for own in self._code_keys)

    @cached_property
    def _code_keys(self) -> frozenset[str]:
        return frozenset(code_key(e.code) for e in self.entries.values() if e.code is not None)

    @cached_property
    def change_dates(self) -> tuple[date, ...]:
        """The days on which anything changes, ascending. Between two of them nothing does."""
        days = {day for instrument in self.instruments.values() for day in instrument.changes()}
        days |= {day for party in self.parties for day in party.period.changes()}
        return tuple(sorted(days | {self.known_from}))


@dataclass(frozen=True)
class RuleSetVersion:
    """A rule set as published: never edited, named by number and digest."""

    rule_set: RuleSet
    number: int

    @property
    def name(self) -> str:
        """`cn@7`."""
        return f"{self.rule_set.id}@{self.number}"
