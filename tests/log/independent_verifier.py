"""Verifies a log from the specifications alone: RFC 9162, RFC 8032, C2SP tlog-tiles, signed-note,
tlog-checkpoint and tlog-cosignature. Only Python's standard library, and nothing of Lodestone.

    python independent_verifier.py FOLDER VERIFIER_KEY

reads `checkpoint`, `tile/…` and `tile/entries/…` under a folder, and recomputes every hash.
`verify_log` does the same with any function that fetches a path, such as one over HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import pathlib
import sys
from collections.abc import Callable
from typing import NamedTuple

Fetch = Callable[[str], bytes]


class Refused(Exception):
    """The log is not what it claims to be."""


def demand(condition: bool, complaint: str) -> None:
    if not condition:
        raise Refused(complaint)


# Ed25519, RFC 8032 section 5.1. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def plus(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % PRIME
    b = (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c = 2 * p[3] * q[3] * CURVE_D % PRIME
    d = 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(scalar: int, point: Point) -> Point:
    total = NEUTRAL
    while scalar:
        if scalar % 2:
            total = plus(total, point)
        point = plus(point, point)
        scalar //= 2
    return total


def point_from(encoded: bytes) -> Point:
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number % 2**255
    demand(y < PRIME, "a point of the signature is not on the curve")
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    demand(x * x % PRIME == square, "a point of the signature is not on the curve")
    demand(x != 0 or sign == 0, "a point of the signature has a sign of zero")
    if x % 2 != sign:
        x = PRIME - x
    return x, y, 1, x * y % PRIME


BASE = point_from((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


def check_ed25519(public: bytes, message: bytes, signature: bytes) -> None:
    demand(len(public) == 32 and len(signature) == 64, "key or signature has the wrong length")
    s = int.from_bytes(signature[32:], "little")
    demand(s < ORDER, "the signature is out of range")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left = times(s, BASE)
    right = plus(point_from(signature[:32]), times(k, point_from(public)))
    same = (left[0] * right[2] - right[0] * left[2]) % PRIME == 0
    same = same and (left[1] * right[2] - right[1] * left[2]) % PRIME == 0
    demand(same, "the signature is false")


# Signed notes, checkpoints and cosignatures.


class Head(NamedTuple):
    origin: str
    size: int
    root: bytes


def open_checkpoint(note: bytes, log_key: str, witness_keys: tuple[str, ...] = ()) -> Head:
    """The checkpoint of a note, once the log's and every witness's signature are verified."""
    body, _, tail = note.decode("utf-8").rpartition("\n\n")
    body += "\n"
    demand(tail.endswith("\n"), "the note does not end with a newline")
    signatures = [line.split(" ") for line in tail[:-1].split("\n")]
    demand(all(len(s) == 3 and s[0] == "\u2014" for s in signatures), "not a signature line")
    for key in (log_key, *witness_keys):
        name, key_id, encoded = key.strip().split("+", 2)
        material = base64.b64decode(encoded, validate=True)
        expected = hashlib.sha256(name.encode() + b"\x0a" + material).hexdigest()[:8]
        demand(key_id == expected, f"the key of {name} has another id")
        demand(material[0] == (1 if key == log_key else 4), f"the key of {name} is of another type")
        found = False
        for _, signer, text in signatures:
            data = base64.b64decode(text, validate=True)
            if signer == name and data[:4].hex() == key_id:
                message, signature = body.encode(), data[4:]
                if material[0] == 4:
                    seconds = int.from_bytes(signature[:8], "big")
                    header = f"cosignature/v1\ntime {seconds}\n"
                    message, signature = header.encode() + message, signature[8:]
                check_ed25519(material[1:], message, signature)
                found = True
        demand(found, f"{name} did not sign")
    origin, size, root = body.split("\n")[:3]
    demand(origin == log_key.split("+")[0], "the checkpoint is another log's")
    demand(size == str(int(size)) and int(size) >= 0, "the size is not a number")
    return Head(origin, int(size), base64.b64decode(root, validate=True))


# The tree, RFC 9162 section 2.1, by its definitions.


def hash_of_leaf(entry: bytes) -> bytes:
    return hashlib.sha256(bytes([0]) + entry).digest()


def hash_of_children(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(bytes([1]) + left + right).digest()


def left_part(n: int) -> int:
    """The largest power of two smaller than n."""
    return 2 ** ((n - 1).bit_length() - 1)


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH over leaf hashes."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = left_part(len(leaves))
    return hash_of_children(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def check_inclusion(leaf: bytes, index: int, path: list[bytes], head: Head) -> None:
    """Follows section 2.1.3.1 backwards: the last hash of the path is the other half's."""
    demand(0 <= index < head.size, "the index is past the end of the tree")

    def subtree(m: int, n: int, rest: list[bytes]) -> bytes:
        if n == 1:
            demand(not rest, "the inclusion proof is too long")
            return leaf
        demand(bool(rest), "the inclusion proof is too short")
        k = left_part(n)
        if m < k:
            return hash_of_children(subtree(m, k, rest[:-1]), rest[-1])
        return hash_of_children(rest[-1], subtree(m - k, n - k, rest[:-1]))

    demand(subtree(index, head.size, path) == head.root, "the inclusion proof is false")


