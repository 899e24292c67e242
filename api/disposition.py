"""Why a shipment may or may not go, in one word."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

Outcome = Literal["allow", "deny"]


class Disposition(IntEnum):
    """In rising order: the highest found decides (design.md, "Words")."""

    not_controlled = 0
    licensed = 1
    exempt = 2
    information_required = 3
    review = 4
    licence_required = 5
    prohibited = 6

    @property
    def outcome(self) -> Outcome:
        """`allow` up to `exempt`, `deny` above."""
        return "allow" if self <= Disposition.exempt else "deny"
