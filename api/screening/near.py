"""Texts within two typing errors of another, found by the pieces that errors leave whole.

Every text is cut into at least one piece more than the errors it may have, so one piece stays as
it was, at most moved by as many places as letters were lost or gained before it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zlib import crc32

from rapidfuzz import process
from rapidfuzz.distance import OSA

from api.screening.buckets import Buckets, size_for

LONGEST = 96
_MOST_LOOKED_AT = 6_000
_FEW = 24


@lru_cache(maxsize=256)
def _pieces(length: int) -> tuple[tuple[int, int, int], ...]:
    """The pieces of a text: a tag that tells length and place apart, start and end."""
    if length < 3:
        return ()
    count = 2 if length < 6 else 3 if length < 11 else 4
    edges = [length * n // count for n in range(count + 1)]
    return tuple((length * 4 + n, edges[n], edges[n + 1]) for n in range(count))


@lru_cache(maxsize=1024)
def _probes(length: int, errors: int) -> tuple[tuple[int, int, int], ...]:
    """Where the pieces of texts of about this length may stand in a text of this length."""
    probes = []
    for other in range(max(3, length - errors), length + errors + 1):
        pieces = _pieces(other)
        allowed = min(errors, len(pieces) - 1, 2)
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


class NearTexts:
    """Texts of letters and digits, numbered in the order given, cut at `LONGEST` letters."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        keys, values = array("I"), array("I")
        add_key, add_value = keys.append, values.append
        for number, text in enumerate(texts):
            data = text[:LONGEST].encode()
            for tag, start, end in _pieces(len(data)):
                add_key(crc32(data[start:end], tag))
                add_value(number)
        size = size_for(len(keys))
        self._mask = size - 1
        mask = self._mask
        self._filed = Buckets([key & mask for key in keys], values, size)

    def near(self, text: str, errors: int) -> Iterator[tuple[int, int]]:
        """The number of each text with at most so many errors (0 to 2), and how many."""
        text = text[:LONGEST]
        data = text.encode()
        mask, starts, values = self._mask, self._filed.starts, self._filed.values
        found: list[int] = []
        crowded = []
        for tag, start, end in _probes(len(data), errors):
            bucket = crc32(data[start:end], tag) & mask
            first, last = starts[bucket], starts[bucket + 1]
            if first != last:
                if last - first > 200:
                    crowded.append((last - first, first, last))
                else:
                    found += values[first:last]
        if crowded:
            # The fullest say least: endings such as "technologies".
            for count, first, last in sorted(crowded):
                if len(found) + count > _MOST_LOOKED_AT:
                    break
                found += values[first:last]
        if not found:
            return
        texts = self._texts
        numbers = set(found)
        if len(numbers) <= _FEW:
            distance = OSA.distance
            for number in numbers:
                edits = distance(text, texts[number], score_cutoff=errors)
                if edits <= errors:
                    yield number, edits
            return
        ordered = sorted(numbers)
        for _, edits, at in process.extract(
            text,
            [texts[number] for number in ordered],
            scorer=OSA.distance,
            score_cutoff=errors,
            limit=None,
        ):
            yield ordered[at], int(edits)
