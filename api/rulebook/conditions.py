"""Conditions of rules and entries as values: read from plain data, checked against a vocabulary.

A condition is a tree of `All`, `Any` and `Not` over `Test`s of one fact each. What a test means
when the fact is absent is the reader's affair: classification takes it as unknown, rules as not met
(except `known: false`), and `Not` of a rule's condition is its plain complement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any as AnyType
from typing import Literal

from api.rulebook.patterns import pattern_problem
from api.rulebook.problems import Path, Problems
from api.rulebook.vocabulary import Fact, nearest

Operator = Literal[
    "is",
    "in",
    "not",
    "at_least",
    "more_than",
    "at_most",
    "less_than",
    "between",
    "known",
    "matches",
]
Scalar = str | bool | Decimal
Value = Scalar | tuple[Scalar, ...]


def those_known(facts: Mapping[str, Scalar | None]) -> dict[str, Scalar]:
    """The facts that have a value."""
    return {name: value for name, value in facts.items() if value is not None}


_COMPARISONS = ("at_least", "more_than", "at_most", "less_than")
_OPERATORS = ("not", *_COMPARISONS, "between", "known", "matches")
_SHOWN_VALUES = 20
MAX_DEPTH = 12
MAX_LIST = 250
MAX_TEXT = 300
LARGEST_NUMBER = Decimal(10) ** 10
DECIMAL_PLACES = 8


@dataclass(frozen=True)
class Test:
    """One fact compared with one value."""

    __test__ = False  # no pytest class

    fact: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Shape:
    """A blank from which a piece of these least sizes (millimetres) can be machined."""

    kind: Literal["cylinder", "tube", "block"]
    sizes_mm: tuple[Decimal, ...]


@dataclass(frozen=True)
class MachinableInto:
    """The goods can be machined into at least one of these shapes (No. 10 of 2025, 1C117.c)."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class All:
    """Every part holds; true when empty."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """At least one part holds; false when empty."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = Test | MachinableInto | All | Any | Not
ALWAYS = All(())


def tests_of(condition: Condition) -> Iterator[Test]:
    """Every test in the tree, in reading order."""
    match condition:
        case Test():
            yield condition
        case All(parts) | Any(parts):
            for part in parts:
                yield from tests_of(part)
        case Not(part):
            yield from tests_of(part)
        case MachinableInto():
            return


