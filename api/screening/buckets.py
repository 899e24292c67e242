"""Numbers filed under numbers in flat arrays: a few bytes each, however many there are."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate

# So few buckets cost nothing, and most names asked about find theirs empty.
_FEWEST_BITS = 14


class Buckets:
    """The values of each bucket, in the order they were given."""

    def __init__(self, buckets: Sequence[int], values: Sequence[int], size: int) -> None:
        counts = array("I", bytes(4 * (size + 1)))
        for bucket in buckets:
            counts[bucket + 1] += 1
        self.starts = array("I", accumulate(counts))
        free = self.starts[:]
        self.values = array("I", bytes(4 * len(values)))
        filed = self.values
        for bucket, value in zip(buckets, values, strict=True):
            at = free[bucket]
            filed[at] = value
            free[bucket] = at + 1

    def of(self, bucket: int) -> array[int]:
        """The values of a bucket."""
        return self.values[self.starts[bucket] : self.starts[bucket + 1]]

    def count(self, bucket: int) -> int:
        """How many values a bucket holds."""
        return self.starts[bucket + 1] - self.starts[bucket]


def size_for(entries: int) -> int:
    """A power of two of about as many buckets as there are entries, or more if they are few."""
    return 1 << max(_FEWEST_BITS, entries.bit_length())


def hashed(hashes: array[int], values: array[int]) -> tuple[Buckets, int]:
    """The values by their hashes, of which the mask leaves the bucket."""
    size = size_for(len(hashes))
    mask = size - 1
    return Buckets(array("I", [number & mask for number in hashes]), values, size), mask
