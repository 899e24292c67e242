"""Checking proofs, with nothing but the proof and the roots (RFC 9162, 2.1.3.2 and 2.1.4.2)."""

from __future__ import annotations

from collections.abc import Sequence

from api.log.errors import Mismatch
from api.log.hashing import EMPTY_ROOT, HASH_BYTES, node_hash


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """That the leaf stands at `index` of the tree of `size` leaves with this root.

    Raises Mismatch: `order` when index, size and the proof's length do not go together, `root` when
    the proof leads to another root.
    """
    if not 0 <= index < size:
        raise Mismatch("order", f"entry {index} is not in a tree of {size} entries")
    _check_hashes(proof)
    position, last, found = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise _wrong_length(proof)
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise _wrong_length(proof)
    if found != root:
        raise Mismatch(
            "root",
            f"entry {index} and its proof lead to {found.hex()}, not to the root {root.hex()}",
        )


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """That the tree of `new` leaves begins with the tree of `old` leaves.

    Raises Mismatch: `order` when the sizes and the proof's length do not go together, `root` when
    the proof leads to another root, named old or new.
    """
    if not 0 <= old <= new:
        raise Mismatch("order", f"a tree of {new} entries does not come after one of {old}")
    _check_hashes(proof)
    if old in (0, new):
        if proof:
            raise _wrong_length(proof)
        _same_root("old", EMPTY_ROOT if old == 0 else new_root, old_root)
        if new == 0:
            _same_root("new", EMPTY_ROOT, new_root)
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not proof or not path:
        raise _wrong_length(proof)
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _wrong_length(proof)
        if position & 1 or position == last:
            old_found = node_hash(sibling, old_found)
            new_found = node_hash(sibling, new_found)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_found = node_hash(new_found, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise _wrong_length(proof)
    _same_root("old", old_found, old_root)
    _same_root("new", new_found, new_root)


def _same_root(which: str, found: bytes, root: bytes) -> None:
    if found != root:
        raise Mismatch(
            "root", f"the {which} root should be {found.hex()} by the proof, but is {root.hex()}"
        )


def _check_hashes(proof: Sequence[bytes]) -> None:
    for number, value in enumerate(proof):
        if len(value) != HASH_BYTES:
            raise Mismatch("order", f"hash {number} of the proof has {len(value)} bytes, not 32")


def _wrong_length(proof: Sequence[bytes]) -> Mismatch:
    return Mismatch("order", f"a proof of {len(proof)} hashes does not fit these sizes")