class ConditionReader:
    """Reads conditions written in a rule file, noting every mistake with its place."""

    def __init__(
        self,
        lookup: Callable[[str], Fact | None],
        known_names: tuple[str, ...],
        problems: Problems,
    ) -> None:
        self._lookup = lookup
        self._known_names = known_names
        self._problems = problems

    def read(self, raw: AnyType, path: Path, depth: int = 0) -> Condition:
        """The condition in `raw`. Mistakes go to the problems, and the part is left out."""
        if depth > MAX_DEPTH:
            self._problems.add(path, f"conditions nest deeper than {MAX_DEPTH} levels")
            return ALWAYS
        if not isinstance(raw, Mapping):
            self._problems.add(path, "a condition is a mapping of facts to values")
            return ALWAYS
        parts = [self._read_key(key, raw[key], (*path, key), depth) for key in raw]
        kept = tuple(part for part in parts if part is not None)
        return kept[0] if len(kept) == 1 else All(kept)

    def _read_key(self, key: str, raw: AnyType, path: Path, depth: int) -> Condition | None:
        if key in ("all", "any"):
            if not isinstance(raw, list) or not raw:
                self._problems.add(path, f"`{key}` takes a list of one or more conditions")
                return None
            parts = tuple(
                self.read(item, (*path, number), depth + 1) for number, item in enumerate(raw)
            )
            return All(parts) if key == "all" else Any(parts)
        if key == "not":
            return Not(self.read(raw, path, depth + 1))
        if key == "machinable_into":
            return self._read_machinable(raw, path)
        fact = self._lookup(key)
        if fact is None:
            near = nearest(key, self._known_names)
            hint = f"; did you mean `{near}`?" if near else ""
            self._problems.add(path, f"no fact is called `{key}`{hint}")
            for name in raw if isinstance(raw, Mapping) else ():
                self._known_operator(name, (*path, name))
            return None
        return self._read_test(fact, raw, path)

    def _read_test(self, fact: Fact, raw: AnyType, path: Path) -> Condition | None:
        if isinstance(raw, list):
            return self._read_list(fact, raw, path)
        if not isinstance(raw, Mapping):
            value = self._value(fact, raw, path)
            return None if value is None else Test(fact.name, "is", value)
        if not raw:
            self._problems.add(path, f"`{fact.name}` has no value to compare with")
            return None
        tests = [self._read_operator(fact, name, raw[name], (*path, name)) for name in raw]
        kept = tuple(test for test in tests if test is not None)
        if not kept:
            return None
        return kept[0] if len(kept) == 1 else All(kept)

    def _read_list(self, fact: Fact, raw: list[AnyType], path: Path) -> Condition | None:
        if not raw:
            self._problems.add(path, "an empty list never holds; name at least one value")
            return None
        if len(raw) > MAX_LIST:
            self._problems.add(path, f"a list holds at most {MAX_LIST} values, this one {len(raw)}")
            return None
        values = [self._value(fact, item, (*path, number)) for number, item in enumerate(raw)]
        kept = tuple(dict.fromkeys(value for value in values if value is not None))
        return Test(fact.name, "in", kept) if kept else None

    def _read_operator(self, fact: Fact, name: str, raw: AnyType, path: Path) -> Condition | None:
        if not self._known_operator(name, path):
            return None
        if name == "known":
            if not isinstance(raw, bool):
                self._problems.add(path, "`known` takes true or false")
                return None
            return Test(fact.name, "known", raw)
        if name == "not":
            if isinstance(raw, list):
                listed = self._read_list(fact, raw, path)
                if not isinstance(listed, Test):
                    return None
                return All((Test(fact.name, "known", True), Not(listed)))
            value = self._value(fact, raw, path)
            return None if value is None else Test(fact.name, "not", value)
        if name == "matches":
            return self._read_pattern(fact, raw, path)
        if fact.type != "number":
            self._problems.add(
                path, f"`{name}` compares numbers, but `{fact.name}` is a {fact.type} fact"
            )
            return None
        if name == "between":
            return self._read_between(fact, raw, path)
        value = self._value(fact, raw, path)
        return None if value is None else Test(fact.name, name, value)  # type: ignore[arg-type]  # checked above

    def _known_operator(self, name: str, path: Path) -> bool:
        if name in _OPERATORS:
            return True
        near = nearest(name, _OPERATORS)
        hint = f"; did you mean `{near}`?" if near else f"; use one of {', '.join(_OPERATORS)}"
        self._problems.add(path, f"no operator is called `{name}`{hint}")
        return False

    def _read_between(self, fact: Fact, raw: AnyType, path: Path) -> Condition | None:
        if not isinstance(raw, list) or len(raw) != 2:
            self._problems.add(path, "`between` takes two numbers: [lowest, highest]")
            return None
        low, high = (self._value(fact, item, (*path, n)) for n, item in enumerate(raw))
        if not isinstance(low, Decimal) or not isinstance(high, Decimal):
            return None
        if low > high:
            self._problems.add(path, f"`between` has its ends swapped: {low} is above {high}")
            return None
        return Test(fact.name, "between", (low, high))

    def _read_pattern(self, fact: Fact, raw: AnyType, path: Path) -> Condition | None:
        if fact.type != "text":
            self._problems.add(path, f"`matches` reads text, but `{fact.name}` is {fact.type}")
            return None
        if not isinstance(raw, str) or len(raw) > MAX_TEXT:
            self._problems.add(path, f"`matches` takes a pattern of at most {MAX_TEXT} characters")
            return None
        problem = pattern_problem(raw)
        if problem is not None:
            self._problems.add(path, problem)
            return None
        return Test(fact.name, "matches", raw)

    def _value(self, fact: Fact, raw: AnyType, path: Path) -> Scalar | None:
        """The value if its type is the fact's; else None, with the mistake noted."""
        if fact.type == "boolean" and isinstance(raw, bool):
            return raw
        if fact.type == "number" and isinstance(raw, (int, Decimal)) and not isinstance(raw, bool):
            number = Decimal(raw)
            if abs(number) > LARGEST_NUMBER or number != round(number, DECIMAL_PLACES):
                self._problems.add(
                    path,
                    f"{number} is outside what rules compare exactly: at most {LARGEST_NUMBER:f}, "
                    f"{DECIMAL_PLACES} decimal places",
                )
                return None
            if fact.ends is not None and not fact.ends[0] <= number <= fact.ends[1]:
                low, high = fact.ends
                self._problems.add(path, f"`{fact.name}` lies between {low} and {high}")
                return None
            return number
        if fact.type == "text" and isinstance(raw, str):
            if not raw or len(raw) > MAX_TEXT or not raw.isprintable():
                self._problems.add(path, f"a text has 1 to {MAX_TEXT} printable characters")
                return None
            if fact.values and raw not in fact.values:
                near = nearest(raw, fact.values)
                some = ", ".join(sorted(fact.values)[:_SHOWN_VALUES])
                more = ", …" if len(fact.values) > _SHOWN_VALUES else ""
                hint = f"did you mean `{near}`?" if near else f"one of {some}{more}"
                self._problems.add(path, f"`{fact.name}` is never `{raw}`; {hint}")
                return None
            return raw
        shown = "nothing" if raw is None else f"{_type_name(raw)} `{raw}`"
        self._problems.add(path, f"`{fact.name}` is a {fact.type} fact, compared here with {shown}")
        return None

    def _read_machinable(self, raw: AnyType, path: Path) -> Condition | None:
        shapes: list[Shape] = []
        for number, item in enumerate(raw if isinstance(raw, list) else [raw]):
            shape = _shape(item)
            if shape is not None:
                shapes.append(shape)
            elif not self._misspelt_shape(item, (*path, number)):
                self._problems.add(
                    (*path, number),
                    "a shape is {cylinder: {diameter_mm, length_mm}}, "
                    "{tube: {inner_diameter_mm, wall_mm, length_mm}} or "
                    "{block: {sides_mm: [a, b, c]}}",
                )
        return MachinableInto(tuple(shapes)) if shapes else None

    def _misspelt_shape(self, item: AnyType, path: Path) -> bool:
        """Whether a key of a shape is not known: each is noted where it stands."""
        found = False
        for kind, sizes in item.items() if isinstance(item, Mapping) else ():
            known = _SHAPES.get(kind)
            keys = [((*path, kind), kind, tuple(_SHAPES))] if known is None else []
            if known is not None and isinstance(sizes, Mapping):
                keys = [((*path, kind, key), key, known) for key in sizes if key not in known]
            for place, key, names in keys:
                near = nearest(key, names)
                hint = f"did you mean `{near}`?" if near else f"known here: {', '.join(names)}"
                self._problems.add(place, f"`{key}` is not known here; {hint}")
                found = True
        return found


