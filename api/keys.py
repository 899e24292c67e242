"""Bearer keys: one file a role under `keys/`, made at first start, readable by the owner only."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Role = Literal["erp", "officer", "auditor", "admin"]

HOLDERS: Mapping[str, Role] = {
    "erp": "erp",
    "officer": "officer",
    "approver": "officer",  # a second officer, for what takes two
    "auditor": "auditor",
    "admin": "admin",
}


@dataclass(frozen=True)
class Actor:
    """Who asks: the holder of a key, and the role it gives."""

    name: str
    role: Role


def ensure_keys(home: Path) -> None:
    """Makes the keys that are missing. Never changes one that exists."""
    folder = home / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for holder in HOLDERS:
        try:
            descriptor = os.open(
                folder / f"{holder}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
            )
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w") as file:
            file.write(f"lodestone_{holder}_{secrets.token_urlsafe(32)}\n")


class KeyRing:
    """The keys of one home, by digest: finding one takes no longer for a near miss."""

    def __init__(self, home: Path) -> None:
        self._actors: dict[bytes, Actor] = {}
        for holder, role in HOLDERS.items():
            file = home / "keys" / f"{holder}.key"
            if file.is_file() and (key := file.read_text().strip()):
                self._actors[_digest(key)] = Actor(holder, role)

    @property
    def fingerprints(self) -> dict[str, str]:
        """The beginning of each key's digest, by holder: names a key and does not give it away."""
        return {actor.name: key.hex()[:32] for key, actor in self._actors.items()}

    def actor(self, key: str) -> Actor | None:
        """Whose key this is, if anybody's."""
        return self._actors.get(_digest(key))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
