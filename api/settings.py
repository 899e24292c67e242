"""All configuration, read once from the environment and handed in everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.alerts.endpoints import parse_endpoints
from api.errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """Every value the service can be set to."""

    home: Path
    """Where everything it keeps lies: database, keys, Redis' socket (LODESTONE_HOME)."""
    host: str
    """The address it listens on; always the loopback, a proxy stands in front."""
    port: int
    """The TCP port it listens on (PORT)."""
    database_url: str
    """The SQLAlchemy URL of the database (LODESTONE_DATABASE_URL)."""
    log_key_file: Path
    """The key that signs the decision log (LODESTONE_LOG_KEY); hosts of one database share it."""
    redis_url: str | None
    """A Redis of your own; None starts an embedded one (LODESTONE_REDIS_URL)."""
    rules_directory: Path
    """Rule sets, one folder each (LODESTONE_RULES)."""
    workers: int
    """Worker processes (LODESTONE_WORKERS)."""
    alert_webhooks: tuple[str, ...] = ()
    """Where red flags of severity high are sent (LODESTONE_ALERT_WEBHOOKS, with commas)."""
    default_rule_set: str = "cn"
    """The rule set that decides when a request names none."""
    refresh_seconds: float = 0.5
    """How long a worker may go on with a version after a newer one is published."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Settings from the environment. Raises SettingsError naming the variable at fault."""
        home = Path(environment.get("LODESTONE_HOME") or "var").absolute()
        database = environment.get("LODESTONE_DATABASE_URL") or f"sqlite:///{home}/lodestone.db"
        if not _usable(database):
            # Without the value, which may hold a password.
            raise SettingsError(
                "LODESTONE_DATABASE_URL must be sqlite:////absolute/path or "
                "postgresql://user:password@host:port/database"
            )
        redis = environment.get("LODESTONE_REDIS_URL") or None
        if redis is not None and not redis.startswith(("redis://", "rediss://", "unix://")):
            raise SettingsError(
                "LODESTONE_REDIS_URL must begin with redis://, rediss:// or unix://"
            )
        return cls(
            home=home,
            host="127.0.0.1",
            port=_whole(environment, "PORT", 8000, 1, 65535),
            database_url=database,
            log_key_file=Path(environment.get("LODESTONE_LOG_KEY") or home / "log.key").absolute(),
            redis_url=redis,
            rules_directory=Path(environment.get("LODESTONE_RULES") or "rules").absolute(),
            workers=_whole(environment, "LODESTONE_WORKERS", min(os.cpu_count() or 1, 8), 1, 64),
            alert_webhooks=parse_endpoints(environment.get("LODESTONE_ALERT_WEBHOOKS") or ""),
        )


def _usable(url: str) -> bool:
    if url.startswith("sqlite:///"):
        return url.startswith("sqlite:////") and not url.endswith("/")
    from sqlalchemy import make_url  # slow to import, and most commands need it not
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return False
    known = parsed.drivername in ("postgresql", "postgresql+psycopg")
    return known and bool(parsed.database)


def _whole(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not `{text}`")
    return int(text)
