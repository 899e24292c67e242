"""Signed notes: a text and signatures under it (C2SP signed-note)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from api.log.errors import Malformed, Mismatch
from api.log.keys import SigningKey, VerifierKey, check_name
from api.log.text import read_base64, read_utf8, write_base64

MOST_SIGNATURES = 100
_KEY_ID_BYTES = 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Signature:
    """A signature line: who says so, the key's id, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {write_base64(self.key_id + self.signature)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it names this key; whether it is genuine is another question."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True)
class Note:
    """A text that ends with a newline, and its signatures. What they are worth is not yet known."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __bytes__(self) -> bytes:
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()

    def signed(self, key: SigningKey) -> Note:
        """With the signature of a key added; one that the key made before is replaced."""
        return self._with(key.verifier, key.sign(self.text.encode()))

    def cosigned(self, key: SigningKey, time: int) -> Note:
        """With a witness's cosignature of a checkpoint added; `time` is seconds since 1970 UTC."""
        return self._with(key.verifier, key.cosign(self.text.encode(), time))

    def _with(self, key: VerifierKey, signature: bytes) -> Note:
        kept = tuple(one for one in self.signatures if not one.is_by(key))
        return replace(self, signatures=(*kept, Signature(key.name, key.id, signature)))

    def verified(self, keys: Iterable[VerifierKey]) -> dict[VerifierKey, Signature]:
        """The keys that signed, each with its first signature.

        Signatures of keys not given are ignored. Raises Mismatch (`signature`) when one of a given
        key is not genuine, or when none is by a given key.
        """
        found: dict[VerifierKey, Signature] = {}
        known = tuple(keys)
        for signature in self.signatures:
            for key in known:
                if not signature.is_by(key):
                    continue
                if not key.verifies(self.text.encode(), signature.signature):
                    raise Mismatch(
                        "signature",
                        f"what is signed as {key.name}+{key.id.hex()} is not what that key signed",
                    )
                found.setdefault(key, signature)
        if not found:
            names = ", ".join(f"{key.name}+{key.id.hex()}" for key in known)
            raise Mismatch("signature", f"nothing is signed by {names or 'a known key'}")
        return found


def parse_note(data: bytes) -> Note:
    """A note from its bytes. Raises Malformed, naming the line that is wrong."""
    whole = read_utf8(data, "the note")
    control = _CONTROL.search(whole)
    if control is not None:
        raise Malformed(f"the note has a control character, {control[0]!r}")
    text, separator, lines = whole.rpartition("\n\n")
    if not separator:
        raise Malformed("the note has no empty line before its signatures")
    if not lines.endswith("\n"):
        raise Malformed("the note does not end with a signature line and a newline")
    signatures = lines.removesuffix("\n").split("\n")
    if len(signatures) > MOST_SIGNATURES:
        raise Malformed(f"the note has more than {MOST_SIGNATURES} signatures")
    return Note(text + "\n", tuple(_parse_signature(line) for line in signatures))


def _parse_signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise Malformed(f"not a signature line: `{line}`")
    _, name, encoded = parts
    check_name(name)
    data = read_base64(encoded, f"the signature of `{name}`")
    if len(data) <= _KEY_ID_BYTES:
        raise Malformed(f"the signature of `{name}` has only {len(data)} bytes")
    return Signature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])
