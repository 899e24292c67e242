"""The database: SQLite or PostgreSQL, every commit on disk before it is answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine, PoolProxiedConnection, make_url
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.exc import SQLAlchemyError

from api.errors import CannotDecide
from api.store.postgresql import PostgresqlServer
from api.store.sqlite import SqliteFile

_IDLE_SECONDS = 1.0  # after it a connection is looked at before it is used again


class Backend(Protocol):
    """What differs between the kinds of databases."""

    engine: Engine
    begin: str
    """Begins a transaction that writes, alone among all processes together with `turn`."""
    begin_snapshot: str
    """Begins one that reads, and sees nothing of what others commit meanwhile."""

    def turn(self) -> AbstractContextManager[None]:
        """Keeps out whom the database cannot keep out, or not as well."""

    def close(self) -> None:
        """Gives up what a turn holds, and every connection."""


class Database:
    """One database, at its SQLAlchemy URL. Readers run beside a writer; writers take turns."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        self._backend: Backend = SqliteFile(parsed) if sqlite else PostgresqlServer(parsed)
        self._engine = self._backend.engine
        self._driver_error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        self._bare: list[tuple[PoolProxiedConnection, float]] = []

    @property
    def dialect(self) -> Dialect:
        """How SQLAlchemy speaks to it."""
        return self._engine.dialect

    def create(self) -> None:
        """Makes the tables, or brings them up to date. Safe when several processes start at once.

        Raises NewerDatabase, and CannotDecide when the database is away.
        """
        from api.store.migrations import upgrade  # Alembic, which only a start needs

        with self.writing() as connection:
            upgrade(connection)

    @contextmanager
    def cursor(self) -> Iterator[DBAPICursor]:
        """A bare cursor to read with, for the hot path. Raises CannotDecide when it is away."""
        try:
            connection = self._take_bare()
            try:
                cursor = connection.cursor()
                try:
                    yield cursor
                finally:
                    cursor.close()
            except BaseException:
                connection.invalidate()  # it may be in the middle of an answer
                self._give_back_bare()
                raise
            self._bare.append((connection, time.monotonic()))
        except (SQLAlchemyError, self._driver_error) as error:
            raise CannotDecide(f"the database does not answer: {_short(error)}") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from. Raises CannotDecide when the database is away."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, self._driver_error) as error:
            raise CannotDecide(f"the database does not answer: {_short(error)}") from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection to read the database from as it is at the first look, whoever writes on.

        Raises CannotDecide when the database is away.
        """
        with self.reading() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(self._backend.begin_snapshot)
            try:
                yield connection
            finally:
                cursor.execute("ROLLBACK")  # there is nothing to commit
                cursor.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, alone among all processes; committed at the end or not at all.

        Raises CannotDecide when the database is away or full.
        """
        try:
            with self._backend.turn(), self._engine.connect() as connection:
                cursor = connection.connection.cursor()
                cursor.execute(self._backend.begin)
                try:
                    yield connection
                except BaseException:
                    cursor.execute("ROLLBACK")
                    raise
                cursor.execute("COMMIT")
                cursor.close()
        except (SQLAlchemyError, self._driver_error, OSError) as error:
            raise CannotDecide(f"the database does not take it: {_short(error)}") from error

    def close(self) -> None:
        """Closes every connection."""
        self._give_back_bare()
        self._backend.close()

    def _take_bare(self) -> PoolProxiedConnection:
        while self._bare:
            connection, used = self._bare.pop()
            if time.monotonic() - used < _IDLE_SECONDS:
                return connection
            connection.close()
        return self._engine.raw_connection()

    def _give_back_bare(self) -> None:
        while self._bare:
            self._bare.pop()[0].close()


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
