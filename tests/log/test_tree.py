"""The tree over stored hashes is the tree of RFC 9162, however it was appended.

`LODESTONE_LOG_PAIRS` sets up to which size every index and every earlier size is tried.
"""

from __future__ import annotations

import hashlib
import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.log.cache import HashCache
from api.log.errors import HashesMissing, OutOfRange
from api.log.hashing import leaf_hash
from api.log.proofs import verify_consistency, verify_inclusion
from api.log.tree import appended, consistency_proof, inclusion_proof, root, tile
from tests.log.memory import MemoryHashes
from tests.log.reference import Reference

_ALL_PAIRS = int(os.environ.get("LODESTONE_LOG_PAIRS", "260"))
_AROUND_TILES = [*range(511, 515), 600]
_BIG = 140_000


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


LEAVES = leaves(_BIG)
REFERENCE = Reference(LEAVES)


def stored(groups: list[int]) -> MemoryHashes:
    hashes, size = MemoryHashes(), 0
    for group in groups:
        hashes.add(appended(hashes, size, LEAVES[size : size + group]))
        size += group
    return hashes


def random_groups(total: int, most: int) -> list[int]:
    chance, groups = random.Random(total), []
    while total:
        groups.append(min(total, chance.randint(1, most)))
        total -= groups[-1]
    return groups


SMALL = stored(random_groups(700, 9))
BIG = stored(random_groups(_BIG, 1_000))


@given(st.lists(st.integers(0, 700), max_size=6))
def test_rows_are_the_same_whatever_the_groups(groups: list[int]) -> None:
    size = sum(groups)
    rows = {}
    width = level = 0
    while (width := 16**level) <= size:
        for index in range(size // width):
            rows[level, index] = REFERENCE.root(index * width, (index + 1) * width)
        level += 1
    assert stored(groups).rows == rows


def test_the_levels_of_a_bigger_tree() -> None:
    assert {level for level, _ in BIG.rows} == {0, 1, 2, 3, 4}
    assert BIG.rows[4, 1] == REFERENCE.root(65_536, 131_072)
    assert len(BIG.rows) < 1.07 * _BIG


@pytest.mark.parametrize("sizes", [range(_ALL_PAIRS + 1), _AROUND_TILES])
def test_every_proof_of_every_entry_is_the_one_of_the_rfc_and_verifies(sizes: range) -> None:
    for size in sizes:
        whole = root(SMALL, size)
        assert whole == REFERENCE.root(0, size)
        for index in range(size):
            proof = inclusion_proof(SMALL, index, size)
            assert proof == REFERENCE.path(index, 0, size)
            verify_inclusion(LEAVES[index], index, size, proof, whole)


@pytest.mark.parametrize("sizes", [range(_ALL_PAIRS + 1), _AROUND_TILES])
def test_every_proof_of_growth_is_the_one_of_the_rfc_and_verifies(sizes: range) -> None:
    for new in sizes:
        whole = root(SMALL, new)
        for old in range(new + 1):
            proof = consistency_proof(SMALL, old, new)
            assert proof == (REFERENCE.proof(old, new) if old else [])
            verify_consistency(old, new, proof, REFERENCE.root(0, old), whole)


big_sizes = st.one_of(
    st.integers(1, _BIG),
    st.sampled_from([1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073]),
)


@given(big_sizes, st.data())
def test_proofs_in_bigger_trees(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1), "index")
    old = data.draw(st.one_of(st.integers(1, size), st.sampled_from([1, size])), "old size")
    whole = root(BIG, size)
    inclusion, growth = inclusion_proof(BIG, index, size), consistency_proof(BIG, old, size)
    assert whole == REFERENCE.root(0, size)
    assert inclusion == REFERENCE.path(index, 0, size)
    assert growth == REFERENCE.proof(old, size)
    verify_inclusion(LEAVES[index], index, size, inclusion, whole)
    verify_consistency(old, size, growth, root(BIG, old), whole)


class Counting:
    """Counts what is read."""

    def __init__(self, hashes: MemoryHashes) -> None:
        self._hashes = hashes
        self.reads: list[tuple[int, int, int]] = []

    def hashes(self, level: int, start: int, count: int) -> list[bytes]:
        self.reads.append((level, start, count))
        return list(self._hashes.hashes(level, start, count))


