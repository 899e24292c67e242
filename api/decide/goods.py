"""One line's goods as they bear on control entries, and three-valued tests over them.

Missing data is unknown, never false. An element that the composition does not state lies somewhere
between nothing and what the stated shares leave open, so a composition that adds up to 100 % rules
the others out and one that does not leaves the question open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import re2

from api.decide.description import Naming
from api.decide.forms import Forms
from api.decide.geometry import machinable_into
from api.rulebook.conditions import All, Any, Condition, MachinableInto, Not, Test
from api.shipment import Line

HUNDRED = Decimal(100)
ZERO = Decimal(0)
WORTH_ASKING_PCT = Decimal(1)


@dataclass(frozen=True)
class Clue:
    """One thing that was looked at, for people: what kind, about what, with which figures."""

    kind: str
    fact: str = ""
    value: str = ""
    bound: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a condition comes to: true, false or unknown, the clues, and what would settle it."""

    holds: bool | None
    clues: tuple[Clue, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Range:
    """Where a quantity lies, both ends included."""

    low: Decimal
    high: Decimal

    @property
    def shown(self) -> str:
        """The range for people."""
        return str(self.low) if self.low == self.high else f"≤ {self.high}"


@dataclass(frozen=True)
class ArticleNamed:
    """Finished goods that the description names, and whether the customs code agrees.

    `throughout` are the materials it may consist of, None for a device; `by_part`: nothing more is
    known of it than that magnets are a part of it.
    """

    name: str
    coded: bool
    throughout: frozenset[str] | None
    by_part: bool = False


@dataclass(frozen=True)
class GoodsView:
    """A line, the description read, the forms it may have, and its composition.

    `article` is None too where the words also speak of material.
    """

    line: Line
    naming: Naming
    forms: Forms
    materials: Mapping[str, str]
    article: ArticleNamed | None
    composition: Mapping[str, Decimal]
    open_pct: Decimal

    def content(self, element: str, pure_of: str | None) -> Range:
        """Mass percent of an element. `pure_of`: whose content a bare purity states, if any."""
        stated = self.composition.get(element)
        if stated is not None:
            return Range(stated, stated)
        if not self.composition and pure_of is not None and self.line.purity_pct is not None:
            purity = self.line.purity_pct
            return Range(purity, purity) if element == pure_of else Range(ZERO, HUNDRED - purity)
        return Range(ZERO, self.open_pct)

    @property
    def states_composition(self) -> bool:
        """Whether anything is said of the composition."""
        return bool(self.composition)

    def consists_of(self, material: str) -> bool:
        """Whether they are an article that consists of the material by words and code."""
        article = self.article
        return (
            article is not None
            and article.coded
            and article.throughout is not None
            and material in article.throughout
        )

    @property
    def says_all(self) -> bool:
        """Whether the composition leaves nothing open that is worth asking about."""
        return self.states_composition and self.open_pct < WORTH_ASKING_PCT


def assess(condition: Condition, goods: GoodsView, pure_of: str | None = None) -> Verdict:
    """The condition over the goods, in Kleene's three-valued logic."""
    match condition:
        case Test():
            return _assess_test(condition, goods, pure_of)
        case MachinableInto(shapes):
            holds = machinable_into(goods.line.dimensions_mm, shapes)
            if holds is None:
                return Verdict(None, (Clue("unknown", "dimensions_mm"),), ("dimensions_mm",))
            return Verdict(holds, (Clue("size_met" if holds else "size_failed"),))
        case Not(part):
            inner = assess(part, goods, pure_of)
            return Verdict(
                None if inner.holds is None else not inner.holds, inner.clues, inner.asks
            )
        case All(parts):
            return _combine([assess(part, goods, pure_of) for part in parts], decisive=False)
        case Any(parts):
            return _combine([assess(part, goods, pure_of) for part in parts], decisive=True)


def _combine(verdicts: list[Verdict], decisive: bool) -> Verdict:
    """AND (a false part decides) or OR (a true part decides), keeping the clues that mattered."""
    deciding = [v for v in verdicts if v.holds is decisive]
    if deciding:
        return Verdict(decisive, tuple(clue for v in deciding for clue in v.clues))
    unknown = [v for v in verdicts if v.holds is None]
    if unknown:
        return Verdict(
            None,
            tuple(clue for v in unknown for clue in v.clues),
            tuple(dict.fromkeys(ask for v in unknown for ask in v.asks)),
        )
    return Verdict(not decisive, tuple(clue for v in verdicts for clue in v.clues))


def _assess_test(test: Test, goods: GoodsView, pure_of: str | None) -> Verdict:
    if test.fact.startswith("content."):
        element = test.fact.removeprefix("content.")
        return _assess_range(test, goods.content(element, pure_of), f"composition.{element}")
    value: Decimal | str | None
    if test.fact.startswith("properties."):
        value = (goods.line.properties or {}).get(test.fact.removeprefix("properties."))
    else:
        value = getattr(goods.line, test.fact)
    if test.operator == "known":
        return Verdict((value is not None) is test.value)
    if value is None:
        return Verdict(None, (Clue("unknown", test.fact),), (test.fact,))
    if isinstance(value, Decimal):
        return _assess_range(test, Range(value, value), test.fact)
    holds = _text_holds(test, value)
    return Verdict(holds, (Clue("is", test.fact, value),))


def _text_holds(test: Test, value: str) -> bool:
    match test.operator:
        case "is":
            return value == test.value
        case "not":
            return value != test.value
        case "in":
            return isinstance(test.value, tuple) and value in test.value
        case "matches":
            return re2.search(str(test.value), value) is not None
    raise ValueError(f"{test.operator} does not read text")


def _assess_range(test: Test, actual: Range, field: str) -> Verdict:
    if test.operator == "known":
        return Verdict((actual.low == actual.high) is test.value)
    holds = _range_holds(test, actual)
    bound = "/".join(map(str, test.value)) if isinstance(test.value, tuple) else str(test.value)
    if holds is None:
        return Verdict(None, (Clue("unknown", field),), (field,))
    kind = f"{test.operator}_{'met' if holds else 'failed'}"
    return Verdict(holds, (Clue(kind, field, actual.shown, bound),))


def _range_holds(test: Test, actual: Range) -> bool | None:
    """Whether every, no, or only some value in the range passes the test."""
    low, high = actual.low, actual.high
    match test.operator, test.value:
        case "at_least", Decimal() as bound:
            return True if low >= bound else (False if high < bound else None)
        case "more_than", Decimal() as bound:
            return True if low > bound else (False if high <= bound else None)
        case "at_most", Decimal() as bound:
            return True if high <= bound else (False if low > bound else None)
        case "less_than", Decimal() as bound:
            return True if high < bound else (False if low >= bound else None)
        case "between", (Decimal() as least, Decimal() as most):
            if least <= low and high <= most:
                return True
            return False if high < least or low > most else None
        case "is", Decimal() as bound:
            return low == bound if low == high else (None if low <= bound <= high else False)
        case "not", Decimal() as bound:
            return low != bound if low == high else (None if low <= bound <= high else True)
        case "in", tuple() as values:
            if low == high:
                return low in values
            return (
                None if any(isinstance(v, Decimal) and low <= v <= high for v in values) else False
            )
    raise ValueError(f"{test.operator} does not read numbers")
