"""PostgreSQL, for several processes on several hosts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import URL, create_engine

# Any number that nobody else takes in this database: every writer takes the lock of it first.
_WRITERS = int.from_bytes(b"lodeston")

# A host that vanishes without a word is given up after these, and keeps the others waiting no
# longer. What the URL says comes first.
_CONNECTING: Mapping[str, int] = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}
_LIMITS = "SET LOCAL idle_in_transaction_session_timeout = '20s'; SET LOCAL lock_timeout = '40s'"


class PostgresqlServer:
    """One database of a server, by psycopg. Writers of all hosts take turns by an advisory lock."""

    # One message. Each statement after it sees what those before in the turn have committed, which
    # would not be so in an isolation that keeps the snapshot of the statement that waits.
    begin = (
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = on; "
        f"{_LIMITS}; SELECT pg_advisory_xact_lock({_WRITERS})"
    )

    begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def __init__(self, url: URL) -> None:
        self._own_turn = threading.Lock()
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=4,
            max_overflow=6,
            pool_timeout=10,
            pool_pre_ping=True,  # connections of before the server's restart are replaced
            isolation_level="AUTOCOMMIT",  # Database.writing() says when transactions begin
            paramstyle="format",
            connect_args={k: v for k, v in _CONNECTING.items() if k not in url.query},
        )

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Threads of this process wait here and not each with a connection of its own."""
        with self._own_turn:
            yield

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()
