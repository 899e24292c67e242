"""Which control entries a line meets: listed, possible (data missing) or excluded.

Recognition asks whether the goods are the *product* an entry describes, from the declared control
code, the customs code, composition and form, and the description. Thresholds then decide. Customs
codes that other goods share, and codes of 6 or 8 digits, only raise the question. Everything here
is independent of the date: which of these entries are in force is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from api.decide.bearing import NO_BEARING, Bearing, Bearings, trade_names
from api.decide.goods import HUNDRED, ZERO, Clue, Forms, GoodsView, Range, Verdict, assess
from api.decide.naming import Names, read_description, words_key
from api.rulebook.conditions import tests_of
from api.rulebook.model import Containing, ControlEntry, RuleSet, code_key
from api.rulebook.vocabulary import ELEMENTS
from api.shipment import Line

Match = Literal["listed", "possible", "excluded"]

# Forms in which a stated purity is the content of the material itself (not of its compound).
_WORTH_ASKING_PCT = Decimal(1)
_ELEMENTAL_FORMS = frozenset({"metal", "powder", "alloy", "wafer", "target", "scrap"})


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


@dataclass(frozen=True)
class _Recognition:
    """Whether the goods are an entry's product, and what said so."""

    holds: bool | None
    clues: tuple[Clue, ...]
    asks: tuple[str, ...] = ()
    borderline: bool = False


