"""Inclusion proofs of a log of ten million entries, whose hashes are rows in SQLite."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from api.log.cache import HashCache
from api.log.hashing import leaf_hash
from api.log.proofs import verify_inclusion
from api.log.tree import appended, inclusion_proof, root
from benchmarks.figures import Figure, microseconds

ENTRIES = 10_000_000
_GROUP = 65_536
_AIM_US = 1_000


class SqliteHashes:
    """The rows `(level, index) -> hash`, as a database keeps them."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file)
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute(
            'CREATE TABLE hashes (level INTEGER, "index" INTEGER, hash BLOB NOT NULL, '
            'PRIMARY KEY (level, "index")) WITHOUT ROWID'
        )

    def hashes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        found = self._connection.execute(
            'SELECT hash FROM hashes WHERE level = ? AND "index" >= ? AND "index" < ? '
            'ORDER BY "index"',
            (level, start, start + count),
        )
        return [row[0] for row in found]

    def add_leaves(self, size: int, leaf_hashes: Sequence[bytes]) -> None:
        """Appends in a transaction."""
        rows = appended(self, size, leaf_hashes)
        self._connection.executemany("INSERT INTO hashes VALUES (?, ?, ?)", rows)
        self._connection.commit()

    def close(self) -> None:
        """Closes the database."""
        self._connection.close()


def figures() -> Iterator[Figure]:
    """Builds the rows, then proves random entries, each asked for once."""
    with tempfile.TemporaryDirectory() as folder:
        hashes = SqliteHashes(Path(folder) / "hashes.db")
        started = time.perf_counter()
        for size in range(0, ENTRIES, _GROUP):
            last = min(size + _GROUP, ENTRIES)
            hashes.add_leaves(size, [leaf_hash(b"%d" % number) for number in range(size, last)])
        spent = time.perf_counter() - started
        chance = random.Random(9162)
        whole, cache = root(hashes, ENTRIES), HashCache()

        def prove() -> None:
            inclusion_proof(hashes, chance.randrange(ENTRIES), ENTRIES)

        def prove_cached() -> None:
            inclusion_proof(cache.over(hashes), chance.randrange(ENTRIES), ENTRIES)

        times = microseconds(
            {
                "nothing cached": prove,
                "with a cache": prove_cached,
                "root": lambda: root(hashes, ENTRIES),
            }
        )
        index = chance.randrange(ENTRIES)
        proof = inclusion_proof(hashes, index, ENTRIES)
        verify_inclusion(leaf_hash(b"%d" % index), index, ENTRIES, proof, whole)
        hashes.close()
    note = (
        f"{times['nothing cached']:.0f} us, rows in SQLite, {ENTRIES / spent:.0f} appended a second"
    )
    yield Figure(
        "inclusion proof at 10 million entries, beside 1 ms",
        times["nothing cached"] / _AIM_US,
        1.0,
        note=note,
    )
    for name in ("with a cache", "root"):
        yield Figure(f"  the same: {name}", times[name] / _AIM_US, note=f"{times[name]:.0f} us")
