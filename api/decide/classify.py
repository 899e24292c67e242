"""Which control entries a line meets: listed, possible (data missing) or excluded.

Recognition asks whether the goods are the *product* an entry describes; thresholds then decide.
Everything here is independent of the date: which of these entries are in force is asked afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import re2

from api.decide.bearing import NO_BEARING, Bearing, Bearings, trade_names
from api.decide.codes import FULL_CODE, Codes
from api.decide.contents import as_declared
from api.decide.contradiction import code_contradiction, said_purity
from api.decide.description import Naming, Reader
from api.decide.forms import Forms
from api.decide.goods import (
    HUNDRED,
    WORTH_ASKING_PCT,
    ZERO,
    ArticleNamed,
    Clue,
    GoodsView,
    Verdict,
    assess,
)
from api.decide.naming import words_key
from api.decide.recognise import Recogniser
from api.decide.recognition import Recognition
from api.rulebook.conditions import tests_of
from api.rulebook.model import ControlEntry, RuleSet
from api.rulebook.vocabulary import ELEMENTS
from api.shipment import Line

Match = Literal["listed", "possible", "excluded"]

# Beside the name of finished goods, these forms tell material for such goods: "LED wafers".
_MATERIAL_FORMS = frozenset(
    {"ore", "metal", "powder", "alloy", "oxide", "wafer", "target", "scrap"}
)
_DECLARED_AS_MATERIAL = _MATERIAL_FORMS - {"metal", "alloy"} | {"magnet"}
_FINISHED_CHAPTERS = tuple(str(chapter) for chapter in range(84, 98))


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
        self._attachments = tuple(re2.compile(pattern) for pattern in goods.attachments)
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
            line.hs_code is None and self._is_vague(line.description or ""),
            self._bearings.of(
                goods,
                [c.entry.material for c in found],
                {c.entry.material for c in found if c.match != "excluded"},
                [
                    entry.material
                    for entry in self._entries
                    if entry.qualification is None and self._recogniser.made_of(entry, goods).holds
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
            self._article(naming, line),
            composition,
            max(ZERO, HUNDRED - stated),
        )

    def _article(self, naming: Naming, line: Line) -> ArticleNamed | None:
        """The finished goods that the description names, unless it speaks of material as well."""
        told = naming.told_forms | naming.told_by_model
        if not told.isdisjoint(_MATERIAL_FORMS) or line.form in _DECLARED_AS_MATERIAL:
            return None
        if line.purity_pct is not None:
            return None
        code = line.hs_code or ""
        full = len(code) == FULL_CODE and not self._codes.prints(code)
        named = [
            ArticleNamed(name, full and code.startswith(article.codes), article.throughout)
            for article in self._rule_set.goods.articles
            if (name := naming.meant_of(article.names)) is not None
        ]
        if full and code.startswith(_FINISHED_CHAPTERS) and not any(a.coded for a in named):
            named += self._whole_of_parts(line.description or "")
        return max(named, key=lambda article: article.coded, default=None)

    def _whole_of_parts(self, description: str) -> list[ArticleNamed]:
        """The goods that magnets are a part of: "door seal with magnets"."""
        whole = description
        for pattern in self._attachments:
            whole = pattern.sub("", whole)
        if whole == description or self._is_vague(whole):
            return []
        rest = self._reader.read(whole)
        speaks_of_more = "magnet" in rest.forms or rest.materials
        return [] if speaks_of_more else [ArticleNamed(whole.strip(), True, None, by_part=True)]

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
        decided = assess(entry.meets, goods, self._recogniser.pure_of(entry))
        borderline = recognised.borderline
        if entry.form == "magnet" and entry.contains:
            content = as_declared(entry, self._recogniser.contains(entry, goods), goods.line)
            borderline = borderline or content.borderline
            decided = _weakest([decided, Verdict(content.holds, content.clues, content.asks)])
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
        if any(c.entry is entry for c in found) or goods.forms.fit(entry.forms) is False:
            return None
        article = goods.article
        if article is not None and article.coded and entry.material in (article.throughout or ()):
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

    def _is_vague(self, description: str) -> bool:
        """Whether nothing but words such as "goods" is left of the description."""
        rest = f" {description.casefold()} "
        for word in sorted(self._rule_set.goods.vague, key=len, reverse=True):
            rest = rest.replace(word.casefold(), " ")
        return not any(c.isalpha() for c in rest)


def _weakest(verdicts: list[Verdict]) -> Verdict:
    """AND of verdicts, for tests of different kinds."""
    for outcome in (False, None):
        found = [v for v in verdicts if v.holds is outcome]
        if found:
            return Verdict(
                outcome,
                tuple(clue for v in found for clue in v.clues),
                tuple(ask for v in found for ask in v.asks),
            )
    return Verdict(True, tuple(clue for v in verdicts for clue in v.clues))
