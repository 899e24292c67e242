"""Whether a case is worth putting to the engine, told from one comparison of each branch.

Most shipments raise no red flag, and their cases differ from each other in every figure: asking the
engine each time would cost more than all the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from api.decide.normal_form import Branch, Leaf
from api.rulebook.conditions import Scalar

# What every shipment says of itself tells few of them apart.
_USUAL = ("exporter.", "departure.", "destination.", "shipment.")
_WEAK = ("unequal", "matches", "matches_not")  # most values of the fact pass


@dataclass
class _Hint:
    """What some branches ask of one fact: that it is known, one of these, so large or so small."""

    known: bool = False
    values: set[Scalar | None] = field(default_factory=set)
    least: Decimal = Decimal("Infinity")
    most: Decimal = Decimal("-Infinity")

    def add(self, leaf: Leaf) -> None:
        if leaf.comparison == "equal":
            self.values.add(leaf.value)
        elif leaf.comparison in ("at_least", "more_than") and isinstance(leaf.value, Decimal):
            self.least = min(self.least, leaf.value)
        elif leaf.comparison in ("at_most", "less_than") and isinstance(leaf.value, Decimal):
            self.most = max(self.most, leaf.value)
        else:
            self.known = True

    def allows(self, value: Scalar) -> bool:
        if self.known or value in self.values:
            return True
        return isinstance(value, Decimal) and (value >= self.least or value <= self.most)


class Hints:
    """Of each branch, a comparison that few cases pass."""

    def __init__(self, branches: Iterable[tuple[str, Branch]]) -> None:
        """`branches` with the kind of case each is for."""
        every = list(branches)
        asked = Counter((kind, leaf.fact) for kind, branch in every for leaf in branch)
        self._hints: dict[str, dict[str, _Hint]] = {}
        self._unhinted = set[str]()
        for kind, branch in every:
            leaves = [leaf for leaf in branch if leaf.comparison != "unknown"]
            if not leaves:
                self._unhinted.add(kind)
                continue
            rarest = min(
                leaves,
                key=lambda leaf: (
                    leaf.fact.startswith(_USUAL),
                    leaf.comparison in _WEAK,
                    asked[kind, leaf.fact],
                ),
            )
            self._hints.setdefault(kind, {}).setdefault(rarest.fact, _Hint()).add(rarest)

    def may_fire(self, pieces: Iterable[tuple[str, Mapping[str, Scalar]]]) -> bool:
        """False only where no branch holds. `pieces` are facts of cases, with their kinds."""
        hints = self._hints
        for kind, facts in pieces:
            if kind in self._unhinted:
                return True
            of_kind = hints.get(kind)
            if of_kind:
                for name, value in facts.items():
                    hint = of_kind.get(name)
                    if hint is not None and hint.allows(value):
                        return True
        return False
