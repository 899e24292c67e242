"""Checkpoints: a log's size and root, signed (C2SP tlog-checkpoint)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.log.cosignature import split_cosignature
from api.log.errors import Malformed, Mismatch
from api.log.hashing import HASH_BYTES
from api.log.keys import Algorithm, SigningKey, VerifierKey
from api.log.note import Note, parse_note
from api.log.proofs import verify_consistency
from api.log.text import LARGEST_NUMBER, read_base64, read_number, write_base64


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log's tree: whose log, how many entries, the root over them."""

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed. Raises Malformed for what no checkpoint can hold."""
        lines = (self.origin, *self.extension)
        if any(not line or "\n" in line for line in lines):
            raise Malformed("the origin and the extension of a checkpoint are whole lines")
        if not 0 <= self.size <= LARGEST_NUMBER or len(self.root) != HASH_BYTES:
            raise Malformed("a checkpoint has a size from 0 and a root of 32 bytes")
        head = (self.origin, str(self.size), write_base64(self.root))
        return "".join(line + "\n" for line in (*head, *self.extension))


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint whose signature was verified, and when each witness asked for cosigned it."""

    checkpoint: Checkpoint
    note: Note
    cosigned: Mapping[str, int]
    """Seconds since 1970 UTC, by the witness's name."""


def parse_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from a note's text. Raises Malformed, naming the line that is wrong."""
    if not text.endswith("\n"):
        raise Malformed("the checkpoint does not end with a newline")
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise Malformed("a checkpoint is an origin, a size, a root, and no empty line")
    origin, size, root, *extension = lines
    return Checkpoint(
        origin,
        read_number(size, "the checkpoint's size"),
        read_base64(root, "the checkpoint's root", HASH_BYTES),
        tuple(extension),
    )


def checkpoint_in(data: bytes) -> Checkpoint:
    """The checkpoint in the bytes of a note of our own: nobody's signature is asked for.

    Raises Malformed.
    """
    return parse_checkpoint(parse_note(data).text)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The checkpoint as a signed note."""
    return bytes(Note(checkpoint.text()).signed(key))


def cosign_checkpoint(data: bytes, log: VerifierKey, witness: SigningKey, time: int) -> bytes:
    """The same note with a witness's cosignature; `time` is seconds since 1970 UTC.

    The log's own signature is verified first, as in `read_checkpoint`. That the log only grew since
    the checkpoint it cosigned last is for the witness to verify before (`verify_growth`).
    """
    return bytes(read_checkpoint(data, log).note.cosigned(witness, time))


def read_checkpoint(
    data: bytes, log: VerifierKey, witnesses: Sequence[VerifierKey] = ()
) -> SignedCheckpoint:
    """A checkpoint from the bytes of its note, verified.

    Raises Malformed, or Mismatch: `signature` when the log did not sign it, `origin` when it is
    another log's, `witness` when any of the witnesses did not cosign it.
    """
    note = parse_note(data)
    if log.algorithm is not Algorithm.SIGNATURE:
        raise Malformed(f"the key of `{log.name}` is a witness's, not a log's")
    note.verified([log])
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log.name:
        raise Mismatch(
            "origin", f"the checkpoint is of `{checkpoint.origin}`, the key of `{log.name}`"
        )
    return SignedCheckpoint(
        checkpoint, note, {witness.name: _cosigned(note, witness) for witness in witnesses}
    )


def verify_growth(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """That a log only grew from one checkpoint to another. Both must have been verified.

    Raises Mismatch: `origin` for two logs, else as `proofs.verify_consistency`.
    """
    if old.origin != new.origin:
        raise Mismatch("origin", f"the checkpoints are of `{old.origin}` and `{new.origin}`")
    verify_consistency(old.size, new.size, proof, old.root, new.root)


def _cosigned(note: Note, witness: VerifierKey) -> int:
    if witness.algorithm is not Algorithm.COSIGNATURE:
        raise Malformed(f"the key of `{witness.name}` is not a witness's")
    try:
        signature = note.verified([witness])[witness]
    except Mismatch as mismatch:
        raise Mismatch("witness", mismatch.why) from None
    return split_cosignature(signature.signature)[0]
