"""Alerts reach a real receiver, signed, whatever it does meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta, timezone
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from api.alerts.delivery import WAITS_SECONDS, Dispatcher
from api.alerts.outbox import DELIVERIES, OUTBOX, Alert, pending, put, undelivered
from api.errors import CannotDecide
from api.instants import now
from api.store.database import Database
from tests.alerts.receiver import (
    SECRET,
    Answer,
    FakeClock,
    Received,
    Receiver,
    alerts,
    close,
    status,
    wait_until,
)
from tests.conftest import on_sqlite_only

Receive = Callable[..., Receiver]


def record(database: Database, count: int) -> list[Alert]:
    new = alerts(count)
    with database.writing() as connection:
        put(connection, new)
    return new


def dispatcher(database: Database, *endpoints: str, **more: Any) -> Dispatcher:
    return Dispatcher(
        database,
        endpoints,
        SECRET,
        more.pop("clock", now),
        more.pop("lock_file", Path("/nonexistent")),
        **more,
    )


def waiting(database: Database, *endpoints: str) -> int:
    with database.reading() as connection:
        return pending(connection, endpoints)


@contextmanager
def running(working: Dispatcher) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=working.run, args=(stop,), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def sleep_for(seconds: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, received: Received) -> None:
        time.sleep(seconds)
        status(204)(handler, received)

    return answer


def drip(handler: BaseHTTPRequestHandler, _: Received) -> None:
    """A byte now and then: no wait is ever long."""
    handler.wfile.write(b"HTTP/1.1 204 No Content\r\nx: ")
    for _byte in range(50):
        time.sleep(0.05)
        handler.wfile.write(b"y")
    handler.wfile.write(b"\r\n\r\n")


def test_an_alert_arrives_signed_byte_for_byte_and_once(
    database: Database, receive: Receive
) -> None:
    receiver = receive()
    sent = record(database, 3)
    working = dispatcher(database, receiver.url)
    assert waiting(database, receiver.url) == 3
    assert working.deliver_due() == 3
    assert working.deliver_due() == 0
    assert waiting(database, receiver.url) == 0
    assert {got.id: got.body for got in receiver.received} == {a.id: a.payload for a in sent}
    assert len(receiver.received) == 3
    for got in receiver.received:
        assert got.is_genuine()
        assert got.headers["content-type"] == "application/json"


def test_signatures_hold_whatever_the_zone_of_the_clock(
    database: Database, receive: Receive
) -> None:
    receiver = receive()
    record(database, 1)
    zone = timezone(timedelta(hours=8))
    assert dispatcher(database, receiver.url, clock=lambda: now().astimezone(zone)).deliver_due()
    assert receiver.received[0].is_genuine()


def test_a_receiver_that_is_down_loses_nothing_and_is_asked_ever_more_seldom(
    database: Database, receive: Receive
) -> None:
    receiver, clock = receive(), FakeClock()
    working = dispatcher(database, receiver.url, clock=clock)
    receiver.down()
    first = record(database, 2)
    assert working.deliver_due() == 0
    for wait in WAITS_SECONDS[:4]:
        so_far = attempts(database)
        clock.advance(wait - 0.01)  # never earlier
        assert working.deliver_due() == 0
        assert attempts(database) == so_far
        clock.advance(0.2 * wait + 0.02)  # never much later
        working.deliver_due()
        assert attempts(database) == [count + 1 for count in so_far]
    second = record(database, 1)
    receiver.up()
    assert working.deliver_due() == 1
    assert receiver.ids == [second[0].id]  # what is new does not wait for what failed
    clock.advance(WAITS_SECONDS[4] * 1.2)
    assert working.deliver_due() == 2
    assert sorted(receiver.ids) == sorted(alert.id for alert in first + second)
    assert all(got.is_genuine() for got in receiver.received)
    assert waiting(database, receiver.url) == 0


def attempts(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.execute(select(DELIVERIES.c.attempts)).scalars())


def test_after_seven_days_an_alert_is_kept_and_reported_once(
    database: Database, receive: Receive, caplog: pytest.LogCaptureFixture
) -> None:
    receiver, clock = receive(status(500)), FakeClock()
    [alert] = record(database, 1)
    working = dispatcher(database, receiver.url, clock=clock)
    started = clock.now
    with caplog.at_level(logging.ERROR, "lodestone"):
        working.deliver_due()
        for wait in WAITS_SECONDS:
            assert waiting(database, receiver.url) == 1
            clock.advance(wait * 1.2)
            working.deliver_due()
        for _ in range(3):
            clock.advance(24 * 3600)
            working.deliver_due()
    assert receiver.ids == [alert.id] * (len(WAITS_SECONDS) + 1)
    assert all(got.is_genuine() for got in receiver.received)
    assert (receiver.received[-1].sent_at - started).days >= 7
    assert sum(WAITS_SECONDS) >= 7 * 24 * 3600  # and waits are never shorter
    [entry] = caplog.records
    assert entry.getMessage() == "alert_undelivered"
    assert entry.__dict__["fields"]["alert"] == alert.id
    assert "desk=1" not in str(entry.__dict__["fields"])
    with database.reading() as connection:
        assert pending(connection, [receiver.url]) == 0
        assert undelivered(connection, [receiver.url]) == 1
        assert len(connection.execute(select(OUTBOX)).all()) == 1


def test_gone_is_final(
    database: Database, receive: Receive, caplog: pytest.LogCaptureFixture
) -> None:
    receiver, clock = receive(status(410)), FakeClock()
    record(database, 1)
    working = dispatcher(database, receiver.url, clock=clock)
    with caplog.at_level(logging.ERROR, "lodestone"):
        for _ in range(3):
            assert working.deliver_due() == 0
            clock.advance(24 * 3600)
    assert len(receiver.received) == 1
    assert [entry.getMessage() for entry in caplog.records] == ["alert_undelivered"]
    with database.reading() as connection:
        assert undelivered(connection, [receiver.url]) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (status(500), "HTTP 500"),
        (status(404), "HTTP 404"),
        (status(304), "HTTP 304"),
        (close, "RemoteDisconnected"),
        (sleep_for(1), "TimeoutError"),
        (drip, "no answer in time"),
    ],
)
def test_whatever_is_no_2xx_is_tried_again(
    database: Database, receive: Receive, answer: Answer, why: str
) -> None:
    receiver, clock = receive(answer), FakeClock()
    [alert] = record(database, 1)
    working = dispatcher(database, receiver.url, clock=clock, timeout_seconds=0.2)
    started = time.monotonic()
    assert working.deliver_due() == 0
    assert time.monotonic() - started < 1
    with database.reading() as connection:
        assert connection.execute(select(DELIVERIES.c.last_error)).scalar() == why
    receiver.answer = status(200)
    clock.advance(1.3)
    assert working.deliver_due() == 1
    assert receiver.ids == [alert.id] * 2
    assert receiver.received[0].body == receiver.received[1].body


@on_sqlite_only
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(database: Database, receive: Receive, code: int) -> None:
    elsewhere = receive()
    receiver = receive(status(code, Location=elsewhere.url))
    record(database, 1)
    assert dispatcher(database, receiver.url).deliver_due() == 0
    assert len(receiver.received) == 1
    assert elsewhere.received == []
    assert waiting(database, receiver.url) == 1


@on_sqlite_only
def test_a_receiver_that_hangs_delays_no_other(
    database: Database, receive: Receive, tmp_path: Path
) -> None:
    hanging, good = receive(sleep_for(3)), receive()
    urls = (hanging.url, good.url)
    working = dispatcher(
        database, *urls, timeout_seconds=0.3, lock_file=tmp_path / "lock", clock=now
    )
    with running(working):
        record(database, 20)
        wait_until(lambda: len(good.ids) == 20, 2)
        record(database, 20)
        wait_until(lambda: len(good.ids) == 40, 2)
    assert waiting(database, good.url) == 0
    assert waiting(database, hanging.url) == 40
    assert len(set(good.ids)) == len(good.ids)


@on_sqlite_only
def test_at_most_four_requests_hang_at_an_endpoint(database: Database, receive: Receive) -> None:
    receiver = receive(drip)
    record(database, 20)
    working = dispatcher(database, receiver.url, timeout_seconds=0.1)
    for _ in range(2):
        assert working.deliver_due() == 0
        assert len(receiver.received) == 4


def test_alerts_recorded_before_an_endpoint_was_set_are_delivered(
    database: Database, receive: Receive
) -> None:
    first, second = receive(), receive()
    early = record(database, 10)
    assert dispatcher(database).deliver_due() == 0
    assert waiting(database) == 10
    assert dispatcher(database, first.url).deliver_due() == 10
    later = record(database, 1)
    assert dispatcher(database, second.url, first.url).deliver_due() == 12
    everything = sorted(alert.id for alert in early + later)
    assert sorted(first.ids) == sorted(second.ids) == everything


def test_decisions_are_recorded_while_a_receiver_thinks(
    database: Database, receive: Receive
) -> None:
    def write_first(handler: BaseHTTPRequestHandler, received: Received) -> None:
        if len(receiver.received) == 1:
            record(database, 1)
        status(200)(handler, received)

    receiver = receive(write_first)
    record(database, 1)
    assert dispatcher(database, receiver.url, timeout_seconds=2).deliver_due() == 2


def test_a_pass_is_bounded(database: Database, receive: Receive) -> None:
    receiver = receive()
    record(database, 260)
    working = dispatcher(database, receiver.url)
    assert [working.deliver_due() for _ in range(3)] == [256, 4, 0]
    assert len(set(receiver.ids)) == len(receiver.ids) == 260


def test_what_could_not_be_noted_is_not_sent_again(
    database: Database, receive: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = receive()
    record(database, 2)
    working = dispatcher(database, receiver.url)

    @contextmanager
    def full() -> Iterator[Connection]:
        raise CannotDecide("the disk is full")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(database, "writing", full)
        for _ in range(3):
            with pytest.raises(CannotDecide):
                working.deliver_due()
    assert working.deliver_due() == 0
    assert len(receiver.ids) == 2
    assert waiting(database, receiver.url) == 0


def test_no_exception_ends_the_loop(
    database: Database, receive: Receive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = receive()
    monkeypatch.setattr("api.alerts.delivery._TURN_SECONDS", 0.02)
    broken = iter([ZeroDivisionError, MemoryError, CannotDecide])

    def clock() -> Any:
        for error in broken:
            raise error("now and then")
        return now()

    lock_file = tmp_path / "not yet" / "lock"
    with running(dispatcher(database, receiver.url, clock=clock, lock_file=lock_file)):
        time.sleep(0.05)
        lock_file.parent.mkdir()
        record(database, 1)
        wait_until(lambda: receiver.ids)
        wait_until(lambda: waiting(database, receiver.url) == 0)
    assert next(broken, None) is None


def test_an_alert_arrives_within_seconds(
    database: Database, receive: Receive, tmp_path: Path
) -> None:
    receiver = receive()
    with running(dispatcher(database, receiver.url, lock_file=tmp_path / "lock")):
        time.sleep(0.1)
        record(database, 1)
        wait_until(lambda: receiver.ids, 2)
