"""Served on PostgreSQL: two services over one database, and the database killed under load."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from api.ledger.signing import read_log_key
from api.ledger.verify import verify_log
from api.log.checkpoint import read_checkpoint
from api.store.database import Database
from api.store.tables import DECISIONS, LOG_ENTRIES
from tests.conftest import Server, propose
from tests.postgres import Postgres

EVALUATIONS = int(os.environ.get("EVALUATIONS", "400"))
"""How many two services decide at once; 20000 has been tried."""


def post(server: Server, reference: str) -> tuple[int, str | None]:
    """The status, and the id of what was decided."""
    request = urllib.request.Request(
        f"{server.url}/v1/evaluations",
        json.dumps(propose(reference=reference)).encode(),
        {"Authorization": f"Bearer {server.key()}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
            assert answer["outcome"] == "allow"
            return response.status, answer["id"]
    except urllib.error.HTTPError as error:
        return error.code, None


def recorded(url: str) -> dict[str, int]:
    database = Database(url)
    with database.reading() as connection:
        rows = connection.execute(select(DECISIONS.c.id, DECISIONS.c.index)).all()
        entries = connection.execute(select(LOG_ENTRIES.c.index).order_by(LOG_ENTRIES.c.index))
        indexes = entries.scalars().all()
    database.close()
    assert indexes == list(range(len(indexes)))
    return {row.id: row[1] for row in rows}


def test_services_of_two_homes_append_to_one_log(
    serve: Callable[..., Server], postgres_url: str, tmp_path: Path
) -> None:
    settings = {
        "LODESTONE_DATABASE_URL": postgres_url,
        "LODESTONE_LOG_KEY": str(tmp_path / "log.key"),
        "LODESTONE_WORKERS": "2",
    }
    with ThreadPoolExecutor(2) as pool:  # which also start at once
        homes = [str(tmp_path / name) for name in ("one", "other")]
        servers = list(pool.map(lambda home: serve(LODESTONE_HOME=home, **settings), homes))
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda n: post(servers[n % 2], f"SO-{n}"), range(EVALUATIONS)))
    assert {status for status, _ in answers} == {201}
    found = recorded(postgres_url)
    assert {decision for _, decision in answers} == set(found)
    assert len(found) == EVALUATIONS
    # Of one log both sign the same, and it is what its entries make.
    key = read_log_key(tmp_path / "log.key").verifier
    checkpoints = {_get(server, "/v1/log/checkpoint") for server in servers}
    (head,) = (read_checkpoint(note, key).checkpoint for note in checkpoints)
    database = Database(postgres_url)
    assert list(verify_log(database, key, [head])) == []
    database.close()
    for server in servers:
        assert json.loads(_get(server, f"/v1/decisions/{answers[0][1]}"))["id"] == answers[0][1]


def _get(server: Server, path: str) -> bytes:
    request = urllib.request.Request(
        f"{server.url}{path}", headers={"Authorization": f"Bearer {server.key('auditor')}"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        body: bytes = response.read()
        return body


def test_a_killed_database_costs_503s_and_nothing_else(
    serve: Callable[..., Server], postgres: Postgres, postgres_url: str
) -> None:
    server = serve(LODESTONE_DATABASE_URL=postgres_url, LODESTONE_WORKERS="2")
    answers = list[tuple[int, str | None]]()
    enough = threading.Event()

    def ask(who: int) -> None:
        for n in range(10_000):
            if enough.is_set():
                return
            answers.append(post(server, f"SO-{who}-{n}"))

    def wait_for(status: int, more: int) -> None:
        start, deadline = len(answers), time.monotonic() + 30
        while sum(code == status for code, _ in answers[start:]) < more:
            assert time.monotonic() < deadline, f"no {status}"
            time.sleep(0.01)

    threads = [threading.Thread(target=ask, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        wait_for(201, 50)
        postgres.kill()
        wait_for(503, 8)
        postgres.start()
    wait_for(201, 50)
    enough.set()
    for thread in threads:
        thread.join()

    assert {status for status, _ in answers} == {201, 503}
    answered = {decision for status, decision in answers if status == 201}
    assert answered <= set(recorded(postgres_url))  # one may be there whose answer was lost
    assert server.process.poll() is None
