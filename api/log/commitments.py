"""What an entry commits to: its documents and the names in them, each salted by itself.

A document is hashed with every name in it replaced by the name's number, and the name apart: so a
name can be erased, and what is left of the document is still what was committed to. Salts are
random and stored beside; without its salt, an erased name cannot be found by trying names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

SALT_BYTES = 16
SHORTEST_NAME = 3
"""Bytes: shorter ones say too little, and stand in too many other words."""

MOST_NAMES = 900
_DIGITS = 30  # control characters, which JSON has none of as they are


@dataclass(frozen=True)
class Content:
    """The documents of an entry, and the names in them as they stand there, the longest first."""

    documents: tuple[bytes, ...]
    names: tuple[bytes, ...] = ()

    def sealed(self, random: bytes) -> Sealed:
        """Committed to with salts from so many random bytes (see `salt_bytes`)."""
        salts = tuple(
            random[start : start + SALT_BYTES] for start in range(0, len(random), SALT_BYTES)
        )
        return Sealed(digest_of(commitments(self, salts)), salts)

    @property
    def salt_bytes(self) -> int:
        """How many random bytes its salts take."""
        return SALT_BYTES * (len(self.documents) + len(self.names))


@dataclass(frozen=True)
class Sealed:
    """The digest over all commitments of an entry, and the salts that open them."""

    digest: str
    salts: tuple[bytes, ...]


def names_in(texts: Iterable[bytes]) -> tuple[bytes, ...]:
    """The names to commit to apart, in the order that `Content` asks for."""
    wanted = {text for text in texts if len(text) >= SHORTEST_NAME}
    return tuple(sorted(wanted, key=lambda text: (-len(text), text))[:MOST_NAMES])


def commitments(content: Content, salts: Sequence[bytes]) -> list[bytes]:
    """One commitment a document, then one a name, each SHA-256 of its salt and what it is."""
    parts = [*(blanked(d, content.names) for d in content.documents), *content.names]
    return [sha256(salt + part).digest() for salt, part in zip(salts, parts, strict=True)]


def blanked(document: bytes, names: Sequence[bytes]) -> bytes:
    """The document with every name replaced by its number, in the names' order."""
    for number, name in enumerate(names):
        if name in document:
            document = document.replace(name, _number(number))
    return document


def digest_of(found: Iterable[bytes]) -> str:
    """The one digest that the envelope carries, over all commitments."""
    return f"sha256:{sha256(b''.join(found)).hexdigest()}"


def _number(number: int) -> bytes:
    """In control characters, so that no name can be part of it."""
    high, low = divmod(number, _DIGITS)
    return bytes((0, 1 + high, 1 + low))
