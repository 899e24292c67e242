"""What decisions are found by, of those that are there already too."""

from __future__ import annotations

import os
import zlib

import msgspec
import sqlalchemy as sa
from alembic import op

from api.ledger.indexing import DecisionIndex
from api.ledger.terms import terms_of_recorded
from api.shipment import Shipment
from api.store.migrations.refusing import refuse_changes
from api.store.tables import DECISIONS as D
from api.store.tables import SEARCH_SECRET

revision = "0004"
down_revision = "0002"

_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GROUP = 2048


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
    connection = op.get_bind()
    connection.execute(SEARCH_SECRET.insert().values(secret=os.urandom(32)))
    refuse_changes("search_secret")
    _index_what_is_there(connection)


def _index_what_is_there(connection: sa.Connection) -> None:
    index, last = DecisionIndex(connection.dialect), -1
    columns = (D.c.index, D.c.evaluated_at, D.c.actor, D.c.request, D.c.words, D.c.facts)
    query = sa.select(*columns).order_by(D.c.index).limit(_GROUP)
    while rows := connection.execute(query.where(D.c.index > last)).mappings().all():
        index.record(
            connection,
            [
                (
                    row["index"],
                    row["evaluated_at"],
                    terms_of_recorded(
                        msgspec.json.decode(row["request"], type=Shipment),
                        msgspec.json.decode(b"{%b}" % zlib.decompress(row["words"])),
                        msgspec.json.decode(zlib.decompress(row["facts"])),
                        row["actor"],
                    ),
                )
                for row in rows
            ],
        )
        last = rows[-1]["index"]
