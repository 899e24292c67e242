"""Which goods a description names: materials, forms and the products of single entries."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.rulebook.model import Goods, Negation


def normalise(text: str) -> str:
    """Text for comparing names: width, case and accents folded, punctuation as single spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    kept = "".join(c if c.isalnum() else " " for c in plain)
    return f" {' '.join(kept.split())} "


@dataclass(frozen=True)
class _Word:
    """A name ready for search: Latin words stand between spaces, CJK ones anywhere."""

    text: str
    spaced: bool

    @classmethod
    def of(cls, name: str) -> _Word | None:
        text = normalise(name).strip()
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


class Names:
    """Finds names in descriptions, leaving out those that the words around them take back."""

    def __init__(self, names: Iterable[str], negation: Negation) -> None:
        self._before = tuple(w for w in map(_Word.of, negation.before) if w)
        self._after = tuple(w for w in map(_Word.of, negation.after) if w)
        self._by_first_word: dict[str, list[tuple[str, _Word]]] = {}
        self._unspaced: list[tuple[str, _Word]] = []
        for name in dict.fromkeys(names):
            word = _Word.of(name)
            if word is not None and word.spaced:
                first = word.text.partition(" ")[0]
                self._by_first_word.setdefault(first, []).append((name, word))
            elif word is not None:
                self._unspaced.append((name, word))

    def in_description(self, description: str) -> frozenset[str]:
        """Every name that the normalised description really names."""
        words = {w for token in description.split() for w in (token, token.removesuffix("s"))}
        candidates = [c for word in words for c in self._by_first_word.get(word, ())]
        if not description.isascii():
            candidates += [c for c in self._unspaced if c[1].text in description]
        return frozenset(
            name
            for name, word in candidates
            if any(
                not self._taken_back(description, start, end)
                for start, end in word.ends_of(description)
            )
        )

    def _taken_back(self, description: str, start: int, end: int) -> bool:
        before, after = description[:start], description[end:]
        return any(
            before.endswith(f" {word.text} " if word.spaced else word.text) for word in self._before
        ) or any(
            after.startswith(f" {word.text} " if word.spaced else word.text) for word in self._after
        )


@dataclass(frozen=True)
class Naming:
    """What one description names."""

    names: frozenset[str]
    materials: Mapping[str, str]
    forms: frozenset[str]

    def first_of(self, names: Iterable[str]) -> str | None:
        """The first of the names that the description names, else None."""
        return next((name for name in names if name in self.names), None)


def read_description(description: str | None, goods: Goods, names: Names) -> Naming:
    """The names, materials (with the word that named each) and forms in a description."""
    found = names.in_description(normalise(description)) if description else frozenset[str]()
    materials = {
        material.id: word
        for material in goods.materials.values()
        for word in material.names
        if word in found
    }
    forms = frozenset(
        form for form, words in goods.form_words.items() if not found.isdisjoint(words)
    )
    return Naming(found, materials, forms)
