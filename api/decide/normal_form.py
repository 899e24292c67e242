"""Rule conditions as alternatives: any of several branches, each a plain list of comparisons.

The engine reads flat conjunctions without fault; nested alternatives overflow its fixed-size
buffers. Every comparison but `unknown` is false on an absent fact, so the complement of one is "the
opposite, or absent".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from api.rulebook.conditions import All, Any, Condition, Not, Scalar, Test

Comparison = Literal[
    "equal",
    "unequal",
    "at_least",
    "more_than",
    "at_most",
    "less_than",
    "known",
    "unknown",
    "matches",
    "matches_not",
]
MAX_BRANCHES = 2_000
MAX_COMPARISONS = 40


@dataclass(frozen=True)
class Leaf:
    """One comparison of one fact."""

    fact: str
    comparison: Comparison
    value: Scalar | None = None


Branch = tuple[Leaf, ...]

_OPPOSITE: dict[Comparison, Comparison] = {
    "equal": "unequal",
    "unequal": "equal",
    "at_least": "less_than",
    "less_than": "at_least",
    "more_than": "at_most",
    "at_most": "more_than",
    "matches": "matches_not",
    "matches_not": "matches",
}


class TooLarge(Exception):
    """The condition has more branches, or longer ones, than the engine is trusted with."""


def branches_of(condition: Condition) -> tuple[Branch, ...]:
    """The branches, one of which holds exactly where the condition does; none for "never".

    Raises TooLarge, whose text says what an officer can do.
    """
    found = _branches(condition, wanted=True)
    longest = max(map(len, found), default=0)
    if longest > MAX_COMPARISONS:
        raise TooLarge(
            f"{longest} comparisons must hold at once, at most {MAX_COMPARISONS} can "
            "(a negated list counts each of its values): split the rule"
        )
    return found


def _branches(condition: Condition, wanted: bool) -> tuple[Branch, ...]:
    match condition:
        case Not(part):
            return _branches(part, not wanted)
        case All(parts) | Any(parts):
            alternatives = [_branches(part, wanted) for part in parts]
            if isinstance(condition, All) is wanted:
                return _product(alternatives)
            return _limited(branch for branches in alternatives for branch in branches)
        case Test(fact, "in", tuple() as values):
            same: Condition = Any(tuple(Test(fact, "is", value) for value in values))
            return _branches(same, wanted)
        case Test(fact, "between", tuple() as ends):
            low, high = ends
            return _branches(
                All((Test(fact, "at_least", low), Test(fact, "at_most", high))), wanted
            )
        case Test():
            leaf = _leaf(condition)
            return ((leaf,),) if wanted else _complement(leaf)
    raise TypeError(f"rules cannot ask {condition}")


def _leaf(test: Test) -> Leaf:
    if test.operator == "known":
        return Leaf(test.fact, "known" if test.value else "unknown")
    names: dict[str, Comparison] = {"is": "equal", "not": "unequal"}
    comparison = names.get(test.operator, test.operator)
    assert not isinstance(test.value, tuple)  # lists and ranges are taken apart before
    return Leaf(test.fact, comparison, test.value)  # type: ignore[arg-type]  # the rest share names


def _complement(leaf: Leaf) -> tuple[Branch, ...]:
    if leaf.comparison == "known":
        return ((Leaf(leaf.fact, "unknown"),),)
    if leaf.comparison == "unknown":
        return ((Leaf(leaf.fact, "known"),),)
    opposite = Leaf(leaf.fact, _OPPOSITE[leaf.comparison], leaf.value)
    return ((opposite,), (Leaf(leaf.fact, "unknown"),))


def _product(alternatives: list[tuple[Branch, ...]]) -> tuple[Branch, ...]:
    """Every way to take one branch of each; contradictions fall out as they arise."""
    found: tuple[Branch, ...] = ((),)
    for branches in alternatives:
        found = _limited(
            joined
            for left in found
            for right in branches
            if (joined := _join(left, right)) is not None
        )
    return found


def _join(left: Branch, right: Branch) -> Branch | None:
    """Both branches at once; None where they contradict each other plainly."""
    joined = dict.fromkeys((*left, *right))
    equal: dict[str, Scalar | None] = {}
    unknown = {leaf.fact for leaf in joined if leaf.comparison == "unknown"}
    for leaf in joined:
        if leaf.comparison != "unknown" and leaf.fact in unknown:
            return None
        if leaf.comparison == "equal" and equal.setdefault(leaf.fact, leaf.value) != leaf.value:
            return None
    return tuple(joined)


def _limited(branches: Iterable[Branch]) -> tuple[Branch, ...]:
    found: dict[Branch, None] = {}
    for branch in branches:
        found[branch] = None
        if len(found) > MAX_BRANCHES:
            raise TooLarge(
                f"the rule has more than {MAX_BRANCHES} combinations of its lists and "
                "alternatives: split it"
            )
    return tuple(found)
