"""Finds names in descriptions: of materials, forms and products, but not those taken back."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from api.invisible import visible
from api.rulebook.goods import Goods

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
    decomposed = visible(unicodedata.normalize("NFKD", text))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    plain = _FULL_STOP.sub(_BREAK, _VALENCY.sub(" ", _HYPHENED_FREE.sub("free", plain)))
    kept = "".join(
        c if c.isalnum() else f" {_BREAK} " if c in _BREAKS or c == _BREAK else " " for c in plain
    )
    return f" {' '.join(kept.split())} "


def words_of(text: str) -> list[str]:
    """The words of a text, normalised, whatever parts its clauses."""
    return normalise(text).replace(_BREAK, " ").split()


def words_key(text: str | None) -> str:
    """A name for the words of a text, in whatever order; empty where there are none."""
    words = sorted(set(words_of(text or "")))
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
class Found:
    """A name where it stands in a normalised description, and whether only as a purpose.

    `start` and `end` are negative for a name that is read out of a formula or another order.
    """

    name: str
    start: int
    end: int
    purpose: bool


_LEAST_HALF = 4
_LEAST_JOINED = 9
_PARTED = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z]{2})")
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
        self._lookalikes = frozenset(goods.lookalikes)
        self._by_first_word: dict[str, list[tuple[str, _Word]]] = {}
        self._unspaced: list[tuple[str, _Word]] = []
        self._vocabulary: set[str] = set()
        for name in dict.fromkeys((*names, *goods.lookalikes)):
            word = _Word.of(name)
            if word is not None and word.spaced:
                first = word.text.partition(" ")[0]
                self._by_first_word.setdefault(first, []).append((name, word))
                self._vocabulary.update(word.text.split())
            elif word is not None:
                self._unspaced.append((name, word))
        # "dysprosiumfree" stays one word that names no dysprosium.
        self._vocabulary -= {word for text in negation.after for word in text.split()}

    def plain(self, text: str) -> str:
        """The text as it is seen, lookalike characters replaced and run-together words parted."""
        return _PARTED.sub(" ", visible(text).translate(self._variants))

    def normalised(self, text: str) -> str:
        """The text as names are looked for in it, words that were run together parted."""
        return self._parted(normalise(text))

    def in_description(self, text: str, description: str) -> Iterator[Found]:
        """Every name in a plain text and that text normalised, perhaps several times."""
        words = {w for token in description.split() for w in (token, token.removesuffix("s"))}
        candidates = [c for word in words for c in self._by_first_word.get(word, ())]
        if not description.isascii():
            candidates += [c for c in self._unspaced if c[1].text in description]
        purposes = tuple(self._purposes(description))
        found = [
            Found(name, start, end, _within(start, purposes))
            for name, word in candidates
            for start, end in word.ends_of(description)
            if not self._taken_back(description, start, end)
        ]
        others = [f for f in found if f.name in self._lookalikes]
        yield from (
            f
            for f in found
            if f in others or not any(o.start <= f.start and f.end <= o.end for o in others)
        )
        inverted = " ".join(f"{b} {a} {_BREAK}" for a, b in _INVERTED.findall(description))
        for name, word in candidates if inverted else ():
            if " " in word.text and any(word.ends_of(f" {inverted} ")):
                yield Found(name, -1, -1, False)
        for pattern, stands_for in self._designations:
            if pattern.search(text):
                yield from (Found(name, -1, -1, False) for name in stands_for)

    def _parted(self, description: str) -> str:
        """ "antimonyingots" as two words, where both are words of names."""
        words = description.split()
        parted = [
            part
            for word in words
            for part in (
                self._parts(word)
                if len(word) >= _LEAST_JOINED and word.isascii() and word not in self._vocabulary
                else (word,)
            )
        ]
        return description if len(parted) == len(words) else f" {' '.join(parted)} "

    def _parts(self, word: str) -> tuple[str, ...]:
        for at in range(len(word) - _LEAST_HALF, _LEAST_HALF - 1, -1):
            first, rest = word[:at], word[at:]
            if first in self._vocabulary:
                if rest in self._vocabulary or rest.removesuffix("s") in self._vocabulary:
                    return first, rest
                parts = self._parts(rest)
                if len(parts) > 1:
                    return first, *parts
        return (word,)

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


class Vague:
    """Tells descriptions that say nothing of the goods."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(sorted((word.casefold() for word in words), key=len, reverse=True))

    def says_nothing(self, description: str) -> bool:
        """Whether nothing but words such as "goods" is left of the description."""
        rest = f" {description.casefold()} "
        for word in self._words:
            rest = rest.replace(word, " ")
        return not any(c.isalpha() for c in rest)
