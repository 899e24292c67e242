"""Which control entries a line meets: listed, possible (data missing) or excluded.

Recognition asks whether the goods are the *product* an entry describes, from the declared control
code, the customs code, composition and form, and the description. Thresholds then decide. Customs
codes that other goods share, and codes of 6 or 8 digits, only raise the question. Everything here
is independent of the date: which of these entries are in force is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from api.decide.goods import HUNDRED, ZERO, Clue, GoodsView, Range, Verdict, assess
from api.decide.naming import Names, read_description
from api.rulebook.model import Containing, ControlEntry, RuleSet
from api.shipment import Line

Match = Literal["listed", "possible", "excluded"]

# Forms in which a stated purity is the content of the material itself (not of its compound).
_ELEMENTAL_FORMS = frozenset({"metal", "powder", "alloy", "wafer", "target", "scrap"})


@dataclass(frozen=True)
class Classification:
    """One line held against one control entry."""

    entry: ControlEntry
    match: Match
    clues: tuple[Clue, ...]
    asks: tuple[str, ...] = ()
    borderline: bool = False


@dataclass(frozen=True)
class LineClassification:
    """A line held against every entry that came into question."""

    entries: tuple[Classification, ...]
    code_contradiction: tuple[Clue, ...] | None = None


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
                *(name for material in goods.materials.values() for name in material.names),
                *(word for words in goods.form_words.values() for word in words),
            ),
            goods.negation,
        )

    def classify(self, line: Line) -> LineClassification:
        """Every entry the line meets, may meet, or fails to meet by a threshold or its form."""
        goods = self._view(line)
        found = [c for entry in self._entries if (c := self._against(entry, goods)) is not None]
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
        )

    def _view(self, line: Line) -> GoodsView:
        catalogue = self._rule_set.goods
        naming = read_description(line.description, catalogue, self._names)
        materials = dict(naming.materials)
        if line.form in (None, "other"):
            forms = naming.forms
        elif line.form == "assembly":
            forms = frozenset({"assembly"})
        else:  # powder is a shape as much as a kind: a "metal" may be powder by its description
            forms = frozenset({line.form}) | (naming.forms & {"powder"})
        code = catalogue.customs_codes.get(line.hs_code or "")
        if code is not None and code.material is not None:
            materials.setdefault(code.material, code.hs)
        if code is not None and code.form is not None and not forms:
            forms = frozenset({code.form})
        composition = {c.element: c.mass_pct for c in line.composition or ()}
        stated = sum(composition.values(), ZERO)
        return GoodsView(line, naming, forms, materials, composition, max(ZERO, HUNDRED - stated))

    def _against(self, entry: ControlEntry, goods: GoodsView) -> Classification | None:
        recognised = self._recognise(entry, goods)
        if recognised is None:
            return None
        if recognised.holds is False:
            return Classification(entry, "excluded", recognised.clues)
        decided = assess(entry.meets, goods, self._pure_of(entry))
        borderline = recognised.borderline
        if entry.form == "magnet" and entry.contains:
            content = self._contains(entry, goods)
            if content.holds is None and not content.borderline and _declares(entry, goods.line):
                content = _Recognition(True, ())  # the exporter says that it contains it
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
        forms = goods.forms
        if not forms and any((goods.line.hs_code or "").startswith(c) for c in entry.asks_on):
            forms = frozenset({entry.form})
        form_fits = bool(forms & entry.forms) if forms else None
        if entry.form == "magnet" and self._has_magnets(entry, goods, forms):
            asked.append(Clue("magnet"))
        ruled_out = goods.naming.first_of(entry.not_names)
        named = None if ruled_out else self._named(entry, goods, form_fits)
        made = self._made_of(entry, goods)
        if form_fits is not False and ruled_out is None:
            if named is not None and (form_fits or entry.names):
                return _Recognition(True, (Clue("named", value=named),))
            if made.holds and (form_fits or asked):
                return _Recognition(True, (Clue("composition"), *made.clues))
            if asked and made.holds is None and self._contains(entry, goods).holds:
                return _Recognition(True, (*asked, Clue("composition")))
        if made.borderline and form_fits is not False:
            return _Recognition(None, made.clues, (), borderline=True)
        if form_fits is False and (named is not None or made.holds):
            form = Clue("form", value=next(iter(sorted(forms))), bound=entry.form)
            return _Recognition(False, (form,))
        # A code that identifies another product leaves nothing to ask about an unnamed form.
        hinted = (named is not None or made.holds) and (form_fits or not self._coded(goods.line))
        if not asked and not hinted:
            return None
        if ruled_out is not None:
            return _Recognition(False, (Clue("named_other", value=ruled_out),))
        if form_fits is False:
            form = Clue("form", value=next(iter(sorted(forms))), bound=entry.form)
            return _Recognition(False, (form,))
        if made.holds is False:
            return _Recognition(False, made.clues)
        others = [m for m in goods.naming.materials if m != entry.material]
        if others and entry.material not in goods.naming.materials and entry.form != "magnet":
            # A code shared with other materials asks which; the line has said it.
            return _Recognition(
                False, (Clue("named_other", value=goods.naming.materials[others[0]]),)
            )
        return _Recognition(None, tuple(asked), self._recognition_asks(entry, goods, made))

    def _coded(self, line: Line) -> bool:
        """Whether the customs code by itself identifies a listed product."""
        return line.hs_code is not None and line.hs_code.startswith(self._product_codes)

    def _has_magnets(self, entry: ControlEntry, goods: GoodsView, forms: frozenset[str]) -> bool:
        """Magnets by themselves, or an assembly that speaks of them."""
        if "assembly" not in forms:
            return "magnet" in forms
        return "magnet" in goods.naming.forms or self._contains(entry, goods).holds is True

    def _named(self, entry: ControlEntry, goods: GoodsView, form_fits: bool | None) -> str | None:
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
        if not goods.forms and goods.line.form is None and entry.names == ():
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
        return verdict.clues if verdict.holds is False else None


def _by_codes(entry: ControlEntry, line: Line) -> Iterator[Clue]:
    """Codes that identify the product by themselves."""
    if _declares(entry, line):
        yield Clue("declared_code", value=line.declared_code or "")
    code = line.hs_code or ""
    if any(code.startswith(printed) for printed in entry.codes):
        yield Clue("customs_code", value=code)


def _declares(entry: ControlEntry, line: Line) -> bool:
    """Whether the exporter declares the entry's own code, or a finer one."""
    declared, own = line.declared_code, entry.code
    return bool(declared and own and (declared == own or declared.startswith(f"{own}.")))


def _asking_codes(entry: ControlEntry, line: Line) -> Iterator[Clue]:
    """Codes that only raise the question: shared, or shorter than the printed one."""
    declared, own = line.declared_code, entry.code
    if declared and own and own.startswith(f"{declared}."):
        yield Clue("declared_family", value=declared)
    code = line.hs_code
    if code is None:
        return
    printed = (*entry.codes, *entry.shared_codes, *entry.asks_on)
    if any(p.startswith(code) and len(p) > len(code) for p in printed):
        yield Clue("short_code", value=code)
    elif any(code.startswith(p) for p in (*entry.shared_codes, *entry.asks_on)):
        yield Clue("shared_code", value=code)


def _content(element: str, actual: Range, limits: Containing, named: bool) -> _Recognition:
    field = f"composition.{element}"
    counts, ignored = limits.counts_from_pct, limits.ignored_up_to_pct
    shown = _shown(actual)
    if actual.low >= counts:
        return _Recognition(True, (Clue("at_least_met", field, shown, str(counts)),))
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
