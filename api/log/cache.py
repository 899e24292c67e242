"""Stored hashes kept in memory: they never change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from api.log.tree import HashReader

_Range = tuple[int, int, int]


class HashCache:
    """The ranges of hashes read last, at most `capacity` of them (up to 2 KB each; tiles 20 KB).

    It outlives the readers it is laid over. Lay it only over readers of what is committed: what is
    rolled back must not be remembered.
    """

    def __init__(self, capacity: int = 8192) -> None:
        self._capacity = capacity
        self._ranges: OrderedDict[_Range, Sequence[bytes]] = OrderedDict()
        self._lock = Lock()

    def over(self, reader: HashReader) -> HashReader:
        """The reader, asked only for what is not remembered."""
        return _Cached(self, reader)

    def get(self, wanted: _Range) -> Sequence[bytes] | None:
        """The hashes of a range `(level, start, count)`, if they are remembered."""
        with self._lock:
            found = self._ranges.get(wanted)
            if found is not None:
                self._ranges.move_to_end(wanted)
            return found

    def put(self, read: _Range, hashes: Sequence[bytes]) -> None:
        """Remembers a range, and forgets the one unused for longest when there are too many."""
        with self._lock:
            self._ranges[read] = hashes
            if len(self._ranges) > self._capacity:
                self._ranges.popitem(last=False)


class _Cached:
    def __init__(self, cache: HashCache, reader: HashReader) -> None:
        self._cache = cache
        self._reader = reader

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        found = self._cache.get((level, start, count))
        if found is None:
            found = self._reader.hashes(level, start, count)
            if len(found) == count:
                self._cache.put((level, start, count), found)
        return found
