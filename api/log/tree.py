"""The tree over stored hashes: what to store for new leaves, roots, proofs and tiles.

Stored are rows `(level, index) -> hash` that are only ever added. Level L holds the root of every
complete subtree of 16**L leaves: level 0 the leaf hashes, level 1 the root of each block of 16 of
them, and so on, 1.07 rows a leaf. What lies between two levels is hashed anew from one block. Every
second level is one of C2SP tlog-tiles, whose tiles are 256 wide. To store those only would spare
6 % of the rows, and make a proof three times as slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from api.log.errors import HashesMissing, OutOfRange
from api.log.hashing import complete_root, frontier_root

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
BLOCK_HEIGHT = 4
BLOCK_WIDTH = 1 << BLOCK_HEIGHT

Row = tuple[int, int, bytes]


class HashReader(Protocol):
    """The stored hashes."""

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """The hashes from `start` to before `start + count` of a level, in order.

        `count` is 1 to 16, within a block, or for a tile up to 256. What is stored of the range is
        enough: that some is missing is seen and said by the caller.
        """


def appended(reader: HashReader, size: int, leaf_hashes: Sequence[bytes]) -> list[Row]:
    """The rows `(level, index, hash)` to add for leaves that follow a tree of `size` leaves.

    Reads a level only when a block of it becomes full, and then only what stands in that block.
    Raises HashesMissing when the beginning of such a block is not stored.
    """
    _not_negative(size, "size")
    rows: list[Row] = []
    level, stored, new = 0, size, list(leaf_hashes)
    while new:
        rows += [(level, index, value) for index, value in enumerate(new, stored)]
        full_before, full_now = stored // BLOCK_WIDTH, (stored + len(new)) // BLOCK_WIDTH
        if full_now == full_before:
            break
        begun = stored % BLOCK_WIDTH
        if begun:
            new = [*_read(reader, level, stored - begun, begun), *new]
        new = [
            complete_root(new[first : first + BLOCK_WIDTH])
            for first in range(0, (full_now - full_before) * BLOCK_WIDTH, BLOCK_WIDTH)
        ]
        level, stored = level + 1, full_before
    return rows


def root(reader: HashReader, size: int) -> bytes:
    """The root of the tree's first `size` leaves."""
    _not_negative(size, "size")
    return _Subtrees(reader, size).over(0, size)


def inclusion_proof(reader: HashReader, index: int, size: int) -> list[bytes]:
    """PATH(index, D_size) of RFC 9162, section 2.1.3.1: from the leaf's sibling upwards.

    Raises OutOfRange unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise OutOfRange(f"there is no entry {index} in a tree of {size} entries")
    subtrees = _Subtrees(reader, size)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtrees.over(middle, end))
            end = middle
        else:
            path.append(subtrees.over(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(reader: HashReader, old: int, new: int) -> list[bytes]:
    """PROOF(old, D_new) of RFC 9162, section 2.1.4.1.

    Empty when the sizes are the same or `old` is 0: there is nothing to show. Raises OutOfRange
    unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise OutOfRange(f"a tree of {new} entries does not come after one of {old}")
    if old in (0, new):
        return []
    subtrees = _Subtrees(reader, new)
    path: list[bytes] = []
    start, end = 0, new
    while end > old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtrees.over(middle, end))
            end = middle
        else:
            path.append(subtrees.over(start, middle))
            start = middle
    if start:  # else the subtree is the old tree itself, whose root the verifier has
        path.append(subtrees.over(start, end))
    return path[::-1]


def tile(reader: HashReader, level: int, index: int, width: int = TILE_WIDTH) -> bytes:
    """The bytes of a hash tile: `width` hashes, 256 of them unless it is partial.

    Raises HashesMissing when it is not stored as far.
    """
    return b"".join(_read(reader, level * TILE_HEIGHT // BLOCK_HEIGHT, index * TILE_WIDTH, width))


class _Subtrees:
    """Roots of aligned ranges of leaves; every block is read at most once."""

    def __init__(self, reader: HashReader, size: int) -> None:
        self._reader = reader
        self._size = size
        self._blocks: dict[tuple[int, int], Sequence[bytes]] = {}

    def over(self, start: int, end: int) -> bytes:
        """The root over the leaves from `start` to before `end`."""
        return frontier_root([self._complete(*node) for node in _frontier(start, end)])

    def _complete(self, height: int, index: int) -> bytes:
        level, within = divmod(height, BLOCK_HEIGHT)
        number, first = divmod(index << within, BLOCK_WIDTH)
        return complete_root(self._block(level, number)[first : first + (1 << within)])

    def _block(self, level: int, number: int) -> Sequence[bytes]:
        found = self._blocks.get((level, number))
        if found is None:
            start = number * BLOCK_WIDTH
            width = min(BLOCK_WIDTH, (self._size >> (BLOCK_HEIGHT * level)) - start)
            found = self._blocks[level, number] = _read(self._reader, level, start, width)
        return found


def _frontier(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees `(height, index)` that make up a range, the largest first."""
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _split(width: int) -> int:
    """The largest power of two below a width of two or more."""
    return 1 << ((width - 1).bit_length() - 1)


def _read(reader: HashReader, level: int, start: int, count: int) -> Sequence[bytes]:
    found = reader.hashes(level, start, count)
    if len(found) != count:
        raise HashesMissing(
            f"the log is damaged: of the hashes {start} to {start + count - 1} of level {level}, "
            f"{len(found)} are stored"
        )
    return found


def _not_negative(number: int, name: str) -> None:
    if number < 0:
        raise OutOfRange(f"{name} is negative: {number}")
