"""Names for decisions: UUID version 7 (RFC 9562), so that they sort by time."""

from __future__ import annotations

import os
import uuid
from datetime import datetime


def new_id(now: datetime) -> str:
    """A new UUIDv7 for the instant."""
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10))
    value = (
        milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    )
    return str(uuid.UUID(int=value & (1 << 128) - 1))
