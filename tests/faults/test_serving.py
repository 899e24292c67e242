"""The service as processes: killed, they leave nothing behind and lose nothing answered."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.embedded_redis import EmbeddedRedis
from api.store.database import Database
from api.store.tables import DECISIONS
from tests.conftest import ROOT, Server, free_port, propose


def post(server: Server, body: Any) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{server.url}/v1/evaluations",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {server.key()}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def redis_pids(home: Path) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"redis-server" in command and os.fsencode(home) in command:
            found.append(int(folder.name))
    return found


def gone(check: Callable[[], object], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not check():
            return True
        time.sleep(0.05)
    return not check()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_redis_ends_with_the_service_however_it_ends(
    serve: Callable[..., Server], how: signal.Signals
) -> None:
    server = serve()
    assert len(redis_pids(server.home)) == 1
    server.process.send_signal(how)
    server.process.wait(20)
    assert gone(lambda: redis_pids(server.home))


def test_what_was_answered_is_there_after_the_whole_server_is_killed(
    serve: Callable[..., Server],
) -> None:
    server = serve()
    answered = [post(server, propose(reference=f"SO-{n}"))["id"] for n in range(20)]
    server.process.kill()
    server.process.wait()
    again = serve(LODESTONE_HOME=str(server.home))
    answered.append(post(again, propose())["id"])
    with Database(f"sqlite:///{server.home}/lodestone.db").reading() as connection:
        rows = connection.execute(select(DECISIONS.c.index, DECISIONS.c.id)).all()
    assert [row.id for row in sorted(rows)] == answered
    assert sorted(row.index for row in rows) == list(range(7, 28))


def test_publishing_changes_answers_and_not_old_decisions(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    rules = tmp_path / "rules"
    subprocess.run(["cp", "-r", str(ROOT / "rules"), str(rules)], check=True)
    server = serve(LODESTONE_RULES=str(rules))
    goods = {
        "description": "Antimony trioxide",
        "hs_code": "2825800090",
        "form": "oxide",
        "purity_pct": 99.98,
    }
    before = post(server, propose(goods))
    assert (before["disposition"], before["rule_set"]["version"]) == ("not_controlled", 1)

    file = rules / "cn" / "instruments" / "mofcom-gac-2024-33.yaml"
    file.write_text(file.read_text().replace("at_least: 99.99}", "at_least: 99.98}"))
    assert post(server, propose(goods))["disposition"] == "not_controlled"  # not published yet
    environment = os.environ | {"LODESTONE_HOME": str(server.home), "LODESTONE_RULES": str(rules)}
    command = [sys.executable, "-m", "api.cli", "rules", "publish", "--note", "lower limit"]
    printed = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert b"published cn@2" in printed.stdout

    after = post(server, propose(goods))
    assert (after["disposition"], after["rule_set"]["version"]) == ("licence_required", 2)
    request = urllib.request.Request(
        f"{server.url}/v1/decisions/{before['id']}",
        headers={"Authorization": f"Bearer {server.key('auditor')}"},
    )
    old = json.load(urllib.request.urlopen(request))
    assert old == before

    file.write_text(file.read_text().replace("material: antimony", "material: antinomy"))
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert refused.returncode == 2
    assert b"did you mean `antimony`" in refused.stderr
    ready = json.load(urllib.request.urlopen(f"{server.url}/readyz"))
    assert ready["rule_sets"]["cn"]["version"] == 2
    assert ready["rule_files"]["cn"]["state"] == "invalid"
    assert post(server, propose(goods))["rule_set"]["version"] == 2


def test_a_taken_port_is_said_in_one_line_and_leaves_nothing(serve: Callable[..., Server]) -> None:
    server = serve()
    port = server.url.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "api.cli", "serve"],
        cwd=ROOT,
        env=os.environ | {"PORT": port, "LODESTONE_HOME": str(server.home.parent / "other")},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.decode().count("\n") == 1
    assert "PORT" in second.stderr.decode()
    assert redis_pids(server.home.parent / "other") == []


def workers_of(server: Server) -> list[int]:
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    commands = {int(p): Path(f"/proc/{p}/cmdline").read_bytes() for p in children.split()}
    return [pid for pid, command in commands.items() if b"redis" not in command]


def test_a_worker_that_ends_leaves_redis_to_the_others(serve: Callable[..., Server]) -> None:
    server = serve(LODESTONE_WORKERS="2")
    first = workers_of(server)[0]
    os.kill(first, signal.SIGTERM)
    assert gone(lambda: first in workers_of(server), 20)
    assert post(server, propose())["outcome"] == "allow"
    assert len(redis_pids(server.home)) == 1
    ready = json.load(urllib.request.urlopen(f"{server.url}/readyz"))
    assert ready["redis"] == "answers"


def test_a_hangup_reloads_and_goes_on(serve: Callable[..., Server]) -> None:
    server = serve(LODESTONE_WORKERS="2")
    before = set(workers_of(server))
    server.process.send_signal(signal.SIGHUP)
    assert gone(lambda: before & set(workers_of(server)), 20)
    assert post(server, propose())["outcome"] == "allow"
    assert server.process.poll() is None
    assert len(redis_pids(server.home)) == 1


def test_a_home_in_use_is_said_in_one_line_and_left_alone(serve: Callable[..., Server]) -> None:
    server = serve()
    second = subprocess.run(
        [sys.executable, "-m", "api.cli", "serve"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(free_port()), "LODESTONE_HOME": str(server.home)},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr.decode().count("\n") == 1
    assert "LODESTONE_HOME" in second.stderr.decode()
    assert len(redis_pids(server.home)) == 1
    assert post(server, propose())["outcome"] == "allow"


def test_keys_are_the_owners_alone(serve: Callable[..., Server]) -> None:
    server = serve()
    for holder in ("erp", "officer", "approver", "auditor", "admin"):
        assert (server.home / "keys" / f"{holder}.key").stat().st_mode & 0o077 == 0


def test_a_long_home_still_has_a_redis(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path / ("x" * 120))
    url = redis.start()
    assert len(url) < 110
    redis.stop()
    assert not Path(url.removeprefix("unix://")).parent.exists()


def test_a_redis_left_by_an_earlier_start_is_swept(tmp_path: Path) -> None:
    first = EmbeddedRedis(tmp_path)
    first.start()
    second = EmbeddedRedis(tmp_path)
    second.start()
    assert first._process is not None
    assert gone(lambda: first._process is not None and first._process.poll() is None)
    second.stop()
    assert redis_pids(tmp_path) == []
