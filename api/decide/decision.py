"""What deciding a shipment comes to, before it is put into anybody's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from api.decide.classify import Classification
from api.decide.goods import Clue
from api.decide.history import History
from api.decide.parties import PartyHit
from api.disposition import Disposition
from api.rulebook.conditions import Scalar
from api.rulebook.model import Doubt, Instrument, Rule


@dataclass(frozen=True, eq=False)
class Reason:
    """A rule that fired, for which lines, with the facts that fired it and the law it rests on."""

    rule: Rule
    lines: tuple[int, ...]
    instrument: Instrument
    classification: Classification | None
    code_contradiction: tuple[Clue, ...]
    parties: tuple[PartyHit, ...]
    matched: Mapping[str, Scalar]
    """What the rule tests and what its message tells."""
    facts: Mapping[str, Scalar]

    @property
    def disposition(self) -> Disposition:
        return self.rule.then


@dataclass(frozen=True, eq=False)
class LineResult:
    """What one line comes to, and the entries it was held against that are in force."""

    line: int
    disposition: Disposition
    controls: tuple[Classification, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """What the answer is when a doubt is decided one way."""

    applies: bool
    disposition: Disposition
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """A doubt about the law that changes this answer's reasons; the stricter reading decided."""

    instrument: Instrument
    doubt: Doubt
    readings: tuple[Reading, ...]


@dataclass(frozen=True, eq=False)
class Prospect:
    """From this day on the known rules give another outcome or disposition."""

    from_day: date
    disposition: Disposition
    reasons: tuple[Reason, ...]
    controls_in_force: tuple[Classification, ...]


ListingState = Literal["in_force", "uncertain", "suspended", "stopped", "not_yet", "ended"]


@dataclass(frozen=True, eq=False)
class Screened:
    """A party that may be a listed one, and how the listing stands on the day."""

    found: PartyHit
    instrument: Instrument
    state: ListingState
    until: date | None
    """The last day of a suspension."""


Caution = Literal[
    "before_known_law", "licences_not_checked", "parties_not_screened", "history_not_consulted"
]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A shipment decided under one rule-set version on one day."""

    as_of: date
    disposition: Disposition
    reasons: tuple[Reason, ...]
    lines: tuple[LineResult, ...]
    materials: tuple[str, ...]
    """The restricted materials that its lines bear on, whatever is in force."""
    uncertainties: tuple[Uncertainty, ...]
    cautions: tuple[Caution, ...]
    outlook: tuple[Prospect, ...]
    screening: tuple[Screened, ...]
    """In the order of the parties; those not named are like nobody listed."""
    history: History | None
    measures: tuple[Instrument, ...]
    """Instruments in force on the day: what was looked at."""
    facts: tuple[Mapping[str, Scalar], ...]
    """The facts of every case in force that the rules were held against."""
