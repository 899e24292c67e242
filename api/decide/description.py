"""What a description names: materials, forms, products of single entries, codes and purities."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal

from api.decide.forms import KINDS
from api.decide.formulas import Formula, by_elements, formulas_in, purities_in, symbols_in
from api.decide.naming import Found, Names, normalise
from api.rulebook.goods import Goods

_DEVICES = ("assembly", "equipment")
_COMPOUNDS = ("oxide", "compound")
_OF = ("", " of ", " de ", " d ")
_CONTROL_CODE = re.compile(r"(?<![A-Za-z0-9])\d[A-E]\d{3}(?:\.[A-Za-z0-9]{1,3})*(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Naming:
    """What one description names.

    `forms` are all it speaks of; `meant_forms` only those that are neither part of a purpose nor
    of another word: "antimony for oxide production" is no oxide, a "rotor magnet" no rotor;
    `told_forms` of these only what is more than a shape. `codes` are control codes in the text,
    `purity_pct` the highest purity it claims. `accusing` are products that the model beside
    names, `told_by_model` the forms that it tells.
    """

    names: frozenset[str]
    materials: Mapping[str, str]
    forms: frozenset[str]
    meant_forms: frozenset[str]
    told_forms: frozenset[str]
    parts_of: Mapping[str, frozenset[str]]
    """By material, the forms of the products and compounds within whose names alone it is named."""
    shares: Mapping[str, Mapping[str, Decimal]]
    """By material, the percents of the one formula by which alone it is named."""
    meant_names: frozenset[str] = frozenset()
    accusing: frozenset[str] = frozenset()
    told_by_model: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    purity_pct: Decimal | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of substance that it speaks of."""
        return self.told_forms & KINDS

    def first_of(self, names: Iterable[str]) -> str | None:
        """The first of the names that the description names, else None."""
        return next((name for name in names if name in self.names), None)

    def product_of(self, names: Iterable[str]) -> str | None:
        """The first of the names that the description or the model names, else None."""
        return next((n for n in names if n in self.names or n in self.accusing), None)

    def meant_of(self, names: Iterable[str]) -> str | None:
        """The first of the names that the description names as the goods, not as a purpose."""
        return next((name for name in names if name in self.meant_names), None)


