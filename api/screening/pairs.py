"""Which words of two names agree: as they are, misspelt, shortened, joined or torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.screening.weighing import Weighed
from api.screening.words import MOST_ERRORS, Kind, word_likeness

# "Zero Technologies" is no "Aerotechnologies" spelt wrong: beside a common word it takes this many
# letters to be known with an error.
_SHORTEST_BESIDE_COMMON = 6


@dataclass(frozen=True, slots=True)
class Join:
    """Neighbouring words that are one word on the other side, by their places there."""

    mine: tuple[int, ...]
    theirs: tuple[int, ...]
    likeness: float


@dataclass(frozen=True, slots=True)
class Pairing:
    """The words of two names that agree, by their places, and how much; the places left over."""

    pairs: list[tuple[int, int, float]]
    join: Join | None
    mine: list[int]
    theirs: list[int]


def pair(asked: Weighed, listed: Weighed) -> Pairing:
    """Words that are the same first, then the likeliest, then neighbours that make one word."""
    pairs: list[tuple[int, int, float]] = []
    mine, theirs = list[int](), list(range(len(listed.words)))
    for i, word in enumerate(asked.words):
        for j in theirs:
            if listed.words[j] == word:
                pairs.append((i, j, 1.0))
                theirs.remove(j)
                break
        else:
            mine.append(i)
    if mine and theirs:
        near = [
            (-likeness, abs(i - j), i, j)
            for i in mine
            for j in theirs
            if (likeness := _likeness(asked, listed, i, j))
        ]
        for negative, _, i, j in sorted(near):
            if i in mine and j in theirs:
                pairs.append((i, j, -negative))
                mine.remove(i)
                theirs.remove(j)
    pairs.sort()
    join = _join(asked, listed, mine, theirs)
    if join is not None:
        mine = [i for i in mine if i not in join.mine]
        theirs = [j for j in theirs if j not in join.theirs]
    return Pairing(pairs, join, mine, theirs)


def _likeness(asked: Weighed, listed: Weighed, i: int, j: int) -> float:
    kind = listed.kinds[j]
    if asked.kinds[i] == Kind.COMMON and not kind:
        return 0.0  # A common word that is spelt right is no other word spelt wrong.
    # As written, so that an error in "industries" need not survive making it "industry".
    likeness = word_likeness(asked.written[i], listed.written[j], kind)
    if likeness or listed.words[j] == listed.written[j]:
        return likeness
    return word_likeness(asked.written[i], listed.words[j], kind)


def _join(
    asked: Weighed, listed: Weighed, mine: Sequence[int], theirs: Sequence[int]
) -> Join | None:
    """One word asked about that is two listed ones, or else the other way round."""
    if mine and len(theirs) > 1:
        found = _joined(asked.written, mine, listed, theirs)
        if found is not None:
            return Join(*found)
    if theirs and len(mine) > 1:
        found = _joined(listed.written, theirs, asked, mine)
        if found is not None:
            one, two, likeness = found
            return Join(two, one, likeness)
    return None


def _joined(
    ones: Sequence[str], few: Sequence[int], others: Weighed, many: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...], float] | None:
    words = others.written

    def short(first: int) -> bool:
        """Whether what a common word leaves of the two is too short to be spelt wrong."""
        common = [at for at in (first, first + 1) if others.kinds[at]]
        left = sum(len(words[at]) for at in (first, first + 1) if at not in common)
        return bool(common) and left < _SHORTEST_BESIDE_COMMON

    for at in few:
        one = ones[at]
        for first in many:
            if first + 1 in many:
                whole = words[first] + words[first + 1]
                if abs(len(whole) - len(one)) < MOST_ERRORS:
                    likeness = word_likeness(one, whole, Kind.OWN)
                    if likeness and (likeness == 1 or not short(first)):
                        return (at,), (first, first + 1), likeness
    return None
