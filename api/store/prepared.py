"""Statements written out once: on the hot path, building them costs more than running them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine.interfaces import Dialect


class Prepared:
    """A statement of two columns or more in the words of one database, for many rows at once."""

    def __init__(self, statement: Executable, dialect: Dialect, columns: Iterable[str]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))  # type: ignore[attr-defined]
        self._sql = str(compiled)
        self._in_order = itemgetter(*compiled.positiontup)

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Executes it for each row, if there are any. Raises SQLAlchemyError."""
        if rows:
            connection.exec_driver_sql(self._sql, list(map(self._in_order, rows)))
