"""Kills workers, the whole server and the database under load, and counts what is lost.

    python -m tests.faults.kill 200

For SQLite and for PostgreSQL: clients post without pause while processes are killed with -9. In the
end every answered decision must be in the log once, where the answer said, and the log must verify
from its entries up. Exit 0 only then.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import psutil
from sqlalchemy import select

from api.ledger.signing import read_log_key
from api.ledger.verify import verify_log
from api.log.checkpoint import read_checkpoint
from api.store.database import Database
from api.store.logbook import log_size
from api.store.tables import DECISIONS
from tests.conftest import ROOT, free_port, propose
from tests.postgres import Postgres

_CLIENTS = 8
_START_SECONDS = 180


@dataclass(frozen=True)
class Answered:
    """What a client was told."""

    decision: str
    index: int
    leaf: str


class Service:
    """`lodestone serve`, started again whenever it is gone."""

    def __init__(self, home: Path, database_url: str | None) -> None:
        self.home = home
        self.port = free_port()
        self._environment = os.environ | {
            "LODESTONE_HOME": str(home),
            "PORT": str(self.port),
            "LODESTONE_WORKERS": "2",
            **({"LODESTONE_DATABASE_URL": database_url} if database_url else {}),
        }
        self.database_url = database_url or f"sqlite:///{home}/lodestone.db"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            cwd=ROOT,
            env=self._environment,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Until it can decide; it is started again if it ended."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                self.start()
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2)
                return
            time.sleep(0.05)
        raise AssertionError("the service does not come back")

    def kill_worker(self) -> None:
        assert self._process is not None
        workers = [
            child
            for child in psutil.Process(self._process.pid).children()
            if "redis" not in child.name()
        ]
        if workers:
            random.choice(workers).kill()

    def kill_all(self) -> None:
        assert self._process is not None
        processes = [psutil.Process(self._process.pid)]
        processes += processes[0].children(recursive=True)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        psutil.wait_procs(processes)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)


class Load:
    """Clients that post without pause and remember what they were told."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._enough = threading.Event()
        self.answered: list[Answered] = []
        self.others: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._ask, args=(who,)) for who in range(_CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more were answered."""
        wanted, deadline = len(self.answered) + more, time.monotonic() + _START_SECONDS
        while len(self.answered) < wanted:
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing is answered: {self.others}")
            time.sleep(0.005)

    def _ask(self, who: int) -> None:
        key = (self._service.home / "keys" / "erp.key").read_text().strip()
        number = 0
        while not self._enough.is_set():
            number += 1
            body = json.dumps(propose(reference=f"SO-{who}-{number}")).encode()
            request = urllib.request.Request(
                f"http://127.0.0.1:{self._service.port}/v1/evaluations",
                body,
                {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            )
            try:
                with urllib.request.urlopen(request, timeout=20) as response:
                    answer = json.load(response)
                    log = answer["log"]
                    self.answered.append(Answered(answer["id"], log["index"], log["leaf"]))
            except urllib.error.HTTPError as error:
                self.others[str(error.code)] += 1
                time.sleep(0.02)
            except (OSError, HTTPException, ValueError) as error:
                self.others[type(error).__name__] += 1
                time.sleep(0.02)


def run(kills: int, postgres: Postgres | None, folder: Path) -> list[str]:
    """Kills so often; prints the counts and gives what was lost or altered."""
    if postgres is None:
        return _run(kills, None, None, folder)
    with postgres.new_database() as url:
        return _run(kills, postgres, url, folder)


def _run(kills: int, postgres: Postgres | None, url: str | None, folder: Path) -> list[str]:
    service = Service(folder, url)
    service.start()
    service.wait()
    load, killed = Load(service), Counter[str]()
    load.start()
    try:
        for number in range(kills):
            load.wait_for(20)
            target = _TARGETS[number % len(_TARGETS)]
            if target == "database" and postgres is not None:
                postgres.kill()
                time.sleep(random.uniform(0, 0.3))
                postgres.start()
            elif target == "worker":
                service.kill_worker()
            else:
                service.kill_all()
                service.start()
                target = "server"
            killed[target] += 1
            service.wait()
        load.wait_for(20)
    finally:
        load.stop()
    lost = _lost(service, load.answered)
    service.stop()
    name = "SQLite" if postgres is None else "PostgreSQL"
    print(
        f"{name}: killed {dict(killed)}; {len(load.answered)} answered, not answered "
        f"{dict(load.others)}; {len(lost)} lost or altered",
        flush=True,
    )
    return lost


_TARGETS = ("worker", "server", "database", "worker", "worker")
"""In turn; SQLite has no server of its own, and the whole service is killed instead."""


def _lost(service: Service, answered: Sequence[Answered]) -> list[str]:
    database = Database(service.database_url)
    with database.reading() as connection:
        rows = connection.execute(
            select(DECISIONS.c.id, DECISIONS.c.index.label("place"), DECISIONS.c.leaf)
        ).all()
        size = log_size(connection)
    places = Counter(row.id for row in rows)
    there = {row.id: (row.place, row.leaf) for row in rows}
    lost = [
        f"decision {name} is there {count} times" for name, count in places.items() if count > 1
    ]
    lost += [
        f"decision {a.decision} was answered and is {there.get(a.decision)}, not {a.index}"
        for a in answered
        if there.get(a.decision) != (a.index, a.leaf)
    ]
    key = read_log_key(service.home / "log.key").verifier
    token = (service.home / "keys" / "auditor.key").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{service.port}/v1/log/checkpoint",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        head = read_checkpoint(response.read(), key).checkpoint
    if head.size != size:
        lost.append(f"the checkpoint is of {head.size} entries, and {size} are stored")
    lost += [str(finding) for finding in verify_log(database, key, [head])]
    database.close()
    return lost


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    postgres = Postgres(free_port())
    lost: list[str] = []
    try:
        postgres.start()
        for server in (None, postgres):
            folder = Path(tempfile.mkdtemp(prefix="lodestone-kill-"))
            lost += run(kills, server, folder)
            shutil.rmtree(folder)
    finally:
        postgres.remove()
    print("\n".join(lost[:50]) or "nothing is lost", flush=True)
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
