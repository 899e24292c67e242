"""INSERT … ON CONFLICT, which SQLAlchemy spells for each database apart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def replacing(dialect: Dialect, table: Table, *columns: str) -> Any:
    """Inserts a row; where one has its key, sets these columns of it."""
    statement = _INSERTS[dialect.name](table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: statement.excluded[name] for name in columns},
    )


def adding(dialect: Dialect, table: Table, *columns: str) -> Any:
    """Inserts a row; where one has its key, adds to these columns of it."""
    statement = _INSERTS[dialect.name](table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: table.c[name] + statement.excluded[name] for name in columns},
    )
