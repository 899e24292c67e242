"""How alike two words are, from 0 to 1."""

from __future__ import annotations

from enum import IntEnum

from rapidfuzz.distance import OSA

# What a typing error costs of the likeness, times the length of the word: one, two, three.
_COST_OF_ERRORS = (0.5, 1.0, 1.6)
MOST_ERRORS = len(_COST_OF_ERRORS)
# "Mfg" for "manufacturing", "Electr" for "electronics".
_SHORTENED = 0.95
# "Anduril" for "Andurilsystems": a beginning of at least half the letters, and five.
_BEGINNING = 0.88
_SHORTEST_BEGINNING = 5
# A word left out but for some letters keeps at most so many of five, and at least three letters.
_LETTERS_OF_FIVE = 3
_SHORTEST_SHORT_FORM = 3


class Kind(IntEnum):
    """What a word says: it is a name's own, common spelt wrong, or common. The first is falsy."""

    OWN = 0
    NEARLY_COMMON = 1
    COMMON = 2


def errors_allowed(length: int) -> int:
    """How many typing errors a word of so many letters may have and still be known."""
    return 0 if length < 3 else 1 if length < 6 else 2 if length < 14 else MOST_ERRORS


def alike(errors: int, length: int) -> float:
    """The likeness of two words of a length that so many errors set apart."""
    return 1.0 - _COST_OF_ERRORS[errors - 1] / length if errors else 1.0


def word_likeness(asked: str, listed: str, kind: Kind) -> float:
    """The likeness of two words, 0 if they are different words; `kind` is that of the listed."""
    if asked == listed:
        return 1.0
    shorter, longer = (asked, listed) if len(asked) <= len(listed) else (listed, asked)
    length = len(shorter)
    allowed = errors_allowed(length)
    if allowed and len(longer) - length <= allowed:
        errors = OSA.distance(asked, listed, score_cutoff=allowed)
        if errors <= allowed:
            return alike(errors, len(listed))
    if length < _SHORTEST_SHORT_FORM or longer[0] != shorter[0]:
        return 0.0
    if longer.startswith(shorter):
        if kind:
            return _SHORTENED
        if length >= _SHORTEST_BEGINNING and 2 * length >= len(longer):
            return _BEGINNING
    short = kind and shorter is asked and 5 * length <= _LETTERS_OF_FIVE * len(longer)
    return _SHORTENED if short and _within(asked, listed) else 0.0


def _within(short: str, word: str) -> bool:
    """Whether the letters of the short form stand in the word in the same order."""
    letters = iter(word)
    return all(letter in letters for letter in short)
