"""Proof files: an entry, its inclusion proof and the signed checkpoint, checkable offline for ever.

The format is C2SP tlog-proof, version 1. Its `extra` line carries, base64, the canonical JSON
`{"entry": {…}, "leaf": "sha256:…"}`: the entry in the clear, and the leaf hash it had when the
proof was made, so that an altered entry is told from an altered proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.canonical import canonical_json, read_json
from api.log.checkpoint import SignedCheckpoint, read_checkpoint
from api.log.envelope import Envelope, envelope_of, parse_envelope
from api.log.errors import Malformed, Mismatch
from api.log.hashing import HASH_BYTES, leaf_hash
from api.log.keys import VerifierKey
from api.log.proofs import verify_inclusion
from api.log.text import LARGEST_NUMBER, read_base64, read_number, read_utf8, write_base64

FIRST_LINE = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"


@dataclass(frozen=True)
class ProofFile:
    """What a proof file holds. Nothing of it is verified yet."""

    entry: bytes
    leaf: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    """The note, verbatim."""

    def __bytes__(self) -> bytes:
        extra = canonical_json({"entry": read_json(self.entry), "leaf": _written(self.leaf)})
        lines = (
            FIRST_LINE,
            f"extra {write_base64(extra)}",
            f"index {self.index}",
            *map(write_base64, self.proof),
        )
        return "".join(line + "\n" for line in lines).encode() + b"\n" + self.checkpoint


@dataclass(frozen=True)
class Verified:
    """What a proof file proves: this entry stands at this index of the checkpoint's log."""

    envelope: Envelope
    index: int
    signed: SignedCheckpoint


def write_proof(entry: bytes, index: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The bytes of a proof file; `checkpoint` is a signed note.

    Raises Malformed for an entry that is no envelope, an index below 0 or hashes not of 32 bytes.
    """
    parse_envelope(entry)
    if not 0 <= index <= LARGEST_NUMBER or any(len(value) != HASH_BYTES for value in proof):
        raise Malformed("a proof is an index from 0 and hashes of 32 bytes")
    return bytes(ProofFile(entry, leaf_hash(entry), index, tuple(proof), checkpoint))


def parse_proof(data: bytes) -> ProofFile:
    """A proof file from its bytes. Raises Malformed, naming the line that is wrong."""
    head, separator, checkpoint = data.partition(b"\n\n")
    lines = read_utf8(head, "the proof").split("\n")
    if lines[0] != FIRST_LINE:
        raise Malformed(f"the first line of a proof is `{FIRST_LINE}`")
    if not separator:
        raise Malformed("the proof has no empty line before its checkpoint")
    if len(lines) < 3 or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Malformed("the second line of a proof of ours begins with `extra`, the third `index`")
    entry, leaf = _parse_extra(read_base64(lines[1].removeprefix("extra "), "`extra` of the proof"))
    index = read_number(lines[2].removeprefix("index "), "`index` of the proof")
    proof = tuple(
        read_base64(line, f"hash {number} of the proof", HASH_BYTES)
        for number, line in enumerate(lines[3:])
    )
    return ProofFile(entry, leaf, index, proof, checkpoint)


def verify_proof(data: bytes, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> Verified:
    """What a proof file proves, checked with the log's key alone.

    Raises Malformed when it is no proof file, and Mismatch, whose `part` is: `signature` or
    `origin` when the checkpoint is not the log's; `witness` when one of the witnesses did not
    cosign it; `leaf` when the entry is not what was logged; `order` when the index, the size and
    the proof do not go together; `root` when the proof does not lead to the checkpoint's root.
    """
    file = parse_proof(data)
    signed = read_checkpoint(file.checkpoint, log, witnesses)
    if leaf_hash(file.entry) != file.leaf:
        raise Mismatch(
            "leaf", f"the entry hashes to {leaf_hash(file.entry).hex()}, not to {file.leaf.hex()}"
        )
    head = signed.checkpoint
    verify_inclusion(file.leaf, file.index, head.size, file.proof, head.root)
    return Verified(parse_envelope(file.entry), file.index, signed)


def _parse_extra(extra: bytes) -> tuple[bytes, bytes]:
    text = read_utf8(extra, "`extra` of the proof")
    try:
        members = read_json(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"`extra` of the proof is not JSON: {error}") from None
    if not isinstance(members, dict) or members.keys() != {"entry", "leaf"}:
        raise Malformed("`extra` of the proof is `entry` and `leaf`")
    entry = envelope_of(members["entry"]).encoded()
    leaf = _read(members["leaf"])
    if canonical_json(members) != extra:
        raise Malformed("`extra` of the proof is not canonical JSON")
    return entry, leaf


def _written(leaf: bytes) -> str:
    return f"sha256:{leaf.hex()}"


def _read(leaf: object) -> bytes:
    digits = leaf.removeprefix("sha256:") if isinstance(leaf, str) else ""
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(found) != HASH_BYTES or _written(found) != leaf:
        raise Malformed(f"`leaf` of the proof is `sha256:` and 64 hexadecimal digits, not `{leaf}`")
    return found
