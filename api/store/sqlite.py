"""SQLite with a write-ahead log."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import URL, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

# Pages: about 40 MB of log before it is copied into the database, so that it is copied seldom.
_CHECKPOINT = "wal_autocheckpoint=5000"
# A decision nearly fills a page of the usual 4 KiB. Taken from the first connection to a new file.
_PAGES = "page_size=8192"


class SqliteFile:
    """One file. Writers take turns by a file lock.

    SQLite's own waiting sleeps between tries, which costs writers hundreds of milliseconds at the
    99th percentile; the lock hands over at once.
    """

    begin = "BEGIN IMMEDIATE"
    begin_snapshot = "BEGIN"

    def __init__(self, url: URL) -> None:
        file = Path(url.database or "")
        self._lock_file = file.with_name(file.name + ".lock")
        self.engine = create_engine(url, pool_size=4, max_overflow=16)
        self._own_turn = threading.Lock()
        self._lock: IO[str] | None = None
        self._lock_holder = 0
        event.listen(self.engine, "connect", _configure)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The file's lock keeps other processes out, this one's own the threads of this process."""
        with self._own_turn:
            if self._lock is None or self._lock_holder != os.getpid():
                self._lock_file.parent.mkdir(parents=True, exist_ok=True)
                self._lock = self._lock_file.open("a")
                self._lock_holder = os.getpid()
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Closes the lock's file and every connection."""
        with self._own_turn:
            if self._lock is not None:
                self._lock.close()
                self._lock = None
        self.engine.dispose()


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # SQLAlchemy must not begin transactions of its own: Database.writing() says when.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        _PAGES,
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=5000",
        _CHECKPOINT,
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
