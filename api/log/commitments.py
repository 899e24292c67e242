"""What an entry commits to: its documents and the names in them, each salted by itself.

The first document is hashed as it is; each other one with every name in it replaced by the name's
number, and the name apart: so a name can be erased, and what is left of the document is still what
was committed to. Salts are random and stored beside; without its salt, an erased name cannot be
found by trying names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

SALT_BYTES = 16
SHORTEST_NAME = 3
"""Bytes: shorter ones say too little, and stand in too many other words."""

MOST_NAMES = 900
_DIGITS = 30  # control characters, which JSON has none of as they are


class Content(msgspec.Struct, frozen=True):
    """The documents of an entry, and the names in them as they stand there, the longest first."""

    documents: tuple[bytes, ...]
    names: tuple[bytes, ...] = ()

    def sealed(self, random: bytes) -> Sealed:
        """Committed to with salts from so many random bytes (see `salt_bytes`)."""
        salts = salts_in(random)
        return Sealed(digest_of(commitments(self, salts)), salts)

    @property
    def salt_bytes(self) -> int:
        """How many random bytes its salts take."""
        return SALT_BYTES * (len(self.documents) + len(self.names))


class Sealed(msgspec.Struct, frozen=True):
    """The digest over all commitments of an entry, and the salts that open them."""

    digest: str
    salts: tuple[bytes, ...]


def salts_in(stored: bytes) -> tuple[bytes, ...]:
    """The salts that stand one behind the other."""
    return tuple(stored[at : at + SALT_BYTES] for at in range(0, len(stored), SALT_BYTES))


def names_in(texts: Iterable[bytes]) -> tuple[bytes, ...]:
    """The names to commit to apart, in the order that `Content` asks for."""
    wanted = {text for text in texts if len(text) >= SHORTEST_NAME}
    return tuple(sorted(wanted, key=lambda text: (-len(text), text))[:MOST_NAMES])


def commitments(content: Content, salts: Sequence[bytes]) -> list[bytes]:
    """One commitment a document, then one a name, each SHA-256 of its salt and what it is."""
    first, *others = content.documents
    parts = [first, *[blanked(d, content.names) for d in others], *content.names]
    return [sha256(salt + part).digest() for salt, part in zip(salts, parts, strict=True)]


def blanked(document: bytes, names: Sequence[bytes]) -> bytes:
    """The document with every name replaced by its number, in the names' order."""
    for name, number in zip(names, PLACEHOLDERS, strict=False):
        document = document.replace(name, number)
    return document


def digest_of(found: Iterable[bytes]) -> str:
    """The one digest that the envelope carries, over all commitments."""
    return f"sha256:{sha256(b''.join(found)).hexdigest()}"


# In control characters, so that no name can be part of one.
PLACEHOLDERS = tuple(bytes((0, 1 + n // _DIGITS, 1 + n % _DIGITS)) for n in range(MOST_NAMES))


@dataclass(frozen=True)
class Opening:
    """What opens the commitments of an entry of which parts may have been erased.

    Parts are numbered: documents, then names. Of an erased part only the commitment is left; a name
    that was erased stands as its `marker` in the documents.
    """

    salts: tuple[bytes, ...]
    erased: Mapping[int, bytes] = field(default_factory=dict)
    markers: Mapping[int, bytes] = field(default_factory=dict)

    def names(self, documents: int, found: Iterable[bytes]) -> tuple[bytes, ...]:
        """The names in the order they were committed to, behind so many documents.

        Those found now, with the markers where erased names stood.
        """
        every = list(names_in(set(found) - set(self.markers.values())))
        for number in sorted(self.markers):
            every.insert(number - documents, self.markers[number])
        return tuple(every)

    def digest(self, documents: Sequence[bytes], names: Iterable[bytes]) -> str:
        """The digest over all commitments, by what is left; `names` are those found there.

        Raises ValueError when they are not as many as were committed to.
        """
        content = Content(tuple(documents), self.names(len(documents), names))
        found = commitments(content, self.salts)
        return digest_of(self.erased.get(number, value) for number, value in enumerate(found))
