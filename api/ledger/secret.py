"""The secret that names in the index, cursors and masked values are hashed with.

It was made with the tables and lies in the database, not in the home of one host: hosts that share
a log must hash alike, or one would not find what another has recorded. Whoever has the database has
the requests in it and learns nothing from the secret; whoever has only an answer, an export or a
copy of the index learns nothing from the hashes.
"""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import Connection, select

from api.ledger.terms import TermKeys
from api.store.database import Database
from api.store.tables import SEARCH_SECRET


class SearchSecret:
    """Reads the secret once. Safe to share between threads."""

    def __init__(self) -> None:
        self._keys: TermKeys | None = None

    def keys(self, connection: Connection) -> TermKeys:
        """The keys of terms."""
        if self._keys is None:
            self._keys = TermKeys(_read(connection))
        return self._keys


class Hashing:
    """Keyed hashes of one purpose each. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._secret: bytes | None = None

    def of(self, purpose: str, data: bytes) -> bytes:
        """32 bytes (HMAC-SHA-256). Raises CannotDecide when the database is away."""
        if self._secret is None:
            with self._database.reading() as connection:
                self._secret = _read(connection)
        key = hmac.digest(self._secret, purpose.encode(), hashlib.sha256)
        return hmac.digest(key, data, hashlib.sha256)


def _read(connection: Connection) -> bytes:
    secret: bytes = connection.execute(select(SEARCH_SECRET.c.secret)).scalar_one()
    return bytes(secret)
