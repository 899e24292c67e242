"""What `make kill-test` does 200 times, done a few."""

from __future__ import annotations

from pathlib import Path

from tests.faults.kill import run


def test_a_killed_worker_and_a_killed_server_lose_nothing_answered(tmp_path: Path) -> None:
    assert run(2, None, tmp_path) == []
