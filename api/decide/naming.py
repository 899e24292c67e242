"""What a description names: materials, forms, products of single entries, codes and purities."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import re2

from api.rulebook.goods import Goods
from api.rulebook.vocabulary import ELEMENTS

_BREAK = "|"
_BREAKS = frozenset(",;:()[]、。；：，（）")
_FULL_STOP = re.compile(r"\.(?=\s|$)")
_VALENCY = re.compile(r"\((?:i{1,3}|iv|vi{0,3})\)", re.IGNORECASE)
_HYPHENED_FREE = re.compile(r"(?<=\w)[-‐‑]free\b")


def normalise(text: str) -> str:
    """Text for comparing names: width, case and accents folded, invisible characters dropped.

    Punctuation that parts clauses becomes ` | `, all other a space; valencies as in
    "antimony(III)" are dropped, and "lead-free" is one word that names no lead.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(
        c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    ).casefold()
    plain = _FULL_STOP.sub(_BREAK, _VALENCY.sub(" ", _HYPHENED_FREE.sub("free", plain)))
    kept = "".join(
        c if c.isalnum() else f" {_BREAK} " if c in _BREAKS or c == _BREAK else " " for c in plain
    )
    return f" {' '.join(kept.split())} "


def words_key(text: str | None) -> str:
    """A name for the words of a text, in whatever order; empty where there are none."""
    words = sorted(set(normalise(text or "").replace(_BREAK, " ").split()))
    return hashlib.blake2s(" ".join(words).encode(), digest_size=8).hexdigest() if words else ""


@dataclass(frozen=True)
class _Word:
    """A name ready for search: Latin words stand between spaces, CJK ones anywhere."""

    text: str
    spaced: bool

    @classmethod
    def of(cls, name: str) -> _Word | None:
        text = normalise(name).strip(f" {_BREAK}")
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


@dataclass(frozen=True)
class _Found:
    """A name where it stands in a normalised description, and whether only as a purpose."""

    name: str
    start: int
    end: int
    purpose: bool


_SHORTEST_JOINED = 9
_INVERTED = re.compile(rf"(?<= )(\w+) (?:of|de|d|\{_BREAK}) (\w+)(?= )")


class Names:
    """Finds names in descriptions, leaving out those that the words around them take back."""

    def __init__(self, names: Iterable[str], goods: Goods) -> None:
        negation, purpose = goods.negation, goods.purpose
        self._variants = str.maketrans(dict(goods.variants))
        self._designations = tuple(
            (re2.compile(d.pattern), d.stands_for) for d in goods.designations
        )
        self._before, self._after = _words(negation.before), _words(negation.after)
        self._purpose_before, self._purpose_after = _words(purpose.before), _words(purpose.after)
        self._by_first_word: dict[str, list[tuple[str, _Word]]] = {}
        self._unspaced: list[tuple[str, _Word]] = []
        self._joined: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            word = _Word.of(name)
            if word is not None and word.spaced:
                first = word.text.partition(" ")[0]
                self._by_first_word.setdefault(first, []).append((name, word))
                joined = word.text.replace(" ", "")
                if joined != word.text and len(joined) >= _SHORTEST_JOINED:
                    self._joined.setdefault(joined, []).append(name)
            elif word is not None:
                self._unspaced.append((name, word))

    def in_description(self, text: str) -> Iterator[_Found]:
        """Every name that the description names, perhaps several times."""
        text = text.translate(self._variants)
        description = normalise(text)
        words = {w for token in description.split() for w in (token, token.removesuffix("s"))}
        candidates = [c for word in words for c in self._by_first_word.get(word, ())]
        if not description.isascii():
            candidates += [c for c in self._unspaced if c[1].text in description]
        purposes = tuple(self._purposes(description))
        for name, word in candidates:
            for start, end in word.ends_of(description):
                if not self._taken_back(description, start, end):
                    yield _Found(name, start, end, _within(start, purposes))
        # Names in other orders and spacings stand at no place.
        for names in (self._joined.get(word, ()) for word in words):
            yield from (_Found(name, -1, -1, False) for name in names)
        inverted = " ".join(f"{b} {a} {_BREAK}" for a, b in _INVERTED.findall(description))
        for name, word in candidates if inverted else ():
            if " " in word.text and any(word.ends_of(f" {inverted} ")):
                yield _Found(name, -1, -1, False)
        for pattern, stands_for in self._designations:
            if pattern.search(text):
                yield from (_Found(name, -1, -1, False) for name in stands_for)

    def _taken_back(self, description: str, start: int, end: int) -> bool:
        before, after = description[:start], description[end:]
        return any(_ends(before, word) for word in self._before) or any(
            after.startswith((f" {word.text} {_BREAK}", word.text + _BREAK))
            or after.rstrip() == (f" {word.text}" if word.spaced else word.text)
            for word in self._after
        )

    def _purposes(self, description: str) -> Iterator[tuple[int, int]]:
        """Where the description says what the goods are for: "for lead alloys", "电机用"."""
        for word in self._purpose_before:
            for _, end in word.ends_of(description):
                stop = description.find(_BREAK, end)
                yield end, stop if stop >= 0 else len(description)
        for word in self._purpose_after:
            for start, _ in word.ends_of(description):
                yield description.rfind(_BREAK, 0, start) + 1, start


