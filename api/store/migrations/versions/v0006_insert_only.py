"""Whose retry is answered with what, and what a decision lets move, is recorded once."""

from __future__ import annotations

from api.store.migrations.refusing import refuse_changes

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Lets both tables take rows, and nothing else."""
    refuse_changes("idempotency")
    refuse_changes("movements")