@given(big_sizes, st.data())
def test_a_proof_reads_each_block_once_and_two_a_level_at_most(
    size: int, data: st.DataObject
) -> None:
    reader = Counting(BIG)
    inclusion_proof(reader, data.draw(st.integers(0, size - 1)), size)
    assert len(set(reader.reads)) == len(reader.reads)
    levels = [level for level, _, _ in reader.reads]
    assert all(levels.count(level) <= 2 for level in levels)
    assert all(count <= 16 for _, _, count in reader.reads)


def test_appending_reads_only_the_blocks_it_fills() -> None:
    reader = Counting(BIG)
    appended(reader, 65_536, LEAVES[65_536 : 65_536 + 15])
    appended(reader, 65_546, LEAVES[65_546 : 65_546 + 5])
    assert reader.reads == []
    appended(reader, 65_536 + 4_085, LEAVES[65_536 + 4_085 : 65_536 + 4_100])
    assert reader.reads == [(0, 69_616, 5), (1, 4_336, 15), (2, 256, 15)]


@settings(max_examples=30)
@given(st.lists(st.integers(0, _BIG - 1), min_size=1, max_size=20), st.integers(1, 4))
def test_a_cache_changes_nothing_and_spares_every_second_read(
    indexes: list[int], capacity: int
) -> None:
    reader, cache = Counting(BIG), HashCache(capacity)
    for index in indexes:
        proof = inclusion_proof(cache.over(reader), index, _BIG)
        assert proof == REFERENCE.path(index, 0, _BIG)
    reader, cache = Counting(BIG), HashCache()
    for index in indexes * 2:
        inclusion_proof(cache.over(reader), index, _BIG)
    assert len(reader.reads) == len(set(reader.reads))


def test_a_cache_forgets_what_was_unused_for_longest() -> None:
    reader, cache = Counting(BIG), HashCache(2)
    for start in (0, 16, 0, 32, 0, 16):
        cache.over(reader).hashes(0, start, 16)
    assert [start for _, start, _ in reader.reads] == [0, 16, 32, 16]


def test_a_cache_does_not_remember_what_was_not_stored_yet() -> None:
    cache, hashes = HashCache(), stored([5])
    with pytest.raises(HashesMissing):
        root(cache.over(hashes), 7)
    hashes.add(appended(hashes, 5, LEAVES[5:7]))
    assert root(cache.over(hashes), 7) == REFERENCE.root(0, 7)


def test_a_tile_is_its_hashes() -> None:
    assert tile(BIG, 0, 3) == b"".join(LEAVES[768:1024])
    assert tile(BIG, 0, 546, 224) == b"".join(LEAVES[139_776:])
    assert tile(BIG, 1, 1, 2) == REFERENCE.root(65_536, 65_792) + REFERENCE.root(65_792, 66_048)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (9, 5), (0, 0)])
def test_there_is_no_proof_of_what_the_tree_has_not(index: int, size: int) -> None:
    with pytest.raises(OutOfRange, match=f"no entry {index} in a tree of {size}"):
        inclusion_proof(SMALL, index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5)])
def test_there_is_no_proof_that_a_tree_shrank(old: int, new: int) -> None:
    with pytest.raises(OutOfRange, match=f"{new} entries does not come after one of {old}"):
        consistency_proof(SMALL, old, new)


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(OutOfRange, match="negative"):
        root(SMALL, -1)
    with pytest.raises(OutOfRange, match="negative"):
        appended(SMALL, -1, LEAVES[:1])


def test_hashes_that_are_not_stored_are_named() -> None:
    with pytest.raises(HashesMissing, match="hashes 688 to 702 of level 0, 12 are stored"):
        root(SMALL, 703)
    with pytest.raises(HashesMissing, match="hashes 992 to 999 of level 0, 0 are stored"):
        appended(SMALL, 1_000, LEAVES[1_000:1_100])
    with pytest.raises(HashesMissing, match="of level 2, 2 are stored"):
        tile(SMALL, 1, 0, 3)


def test_the_roots_of_certificate_transparency() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    inputs.append("606162636465666768696a6b6c6d6e6f")
    roots = [
        hashlib.sha256(b"").hexdigest(),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    hashes = MemoryHashes()
    hashes.add(appended(hashes, 0, [leaf_hash(bytes.fromhex(data)) for data in inputs]))
    assert [root(hashes, size).hex() for size in range(9)] == roots
    assert [value.hex()[:8] for value in inclusion_proof(hashes, 5, 8)] == [
        "bc1a0643",
        "ca854ea1",
        "d37ee418",
    ]
    assert [value.hex()[:8] for value in consistency_proof(hashes, 6, 8)] == [
        "0ebc5d34",
        "ca854ea1",
        "d37ee418",
    ]
