"""A log kept in memory by the product's own functions, and written as the files others fetch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from api.log.checkpoint import Checkpoint, sign_checkpoint
from api.log.envelope import Envelope
from api.log.hashing import leaf_hash
from api.log.keys import SigningKey
from api.log.tiles import entry_bundle, tile_paths
from api.log.tree import Row, appended, root, tile

LOG_KEY = SigningKey("log.example/decisions", bytes(range(32)))


class MemoryHashes:
    """Rows as a database would keep them: each once, none changed."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}

    def add(self, rows: Iterable[Row]) -> None:
        for level, index, value in rows:
            assert (level, index) not in self.rows
            self.rows[level, index] = value

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        width = 16 if count <= 16 else 256
        assert count >= 1
        assert start // width == (start + count - 1) // width, "a read crosses the end of a block"
        keys = ((level, index) for index in range(start, start + count))
        return [self.rows[key] for key in keys if key in self.rows]


class MemoryLog:
    """Entries, and the hashes of their tree."""

    def __init__(self, entries: Sequence[bytes] = (), group: int = 100) -> None:
        self.entries: list[bytes] = []
        self.hashes = MemoryHashes()
        for first in range(0, len(entries), group):
            self.append(entries[first : first + group])

    def append(self, entries: Sequence[bytes]) -> None:
        self.hashes.add(appended(self.hashes, len(self.entries), [leaf_hash(e) for e in entries]))
        self.entries += entries

    def checkpoint(self, size: int | None = None, key: SigningKey = LOG_KEY) -> bytes:
        size = len(self.entries) if size is None else size
        return sign_checkpoint(Checkpoint(key.name, size, root(self.hashes, size)), key)

    def files(self) -> Iterable[tuple[str, bytes]]:
        """Every file of the log, by its path."""
        yield "checkpoint", self.checkpoint()
        for path in tile_paths(len(self.entries)):
            if path.level is None:
                yield str(path), entry_bundle(self.entries[path.start : path.start + path.width])
            else:
                yield str(path), tile(self.hashes, path.level, path.index, path.width)

    def write(self, folder: Path) -> None:
        for path, data in self.files():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)


def entry(number: int) -> bytes:
    """An envelope like those of decisions."""
    return Envelope(
        kind="decision",
        id=f"decision-{number}",
        time="2026-11-23T08:00:00.123Z",
        actor="erp",
        content=f"sha256:{number:064x}",
        rule_set="sha256:" + "ab" * 32,
        outcome="deny",
    ).encoded()