def check_growth(old: Head, new: Head, path: list[bytes]) -> None:
    """Follows SUBPROOF of section 2.1.4.1 backwards, to the roots of both trees."""
    demand(old.origin == new.origin and old.size <= new.size, "not an earlier tree of this log")
    if old.size == 0:
        demand(not path and old.root == tree_hash([]), "an empty tree proves nothing")
        return

    def subtree(m: int, n: int, rest: list[bytes], whole: bool) -> tuple[bytes, bytes]:
        if m == n:
            demand(len(rest) == (0 if whole else 1), "the consistency proof is too long")
            return (old.root, old.root) if whole else (rest[0], rest[0])
        demand(bool(rest), "the consistency proof is too short")
        k = left_part(n)
        if m <= k:
            before, after = subtree(m, k, rest[:-1], whole)
            return before, hash_of_children(after, rest[-1])
        before, after = subtree(m - k, n - k, rest[:-1], False)
        return hash_of_children(rest[-1], before), hash_of_children(rest[-1], after)

    before, after = subtree(old.size, new.size, path, True)
    demand(before == old.root and after == new.root, "the consistency proof is false")


# The files of tlog-tiles.


def tile_name(kind: str, index: int, width: int) -> str:
    digits = str(index)
    digits = "0" * (-len(digits) % 3) + digits
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{kind}/{name}" + ("" if width == 256 else f".p/{width}")


def widths(count: int) -> list[int]:
    return [256] * (count // 256) + ([count % 256] if count % 256 else [])


def entries_of(bundle: bytes) -> list[bytes]:
    entries = []
    while bundle:
        length = 256 * bundle[0] + bundle[1]
        demand(len(bundle) >= 2 + length, "an entry bundle ends within an entry")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return entries


class Log(NamedTuple):
    head: Head
    entries: list[bytes]
    leaves: list[bytes]


def verify_log(fetch: Fetch, log_key: str, witness_keys: tuple[str, ...] = ()) -> Log:
    """Reads the whole log and recomputes every hash from the entries up to the signed root."""
    head = open_checkpoint(fetch("checkpoint"), log_key, witness_keys)
    entries: list[bytes] = []
    for number, width in enumerate(widths(head.size)):
        found = entries_of(fetch(tile_name("entries", number, width)))
        demand(len(found) == width, f"entry bundle {number} has {len(found)} entries")
        entries += found
    leaves = [hash_of_leaf(entry) for entry in entries]
    level, expected = 0, leaves
    while expected:
        following = []
        for number, width in enumerate(widths(len(expected))):
            tile = fetch(tile_name(str(level), number, width))
            mine = expected[256 * number : 256 * number + width]
            demand(len(tile) == 32 * width, f"tile {number} of level {level} is not {width} wide")
            for at in range(width):
                demand(
                    tile[32 * at : 32 * at + 32] == mine[at],
                    f"hash {256 * number + at} of level {level} is not what the entries give",
                )
            if width == 256:
                following.append(tree_hash(mine))
        level, expected = level + 1, following
    demand(tree_hash(leaves) == head.root, "the entries do not give the signed root")
    return Log(head, entries, leaves)


if __name__ == "__main__":
    log = verify_log(lambda path: pathlib.Path(sys.argv[1], path).read_bytes(), sys.argv[2])
    print(f"{log.head.origin}: {log.head.size} entries, root {log.head.root.hex()}: verified")
