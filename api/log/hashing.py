"""The hashes of a Merkle tree (RFC 9162, section 2.1.1), with SHA-256."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over subtrees of one size, a power of two of them."""
    level = hashes
    while len(level) > 1:
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def frontier_root(frontier: Sequence[bytes]) -> bytes:
    """The root over the complete subtrees of a tree, the largest (leftmost) first.

    They are as many as the size has bits set; none is the empty tree.
    """
    if not frontier:
        return EMPTY_ROOT
    *larger, root = frontier
    for subtree in reversed(larger):
        root = node_hash(subtree, root)
    return root
