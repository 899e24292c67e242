"""Ed25519 keys of signed notes and of witnesses, as texts (C2SP signed-note and tlog-cosignature).

A verifier key reads `name+key id+base64`. A signing key reads `PRIVATE+KEY+name+key id+base64`, the
form of Go's sumdb/note: the specification leaves it open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from api.log.cosignature import cosigned_message, join_cosignature, split_cosignature
from api.log.errors import Malformed
from api.log.text import read_base64, write_base64

_PRIVATE = "PRIVATE+KEY+"
_ED25519_BYTES = 32


class Algorithm(IntEnum):
    """What a key's signatures are; the byte that stands before the key."""

    SIGNATURE = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name. Raises Malformed for a name or a key that cannot be one."""

    name: str
    public: bytes
    algorithm: Algorithm = Algorithm.SIGNATURE

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _ED25519_BYTES:
            raise Malformed(f"an Ed25519 key has 32 bytes, not {len(self.public)}")

    @cached_property
    def id(self) -> bytes:
        """The four bytes that name this key beside its name."""
        return sha256(self.name.encode() + b"\n" + self._typed).digest()[:4]

    @property
    def _typed(self) -> bytes:
        return bytes([self.algorithm]) + self.public

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{write_base64(self._typed)}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether it is this key's signature, or cosignature, of a note's text."""
        try:
            if self.algorithm is Algorithm.COSIGNATURE:
                time, signature = split_cosignature(signature)
                text = cosigned_message(text, time)
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, Malformed):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name: the 32 bytes that an Ed25519 key is made of, kept secret."""

    name: str
    seed: bytes = field(repr=False)
    algorithm: Algorithm = Algorithm.SIGNATURE

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.seed) != _ED25519_BYTES:
            raise Malformed(f"the seed of an Ed25519 key has 32 bytes, not {len(self.seed)}")

    @cached_property
    def verifier(self) -> VerifierKey:
        """The key that verifies what this one signs."""
        public = self._private.public_key().public_bytes_raw()
        return VerifierKey(self.name, public, self.algorithm)

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def text(self) -> str:
        """The key as text; whoever reads it can sign."""
        typed = write_base64(bytes([self.algorithm]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{typed}"

    def sign(self, text: bytes) -> bytes:
        """The signature of a note's text. Raises Malformed for a witness's key: it needs a time."""
        if self.algorithm is not Algorithm.SIGNATURE:
            raise Malformed(f"the key of `{self.name}` is for cosignatures")
        return self._private.sign(text)

    def cosign(self, checkpoint_text: bytes, time: int) -> bytes:
        """The cosignature of a checkpoint's text at a time, seconds since 1970 UTC.

        Raises Malformed when the key is not a witness's.
        """
        if self.algorithm is not Algorithm.COSIGNATURE:
            raise Malformed(f"the key of `{self.name}` is not for cosignatures")
        message = cosigned_message(checkpoint_text, time)
        return join_cosignature(time, self._private.sign(message))


def parse_verifier_key(text: str) -> VerifierKey:
    """A verifier key from its text, one trailing newline allowed.

    Raises Malformed, saying whether name, key, algorithm or key id is wrong.
    """
    name, key_id, algorithm, public = _parse(text.removesuffix("\n"), "the verifier key")
    key = VerifierKey(name, public, algorithm)
    _check_id(key, key_id)
    return key


def parse_signing_key(text: str) -> SigningKey:
    """A signing key from its text, one trailing newline allowed.

    Raises Malformed like `parse_verifier_key`; no message repeats the secret.
    """
    rest = text.removesuffix("\n").removeprefix(_PRIVATE)
    if len(rest) + len(_PRIVATE) != len(text.removesuffix("\n")):
        raise Malformed(f"the signing key does not begin with `{_PRIVATE}`")
    name, key_id, algorithm, seed = _parse(rest, "the signing key")
    key = SigningKey(name, seed, algorithm)
    _check_id(key.verifier, key_id)
    return key


def check_name(name: str) -> None:
    """Raises Malformed unless it can name a key: not empty, no white space, plus or control."""
    if not name or any(c == "+" or c < " " or c.isspace() for c in name):
        raise Malformed(
            f"`{name}` cannot name a key: it is empty, or has white space, a plus sign or a "
            "control character"
        )


def _parse(text: str, what: str) -> tuple[str, str, Algorithm, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise Malformed(f"{what} is not a name, a key id and a key with `+` between")
    name, key_id, encoded = parts
    try:
        typed = read_base64(encoded, what, 1 + _ED25519_BYTES)
    except Malformed:
        raise Malformed(f"{what} of `{name}` does not end with 33 bytes in base64") from None
    if typed[0] not in tuple(Algorithm):
        raise Malformed(f"{what} of `{name}` is of type {typed[0]:#04x}; 0x01 and 0x04 are known")
    return name, key_id, Algorithm(typed[0]), typed[1:]


def _check_id(key: VerifierKey, key_id: str) -> None:
    if key_id != key.id.hex():
        raise Malformed(f"the key id of `{key.name}` is {key.id.hex()} by its key, not `{key_id}`")
