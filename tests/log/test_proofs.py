"""A proof that was altered in any way is refused, with the name of what does not match."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.log.errors import Mismatch
from api.log.hashing import leaf_hash
from api.log.proofs import verify_consistency, verify_inclusion
from api.log.tree import consistency_proof, inclusion_proof, root
from tests.log.memory import MemoryLog

LOG = MemoryLog([b"%d" % number for number in range(1_000)])
LEAVES = [leaf_hash(entry) for entry in LOG.entries]


def flipped(data: bytes, bit: int) -> bytes:
    at, within = divmod(bit % (8 * len(data)), 8)
    return data[:at] + bytes([data[at] ^ (1 << within)]) + data[at + 1 :]


bits = st.integers(0, 255)
sizes = st.integers(2, 1_000)


@given(sizes, st.data(), bits)
def test_an_altered_inclusion_proof_is_refused(size: int, data: st.DataObject, bit: int) -> None:
    index = data.draw(st.integers(0, size - 1), "index")
    proof, whole = inclusion_proof(LOG.hashes, index, size), root(LOG.hashes, size)
    at = data.draw(st.integers(0, len(proof) - 1), "altered hash")
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index), "other index")
    altered = [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]]
    for part, leaf, place, path, top in (
        ("root", LEAVES[index], index, altered, whole),
        ("root", flipped(LEAVES[index], bit), index, proof, whole),
        ("root", LEAVES[index], index, proof, flipped(whole, bit)),
        ("order", LEAVES[index], index, proof[:-1], whole),
        ("order", LEAVES[index], index, [*proof, whole], whole),
        ("order", LEAVES[index], index, [*proof[:-1], proof[-1][:-1]], whole),
        ("order", LEAVES[index], size, proof, whole),
        ("order", LEAVES[index], -1, proof, whole),
        ("root order", LEAVES[index], other, proof, whole),
    ):
        with pytest.raises(Mismatch) as refused:
            verify_inclusion(leaf, place, size, path, top)
        assert refused.value.part in part.split()


@given(sizes, st.data(), bits)
def test_an_altered_proof_of_growth_is_refused(new: int, data: st.DataObject, bit: int) -> None:
    old = data.draw(st.integers(1, new - 1), "old size")
    proof = consistency_proof(LOG.hashes, old, new)
    before, after = root(LOG.hashes, old), root(LOG.hashes, new)
    at = data.draw(st.integers(0, len(proof) - 1), "altered hash")
    altered = [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]]
    for part, sizes_, path, roots in (
        ("root", (old, new), altered, (before, after)),
        ("root", (old, new), proof, (flipped(before, bit), after)),
        ("root", (old, new), proof, (before, flipped(after, bit))),
        ("order root", (old, new), proof[:-1], (before, after)),
        ("order", (old, new), [*proof, after], (before, after)),
        ("order", (old, new), [], (before, after)),
        ("order", (new, old), proof, (after, before)),
        ("order", (-1, new), proof, (before, after)),
    ):
        with pytest.raises(Mismatch) as refused:
            verify_consistency(*sizes_, path, *roots)
        assert refused.value.part in part.split()


@given(st.integers(2, 1_000), st.data())
def test_a_log_with_an_entry_taken_out_is_not_what_it_was(old: int, data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, old - 1), "the entry taken out")
    rebuilt = MemoryLog(LOG.entries[:gone] + LOG.entries[gone + 1 :])
    new = len(rebuilt.entries)
    if old > new:
        return
    proof = consistency_proof(rebuilt.hashes, old, new)
    with pytest.raises(Mismatch, match="root"):
        verify_consistency(old, new, proof, root(LOG.hashes, old), root(rebuilt.hashes, new))


def test_a_proof_of_growth_is_of_its_sizes_only() -> None:
    proof = consistency_proof(LOG.hashes, 1, 2)
    with pytest.raises(Mismatch, match="a proof of 1 hashes does not fit these sizes"):
        verify_consistency(1, 4, proof, root(LOG.hashes, 1), root(LOG.hashes, 2))


EMPTY = hashlib.sha256().digest()
ROOT = root(LOG.hashes, 7)


@pytest.mark.parametrize(
    ("old", "new", "proof", "old_root", "new_root"),
    [
        (0, 7, [], ROOT, ROOT),
        (0, 0, [], EMPTY, ROOT),
        (0, 7, [ROOT], EMPTY, ROOT),
        (7, 7, [], EMPTY, ROOT),
        (7, 7, [ROOT], ROOT, ROOT),
    ],
)
def test_the_empty_and_the_same_tree_prove_nothing_else(
    old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes
) -> None:
    with pytest.raises(Mismatch):
        verify_consistency(old, new, proof, old_root, new_root)
