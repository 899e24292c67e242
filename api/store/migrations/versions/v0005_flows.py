"""Flows get sums over all materials and forms; movements name every key of who receives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_SUMS = """
    INSERT INTO flows (series, month, material, form, exporter, destination, grams, decisions)
    SELECT series, month, {material}, {form}, exporter, destination, SUM(grams), SUM(decisions)
    FROM flows WHERE material <> '*' AND form <> '*'
    GROUP BY series, month, {group}, exporter, destination
"""


def upgrade() -> None:
    """Adds them for what is there; lines of several materials count as they did then."""
    connection = op.get_bind()
    for material, form, group in (
        ("material", "'*'", "material"),
        ("'*'", "form", "form"),
        ("'*'", "'*'", ""),
    ):
        statement = _SUMS.format(material=material, form=form, group=group)
        connection.exec_driver_sql(statement.replace("month, , ", "month, "))
    connection.exec_driver_sql(
        """
        INSERT INTO movements (decision_id, number, material, form, exporter, consignee,
            destination, day, grams, cny)
        SELECT decision_id, 10000 + MIN(number), '*', form, MIN(exporter), MIN(consignee),
            MIN(destination), MIN(day), MAX(grams), MAX(cny)
        FROM movements GROUP BY decision_id, form
        """
    )
    with op.batch_alter_table("movements") as movements:
        movements.alter_column("consignee", type_=sa.Text())
