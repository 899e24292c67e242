"""Names for decisions: UUID version 7 (RFC 9562), so that they sort by time."""

from __future__ import annotations

import os
from datetime import datetime


def new_id(now: datetime) -> str:
    """A new UUIDv7 for the instant."""
    milliseconds = int(now.timestamp() * 1000)
    time, random = f"{milliseconds:012x}", os.urandom(10).hex()
    variant = "89ab"[int(random[3], 16) & 3]
    return f"{time[:8]}-{time[8:]}-7{random[:3]}-{variant}{random[4:7]}-{random[7:19]}"
