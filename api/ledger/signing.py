"""Whose log it is: the key that signs its checkpoints, made at first start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from api.canonical import canonical_json
from api.errors import SettingsError
from api.instants import rfc3339
from api.log.commitments import Content
from api.log.errors import Malformed
from api.log.keys import SigningKey, parse_signing_key
from api.store.database import Database
from api.store.logbook import Logbook, NewEntry, logged, seal
from api.store.tables import LOG_IDENTITY as T


def ensure_log_key(file: Path) -> SigningKey:
    """The key in the file, made if there is none; beside it stands `log.pub`, for everybody.

    Raises SettingsError when the file holds no key.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = read_log_key(file)
    else:
        key = SigningKey(f"lodestone/{secrets.token_hex(8)}", os.urandom(32))
        with os.fdopen(descriptor, "w") as written:
            written.write(f"{key.text()}\n")
    public = file.with_suffix(".pub")
    if not public.exists() or public.read_text() != f"{key.verifier}\n":
        public.write_text(f"{key.verifier}\n")
    return key


def read_log_key(file: Path) -> SigningKey:
    """The key in the file. Raises SettingsError when there is none."""
    try:
        return parse_signing_key(file.read_text())
    except (OSError, UnicodeDecodeError, Malformed) as error:
        raise SettingsError(f"LODESTONE_LOG_KEY: {file} holds no signing key: {error}") from error


def own(database: Database, key: SigningKey) -> None:
    """Makes the key that of the database's log, unless it is so.

    Raises SettingsError when the log is another key's: two keys would be two logs to whoever
    verifies. Hosts that share a database share its key.
    """
    with database.writing() as connection:
        known = connection.execute(select(T.c.verifier_key)).scalar()
        if known is None:
            connection.execute(T.insert().values(number=1, verifier_key=str(key.verifier)))
        elif known != str(key.verifier):
            raise SettingsError(
                f"LODESTONE_LOG_KEY: the log of this database is signed by {known}; "
                f"the key here is {key.verifier}. Use the log.key of its first host"
            )


def log_keys(
    database: Database, holders: Mapping[str, str], log_key: SigningKey, now: datetime
) -> None:
    """Logs every key that the log does not know yet: its own, and bearer keys by fingerprint.

    `holders` are fingerprints by who holds the key.
    """
    ids = [f"log:{log_key.verifier}", *(f"{who}:{mark}" for who, mark in holders.items())]
    logbook = Logbook(database.dialect)
    with database.writing() as connection:
        known = logged(connection, "key_change", ids)
        logbook.append(
            connection,
            [
                NewEntry("key_change", name, rfc3339(now), "lodestone", seal(key_change(name)))
                for name in ids
                if name not in known
            ],
        )


def key_change(name: str) -> Content:
    """What the log's entry of a key commits to."""
    return Content((canonical_json({"key": name}),))
