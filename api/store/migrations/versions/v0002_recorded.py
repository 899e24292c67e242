"""What was published, decided or confirmed refuses to be changed."""

from __future__ import annotations

from api.store.migrations.refusing import refuse_changes

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """From now on these are only ever inserted into."""
    for table in ("rule_set_versions", "decisions", "confirmations"):
        refuse_changes(table)