class Classifier:
    """Holds lines against the entries of one rule-set version. Pure; safe to share."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._rule_set = rule_set
        self._entries = tuple(rule_set.entries.values())
        self._product_codes = tuple(
            code for entry in self._entries if entry.qualification is None for code in entry.codes
        )
        goods = rule_set.goods
        self._names = Names(
            (
                *(name for entry in self._entries for name in (*entry.names, *entry.not_names)),
                *(title for entry in self._entries for title in entry.title.values()),
                *(name for material in goods.materials.values() for name in material.names),
                *(word for words in goods.form_words.values() for word in words),
                *(word for code in goods.customs_codes.values() for word in code.denied_by),
                *goods.vague,
                *trade_names(rule_set.trade),
            ),
            goods,
        )
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
            self._code_contradiction(goods),
            _said_purity(goods),
            line.hs_code is None and self._is_vague(line.description or ""),
            self._bearings.of(
                goods,
                [c.entry.material for c in found],
                [
                    entry.material
                    for entry in self._entries
                    if entry.qualification is None and self._made_of(entry, goods).holds
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
        naming = read_description(line.description, catalogue, self._names)
        materials = dict(naming.materials)
        code = catalogue.customs_codes.get(line.hs_code or "")
        if code is not None and code.material is not None:
            materials.setdefault(code.material, code.hs)
        said = naming.forms | ({"powder"} if line.particle_size_um is not None else frozenset())
        forms = Forms(
            declared=line.form if line.form != "other" else None,
            said=said,
            meant=naming.meant_forms,
            coded=catalogue.form_by_code(line.hs_code),
        )
        composition = {c.element: c.mass_pct for c in line.composition or ()}
        stated = sum(composition.values(), ZERO)
        return GoodsView(line, naming, forms, materials, composition, max(ZERO, HUNDRED - stated))

    def _against(self, entry: ControlEntry, goods: GoodsView) -> Classification | None:
        recognised = self._recognise(entry, goods)
        if recognised is None:
            return None
        found = self._judged(entry, goods, recognised)
        share = self._content_value_pct(entry, goods.line)
        return found if share is None else replace(found, content_value_pct=share)

    def _judged(
        self, entry: ControlEntry, goods: GoodsView, recognised: _Recognition
    ) -> Classification:
        """The thresholds of an entry whose product the goods are or may be."""
        if recognised.holds is False:
            return Classification(entry, "excluded", recognised.clues)
        decided = assess(entry.meets, goods, self._pure_of(entry))
        borderline = recognised.borderline
        if entry.form == "magnet" and entry.contains:
            content = self._contains(entry, goods)
            if _declares(entry, goods.line) and not content.borderline:
                content = _as_declared(content, goods.line)
            borderline = borderline or content.borderline
            decided = _weakest([decided, Verdict(content.holds, content.clues, content.asks)])
        clues = (*recognised.clues, *decided.clues)
        if decided.holds is False:
            return Classification(entry, "excluded", clues)
        if decided.holds and recognised.holds:
            return Classification(entry, "listed", clues)
        asks = tuple(dict.fromkeys((*decided.asks, *recognised.asks)))
        return Classification(entry, "possible", clues, asks, borderline)

    def _pure_of(self, entry: ControlEntry) -> str | None:
        if entry.form not in _ELEMENTAL_FORMS:
            return None
        return self._rule_set.goods.materials[entry.material].element

    def _recognise(self, entry: ControlEntry, goods: GoodsView) -> _Recognition | None:
        """None when nothing at all speaks for the entry."""
        certain, asked = list(_by_codes(entry, goods.line)), list(_asking_codes(entry, goods.line))
        if certain:
            return _Recognition(True, tuple(certain))
        asked += self._titled(entry, goods)
        form_fits = self._form_fits(entry, goods)
        made, content = self._made_of(entry, goods), self._contains(entry, goods)
        if entry.form == "magnet" and self._has_magnets(entry, goods):
            asked.append(Clue("magnet"))
        shown = made.holds or (goods.states_composition and content.holds)
        named = self._named(entry, goods)
        # Of two names the one counts; and what it is made of more than what it is called.
        ruled_out = None if shown or named else goods.naming.first_of(entry.not_names)
        if named is None and not ruled_out:
            asked += self._loosely_named(entry, goods)
        if form_fits is not False and ruled_out is None:
            if named is not None and (form_fits or entry.names):
                return _Recognition(True, (Clue("named", value=named),))
            if made.holds and (form_fits or asked or self._alloyed(entry, goods)):
                return _Recognition(True, (Clue("composition"), *made.clues))
            if asked and made.holds is None and content.holds:
                return _Recognition(True, (*asked, Clue("composition")))
        if made.borderline and form_fits is not False:
            return _Recognition(None, made.clues, (), borderline=True)
        form = Clue("form", value=goods.forms.shown, bound=entry.form)
        if form_fits is False and (named is not None or made.holds):
            return _Recognition(False, (form,))
        # A code that identifies another product leaves nothing to ask about an unnamed form.
        hinted = (named is not None or made.holds) and (form_fits or not self._coded(goods.line))
        if not asked and not hinted:
            return None
        if ruled_out is not None:
            return _Recognition(False, (Clue("named_other", value=ruled_out),))
        if form_fits is False:
            return _Recognition(False, (form,))
        if made.holds is False:
            return _Recognition(False, made.clues)
        others = [m for m in goods.naming.materials if not self._stands_for(m, entry.material)]
        if others and entry.material not in goods.naming.materials and entry.form != "magnet":
            # A code shared with other materials asks which; the line has said it.
            return _Recognition(
                False, (Clue("named_other", value=goods.naming.materials[others[0]]),)
            )
        if not asked and named is not None:
            asked = [Clue("named", value=named)]
        return _Recognition(None, tuple(asked), self._recognition_asks(entry, goods, made))

    def _form_fits(self, entry: ControlEntry, goods: GoodsView) -> bool | None:
        fits = goods.forms.fit(entry.forms)
        product = bool(entry.names) and self._named(entry, goods) is not None
        if fits is False and product and goods.forms.careless:
            return True
        if fits is None and any((goods.line.hs_code or "").startswith(c) for c in entry.asks_on):
            return True
        # An alloy is the metal of which it holds most: only its composition tells.
        return None if fits is False and self._alloyed(entry, goods) else fits

    def _alloyed(self, entry: ControlEntry, goods: GoodsView) -> bool:
        return entry.form == "metal" and entry.made_of is not None and goods.forms.has("alloy")

    def _titled(self, entry: ControlEntry, goods: GoodsView) -> list[Clue]:
        """The entry's own wording in the description: it asks, its parameters are not known."""
        title = goods.naming.first_of(entry.title.values())
        return [] if title is None else [Clue("named", value=title)]

    def _identified(self, goods: GoodsView, found: list[Classification]) -> bool:
        """Whether it is settled what the goods are, apart from thresholds."""
        return (
            any(c.match != "excluded" and c.entry.qualification is None for c in found)
            or self._coded(goods.line)
            or any(goods.naming.first_of(entry.names) for entry in self._entries)
        )

    def _perhaps(
        self, entry: ControlEntry, goods: GoodsView, found: list[Classification]
    ) -> Classification | None:
        """Possible where what is stated of the composition speaks for it and the rest is open."""
        if entry.made_of is None or goods.open_pct < _WORTH_ASKING_PCT:
            return None
        if any(c.entry is entry for c in found) or goods.forms.fit(entry.forms) is False:
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
        named = set(read_description(text, goods, self._names).materials)
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

    def _stands_for(self, word: str, material: str) -> bool:
        """Whether the word for a material may mean this one: "rare earth" may mean samarium."""
        known = self._rule_set.goods.materials
        return word == material or (word in known and material in known[word].members)

    def _loosely_named(self, entry: ControlEntry, goods: GoodsView) -> list[Clue]:
        """Names of the material or its family beside a word for the form: "ore of antimony"."""
        spoken = entry.form in goods.naming.forms or goods.forms.silent
        if entry.form in ("magnet", "technology", "equipment") or not spoken:
            return []
        named = goods.naming.materials
        if entry.material in named:
            broad = entry.form == "compound"  # names single compounds out of very many
            return [] if broad or not entry.names else [Clue("named", value=named[entry.material])]
        family = [word for word in named if self._stands_for(word, entry.material)]
        return [Clue("named", value=named[word]) for word in family]

    def _coded(self, line: Line) -> bool:
        """Whether the customs code by itself identifies a listed product."""
        return line.hs_code is not None and line.hs_code.startswith(self._product_codes)

    def _has_magnets(self, entry: ControlEntry, goods: GoodsView) -> bool:
        """Magnets by themselves, or an assembly that speaks of them."""
        forms = goods.forms
        if forms.has("assembly") and not forms.has("magnet"):
            return self._contains(entry, goods).holds is True
        asked = any((goods.line.hs_code or "").startswith(code) for code in entry.asks_on)
        return forms.has("magnet") or (forms.fit(entry.forms) is None and asked)

    def _named(self, entry: ControlEntry, goods: GoodsView) -> str | None:
        """The word by which the description (or a known customs code) names the product."""
        if entry.names:
            return goods.naming.first_of(entry.names)
        return goods.materials.get(entry.material)

    def _made_of(self, entry: ControlEntry, goods: GoodsView) -> _Recognition:
        """Whether the composition by itself shows the product."""
        if entry.made_of is not None:
            verdict = assess(entry.made_of, goods, self._pure_of(entry))
            # A purity says how pure, not of what: it can rule a product out, never in.
            shown = verdict.holds is not True or goods.states_composition
            return _Recognition(verdict.holds if shown else None, verdict.clues, verdict.asks)
        if entry.contains and entry.form != "magnet" and goods.states_composition:
            return self._contains(entry, goods)
        return _Recognition(None, ())

    def _contains(self, entry: ControlEntry, goods: GoodsView) -> _Recognition:
        """The content that makes the item, by the instrument's two limits."""
        limits = self._rule_set.instruments[entry.instrument].containing
        if not entry.contains or limits is None:
            return _Recognition(None, ())
        named = entry.material in goods.naming.materials
        verdicts = [
            _content(element, goods.content(element, None), limits, named)
            for element in entry.contains
        ]
        for outcome in (True, None, False):
            found = [v for v in verdicts if v.holds is outcome]
            if found:
                return _Recognition(
                    outcome,
                    tuple(clue for v in found for clue in v.clues),
                    tuple(ask for v in found for ask in v.asks),
                    borderline=any(v.borderline for v in found),
                )
        return _Recognition(None, ())

    def _recognition_asks(
        self, entry: ControlEntry, goods: GoodsView, made: _Recognition
    ) -> tuple[str, ...]:
        """What the exporter can say to settle whether the goods are this product."""
        if made.asks:
            return made.asks
        code = goods.line.hs_code
        if goods.forms.fit(entry.forms) is None and entry.names == ():
            return ("form",)
        if code is not None and len(code) < 10:
            return ("hs_code",)
        return ("composition",) if not goods.states_composition else ("description",)

    def _code_contradiction(self, goods: GoodsView) -> tuple[Clue, ...] | None:
        """What the customs code means and the line denies, e.g. 99.5 % under a code for 99.99 %."""
        code = self._rule_set.goods.customs_codes.get(goods.line.hs_code or "")
        if code is None:
            return None
        verdict = assess(code.means, goods)
        if verdict.holds is False:
            return verdict.clues
        other = goods.naming.first_of(code.denied_by)
        return None if other is None else (Clue("named_other", value=other),)


