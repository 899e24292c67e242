"""Receivers that are gone after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.alerts.receiver import Answer, Receiver, accept


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    started: list[Receiver] = []

    def start(answer: Answer = accept) -> Receiver:
        started.append(Receiver(answer))
        return started[-1]

    yield start
    for receiver in started:
        receiver.down()
