"""Full tiles kept in memory: they never change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from api.log.tree import TILE_WIDTH, HashReader


class TileCache:
    """The full tiles read last, at most `capacity` of them (about 20 KB each).

    It outlives the readers it is laid over. Lay it only over readers of what is committed: a tile
    that is rolled back must not be remembered.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self._capacity = capacity
        self._tiles: OrderedDict[tuple[int, int], Sequence[bytes]] = OrderedDict()
        self._lock = Lock()

    def over(self, reader: HashReader) -> HashReader:
        """The reader, asked only for what is not remembered."""
        return _Cached(self, reader)

    def get(self, level: int, start: int) -> Sequence[bytes] | None:
        """The full tile that begins at a hash of a level, if it is remembered."""
        with self._lock:
            found = self._tiles.get((level, start))
            if found is not None:
                self._tiles.move_to_end((level, start))
            return found

    def put(self, level: int, start: int, hashes: Sequence[bytes]) -> None:
        """Remembers a full tile, and forgets the one unused for longest when there are too many."""
        with self._lock:
            self._tiles[level, start] = hashes
            self._tiles.move_to_end((level, start))
            if len(self._tiles) > self._capacity:
                self._tiles.popitem(last=False)


class _Cached:
    def __init__(self, cache: TileCache, reader: HashReader) -> None:
        self._cache = cache
        self._reader = reader

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        if count != TILE_WIDTH:
            return self._reader.hashes(level, start, count)
        found = self._cache.get(level, start)
        if found is None:
            found = self._reader.hashes(level, start, count)
            if len(found) == count:
                self._cache.put(level, start, found)
        return found
