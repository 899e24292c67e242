"""The decision log: entries, the tree over them, salts, checkpoints, and whose log it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.errors import CannotDecide
from api.store.migrations.refusing import refuse_changes

revision = "0003"
down_revision = "0002"

_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes them. What was decided before there was a log cannot be put into one."""
    for table in ("rule_set_versions", "decisions", "confirmations"):
        if op.get_bind().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar():  # noqa: S608
            raise CannotDecide(
                "this database was filled by a version before 0.1.0, which kept no log: "
                "keep it as it is and start with a new one"
            )
    op.create_table(
        "log_entries",
        sa.Column("index", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
    )
    op.create_index("log_entries_id", "log_entries", ["id"])
    op.create_table(
        "log_hashes",
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("index", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_salts",
        sa.Column("index", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("salts", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "log_identity",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("verifier_key", sa.Text(), nullable=False),
    )
    for table in ("log_entries", "log_hashes", "log_checkpoints", "log_identity"):
        refuse_changes(table)
