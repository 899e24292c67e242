"""The outbox: alerts recorded with the decision, and how far each endpoint has got with them.

Alerts are numbered in the order of their commits. An endpoint has a row for every alert it was
sent, up to the newest; what is beyond is new to it. So an endpoint that is set later gets all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    ScalarSelect,
    String,
    Table,
    Text,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.engine.interfaces import Dialect

from api.instants import rfc3339
from api.ledger.identity import new_id
from api.store.database import Database
from api.store.prepared import Prepared
from api.store.tables import METADATA, WIDE
from api.store.upserts import replacing

RED_FLAG_HIGH = "red_flag.high"
REPLAY_DIFFERS = "decision.replay_differs"

OUTBOX = Table(
    "alert_outbox",
    METADATA,
    Column("number", WIDE, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("created_at", String(30), nullable=False),
    Column("type", String(40), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

DELIVERIES = Table(
    "alert_deliveries",
    METADATA,
    Column("endpoint", Text, primary_key=True),
    Column("alert", WIDE, ForeignKey(OUTBOX.c.number), primary_key=True),
    Column("attempts", Integer, nullable=False),
    # Milliseconds since 1970, UTC; null when nothing more is tried.
    Column("next_attempt_at", WIDE),
    Column("delivered_at", String(30)),
    Column("last_error", Text),
)

# Only what is not delivered, so that it stays small.
Index(
    "alert_deliveries_undelivered",
    DELIVERIES.c.endpoint,
    DELIVERIES.c.next_attempt_at,
    sqlite_where=DELIVERIES.c.delivered_at.is_(None),
    postgresql_where=DELIVERIES.c.delivered_at.is_(None),
)

_O, _D = OUTBOX.c, DELIVERIES.c

# Numbered here and not by a sequence, which would leave gaps where transactions are undone.
_PUT = OUTBOX.insert().values(
    number=select(text("coalesce(max(number), 0) + 1")).select_from(OUTBOX).scalar_subquery()
)


@dataclass(frozen=True)
class Alert:
    """An alert as it is sent: `id` is the webhook-id, `payload` the body byte for byte (UTF-8)."""

    id: str
    created_at: str
    type: str
    payload: bytes


@dataclass(frozen=True)
class Due:
    """An alert that is to be sent now, and how often it was sent before."""

    number: int
    id: str
    payload: bytes
    attempts: int


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to. `next_attempt_at` is in milliseconds since 1970, None for never."""

    alert: int
    attempts: int
    next_attempt_at: int | None
    delivered_at: str | None
    last_error: str | None


def red_flag(instant: datetime, data: Mapping[str, object]) -> Alert:
    """A new alert of a red flag of severity high."""
    return _alert(RED_FLAG_HIGH, instant, data)


def replay_differs(instant: datetime, data: Mapping[str, object]) -> Alert:
    """A new alert of a decision that does not come out again as it was recorded."""
    return _alert(REPLAY_DIFFERS, instant, data)


def _alert(kind: str, instant: datetime, data: Mapping[str, object]) -> Alert:
    """With a body as Standard Webhooks advises."""
    created_at = rfc3339(instant)
    body = {"type": kind, "timestamp": created_at, "data": data}
    return Alert(new_id(instant), created_at, kind, orjson.dumps(body))


def put(connection: Connection, alerts: Sequence[Alert]) -> None:
    """Records the alerts in the transaction at hand. No statement for no alerts.

    Raises the driver's error when an id was recorded before.
    """
    # One by one: sqlite3 of Python 3.13 may refuse several rows of an INSERT that numbers itself.
    for a in alerts:
        row = {"id": a.id, "created_at": a.created_at, "type": a.type, "payload": a.payload}
        _put(connection.dialect).run(connection, [row])


def due(connection: Connection, endpoint: str, now: int, most: int) -> list[Due]:
    """What is to be sent to the endpoint at `now` (ms since 1970): new alerts, then those again.

    The new ones come without a gap from the first, and `record` needs an outcome of each.
    """
    new = connection.execute(
        select(_O.number, _O.id, _O.payload, literal(0).label("attempts"))
        .where(_O.number > _reached(endpoint))
        .order_by(_O.number)
        .limit(most)
    ).all()
    again = (
        select(_O.number, _O.id, _O.payload, _D.attempts)
        .join(DELIVERIES, _D.alert == _O.number)
        .where(_D.endpoint == endpoint, _D.delivered_at.is_(None), _D.next_attempt_at <= now)
        .order_by(_D.next_attempt_at)
        .limit(most - len(new))
    )
    rows = [*new, *connection.execute(again).all()]
    return [Due(row.number, row.id, row.payload, row.attempts) for row in rows]


def record(connection: Connection, endpoint: str, outcomes: Sequence[Outcome]) -> None:
    """Notes what the attempts at the endpoint came to."""
    statement = replacing(
        connection.dialect,
        DELIVERIES,
        *("attempts", "next_attempt_at", "delivered_at", "last_error"),
    )
    rows: list[dict[str, Any]] = [{"endpoint": endpoint, **vars(outcome)} for outcome in outcomes]
    connection.execute(statement, rows)


def pending(connection: Connection, endpoints: Sequence[str] = ()) -> int:
    """How many deliveries are still to be made to these endpoints.

    Without endpoints every alert waits for one.
    """
    newest = connection.execute(select(func.coalesce(func.max(_O.number), 0))).scalar_one()
    if not endpoints:
        return int(newest)
    waiting = 0
    for endpoint in endpoints:
        # Numbers have no gaps: alerts are never deleted.
        waiting += newest - connection.execute(select(_reached(endpoint))).scalar_one()
        waiting += connection.execute(
            select(func.count())
            .select_from(DELIVERIES)
            .where(
                _D.endpoint == endpoint, _D.delivered_at.is_(None), _D.next_attempt_at.is_not(None)
            )
        ).scalar_one()
    return int(waiting)


def undelivered(connection: Connection, endpoints: Sequence[str]) -> int:
    """How many deliveries to these endpoints were given up. Their alerts are kept."""
    found = connection.execute(
        select(func.count())
        .select_from(DELIVERIES)
        .where(_D.endpoint.in_(endpoints), _D.delivered_at.is_(None), _D.next_attempt_at.is_(None))
    )
    return int(found.scalar_one())


@lru_cache(4)
def _put(dialect: Dialect) -> Prepared:
    # Once: it runs where decisions are appended.
    return Prepared(_PUT, dialect, ("id", "created_at", "type", "payload"))


class Outbox:
    """Alerts of what no decision's own transaction records, and what is still to be sent."""

    def __init__(self, database: Database, endpoints: Sequence[str]) -> None:
        self._database = database
        self._endpoints = endpoints

    def put(self, alerts: Sequence[Alert]) -> None:
        """Records the alerts. Raises CannotDecide when the database is away."""
        with self._database.writing() as connection:
            put(connection, alerts)

    def counts(self) -> tuple[int, int]:
        """Deliveries to be made, and deliveries given up. Raises CannotDecide."""
        # Of one moment: what is sent meanwhile would count twice.
        with self._database.snapshot() as connection:
            return (
                pending(connection, self._endpoints),
                undelivered(connection, self._endpoints),
            )


def _reached(endpoint: str) -> ScalarSelect[int]:
    """The newest alert that was sent to the endpoint."""
    return (
        select(func.coalesce(func.max(_D.alert), 0))
        .where(_D.endpoint == endpoint)
        .scalar_subquery()
    )
