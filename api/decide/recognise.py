"""Are the goods the product that a control entry describes?

By the declared control code, the customs code, composition and form, and the description. Customs
codes that other goods share, and codes of 6 or 8 digits, only raise the question. What a code or
the composition accuses, neither a shape nor a form that is only declared takes back.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from api.decide.codes import FULL_CODE, SUBHEADING, Codes, asking, identifying
from api.decide.contents import contains
from api.decide.goods import ZERO, Clue, GoodsView, assess
from api.decide.recognition import UNKNOWN, Recognition
from api.rulebook.model import ControlEntry, RuleSet

# Forms in which a stated purity is the content of the material itself (not of its compound).
_ELEMENTAL_FORMS = frozenset({"metal", "powder", "alloy", "wafer", "target", "scrap"})
_ELEMENTAL_PCT = Decimal(95)
# Entries for a shape rather than a substance: another shape is another product.
_SHAPED = frozenset({"powder", "target"})


class Recogniser:
    """Recognises the products of one rule set's entries."""

    def __init__(self, rule_set: RuleSet, codes: Codes) -> None:
        self._rule_set = rule_set
        self._codes = codes
        entries = rule_set.entries.values()
        self._of_magnets = frozenset(e.material for e in entries if e.form == "magnet")

    def recognise(self, entry: ControlEntry, goods: GoodsView) -> Recognition | None:
        """None when nothing at all speaks for the entry."""
        certain = tuple(identifying(entry, goods.line))
        if certain:
            return Recognition(True, certain)
        asked = [*asking(entry, goods.line), *_titled(entry, goods)]
        named = self._named(entry, goods)
        plain = named is None or not entry.names
        if entry.form == "technology" and plain and not asked and not goods.forms.has(entry.form):
            return None
        made, content = self.made_of(entry, goods), self.contains(entry, goods)
        shown = bool(made.holds or (goods.states_composition and content.holds))
        if not asked and _is_finished(entry, goods, shown):
            return _finished(entry, goods, bool(named or shown))
        form_fits = self._form_fits(entry, goods, named, made, asked)
        if entry.form == "magnet" and self._has_magnets(entry, goods, content):
            asked.append(Clue("magnet"))
        # Of two names the one counts; and what it is made of more than what it is called.
        ruled_out = None if shown or named else goods.naming.first_of(entry.not_names)
        if named is None and not ruled_out:
            asked += self._loosely_named(entry, goods)
        if form_fits is not False and ruled_out is None:
            if named is not None and goods.article is not None and not shown and not asked:
                return Recognition(None, (Clue("named", value=named),), ("hs_code",))
            if named is not None and (form_fits or entry.names):
                return _named_product(entry, named, made)
            if made.holds and (form_fits or asked or _alloyed(entry, goods)):
                return Recognition(True, (Clue("composition"), *made.clues))
            if asked and made.holds is None and content.holds:
                return Recognition(True, (*asked, Clue("composition")))
        if made.borderline and form_fits is not False:
            return Recognition(None, made.clues, (), borderline=True)
        form = Clue("form", value=goods.forms.shown, bound=entry.form)
        if form_fits is False and (named is not None or made.holds):
            return Recognition(False, (form,))
        # A code that identifies another product leaves nothing to ask about an unnamed form.
        hinted = (named is not None or made.holds) and (
            form_fits or not self._codes.identify(goods.line)
        )
        if not asked and not hinted:
            return None
        if ruled_out is not None:
            return Recognition(False, (Clue("named_other", value=ruled_out),))
        if form_fits is False:
            return Recognition(False, (form,))
        if made.holds is False:
            return Recognition(False, made.clues)
        other = self._named_other(entry, goods)
        if other is not None and not shown:
            return Recognition(False, (Clue("named_other", value=other),))
        if not asked and named is not None:
            asked = [Clue("named", value=named)]
        clues = (*asked, *(made.clues if made.holds else ()))
        return Recognition(None, clues, self._asks(entry, goods, made))

    def form_excludes(self, entry: ControlEntry, goods: GoodsView) -> bool:
        """Whether the form rules the product out, though the composition may be its."""
        telling = entry.form in _SHAPED or goods.forms.strong
        return telling and goods.forms.fit(entry.forms) is False

    def made_of(self, entry: ControlEntry, goods: GoodsView) -> Recognition:
        """Whether the composition by itself shows the product."""
        if entry.made_of is not None:
            verdict = assess(entry.made_of, goods, self.pure_of(entry))
            # A purity says how pure, not of what: it can rule a product out, never in.
            shown = verdict.holds is not True or goods.states_composition
            return Recognition(verdict.holds if shown else None, verdict.clues, verdict.asks)
        if entry.contains and entry.form != "magnet" and goods.states_composition:
            return self.contains(entry, goods)
        return UNKNOWN

    def contains(self, entry: ControlEntry, goods: GoodsView) -> Recognition:
        """Whether the goods contain what makes the item, by the instrument's two limits."""
        return contains(entry, goods, self._rule_set.instruments[entry.instrument].containing)

    def pure_of(self, entry: ControlEntry) -> str | None:
        """The element whose content a bare purity states."""
        if entry.form not in _ELEMENTAL_FORMS:
            return None
        return self._rule_set.goods.materials[entry.material].element

    def _named(self, entry: ControlEntry, goods: GoodsView) -> str | None:
        """The word by which the description (or a known customs code) names the product."""
        if entry.names:
            return goods.naming.product_of(entry.names)
        parts_of = goods.naming.parts_of.get(entry.material)
        forms = goods.naming.kinds.union(parts_of or (), (goods.forms.declared,))
        if parts_of and forms.isdisjoint(entry.forms):
            return None  # "tellurium dioxide powder" names no tellurium powder
        shares = goods.naming.shares.get(entry.material)
        if shares and entry.made_of is not None:
            written = replace(goods, composition=shares, open_pct=ZERO)
            if assess(entry.made_of, written).holds is False:
                return None  # "Sn96.5Ag3Cu0.5" names no silver
        return goods.materials.get(entry.material)

    def _form_fits(
        self,
        entry: ControlEntry,
        goods: GoodsView,
        named: str | None,
        made: Recognition,
        asked: list[Clue],
    ) -> bool | None:
        forms = goods.forms
        fits = forms.fit(entry.forms)
        if entry.form in _SHAPED and forms.solid and not forms.has(entry.form):
            fits = False  # "molybdenum alloy wire" is no powder, whatever its substance
        if fits is False:
            product = bool(entry.names) and named is not None
            if product and forms.careless:
                return True
            if (
                asked
                or (product and not forms.built)
                or (made.holds and entry.form not in _SHAPED and not forms.strong)
                or (entry.form == "metal" and self._is_elemental(entry, goods))
                or (named is not None and forms.doubtful)
                # Magnets beside a material of which none are made are other goods of the line.
                or (
                    named is not None
                    and forms.only("magnet")
                    and entry.material not in self._of_magnets
                )
                # An alloy is the metal of which it holds most: only its composition tells.
                or _alloyed(entry, goods)
            ):
                fits = None
        if fits is None and any((goods.line.hs_code or "").startswith(c) for c in entry.asks_on):
            return True
        return fits

    def _is_elemental(self, entry: ControlEntry, goods: GoodsView) -> bool:
        """Whether the composition holds more of the element than any compound of it can."""
        element = self._rule_set.goods.materials[entry.material].element or ""
        return goods.composition.get(element, ZERO) >= _ELEMENTAL_PCT

    def _has_magnets(self, entry: ControlEntry, goods: GoodsView, content: Recognition) -> bool:
        """Magnets by themselves, or an assembly that speaks of them."""
        forms = goods.forms
        if forms.has("assembly") and not forms.has("magnet"):
            return content.holds is True
        asked = any((goods.line.hs_code or "").startswith(code) for code in entry.asks_on)
        if "magnet" not in forms.said and goods.naming.first_of(self._rule_set.goods.lookalikes):
            return asked
        return forms.has("magnet") or (forms.fit(entry.forms) is None and asked)

    def _loosely_named(self, entry: ControlEntry, goods: GoodsView) -> list[Clue]:
        """Names of the material or its family beside a word for the form: "ore of antimony"."""
        spoken = goods.forms.has(entry.form) or goods.forms.silent
        named = goods.naming.materials
        if entry.form == "technology" and goods.forms.has(entry.form):
            members = self._rule_set.goods.materials[entry.material].members
            return [Clue("named", value=named[m]) for m in named if m in {entry.material, *members}]
        if entry.form in ("magnet", "technology", "equipment") or not spoken:
            return []
        if entry.material in named:
            broad = entry.form == "compound"  # names single compounds out of very many
            return [] if broad or not entry.names else [Clue("named", value=named[entry.material])]
        family = [word for word in named if self._stands_for(word, entry.material)]
        return [Clue("named", value=named[word]) for word in family]

    def _named_other(self, entry: ControlEntry, goods: GoodsView) -> str | None:
        """Another material that the line names where a code leaves open which it is."""
        named = goods.naming.materials
        if entry.form in ("magnet", "equipment", "technology"):
            return None
        if any(self._stands_for(material, entry.material) for material in named):
            return None
        if self._codes.leave_no_other(entry, goods.line):
            return None
        words = (word for word in named.values() if word in goods.naming.names)
        return next(words, None)

    def _stands_for(self, word: str, material: str) -> bool:
        """Whether the word for a material may mean this one: "rare earth" may mean samarium."""
        known = self._rule_set.goods.materials
        return word == material or (word in known and material in known[word].members)

    def _asks(self, entry: ControlEntry, goods: GoodsView, made: Recognition) -> tuple[str, ...]:
        """What the exporter can say to settle whether the goods are this product."""
        code = goods.line.hs_code
        if entry.form == "magnet" and goods.line.form is None and goods.forms.has("assembly"):
            return ("form",)
        if made.asks:
            short = code is not None and SUBHEADING < len(code) < FULL_CODE
            return ("hs_code", *made.asks) if short else made.asks
        silent = goods.line.form in (None, "other") or made.holds
        if silent and goods.forms.fit(entry.forms) is not True and entry.names == ():
            return ("form",)
        if code is not None and len(code) < FULL_CODE:
            return ("hs_code",)
        return ("composition",) if not goods.states_composition else ("description",)


