"""Numbers filed under numbers in flat arrays: a few bytes each, however many there are."""

from __future__ import annotations

from array import array
from collections.abc import Sequence


class Buckets:
    """The values of each bucket, in the order they were given."""

    def __init__(self, buckets: Sequence[int], values: Sequence[int], size: int) -> None:
        starts = array("I", bytes(4 * (size + 1)))
        for bucket in buckets:
            starts[bucket] += 1
        total = 0
        for bucket in range(size + 1):
            held = starts[bucket]
            starts[bucket] = total
            total += held
        filed = array("I", bytes(4 * total))
        for bucket, value in zip(buckets, values, strict=True):
            at = starts[bucket]
            filed[at] = value
            starts[bucket] = at + 1
        # Filling moved each start to its end, which is where the next one starts.
        starts.insert(0, 0)
        self.starts, self.values = starts, filed

    def of(self, bucket: int) -> array[int]:
        """The values of a bucket."""
        return self.values[self.starts[bucket] : self.starts[bucket + 1]]

    def count(self, bucket: int) -> int:
        """How many values a bucket holds."""
        return self.starts[bucket + 1] - self.starts[bucket]


def size_for(entries: int) -> int:
    """A power of two of about as many buckets as there are entries."""
    return 1 << max(8, entries.bit_length())