def _as_declared(content: _Recognition, line: Line) -> _Recognition:
    """The exporter declares the entry's code: so it contains the element, or is not settled."""
    if content.holds is not False:
        return _Recognition(True, content.clues if content.holds else ())
    clue = Clue("declared_code", value=line.declared_code or "")
    return _Recognition(None, (clue, *content.clues), (), borderline=True)


def _said_purity(goods: GoodsView) -> Decimal | None:
    """The purity in the description, if the declared one, rounded alike, lies below it."""
    said, declared = goods.naming.purity_pct, goods.line.purity_pct
    if said is None or declared is None or not goods.naming.materials:
        return None
    return said if round(declared, -int(said.as_tuple().exponent)) < said else None


def _by_codes(entry: ControlEntry, line: Line) -> Iterator[Clue]:
    """Codes that identify the product by themselves."""
    if _declares(entry, line):
        yield Clue("declared_code", value=line.declared_code or "")
    code = line.hs_code or ""
    if code.startswith(entry.codes) and not code.startswith(entry.except_codes):
        yield Clue("customs_code", value=code)


def _declares(entry: ControlEntry, line: Line) -> bool:
    """Whether the exporter declares the entry's own code, or a finer one."""
    declared, own = code_key(line.declared_code), code_key(entry.code)
    return bool(declared and own and declared.startswith(own))


