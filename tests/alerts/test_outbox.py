"""Alerts are recorded with the decision or not at all."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from api.alerts.outbox import OUTBOX, due, pending, put, red_flag
from api.errors import CannotDecide
from api.store.database import Database
from api.store.tables import IDEMPOTENCY
from tests.alerts.receiver import alerts
from tests.conftest import on_sqlite_only


def test_alerts_are_there_with_the_transaction_they_were_put_in(database: Database) -> None:
    put_in = alerts(3)
    with database.writing() as connection:
        put(connection, put_in[:2])
        put(connection, put_in[2:])
    with database.reading() as connection:
        rows = connection.execute(select(OUTBOX).order_by(OUTBOX.c.number)).all()
        assert pending(connection) == 3
    assert [tuple(row) for row in rows] == [
        (n, alert.id, alert.created_at, "red_flag.high", alert.payload)
        for n, alert in enumerate(put_in, 1)
    ]


def test_a_transaction_rolled_back_leaves_no_alert(database: Database) -> None:
    def decide() -> None:
        with database.writing() as connection:
            put(connection, alerts(2))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        decide()
    with database.reading() as connection:
        assert pending(connection) == pending(connection, ["http://desk"]) == 0
        assert due(connection, "http://desk", 0, 8) == []


def test_an_id_seen_before_undoes_the_whole_transaction(database: Database) -> None:
    [alert] = alerts(1)
    with database.writing() as connection:
        put(connection, [alert])
    key = {"actor": "a", "key": "k", "body_digest": "d", "decision_index": 0}

    def decide() -> None:
        with database.writing() as connection:
            connection.execute(IDEMPOTENCY.insert(), [key])
            put(connection, [alert])

    with pytest.raises(CannotDecide):
        decide()
    with database.reading() as connection:
        assert connection.execute(select(IDEMPOTENCY)).all() == []
        assert pending(connection) == 1


@on_sqlite_only
def test_no_alerts_cost_no_statement(database: Database) -> None:
    statements: list[str] = []
    with database.writing() as connection:
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(statements.append)
        put(connection, [])
        assert statements == []
        put(connection, alerts(5))
        assert len(statements) == 5
        driver.set_trace_callback(None)


def test_a_red_flag_names_itself_and_its_time() -> None:
    alert = red_flag(datetime(2026, 11, 23, 8, tzinfo=UTC), {"decision": "d-1"})
    assert uuid.UUID(alert.id).version == 7
    assert json.loads(alert.payload) == {
        "type": "red_flag.high",
        "timestamp": "2026-11-23T08:00:00.000Z",
        "data": {"decision": "d-1"},
    }


@on_sqlite_only
def test_polling_reads_by_index_only(database: Database) -> None:
    plans = []
    with database.reading() as connection:
        statements: list[tuple[str, Any]] = []
        event.listen(
            connection,
            "before_cursor_execute",
            lambda *arguments: statements.append((arguments[2], arguments[3])),
        )
        due(connection, "http://desk", 0, 8)
        for statement, parameters in list(statements):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [row[3] for row in plan]
    assert not [step for step in plans if step.startswith("SCAN ")], plans
    assert [step for step in plans if "alert_deliveries_undelivered" in step], plans
