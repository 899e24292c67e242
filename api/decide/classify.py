"""Which control entries a line meets: listed, possible (data missing) or excluded.

Recognition asks whether the goods are the *product* an entry describes; thresholds then decide.
Everything here is independent of the date: which of these entries are in force is asked afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from api.decide.articles import Articles
from api.decide.bearing import NO_BEARING, Bearing, Bearings, trade_names
from api.decide.codes import Codes
from api.decide.contradiction import code_contradiction, said_purity
from api.decide.description import Reader
from api.decide.forms import Forms
from api.decide.goods import (
    HUNDRED,
    WORTH_ASKING_PCT,
    ZERO,
    Clue,
    GoodsView,
    assess,
)
from api.decide.naming import Vague, words_key
from api.decide.recognise import Recogniser
from api.decide.recognition import Recognition
from api.decide.thresholds import thresholds
from api.rulebook.conditions import tests_of
from api.rulebook.model import ControlEntry, RuleSet
from api.rulebook.vocabulary import ELEMENTS
from api.shipment import Line

Match = Literal["listed", "possible", "excluded"]


@dataclass(frozen=True)
class Classification:
    """One line held against one control entry."""

    entry: ControlEntry
    match: Match
    clues: tuple[Clue, ...]
    asks: tuple[str, ...] = ()
    borderline: bool = False
    content_value_pct: Decimal | None = None
    """Percent of the line's value that is Chinese-origin material of the entry's instrument."""


@dataclass(frozen=True)
class LineClassification:
    """A line held against every entry that came into question.

    `said_purity_pct` is the purity that the description claims and `purity_pct` does not reach.
    """

    entries: tuple[Classification, ...]
    code_contradiction: tuple[Clue, ...] | None = None
    said_purity_pct: Decimal | None = None
    says_nothing: bool = False
    bearing: Bearing = NO_BEARING
    form: str = ""
    words_key: str = ""
    """Names the words of the description, in whatever order, for comparing with earlier lines."""


class Classifier:
    """Holds lines against the entries of one rule-set version. Pure; safe to share."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._rule_set = rule_set
        self._entries = tuple(rule_set.entries.values())
        goods = rule_set.goods
        products: dict[str, frozenset[str]] = {}
        for entry in self._entries:
            for name in entry.names:
                products[name] = products.get(name, frozenset()) | {entry.form}
        self._reader = Reader(
            goods,
            products,
            (
                *(name for entry in self._entries for name in entry.not_names),
                *(title for entry in self._entries for title in entry.title.values()),
                *(word for code in goods.customs_codes.values() for word in code.denied_by),
                *goods.article_words,
                *goods.vague,
                *trade_names(rule_set.trade),
            ),
        )
        self._codes = Codes(self._entries)
        self._recogniser = Recogniser(rule_set, self._codes)
        self._vague = Vague(goods.vague)
        self._articles = Articles(goods, self._reader, self._codes, self._vague)
        self._bearings = Bearings(rule_set)
        self._content_materials = lru_cache(1_000)(self._materials_named)

    def classify(self, line: Line) -> LineClassification:
        """Every entry the line meets, may meet, or fails to meet by a threshold or its form."""
        goods = self._view(line)
        found = [c for entry in self._entries if (c := self._against(entry, goods)) is not None]
        if not self._identified(goods, found):
            found += [c for entry in self._entries if (c := self._perhaps(entry, goods, found))]
        listed = {(c.entry.instrument, c.entry.code) for c in found if c.match == "listed"}
        return LineClassification(
            # "Maybe also 1C117.c" says nothing once the line is 1C117.c.
            tuple(
                c
                for c in found
                if c.match != "possible"
                or c.entry.code is None
                or (c.entry.instrument, c.entry.code) not in listed
            ),
            code_contradiction(goods, self._rule_set.goods),
            said_purity(goods),
            line.hs_code is None and self._vague.says_nothing(line.description or ""),
            self._bearings.of(
                goods,
                [c.entry.material for c in found],
                {c.entry.material for c in found if c.match != "excluded"},
                [
                    entry.material
                    for entry in self._entries
                    if entry.qualification is None
                    and not goods.consists_of(entry.material)
                    and self._recogniser.made_of(entry, goods).holds
                ],
            ),
            goods.forms.shown,
            words_key(line.description),
        )

    def materials_named(self, text: str) -> frozenset[str]:
        """The restricted materials that any text, such as a bill of lading, names."""
        return (self._content_materials(text) or frozenset()) & self._bearings.restricted

    def _view(self, line: Line) -> GoodsView:
        catalogue = self._rule_set.goods
        naming = self._reader.read(line.description, line.model)
        materials = dict(naming.materials)
        code = catalogue.customs_codes.get(line.hs_code or "")
        if code is not None and code.material is not None:
            materials.setdefault(code.material, code.hs)
        said = naming.forms | ({"powder"} if line.particle_size_um is not None else frozenset())
        forms = Forms(
            declared=line.form if line.form != "other" else None,
            said=said,
            meant=naming.meant_forms,
            told=naming.told_forms,
            coded=catalogue.form_by_code(line.hs_code),
        )
        composition = {c.element: c.mass_pct for c in line.composition or ()}
        stated = sum(composition.values(), ZERO)
        return GoodsView(
            line,
            naming,
            forms,
            materials,
            self._articles.named(naming, line),
            composition,
            max(ZERO, HUNDRED - stated),
        )

    def _against(self, entry: ControlEntry, goods: GoodsView) -> Classification | None:
        recognised = self._recogniser.recognise(entry, goods)
        if recognised is None:
            return None
        found = self._judged(entry, goods, recognised)
        share = self._content_value_pct(entry, goods.line)
        return found if share is None else replace(found, content_value_pct=share)

    def _judged(
        self, entry: ControlEntry, goods: GoodsView, recognised: Recognition
    ) -> Classification:
        """The thresholds of an entry whose product the goods are or may be."""
        if recognised.holds is False:
            return Classification(entry, "excluded", recognised.clues)
        decided = thresholds(entry, goods, self._recogniser)
        borderline = recognised.borderline or decided.borderline
        clues = (*recognised.clues, *decided.clues)
        if decided.holds is False:
            return Classification(entry, "excluded", clues)
        if decided.holds and recognised.holds:
            return Classification(entry, "listed", clues)
        asks = tuple(dict.fromkeys((*decided.asks, *recognised.asks)))
        return Classification(entry, "possible", clues, asks, borderline)

    def _identified(self, goods: GoodsView, found: list[Classification]) -> bool:
        """Whether it is settled what the goods are, apart from thresholds."""
        return (
            any(c.match != "excluded" and c.entry.qualification is None for c in found)
            or self._codes.identify(goods.line)
            or any(goods.naming.product_of(entry.names) for entry in self._entries)
        )

    def _perhaps(
        self, entry: ControlEntry, goods: GoodsView, found: list[Classification]
    ) -> Classification | None:
        """Possible where what is stated of the composition speaks for it and the rest is open."""
        if entry.made_of is None or goods.open_pct < WORTH_ASKING_PCT:
            return None
        if any(c.entry is entry for c in found) or goods.consists_of(entry.material):
            return None
        if self._recogniser.form_excludes(entry, goods):
            return None
        element = self._rule_set.goods.materials[entry.material].element
        own = [t for t in tests_of(entry.made_of) if t.fact == f"content.{element}"]
        if element not in goods.composition or not any(assess(t, goods).holds for t in own):
            return None
        made = assess(entry.made_of, goods)
        return Classification(entry, "possible", made.clues, made.asks)

    def _materials_named(self, text: str) -> frozenset[str] | None:
        """The materials that a text means: id, symbol or name; None when it means none known."""
        goods = self._rule_set.goods
        named = set(self._reader.read(text).materials)
        plain = text.strip()
        named |= {m.id for m in goods.materials.values() if plain.casefold() == m.id}
        named |= {m.id for m in goods.materials.values() if plain == m.element}
        if not named:
            return frozenset() if plain in ELEMENTS else None
        return frozenset(named.union(*(goods.materials[name].members for name in named)))

    def _content_value_pct(self, entry: ControlEntry, line: Line) -> Decimal | None:
        """None when nothing is stated, or something that cannot be understood."""
        counted = self._rule_set.instruments[entry.instrument].content_materials
        if not counted or line.content is None:
            return None
        share = ZERO
        for part in line.content:
            if part.origin == "CN":
                materials = self._content_materials(part.material)
                if materials is None:
                    return None
                share += part.value_pct if materials & counted else ZERO
        return share
