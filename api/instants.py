"""Instants as everything outside sees them: RFC 3339, UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


def rfc3339(instant: datetime) -> str:
    """`2026-11-23T08:00:00.123Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"