def _is_finished(entry: ControlEntry, goods: GoodsView, shown: bool) -> bool:
    """Whether words and customs code agree on finished goods, and no composition on more."""
    article = goods.article
    if article is None or not article.coded or entry.form in ("equipment", "technology"):
        return False
    if entry.form == "magnet":
        return True
    if article.throughout is None:
        return not shown and not article.by_part
    # A tool is no carbide any more; solid metal is metal in whatever shape, by its thresholds.
    consists = entry.form in ("oxide", "compound") or entry.qualification is not None
    return entry.material in article.throughout and (consists or not shown)


def _finished(entry: ControlEntry, goods: GoodsView, spoken_of: bool) -> Recognition | None:
    if not spoken_of and not (entry.form == "magnet" and goods.forms.has("magnet")):
        return None
    return Recognition(False, (Clue("article", value=goods.article.name if goods.article else ""),))


def _titled(entry: ControlEntry, goods: GoodsView) -> list[Clue]:
    """The entry's own wording in the description: it asks, its parameters are not known."""
    title = goods.naming.first_of(entry.title.values())
    return [] if title is None else [Clue("named", value=title)]


def _named_product(entry: ControlEntry, named: str, made: Recognition) -> Recognition:
    clue = Clue("named", value=named)
    if made.holds is False and not entry.names:
        # "Antimony ingots" with 5 % antimony: a person must see which of the two is wrong.
        return Recognition(None, (clue, *made.clues), (), borderline=True)
    return Recognition(True, (clue,))


def _alloyed(entry: ControlEntry, goods: GoodsView) -> bool:
    return entry.form == "metal" and entry.made_of is not None and goods.forms.has("alloy")
