"""What a score is made of, to be put into words elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from api.screening.compare import Likeness

ClueKind = Literal[
    "name",
    "hint",
    "identifier_only",
    "part_of_name",
    "initials",
    "spelling",
    "joined_words",
    "missing_words",
    "added_words",
    "word_order",
    "country_agrees",
    "country_differs",
    "identifier_agrees",
    "identifier_differs",
]

# What each kind says, and what its `detail` holds. The first clue of a hit is one of the first
# three and bears the points of the likeness; those from `part_of_name` to `word_order` tell what
# sets the names apart and bear none, for the likeness has them in it.
CLUE_KINDS: dict[ClueKind, str] = {
    "name": "a published name is like the one asked about: that name, as published",
    "hint": "the whole name asked about is an abbreviation noted for the party: that abbreviation",
    "identifier_only": "found by its identifier, under a name that may differ: its first name",
    "part_of_name": "only a part of the text asked about is like the name: that part",
    "initials": "the name asked about is the initials of the published one: nothing",
    "spelling": "words spelt differently: pairs of `asked ~ listed`, with commas",
    "joined_words": "words written together on one side and apart on the other: nothing",
    "missing_words": "words of the published name that were not asked about: those, with spaces",
    "added_words": "words asked about that the published name lacks: those, with spaces",
    "word_order": "the words stand in another order: nothing",
    "country_agrees": "both are of one country: its code",
    "country_differs": "they are of two countries: `asked ≠ listed`",
    "identifier_agrees": "an identifier is the same: its type and value, with a space",
    "identifier_differs": "an identifier of one type differs: `type asked ≠ listed`",
}

_NONE = Decimal(0)


@dataclass(frozen=True)
class Clue:
    """One thing a score rests on: its points of 100, and the words or codes it is about."""

    kind: ClueKind
    points: Decimal
    detail: str


def differences(likeness: Likeness) -> list[Clue]:
    """What sets two names apart."""
    clues = []
    if likeness.initials:
        clues.append(Clue("initials", _NONE, ""))
    if likeness.spelling:
        spelling = ", ".join(f"{mine} ~ {theirs}" for mine, theirs in likeness.spelling)
        clues.append(Clue("spelling", _NONE, spelling))
    if likeness.joined:
        clues.append(Clue("joined_words", _NONE, ""))
    if likeness.missing:
        clues.append(Clue("missing_words", _NONE, " ".join(likeness.missing)))
    if likeness.added:
        clues.append(Clue("added_words", _NONE, " ".join(likeness.added)))
    if likeness.reordered:
        clues.append(Clue("word_order", _NONE, ""))
    return clues
