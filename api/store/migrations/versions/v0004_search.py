"""What decisions are found by."""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from api.store.migrations.refusing import refuse_changes

revision = "0004"
down_revision = "0003"

_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the index, and its secret."""
    op.create_table(
        "decision_terms",
        sa.Column("term", sa.LargeBinary(), primary_key=True),
        sa.Column("block", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("bits", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "decision_stretches",
        sa.Column("stretch", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("earliest", sa.String(30), nullable=False),
        sa.Column("latest", sa.String(30), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "search_secret",
        sa.Column("secret", sa.LargeBinary(), primary_key=True),
        if_not_exists=True,
    )
    secret = sa.table("search_secret", sa.column("secret", sa.LargeBinary()))
    op.get_bind().execute(secret.insert().values(secret=os.urandom(32)))
    refuse_changes("search_secret")