_SHAPES: Mapping[str, tuple[str, ...]] = {
    "cylinder": ("diameter_mm", "length_mm"),
    "tube": ("inner_diameter_mm", "wall_mm", "length_mm"),
    "block": ("sides_mm",),
}


def _shape(raw: AnyType) -> Shape | None:
    if not isinstance(raw, Mapping) or len(raw) != 1:
        return None
    kind, sizes = next(iter(raw.items()))
    if not isinstance(sizes, Mapping) or tuple(sorted(sizes)) != tuple(
        sorted(_SHAPES.get(kind, ()))
    ):
        return None
    values = sizes["sides_mm"] if kind == "block" else [sizes[name] for name in _SHAPES[kind]]
    if not isinstance(values, list) or (kind == "block" and len(values) != 3):
        return None
    numbers = [
        Decimal(v) for v in values if isinstance(v, (int, Decimal)) and not isinstance(v, bool)
    ]
    if len(numbers) != len(values) or any(number <= 0 for number in numbers):
        return None
    return Shape(kind, tuple(numbers))


def _type_name(raw: AnyType) -> str:
    if isinstance(raw, bool):
        return "the yes/no value"
    if isinstance(raw, (int, Decimal)):
        return "the number"
    if isinstance(raw, str):
        return "the text"
    return "the value"
