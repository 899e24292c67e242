"""A fresh database, and receivers that are gone after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import api.alerts.outbox  # noqa: F401 - its tables, before any is created
from api.store.database import Database
from tests.alerts.receiver import Answer, Receiver, accept


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "lodestone.db")
    database.create()
    yield database
    database.close()


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    started: list[Receiver] = []

    def start(answer: Answer = accept) -> Receiver:
        started.append(Receiver(answer))
        return started[-1]

    yield start
    for receiver in started:
        receiver.down()
