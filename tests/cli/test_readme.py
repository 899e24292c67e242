"""Everything in the README runs as written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, Server

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The command as written, but for where this test's service and environment are."""
    installed = Path(sys.executable).parent
    return subprocess.run(
        ["bash", "-c", command.replace(".venv/bin/", f"{installed}/")],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def within(part: Any, whole: Any) -> bool:
    """Whether an abridged JSON value is what the whole one says."""
    if isinstance(part, dict):
        return all(key in whole and within(value, whole[key]) for key, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(within, part, whole))
    return bool(part == whole)


def test_the_first_lines_are_five_and_then_the_two_commands() -> None:
    paragraphs = README.split("\n\n")
    assert paragraphs[0] == "# Lodestone"
    assert paragraphs[1].count("\n") == 4
    assert [line.split()[:2] for line in blocks("sh")[0].splitlines()] == [
        ["make", "run"],
        ["make", "test"],
    ]


def test_the_shipment_is_decided_by_curl_as_printed(serve: Callable[..., Server]) -> None:
    server = serve()
    command = blocks("sh")[1].replace("http://127.0.0.1:8000", server.url)
    done = run(command.replace("var/keys", f"{server.home}/keys"), {})
    answer = json.loads(done.stdout)
    assert within(json.loads(blocks("json")[0]), answer)
    assert answer["log"]["index"] == 7  # after the keys and the first version


def test_the_command_line_prints_what_is_printed() -> None:
    done = run(blocks("sh")[2], {})
    assert done.returncode == 3
    assert done.stdout.strip() == blocks("text")[0].strip()


def test_the_officers_commands_run(tmp_path: Path) -> None:
    check, publish = blocks("sh")[4].strip().splitlines()
    environment = {"LODESTONE_HOME": str(tmp_path)}
    assert run(check, environment).returncode == 0
    assert run(publish, environment).returncode == 0


def test_names_and_flows_are_asked_for_as_printed(serve: Callable[..., Server]) -> None:
    server = serve()
    screen, _, asked = blocks("sh")[3].partition("\n")
    found = run(screen, {"LODESTONE_HOME": str(server.home)})
    assert found.stdout.splitlines()[2].endswith("[control, in_force]")
    command = asked.replace("http://127.0.0.1:8000", server.url)
    done = run(command.replace("var/keys", f"{server.home}/keys"), {})
    assert {row["group"]["destination"] for row in json.loads(done.stdout)["flows"]}


def test_an_auditor_verifies_and_replays_as_printed(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve()
    decide = blocks("sh")[1].replace("http://127.0.0.1:8000", server.url)
    run(decide.replace("var/keys", f"{server.home}/keys"), {})
    environment = {"LODESTONE_HOME": str(server.home)}
    verify, replay = blocks("sh")[5], blocks("sh")[6]
    done = run(verify.replace("kept.checkpoint", str(tmp_path / "kept")), environment)
    assert "the log only grew" in done.stdout
    assert "nothing was altered" in done.stdout
    replayed = run(replay, environment)
    assert replayed.returncode == 0, replayed.stderr
    assert "1 replayed, 1 the same, 0 different" in replayed.stdout
    search = blocks("sh")[7].replace("http://127.0.0.1:8000", server.url)
    search = search.replace("var/keys", f"{server.home}/keys")
    found = run(f"cd {tmp_path} && {search}", {})
    assert json.JSONDecoder().raw_decode(found.stdout)[0]["decisions"]
    assert '"rows": 1' in found.stdout


def test_every_setting_in_the_table_is_read() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)`", README, re.MULTILINE))
    code = (ROOT / "api" / "settings.py").read_text(encoding="utf-8")
    assert named == set(re.findall(r'"((?:LODESTONE_[A-Z_]+|PORT))"', code))


def test_make_lists_every_task() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},  # not that of the make that runs the tests
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[0] for line in listed.splitlines()] == targets
