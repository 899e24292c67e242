"""The tables as they were when migrations began. Some databases have them already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes those that are missing."""
    op.create_table(
        "rule_set_versions",
        sa.Column("rule_set", sa.String(80), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("approver", sa.String(200)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", sa.String(30), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "decisions",
        sa.Column("index", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("exporter", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.String(30), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("disposition", sa.String(30), nullable=False),
        sa.Column("rule_set", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("screening", sa.LargeBinary(), nullable=False),
        sa.Column("history", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.String(64), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(80), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("body_digest", sa.String(64), nullable=False),
        sa.Column("decision_index", _WIDE, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "flows",
        sa.Column("series", sa.String(10), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("material", sa.String(80), primary_key=True),
        sa.Column("form", sa.String(20), primary_key=True),
        sa.Column("exporter", sa.String(200), primary_key=True),
        sa.Column("destination", sa.String(2), primary_key=True),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "volumes",
        sa.Column("material", sa.String(80), primary_key=True),
        sa.Column("scope", sa.String(10), primary_key=True),
        sa.Column("reached", sa.String(200), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("source", sa.String(10), primary_key=True),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("shipments", sa.Integer(), nullable=False),
        sa.Column("cny", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "traces",
        sa.Column("key", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "movements",
        sa.Column("decision_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("material", sa.String(80), nullable=False),
        sa.Column("form", sa.String(20), nullable=False),
        sa.Column("exporter", sa.String(200), nullable=False),
        sa.Column("consignee", sa.String(200), nullable=False),
        sa.Column("destination", sa.String(2), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("cny", sa.BigInteger(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "confirmations",
        sa.Column("decision_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("at", sa.String(30), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "alert_outbox",
        sa.Column("number", _WIDE, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("created_at", sa.String(30), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "alert_deliveries",
        sa.Column("endpoint", sa.Text(), primary_key=True),
        sa.Column("alert", _WIDE, sa.ForeignKey("alert_outbox.number"), primary_key=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _WIDE),
        sa.Column("delivered_at", sa.String(30)),
        sa.Column("last_error", sa.Text()),
        if_not_exists=True,
    )
    op.create_index(
        "alert_deliveries_undelivered",
        "alert_deliveries",
        ["endpoint", "next_attempt_at"],
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
        if_not_exists=True,
    )
