"""Structured logs: one JSON object a line, to standard error."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

LOGGER = logging.getLogger("lodestone")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return orjson.dumps(fields, default=str).decode()


def configure() -> None:
    """Sends every log of this process to standard error, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def log(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """One event with its fields."""
    LOGGER.log(level, event, extra={"fields": fields})