def _within(place: int, stretches: Iterable[tuple[int, int]]) -> bool:
    return any(first <= place < last for first, last in stretches)


def _ends(text: str, word: _Word) -> bool:
    return text.endswith(f" {word.text} " if word.spaced else word.text)


@dataclass(frozen=True)
class Naming:
    """What one description names.

    `forms` are all it speaks of; `meant_forms` only those that are neither part of a purpose nor
    of another word: "antimony for oxide production" is no oxide, a "rotor magnet" no rotor.
    `codes` are control codes in the text, `purity_pct` the highest purity it claims.
    """

    names: frozenset[str]
    materials: Mapping[str, str]
    forms: frozenset[str]
    meant_forms: frozenset[str]
    codes: frozenset[str] = frozenset()
    purity_pct: Decimal | None = None

    def first_of(self, names: Iterable[str]) -> str | None:
        """The first of the names that the description names, else None."""
        return next((name for name in names if name in self.names), None)


_DEVICES = ("assembly", "equipment")
_CONTROL_CODE = re.compile(r"(?<![A-Za-z0-9])\d[A-E]\d{3}(?:\.[A-Za-z0-9]{1,3})*(?![A-Za-z0-9])")


def read_description(description: str | None, goods: Goods, names: Names) -> Naming:
    """The names, materials (with the word that named each) and forms in a description."""
    text = unicodedata.normalize("NFKC", description or "")
    found = list(names.in_description(text))
    named = frozenset(f.name for f in found)
    form_words = {word for words in goods.form_words.values() for word in words}
    materials = {
        material.id: word
        for material in goods.materials.values()
        for word in material.names
        if word in named
    }
    formulas = tuple(formulas_in(text))
    symbols = {symbol: formula for formula, parts in formulas for symbol in parts}
    symbols |= {symbol: symbol for symbol in _symbols_in(text, form_words)}
    for material in goods.materials.values():
        if material.element in symbols:
            materials.setdefault(material.id, symbols[material.element])
    oxides = {"oxide" for _, parts in formulas if len(parts) == 2 and "O" in parts}
    meant = frozenset(f.name for f in found if not f.purpose and not _belongs(f, found, goods))
    return Naming(
        named,
        materials,
        _forms(named, goods) | oxides,
        _forms(meant, goods) | oxides,
        frozenset(_CONTROL_CODE.findall(text)),
        max(purities_in(text), default=None),
    )


def _forms(words: frozenset[str], goods: Goods) -> frozenset[str]:
    return frozenset(
        form for form, known in goods.form_words.items() if not words.isdisjoint(known)
    )


def _belongs(found: _Found, others: Iterable[_Found], goods: Goods) -> bool:
    """Whether a device only tells which goods are meant: "rotor magnets", "转子磁钢"."""
    if not any(found.name in goods.form_words.get(form, ()) for form in _DEVICES):
        return False
    goods_words = {
        word for form, words in goods.form_words.items() if form not in _DEVICES for word in words
    }
    return any(other.name in goods_words and 0 <= other.start - found.end <= 1 for other in others)


_FORMULA = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][a-z]?(?:\d+(?:\.\d+)?)?){2,8}(?![A-Za-z0-9])")
_PART = re.compile(r"([A-Z][a-z]?)(\d+(?:\.\d+)?)?")
_TOKEN = re.compile(r"[A-Za-z]+|\d+N?|[^\sA-Za-z0-9]+")
_PURITY = re.compile(r"\dN\d?")


def formulas_in(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Formulas and alloy designations such as Sb2O3, Sn42Bi58, GdFe: elements with their figures.

    One without figures needs a small letter: "PIN" is no compound.
    """
    for found in _FORMULA.findall(text):
        parts = dict(_PART.findall(found))
        figures = any(parts.values()) or (len(parts) > 1 and any(c.islower() for c in found))
        if figures and parts.keys() <= ELEMENTS:
            yield found, parts


def _symbols_in(text: str, form_words: set[str]) -> Iterator[str]:
    """Element symbols that stand for goods: beside a form or a purity ("Sb ingot", "7N Ga").

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
        elif following in ELEMENTS and _PURITY.fullmatch(token):
            yield following


_PERCENT = re.compile(r"(?<![\d.,])(\d{2,3}(?:[.,]\d+)?)\s*%")
_NINES = re.compile(r"(?<![A-Za-z0-9.])([2-9])N([1-9])?(?![A-Za-z0-9])")
_LEAST_PURITY = Decimal(90)


def purities_in(text: str) -> Iterator[Decimal]:
    """Percents of 90 and more, and counts of nines ("4N5" is 99.995 %)."""
    for figure in _PERCENT.findall(text):
        percent = Decimal(figure.replace(",", "."))
        if _LEAST_PURITY <= percent <= 100:
            yield percent
    for nines, last in _NINES.findall(text):
        digits = "9" * int(nines) + last
        yield Decimal(f"{digits[:2]}.{digits[2:]}" if len(digits) > 2 else digits)
