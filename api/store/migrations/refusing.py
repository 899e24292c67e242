"""Tables of what was recorded, that refuse to have it changed. For use in revisions.

PostgreSQL's rights and SQLite's file keep strangers out; this keeps mistakes out, and says why.
Each operation has a trigger of its own: a lawful exception replaces that of UPDATE, and no other.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Connection, inspect

_WHY = "what was recorded is never changed"

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'restrict_violation',
        MESSAGE = TG_TABLE_NAME || ' takes no ' || TG_OP || ': {_WHY}';
END $$
"""


def refuse_changes(table: str) -> None:
    """From now on the table takes rows, and nothing else: no UPDATE, DELETE, REPLACE, TRUNCATE."""
    connection = op.get_bind()
    refuse = _in_sqlite if connection.dialect.name == "sqlite" else _in_postgresql
    for statement in refuse(connection, table):
        connection.exec_driver_sql(statement)


def _in_sqlite(connection: Connection, table: str) -> list[str]:
    def trigger(operation: str, when: str, named: str) -> str:
        return (
            f"CREATE TRIGGER {table}_refuse_{named.lower()} BEFORE {operation} ON {table} {when}"
            f" BEGIN SELECT RAISE(ABORT, '{table} takes no {named}: {_WHY}'); END"
        )

    found = inspect(connection)
    keys = [
        found.get_pk_constraint(table)["constrained_columns"],
        *(unique["column_names"] for unique in found.get_unique_constraints(table)),
    ]
    # Where a row has a key, REPLACE removes it and fires no trigger of DELETE.
    known = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "  # noqa: S608
        + " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
        + ")"
        for key in keys
    )
    return [
        trigger("UPDATE", "", "UPDATE"),
        trigger("DELETE", "", "DELETE"),
        trigger("INSERT", f"WHEN {known}", "REPLACE"),
    ]


def _in_postgresql(_: Connection, table: str) -> list[str]:
    return [_FUNCTION] + [
        f"CREATE TRIGGER {table}_refuse_{operation.lower()} BEFORE {operation} ON {table}"
        f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        for operation, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
    ]
