"""The database: SQLite with a write-ahead log, every commit on disk before it is answered."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from api.errors import CannotDecide
from api.store.tables import METADATA

# Pages: about 40 MB of log before it is copied into the database, so that it is copied seldom.
_CHECKPOINT = "wal_autocheckpoint=10000"


class Database:
    """One database file. Readers run beside a writer; writers take turns by a file lock.

    SQLite's own waiting sleeps between tries, which costs writers hundreds of milliseconds at the
    99th percentile; the lock hands over at once.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock_file = file.with_name(file.name + ".lock")
        self._engine = create_engine(f"sqlite:///{file}", pool_size=4, max_overflow=16)
        self._own_turn = threading.Lock()
        self._lock: IO[str] | None = None
        self._lock_holder = 0
        self._bare: list[PoolProxiedConnection] = []
        event.listen(self._engine, "connect", _configure)

    @property
    def dialect(self) -> Dialect:
        """How SQLAlchemy speaks to it."""
        return self._engine.dialect

    def create(self) -> None:
        """Makes the tables that are missing. Safe when several processes start at once."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._turn():
            METADATA.create_all(self._engine)

    @contextmanager
    def cursor(self) -> Iterator[DBAPICursor]:
        """A bare cursor to read with, for the hot path. Raises CannotDecide when it is away."""
        try:
            try:
                connection = self._bare.pop()
            except IndexError:
                connection = self._engine.raw_connection()
            cursor = connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()
            self._bare.append(connection)
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise CannotDecide(f"the database does not answer: {_short(error)}") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from. Raises CannotDecide when the database is away."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise CannotDecide(f"the database does not answer: {_short(error)}") from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, alone among all processes; committed at the end or not at all.

        Raises CannotDecide when the database is away or full.
        """
        try:
            with self._turn(), self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK")
                    raise
                connection.exec_driver_sql("COMMIT")
        except (SQLAlchemyError, OSError) as error:
            raise CannotDecide(f"the database does not take it: {_short(error)}") from error

    def close(self) -> None:
        """Closes every connection."""
        if self._lock is not None:
            self._lock.close()
        while self._bare:
            self._bare.pop().close()
        self._engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # The file's lock keeps other processes out, this one's own the threads of this process.
        with self._own_turn:
            if self._lock is None or self._lock_holder != os.getpid():
                self._lock = self._lock_file.open("a")
                self._lock_holder = os.getpid()
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock, fcntl.LOCK_UN)


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # SQLAlchemy must not begin transactions of its own: writing() says when.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", _CHECKPOINT):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
