"""Which version decides a request, and which day it is where that rule set is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.decide.evaluate import Evaluator
from api.errors import NotFound
from api.web import requests
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.services import services


def evaluator_for(values: Mapping[str, str]) -> Evaluator:
    """The version that `?rule_set` names, or the newest. Raises Refused, CannotDecide."""
    default = services().settings.default_rule_set
    return evaluator_of(*requests.rule_set_name(values, default))


def evaluator_of(rule_set: str, number: int | None) -> Evaluator:
    """A version by its name. Raises Refused, CannotDecide."""
    registry = services().registry
    try:
        return registry.pinned(rule_set, number) if number else registry.current(rule_set)
    except NotFound as error:
        raise requests.unknown_rule_set(f"{rule_set}@{number}" if number else rule_set) from error


def today(evaluator: Evaluator, now: datetime | None = None) -> date:
    """The day it is in the time zone of the rule set."""
    zone = ZoneInfo(evaluator.version.rule_set.time_zone)
    return (now or services().clock()).astimezone(zone).date()


def day_parameter(values: Mapping[str, str], name: str, default: date) -> date:
    """A day in the query. Raises Refused."""
    text = values.get(name)
    try:
        return default if text is None else date.fromisoformat(text)
    except ValueError as error:
        fault = Fault("date", value=text)
        raise requests.invalid(
            [{"pointer": f"?{name}", "message": fault.say(spoken_language())}]
        ) from error
