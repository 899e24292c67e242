"""A second evaluator of rule conditions, sharing nothing with the engine.

It reads conditions as the rule files state them, without normal form, index or integers. Tests hold
the engine against it, and the service does so now and then with live cases: a disagreement stops
the decision, whichever side would have allowed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import re2

from api.rulebook.conditions import All, Any, Condition, Not, Scalar, Test

_COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "at_least": lambda have, bound: have >= bound,
    "more_than": lambda have, bound: have > bound,
    "at_most": lambda have, bound: have <= bound,
    "less_than": lambda have, bound: have < bound,
}


def holds(condition: Condition, facts: Mapping[str, Scalar]) -> bool:
    """Whether the facts meet the condition; an absent fact fails any test but `known: false`."""
    match condition:
        case All(parts):
            return all(holds(part, facts) for part in parts)
        case Any(parts):
            return any(holds(part, facts) for part in parts)
        case Not(part):
            return not holds(part, facts)
        case Test(fact, "known", wanted):
            return (fact in facts) is wanted
        case Test(fact, operator, wanted):
            return fact in facts and _passes(facts[fact], operator, wanted)
    raise TypeError(f"rules cannot ask {condition}")


def _passes(have: Scalar, operator: str, wanted: object) -> bool:
    if operator == "is":
        return have == wanted
    if operator == "not":
        return have != wanted
    if operator == "in" and isinstance(wanted, tuple):
        return have in wanted
    if operator == "matches":
        return isinstance(have, str) and re2.search(str(wanted), have) is not None
    if operator == "between" and isinstance(wanted, tuple):
        return isinstance(have, Decimal) and bool(wanted[0] <= have <= wanted[1])
    if isinstance(have, Decimal) and isinstance(wanted, Decimal):
        return _COMPARE[operator](have, wanted)
    raise TypeError(f"{operator} cannot compare {have!r} with {wanted!r}")