class Reader:
    """Reads descriptions under one rule set's knowledge of goods and names of products."""

    def __init__(
        self, goods: Goods, products: Mapping[str, frozenset[str]], others: Iterable[str]
    ) -> None:
        """`products`: names of single entries' goods with their forms; `others`: further names."""
        self._goods = goods
        self._products = products
        self._material_words: dict[str, tuple[str, ...]] = {}
        for material in goods.materials.values():
            for word in material.names:
                self._material_words[word] = (*self._material_words.get(word, ()), material.id)
        self._by_symbol = {m.element: m.id for m in goods.materials.values() if m.element}
        self._forms: dict[str, frozenset[str]] = {}
        for form, words in goods.form_words.items():
            for word in words:
                self._forms[word] = self._forms.get(word, frozenset()) | {form}
        self._goods_words = frozenset(
            word for word, forms in self._forms.items() if not forms <= set(_DEVICES)
        )
        self._formulas = by_elements(tuple(products))
        self._names = Names((*products, *self._material_words, *self._forms, *others), goods)

    def read(self, description: str | None, model: str | None = None) -> Naming:
        """What a description names; a model may accuse beside it, and never clears."""
        text = self._names.plain(unicodedata.normalize("NFKC", description or ""))
        normalised = self._names.normalised(text)
        found = list(self._names.in_description(text, normalised))
        formulas = tuple(
            formula
            for formula in formulas_in(text, self._forms.keys())
            if not self._is_part_of_another(formula, found)
        )
        found += self._written_as_formulas(formulas)
        named = frozenset(f.name for f in found)
        told = [f for f in found if not self._tells_an_article(f, found)]
        meant = frozenset(f.name for f in told if not f.purpose and not self._belongs(f, found))
        made = self._forms_of_formulas(formulas)
        materials = self._materials(named, text, formulas)
        naming = Naming(
            named,
            materials,
            self._forms_of(f.name for f in told) | made,
            self._forms_of(meant) | made,
            self._forms_of(meant - self._goods.shapes) | made,
            self._parts_of(materials, found, formulas, normalised),
            self._shares(materials, formulas),
            meant,
            codes=frozenset(_CONTROL_CODE.findall(text)),
            purity_pct=max(purities_in(text), default=None),
        )
        return naming if model is None else self._accused(naming, self.read(model))

    def _accused(self, naming: Naming, by: Naming) -> Naming:
        """With what the model says more: products, materials, and forms they may have."""
        return Naming(
            naming.names,
            {**by.materials, **naming.materials},
            naming.forms | by.forms,
            naming.meant_forms,
            naming.told_forms,
            {
                material: forms
                for material, forms in {**by.parts_of, **naming.parts_of}.items()
                if all(material in n.parts_of or material not in n.materials for n in (naming, by))
            },
            {m: shares for m, shares in naming.shares.items() if m not in by.materials},
            naming.meant_names,
            frozenset(name for name in by.names if name in self._products),
            by.told_forms,
            naming.codes,
            naming.purity_pct,
        )

    def _is_part_of_another(self, formula: Formula, found: Iterable[Found]) -> bool:
        """Whether the formula stands in a name that means other goods: "CrMo" for a steel."""
        written = normalise(formula.text)
        return any(f.name in self._goods.lookalikes and written in normalise(f.name) for f in found)

    def _written_as_formulas(self, formulas: Iterable[Formula]) -> list[Found]:
        names = [n for f in formulas for n in self._formulas.get(f.elements, ())]
        names += [
            name
            for system in self._goods.systems
            for formula in formulas
            if system.elements <= formula.elements
            for name in system.stands_for
        ]
        return [Found(name, -1, -1, False) for name in names]

    def _forms_of_formulas(self, formulas: Iterable[Formula]) -> frozenset[str]:
        """What formulas say of the form, but for products: those are known by their names."""
        return frozenset(f.form for f in formulas if f.form is not None and not self._is_product(f))

    def _is_product(self, formula: Formula) -> bool:
        return formula.elements in self._formulas or any(
            system.elements <= formula.elements for system in self._goods.systems
        )

    def _materials(self, named: Set[str], text: str, formulas: Iterable[Formula]) -> dict[str, str]:
        """The materials and the word that named each: its names first, then symbols."""
        materials = {
            material.id: word
            for material in self._goods.materials.values()
            for word in material.names
            if word in named
        }
        symbols = {symbol: f.text for f in formulas for symbol in f.elements}
        symbols |= {symbol: symbol for symbol in symbols_in(text, self._forms.keys())}
        for symbol, written in symbols.items():
            if symbol in self._by_symbol:
                materials.setdefault(self._by_symbol[symbol], written)
        return materials

    def _shares(
        self, materials: Mapping[str, str], formulas: Iterable[Formula]
    ) -> dict[str, Mapping[str, Decimal]]:
        found: dict[str, Mapping[str, Decimal]] = {}
        for material, word in materials.items():
            element = self._goods.materials[material].element
            within = {f.text: f.shares for f in formulas if element in f.elements}
            if len(within) == 1 and within.get(word):
                found[material] = within[word] or {}
        return found

    def _parts_of(
        self,
        materials: Iterable[str],
        found: list[Found],
        formulas: Iterable[Formula],
        description: str,
    ) -> dict[str, frozenset[str]]:
        mentions: dict[str, list[frozenset[str]]] = {}
        for word in found:
            for material in self._material_words.get(word.name, ()):
                mentions.setdefault(material, []).append(self._within(word, found, description))
        for formula in formulas:
            whole = [f for n in self._formulas.get(formula.elements, ()) for f in self._products[n]]
            form = formula.form if formula.form in _COMPOUNDS else None
            forms = frozenset(whole or ([form] if form else []))
            for symbol in formula.elements & self._by_symbol.keys():
                mentions.setdefault(self._by_symbol[symbol], []).append(forms)
        return {
            material: frozenset().union(*mentions[material])
            for material in materials
            if mentions.get(material) and all(mentions[material])
        }

    def _within(self, word: Found, found: list[Found], description: str) -> frozenset[str]:
        """The forms of the larger name of which the word is a part; empty where it stands free."""
        forms: set[str] = set()
        if word.start < 0:  # read out of a designation, which may tell the form beside: "YSZ"
            beside = (self._forms.get(f.name, frozenset()) for f in found if f.start < 0)
            return frozenset().union(*beside) & frozenset(_COMPOUNDS)
        for other in found:
            if other.name in self._products and other.name != word.name:
                if other.start <= word.start and word.end <= other.end:
                    forms |= self._products[other.name]
            elif not self._forms.get(other.name, frozenset()).isdisjoint(_COMPOUNDS):
                # "tellurium dioxide", "氧化碲", "oxyde de tellure"
                after = description[word.end : other.start] if other.start >= word.end else None
                before = description[other.end : word.start] if word.start >= other.end else None
                if after in ("", " ") or (before in _OF and other.start >= 0):
                    forms |= self._forms[other.name]
        return frozenset(forms)

    def _forms_of(self, words: Iterable[str]) -> frozenset[str]:
        return frozenset(form for word in words for form in self._forms.get(word, ()))

    def _tells_an_article(self, found: Found, others: Iterable[Found]) -> bool:
        """Whether a word for a form is part of another name, as in "plaquette de coupe"."""
        articles = self._goods.article_words
        return (
            found.start >= 0
            and found.name not in articles
            and any(
                other.name in articles and other.start <= found.start and found.end <= other.end
                for other in others
            )
        )

    def _belongs(self, found: Found, others: Iterable[Found]) -> bool:
        """Whether a device only tells which goods are meant: "rotor magnets", "转子磁钢"."""
        forms = self._forms.get(found.name, frozenset())
        if found.name not in self._goods.article_words and forms.isdisjoint(_DEVICES):
            return False
        return any(
            (other.name in self._goods_words and 0 <= other.start - found.end <= 1)
            or (
                other.name in self._products and other.start <= found.start < found.end <= other.end
            )
            for other in others
        )
