"""Tiles as others fetch them: their paths, widths and bytes (C2SP tlog-tiles)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.log.errors import EntryTooLarge, Malformed
from api.log.hashing import HASH_BYTES
from api.log.tree import TILE_HEIGHT, TILE_WIDTH

LARGEST_ENTRY = 65_535
"""Bytes: an entry bundle gives each entry's length in 16 bits."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]*)"
    r"/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]*))?",
    re.ASCII,
)
_HIGHEST_LEVEL = 63
_LARGEST_INDEX = 2**63


@dataclass(frozen=True)
class TilePath:
    """A tile of hashes, or a bundle of entries (`level` None); partial when narrower than 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __str__(self) -> str:
        level = "entries" if self.level is None else str(self.level)
        number = f"{self.index:d}"
        number = number.zfill(-(-len(number) // 3) * 3)
        groups = [number[at : at + 3] for at in range(0, len(number), 3)]
        path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{path}{partial}"

    @property
    def start(self) -> int:
        """The index, in its level, of the first hash or entry."""
        return self.index * TILE_WIDTH

    def within(self, size: int) -> bool:
        """Whether a tree of `size` entries has all of it."""
        return self.start + self.width <= size >> (TILE_HEIGHT * (self.level or 0))


def parse_tile_path(path: str) -> TilePath:
    """The tile a path names, such as `tile/0/x001/x234/067` or `tile/entries/000.p/3`.

    Raises Malformed for anything that is not the one way to write it.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        raise Malformed(
            f"`{path}` is not a tile: it is `tile/`, a level or `entries`, `/`, the index in "
            "groups of three digits of which all but the last begin with x, and `.p/` with the "
            "width if partial, as in `tile/0/x001/x234/067.p/8`"
        )
    level = None if found["level"] == "entries" else _number(found["level"], _HIGHEST_LEVEL)
    if level == -1:
        raise Malformed(f"`{path}`: the level is above {_HIGHEST_LEVEL}")
    if found["index"].startswith("x000"):
        raise Malformed(f"`{path}`: the index begins with a group of zeros")
    index = _number(found["index"].replace("/", "").replace("x", ""), _LARGEST_INDEX)
    if index == -1:
        raise Malformed(f"`{path}`: the index is above {_LARGEST_INDEX}")
    width = TILE_WIDTH if found["width"] is None else _number(found["width"], TILE_WIDTH - 1)
    if width == -1:
        raise Malformed(f"`{path}`: the width of a partial tile is 1 to {TILE_WIDTH - 1}")
    return TilePath(level, index, width)


def tile_paths(size: int) -> Iterator[TilePath]:
    """Every tile and every entry bundle of a tree of `size` entries, partial ones included."""
    level, stored = 0, size
    while stored:
        full, rest = divmod(stored, TILE_WIDTH)
        for kind in (level,) if level else (None, 0):
            yield from (TilePath(kind, index) for index in range(full))
            if rest:
                yield TilePath(kind, full, rest)
        level, stored = level + 1, full


def split_tile(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises Malformed unless it is 1 to 256 whole ones."""
    count, rest = divmod(len(data), HASH_BYTES)
    if rest or not 1 <= count <= TILE_WIDTH:
        raise Malformed(f"a tile is 1 to {TILE_WIDTH} hashes of 32 bytes, not {len(data)} bytes")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of an entry bundle. Raises EntryTooLarge for one above 65,535 bytes."""
    parts: list[bytes] = []
    for number, entry in enumerate(entries):
        if len(entry) > LARGEST_ENTRY:
            raise EntryTooLarge(
                f"entry {number} of the bundle has {len(entry)} bytes; at most {LARGEST_ENTRY} fit"
            )
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def split_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises Malformed unless it is 1 to 256 whole ones."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            raise Malformed(f"the entry bundle ends within its entry {len(entries)}")
        entries.append(data[at + 2 : end])
        at = end
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise Malformed(f"an entry bundle has 1 to {TILE_WIDTH} entries, not {len(entries)}")
    return entries


def _number(digits: str, most: int) -> int:
    """The number, or -1 when it is above `most`."""
    return int(digits) if len(digits) < 25 and int(digits) <= most else -1
