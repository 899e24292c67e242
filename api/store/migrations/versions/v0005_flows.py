"""Movements name every key of who receives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes room for them."""
    with op.batch_alter_table("movements") as movements:
        movements.alter_column("consignee", type_=sa.Text())
