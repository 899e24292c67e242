"""How the listing of a party stands on a day."""

from __future__ import annotations

from datetime import date

from api.decide.decision import ListingState, Screened
from api.decide.parties import PartyHit
from api.rulebook.model import Instrument, RuleSet
from api.rulebook.parties import ListedParty


def standing(found: PartyHit, rule_set: RuleSet, day: date) -> Screened:
    """The hit with the state of its listing on the day."""
    listed = found.hit.listed
    instrument = rule_set.instruments[listed.instrument]
    state, until = _listing_state(listed, instrument, day)
    return Screened(found, instrument, state, until)


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