def _asking_codes(entry: ControlEntry, line: Line) -> Iterator[Clue]:
    """Codes that only raise the question: shared, or shorter than the printed one."""
    declared, own = code_key(line.declared_code), code_key(entry.code)
    if declared and own.startswith(declared) and own != declared:
        yield Clue("declared_family", value=line.declared_code or "")
    code = line.hs_code
    if code is None:
        return
    printed = (*entry.codes, *entry.shared_codes, *entry.asks_on)
    # 2825800000 is 282580 filled up with zeros, unless it is a code of its own.
    stem = code if code in printed else code[:6] + code[6:].rstrip("0")
    if any(p.startswith(stem) and len(p) > len(stem) and p != code for p in printed):
        yield Clue("short_code", value=code)
    elif any(code.startswith(p) for p in (*entry.shared_codes, *entry.asks_on)):
        yield Clue("shared_code", value=code)


def _content(element: str, actual: Range, limits: Containing, named: bool) -> _Recognition:
    field = f"composition.{element}"
    counts, ignored = limits.counts_from_pct, limits.ignored_up_to_pct
    shown = _shown(actual)
    if actual.low >= counts:
        return _Recognition(True, (Clue("at_least_met", field, shown, str(counts)),))
    if actual.high <= ignored and named:
        denied = Clue("denied", field, element)
        return _Recognition(None, (denied,), (), borderline=True)
    if actual.high <= ignored:
        return _Recognition(False, (Clue("at_most_met", field, shown, str(ignored)),))
    if actual.low == actual.high:
        clue = Clue("borderline", field, shown, f"{ignored}/{counts}")
        return _Recognition(None, (clue,), (), borderline=True)
    if named:
        return _Recognition(True, (Clue("named", field, element),))
    return _Recognition(None, (Clue("unknown", field),), (field,))


def _shown(actual: Range) -> str:
    return str(actual.low) if actual.low == actual.high else f"≤ {actual.high}"


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
