"""What a line has to do with restricted materials, and what it is traded as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from api.decide.goods import ZERO, GoodsView
from api.rulebook.model import RuleSet
from api.rulebook.trade import Trade

_HEADING = 4  # digits of a customs code


@dataclass(frozen=True)
class Bearing:
    """What one line has to do with restricted materials.

    `materials` are those it bears on in any way; `named` those that only its words name, against
    its customs code or composition; `composed` those its composition shows, against its code.
    `traded_as` are kinds of goods of the trade file, `decoy` a name that has hidden others,
    `residual_of` the controlled customs code beside the declared one that the goods fit.
    """

    materials: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    composed: tuple[str, ...] = ()
    traded_as: tuple[str, ...] = ()
    decoy: str | None = None
    residual_of: str | None = None


NO_BEARING = Bearing()


class Bearings:
    """Finds them under one rule set."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._rule_set = rule_set
        self._elements = {
            material.id: material.element for material in rule_set.goods.materials.values()
        }

    @cached_property
    def restricted(self) -> frozenset[str]:
        """The materials of control entries, families resolved."""
        materials = self._rule_set.goods.materials
        own = {entry.material for entry in self._rule_set.entries.values()}
        return frozenset(own.union(*(materials[name].members for name in own if name in materials)))

    @cached_property
    def _headings(self) -> Mapping[str, frozenset[str]]:
        """The customs headings under which a material is known to be declared."""
        found: dict[str, set[str]] = {}
        for entry in self._rule_set.entries.values():
            codes = (*entry.codes, *entry.shared_codes, *entry.asks_on)
            found.setdefault(entry.material, set()).update(code[:_HEADING] for code in codes)
        for code in self._rule_set.goods.customs_codes.values():
            if code.material is not None:
                found.setdefault(code.material, set()).add(code.hs[:_HEADING])
        for material in self._rule_set.goods.materials.values():
            found.setdefault(material.id, set()).update(material.headings)
        return {material: frozenset(headings) for material, headings in found.items()}

    def of(
        self,
        goods: GoodsView,
        looked_at: Iterable[str],
        in_question: Set[str],
        made_of: Iterable[str],
    ) -> Bearing:
        """`looked_at`: materials of entries that the line was held against; `in_question`: of
        those that it meets or may meet; `made_of`: of those that the composition shows."""
        named = [name for name in goods.naming.materials if name in self.restricted]
        materials = dict.fromkeys((*looked_at, *named, *goods.materials))
        restricted = tuple(name for name in materials if name in self.restricted)
        return Bearing(
            restricted,
            tuple(name for name in named if self._only_words(name, goods, in_question)),
            tuple(dict.fromkeys(name for name in made_of if self._elsewhere(name, goods))),
            tuple(self._traded_as(goods, restricted)),
            goods.naming.first_of(self._rule_set.trade.decoys.names),
            self._residual_of(goods, {*made_of, *goods.naming.materials}),
        )

    def _residual_of(self, goods: GoodsView, shown: Set[str]) -> str | None:
        for code in self._rule_set.trade.residual_codes:
            if goods.line.hs_code == code.hs and (
                not code.materials.isdisjoint(shown) or goods.naming.first_of(code.names)
            ):
                return code.controlled
        return None

    def _only_words(self, material: str, goods: GoodsView, in_question: Set[str]) -> bool:
        element = self._elements.get(material)
        if element is not None and goods.composition.get(element, ZERO) > 0:
            return False
        if goods.says_all and element is not None:
            return True
        return material in in_question and self._elsewhere(material, goods)

    def _elsewhere(self, material: str, goods: GoodsView) -> bool:
        code = goods.line.hs_code
        known = self._headings.get(material)
        return code is not None and bool(known) and code[:_HEADING] not in (known or ())

    def _traded_as(self, goods: GoodsView, materials: tuple[str, ...]) -> Iterable[str]:
        forms = goods.forms
        own = [
            item
            for item in self._rule_set.trade.goods
            if item.material in materials and any(forms.has(form) for form in item.forms)
        ]
        named = [
            item
            for item in self._rule_set.trade.goods
            if item.material is None and goods.naming.first_of(item.names)
        ]
        # What else a line of restricted goods names tells what they are for or with.
        return [item.id for item in own or named]


def trade_names(trade: Trade) -> Iterable[str]:
    """All names that descriptions are searched for."""
    yield from trade.decoys.names
    for item in trade.goods:
        yield from item.names
    for code in trade.residual_codes:
        yield from code.names
