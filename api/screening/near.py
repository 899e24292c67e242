"""Texts within two typing errors of another, found by the pieces that errors leave whole.

Every text is cut into at least one piece more than the errors it may have, so one piece stays as
it was, at most moved by as many places as letters were lost or gained before it.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from zlib import crc32

from rapidfuzz import process
from rapidfuzz.distance import OSA

from api.screening.buckets import Buckets, size_for

# Longer texts are compared up to here; nobody's name differs only after so many letters.
LONGEST = 96
_MOST_ERRORS = 2
# Pieces of shorter texts would be single letters, which say nothing: one error is found there.
_SHORTEST_OF_TWO_ERRORS = 6
# Of texts that share a piece with one asked about, so many are compared: the work is bounded, and
# the pieces that most texts share, such as the end of "technologies", say least and go first.
_MOST_LOOKED_AT = 3_000
# Up to so many texts, comparing one by one is quicker than all in one call.
_FEW = 24
# Places of the sieve for each bucket: most pieces that no text has end there.
_SIEVE = 8


class NearTexts:
    """Texts numbered in the order given: of ASCII letters and digits, or `wide` ones of any."""

    def __init__(self, texts: Sequence[str], wide: bool = False) -> None:
        self._texts = texts
        # As many bytes for every letter, so that pieces are cut between letters.
        self._encoding, self._width = ("utf-32-le", 4) if wide else ("ascii", 1)
        width = self._width
        keys, values = array("I"), array("I")
        add_key, add_value = keys.append, values.append
        for number, text in enumerate(texts):
            data = text[:LONGEST].encode(self._encoding)
            for tag, start, end in _pieces(len(data) // width):
                add_key(crc32(data[start * width : end * width], tag))
                add_value(number)
        size = size_for(len(keys))
        self._mask, self._sieve_mask = size - 1, _SIEVE * size - 1
        self._sieve = bytearray(_SIEVE * size)
        for key in keys:
            self._sieve[key & self._sieve_mask] = 1
        mask = self._mask
        self._filed = Buckets(array("I", [key & mask for key in keys]), values, size)

    def near(self, text: str, errors: int) -> list[tuple[int, int]]:
        """The number of each text with at most so many errors (0 to 2), and how many."""
        text = text[:LONGEST]
        data, width = text.encode(self._encoding), self._width
        sieve, sieve_mask = self._sieve, self._sieve_mask
        keys = [
            key
            for tag, start, end in _probes(len(text), errors)
            if sieve[(key := crc32(data[start * width : end * width], tag)) & sieve_mask]
        ]
        if not keys:
            return []
        texts, numbers = self._texts, self._sharing(keys)
        if len(numbers) <= _FEW:
            distance = OSA.distance
            return [
                (number, edits)
                for number in numbers
                if (edits := distance(text, texts[number], score_cutoff=errors)) <= errors
            ]
        ordered = list(numbers)
        return [
            (ordered[at], int(edits))
            for _, edits, at in process.extract(
                text,
                [texts[number] for number in ordered],
                scorer=OSA.distance,
                score_cutoff=errors,
                limit=None,
            )
        ]

    def _sharing(self, keys: Sequence[int]) -> set[int]:
        """The texts filed under any of the keys, as many as are looked at."""
        mask, starts, values = self._mask, self._filed.starts, self._filed.values
        found: set[int] = set()
        if len(self._texts) > _MOST_LOOKED_AT:
            keys = self._rarest(keys)
        for key in keys:
            bucket = key & mask
            first, last = starts[bucket], starts[bucket + 1]
            if first != last:
                found.update(values[first:last])
        return found

    def _rarest(self, keys: Sequence[int]) -> list[int]:
        """The keys of the fewest texts, until they are as many as are looked at."""
        counts = sorted([(self._filed.count(key & self._mask), key) for key in keys])
        total = accumulate([count for count, _ in counts])
        return [
            key
            for (_, key), looked_at in zip(counts, total, strict=True)
            if looked_at <= _MOST_LOOKED_AT
        ]


@lru_cache(maxsize=256)
def _pieces(length: int) -> tuple[tuple[int, int, int], ...]:
    """The pieces of a text: a tag that tells length and place apart, start and end."""
    if length < 3:
        return ()
    count = 2 if length < _SHORTEST_OF_TWO_ERRORS else 3
    edges = [length * n // count for n in range(count + 1)]
    return tuple((length * 4 + n, edges[n], edges[n + 1]) for n in range(count))


@lru_cache(maxsize=1024)
def _probes(length: int, errors: int) -> tuple[tuple[int, int, int], ...]:
    """Where the pieces of texts of about this length may stand in a text of this length."""
    probes = []
    for other in range(max(3, length - errors), length + errors + 1):
        pieces = _pieces(other)
        allowed = min(errors, len(pieces) - 1, _MOST_ERRORS)
        gained = length - other
        if abs(gained) > allowed:
            continue
        for place, (tag, start, end) in enumerate(pieces):
            # A piece cannot move by more than the errors before it, nor by more than leaves
            # the errors after it to make up for the difference in length.
            least = max(-place, gained - (allowed - place))
            most = min(place, gained + (allowed - place))
            for move in range(least, most + 1):
                if start + move >= 0 and end + move <= length:
                    probes.append((tag, start + move, end + move))
    return tuple(probes)
