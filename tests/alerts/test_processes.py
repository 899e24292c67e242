"""Several processes over one home: one delivers, and when it dies another does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import select

from api.alerts.outbox import DELIVERIES, Alert, pending, put
from api.store.database import Database
from tests.alerts.receiver import SECRET, Received, Receiver, alerts, status, wait_until
from tests.conftest import ROOT, on_sqlite_only

DELIVER = """
import json, os, sys, threading
from datetime import UTC, datetime
from pathlib import Path
import redis, ssl  # as a gunicorn master has them before gevent comes
from api.alerts.delivery import Dispatcher
from api.alerts.sending import post
from api.store.database import Database
if sys.argv[2] == "gevent":
    from gevent import monkey
    monkey.patch_all()
given = json.loads(sys.argv[1])
def named(url, body, headers, seconds):
    return post(url, body, {**headers, "x-process": str(os.getpid())}, seconds)
Dispatcher(
    Database(given["database"]), given["endpoints"], given["secret"],
    lambda: datetime.now(UTC), Path(given["lock"]), named,
).run(threading.Event())
"""

Deliver = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def deliver(tmp_path: Path, database_url: str) -> Iterator[Deliver]:
    """Starts processes that deliver; whatever is left at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*endpoints: str, kind: str = "threads") -> subprocess.Popen[bytes]:
        given = {
            "database": database_url,
            "lock": str(tmp_path / "alerts.lock"),
            "endpoints": endpoints,
            "secret": SECRET,
        }
        command = [sys.executable, "-W", "ignore", "-c", DELIVER, json.dumps(given), kind]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def senders(receiver: Receiver) -> set[int]:
    return {int(received.headers["x-process"]) for received in receiver.received}


def test_one_delivers_and_another_takes_over_when_it_is_killed(
    database: Database, receive: Callable[..., Receiver], deliver: Deliver
) -> None:
    hold, held = threading.Event(), threading.Event()

    def answer(handler: BaseHTTPRequestHandler, received: Received) -> None:
        if hold.is_set():
            hold.clear()
            held.set()
            threading.Event().wait(1)
        status(204)(handler, received)

    receiver = receive(answer)
    processes = {process.pid: process for process in (deliver(receiver.url) for _ in range(2))}
    sent: list[Alert] = []

    def all_came() -> bool:
        return len(receiver.ids) == len(sent)

    for _ in range(5):
        sent += alerts(20)
        with database.writing() as connection:
            put(connection, sent[-20:])
        wait_until(all_came, 10)
    assert sorted(receiver.ids) == sorted(alert.id for alert in sent)  # each once
    [first] = senders(receiver)

    hold.set()
    [interrupted] = alerts(1)
    with database.writing() as connection:
        put(connection, [interrupted])
    assert held.wait(5)
    os.kill(first, signal.SIGKILL)  # sent, but not noted
    processes[first].wait()
    wait_until(lambda: receiver.ids.count(interrupted.id) == 2)
    assert senders(receiver) == set(processes)
    assert all(received.is_genuine() for received in receiver.received)

    def all_noted() -> bool:
        with database.reading() as connection:
            return pending(connection, [receiver.url]) == 0

    wait_until(all_noted)


@on_sqlite_only
def test_a_gevent_worker_delivers_and_speaks_tls(
    database: Database, receive: Callable[..., Receiver], deliver: Deliver
) -> None:
    receiver = receive()
    secure = receiver.url.replace("http:", "https:")  # which the receiver does not speak
    [alert] = alerts(1)
    with database.writing() as connection:
        put(connection, [alert])
    deliver(receiver.url, secure, kind="gevent")
    wait_until(lambda: alert.id in receiver.ids)
    assert senders(receiver)

    def error() -> str | None:
        with database.reading() as connection:
            found = select(DELIVERIES.c.last_error).where(DELIVERIES.c.endpoint == secure)
            return connection.execute(found).scalar()

    wait_until(error)
    assert "WRONG_VERSION_NUMBER" in str(error())
