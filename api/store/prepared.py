"""Statements written out once: on the hot path, building them costs more than running them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine.interfaces import Dialect


class Prepared:
    """A statement of two columns or more in the words of one database, for many rows at once."""

    def __init__(self, statement: Executable, dialect: Dialect, columns: Iterable[str]) -> None:
        named = list(columns)
        compiled: Any = statement.compile(dialect=dialect, column_keys=named)  # type: ignore[attr-defined]
        self._sql = str(compiled)
        self._in_order = itemgetter(*compiled.positiontup)
        self._as_named = list(compiled.positiontup) == named

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Executes it for each row, if there are any. Raises the driver's own errors."""
        if rows:
            execute_many(connection, self._sql, list(map(self._in_order, rows)))

    def run_in_order(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """The same for rows with their values as the columns were named."""
        assert self._as_named
        if rows:
            execute_many(connection, self._sql, rows)


class PreparedQuery:
    """A query for one column in the words of one database, by what its parameters are named."""

    def __init__(self, query: Executable, dialect: Dialect) -> None:
        compiled: Any = query.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._sql = str(compiled)
        self._order: Sequence[str] = compiled.positiontup

    def column(self, connection: Connection, **values: Any) -> list[Any]:
        """The values of the column. Raises the driver's own errors."""
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(self._sql, [values[name] for name in self._order])
            return [row[0] for row in cursor.fetchall()]


def execute_many(connection: Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Executes a statement in the driver's own words. Raises the driver's own errors."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(sql, rows)
