"""Names written without spaces, in ideographs, kana or hangul, found with typing errors in them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from api.screening.buckets import Buckets
from api.screening.names import Reading
from api.screening.near import NearTexts

# One wrong letter of four leaves a name, two of eight; of fewer it is anybody's.
_SHORTEST, _SHORTEST_OF_TWO = 4, 8
# What an error costs of the likeness, times the letters of the name.
_COST = 0.4
# Of longer names the beginning is looked for with letters swapped.
_LONGEST_TURNED = 40
# Of texts that many parties share as many are looked at.
_MOST_OF_A_TEXT = 40


def errors_allowed(length: int) -> int:
    """How many typing errors a name of so many letters without its legal form may have."""
    return 0 if length < _SHORTEST else 1 if length < _SHORTEST_OF_TWO else 2


class UnspacedNames:
    """The listed names of such scripts, each filed with and without its legal form."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._text_of, self._published_of = array("I"), array("I")

    def file(self, reading: Reading, published: int) -> None:
        """Adds a name, if it is one."""
        if len(reading.unspaced) < _SHORTEST:
            return
        for text in {reading.unspaced, reading.unspaced_full}:
            self._text_of.append(self._texts.setdefault(text, len(self._texts)))
            self._published_of.append(published)

    def close(self) -> None:
        """Makes the names ready to be asked for; none is added afterwards."""
        self._near = NearTexts(list(self._texts), wide=True)
        self._named = Buckets(self._text_of, self._published_of, len(self._texts))

    def like(self, asked: Reading) -> Iterator[int]:
        """The published names, by number, that the one asked about may be meant to be."""
        errors = errors_allowed(len(asked.unspaced) + 1)
        if not errors:
            return
        numbers: dict[int, None] = {}
        for text in {asked.unspaced, asked.unspaced_full}:
            numbers |= {number: None for number, _ in self._near.near(text, errors)}
            # Two letters swapped may leave no piece whole.
            for at in range(min(len(text), _LONGEST_TURNED) - 1):
                turned = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
                if errors > 1:
                    numbers |= {number: None for number, _ in self._near.near(turned, 1)}
                elif turned in self._texts:
                    numbers[self._texts[turned]] = None
        for number in numbers:
            yield from self._named.of(number)[:_MOST_OF_A_TEXT]


def _foreign(reading: Reading) -> str:
    """The letters that are no ideographs."""
    return "".join([c for c in reading.unspaced if c not in reading.ideographs])


def unspaced_likeness(asked: Reading, listed: Reading) -> float:
    """The likeness of two such names letter by letter, 0 if they are different names.

    What differs in common words that are each spelt right is another word, not an error: an
    electric company is no heavy one.
    """
    if asked.own_ideographs == listed.own_ideographs and _foreign(asked) == _foreign(listed):
        return 0.0
    allowed = errors_allowed(len(listed.unspaced))
    errors = min(
        OSA.distance(mine, theirs, score_cutoff=allowed)
        for mine, theirs in (
            (asked.unspaced, listed.unspaced),
            (asked.unspaced_full, listed.unspaced_full),
        )
    )
    return 1 - _COST * errors / len(listed.unspaced) if errors <= allowed else 0.0
