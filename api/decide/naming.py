"""Which goods a description names: materials, forms and the products of single entries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import re2

from api.rulebook.goods import Goods
from api.rulebook.vocabulary import ELEMENTS

_BREAK = "|"
_BREAKS = frozenset(",;:()[]、。；：，（）")
_FULL_STOP = re.compile(r"\.(?=\s|$)")
_VALENCY = re.compile(r"\((?:i{1,3}|iv|vi{0,3})\)", re.IGNORECASE)


def normalise(text: str) -> str:
    """Text for comparing names: width, case and accents folded, invisible characters dropped.

    Punctuation that parts clauses becomes ` | `, all other a space; valencies as in
    "antimony(III)" are dropped.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(
        c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    ).casefold()
    plain = _FULL_STOP.sub(_BREAK, _VALENCY.sub(" ", plain))
    kept = "".join(
        c if c.isalnum() else f" {_BREAK} " if c in _BREAKS or c == _BREAK else " " for c in plain
    )
    return f" {' '.join(kept.split())} "


@dataclass(frozen=True)
class _Word:
    """A name ready for search: Latin words stand between spaces, CJK ones anywhere."""

    text: str
    spaced: bool

    @classmethod
    def of(cls, name: str) -> _Word | None:
        text = " ".join(normalise(name).replace(_BREAK, " ").split())
        return cls(text, text.isascii()) if text else None

    def ends_of(self, description: str) -> Iterable[tuple[int, int]]:
        """Where the name begins and ends in a normalised description, a plural `s` allowed."""
        needle = f" {self.text}" if self.spaced else self.text
        start = description.find(needle)
        while start >= 0:
            end = start + len(needle)
            if not self.spaced:
                yield start, end
            else:
                if description[end : end + 2] == "s ":
                    end += 1
                if description[end] == " ":
                    yield start + 1, end
            start = description.find(needle, start + 1)


def _words(names: Iterable[str]) -> tuple[_Word, ...]:
    return tuple(word for word in map(_Word.of, names) if word)


class Names:
    """Finds names in descriptions, leaving out those that the words around them take back."""

    def __init__(self, names: Iterable[str], goods: Goods) -> None:
        negation, purpose = goods.negation, goods.purpose
        self._designations = tuple(
            (re2.compile(d.pattern), d.stands_for) for d in goods.designations
        )
        self._before, self._after = _words(negation.before), _words(negation.after)
        self._not_after = _words(negation.not_after)
        self._purpose_before, self._purpose_after = _words(purpose.before), _words(purpose.after)
        self._by_first_word: dict[str, list[tuple[str, _Word]]] = {}
        self._unspaced: list[tuple[str, _Word]] = []
        for name in dict.fromkeys(names):
            word = _Word.of(name)
            if word is not None and word.spaced:
                first = word.text.partition(" ")[0]
                self._by_first_word.setdefault(first, []).append((name, word))
            elif word is not None:
                self._unspaced.append((name, word))

    def in_description(self, text: str) -> tuple[frozenset[str], frozenset[str]]:
        """Every name that the description names, and those not only as a purpose."""
        description = normalise(text)
        words = {w for token in description.split() for w in (token, token.removesuffix("s"))}
        candidates = [c for word in words for c in self._by_first_word.get(word, ())]
        if not description.isascii():
            candidates += [c for c in self._unspaced if c[1].text in description]
        purposes = tuple(self._purposes(description))
        designated = {name for pattern, name in self._designations if pattern.search(text)}
        named, meant = set(designated), set(designated)
        for name, word in candidates:
            for start, end in word.ends_of(description):
                if not self._taken_back(description, start, end):
                    named.add(name)
                    if not any(first <= start < last for first, last in purposes):
                        meant.add(name)
        return frozenset(named), frozenset(meant)

    def _taken_back(self, description: str, start: int, end: int) -> bool:
        before, after = description[:start], description[end:]
        if any(_ends(before, word) for word in self._before):
            return True
        for word in self._after:
            if _begins(after, word):
                rest = after[len(f" {word.text}" if word.spaced else word.text) :]
                return not any(_begins(rest, other) for other in self._not_after)
        return False

    def _purposes(self, description: str) -> Iterator[tuple[int, int]]:
        """Where the description says what the goods are for: "for lead alloys", "电机用"."""
        for word in self._purpose_before:
            for _, end in word.ends_of(description):
                stop = description.find(_BREAK, end)
                yield end, stop if stop >= 0 else len(description)
        for word in self._purpose_after:
            for start, _ in word.ends_of(description):
                yield description.rfind(_BREAK, 0, start) + 1, start


def _begins(text: str, word: _Word) -> bool:
    return text.startswith(f" {word.text} " if word.spaced else word.text)


def _ends(text: str, word: _Word) -> bool:
    return text.endswith(f" {word.text} " if word.spaced else word.text)


@dataclass(frozen=True)
class Naming:
    """What one description names.

    `forms` are all it speaks of; `meant_forms` only those that are not part of a purpose, so that
    "antimony for oxide production" is not taken for an oxide.
    """

    names: frozenset[str]
    materials: Mapping[str, str]
    forms: frozenset[str]
    meant_forms: frozenset[str]

    def first_of(self, names: Iterable[str]) -> str | None:
        """The first of the names that the description names, else None."""
        return next((name for name in names if name in self.names), None)


def read_description(description: str | None, goods: Goods, names: Names) -> Naming:
    """The names, materials (with the word that named each) and forms in a description."""
    text = unicodedata.normalize("NFKC", description or "")
    found, meant = names.in_description(text)
    form_words = {word for words in goods.form_words.values() for word in words}
    materials = {
        material.id: word
        for material in goods.materials.values()
        for word in material.names
        if word in found
    }
    formulas = tuple(formulas_in(text))
    symbols = {symbol: formula for formula, parts in formulas for symbol in parts}
    symbols |= {symbol: symbol for symbol in _symbols_in(text, form_words)}
    for material in goods.materials.values():
        if material.element in symbols:
            materials.setdefault(material.id, symbols[material.element])
    oxides = {"oxide" for _, parts in formulas if len(parts) == 2 and "O" in parts}

    def forms(words: frozenset[str]) -> frozenset[str]:
        return frozenset(
            form for form, known in goods.form_words.items() if not words.isdisjoint(known)
        )

    return Naming(found, materials, forms(found) | oxides, forms(meant) | oxides)


_FORMULA = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][a-z]?(?:\d+(?:\.\d+)?)?){2,8}(?![A-Za-z0-9])")
_PART = re.compile(r"([A-Z][a-z]?)(\d+(?:\.\d+)?)?")
_TOKEN = re.compile(r"[A-Za-z]+|\d+N?|[^\sA-Za-z0-9]+")


def formulas_in(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Formulas and alloy designations such as Sb2O3 or Sn42Bi58: elements with their figures."""
    for found in _FORMULA.findall(text):
        parts = dict(_PART.findall(found))
        if any(parts.values()) and parts.keys() <= ELEMENTS:
            yield found, parts


def _symbols_in(text: str, form_words: set[str]) -> Iterator[str]:
    """Element symbols that stand for goods: right before a form or a purity ("Sb ingot", "Ga 6N").

    A symbol by itself may be any abbreviation.
    """
    tokens = _TOKEN.findall(text)
    for token, following in pairwise(tokens):
        if token in ELEMENTS and (
            following[0].isdigit()
            or following.casefold().removesuffix("s") in form_words
            or any(following.startswith(word) for word in form_words if not word.isascii())
        ):
            yield token
