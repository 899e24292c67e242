"""The command line, as a person and a script use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.conftest import ROOT, propose


def lodestone(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def written(folder: Path, body: object) -> str:
    file = folder / "shipment.json"
    file.write_bytes(orjson.dumps(body))
    return str(file)


def test_a_deny_is_told_in_words_and_exits_3() -> None:
    done = lodestone("evaluate", "fixtures/antimony-trioxide-to-united-states.json")
    assert done.returncode == 3
    for words in ("DENY", "licence_required", "law", "remedy", "from 2026-11-28: deny prohibited"):
        assert words in done.stdout


def test_an_allow_exits_0_and_says_why(tmp_path: Path) -> None:
    done = lodestone("evaluate", written(tmp_path, propose()))
    assert done.returncode == 0
    assert "no control entry in force" in done.stdout


def test_json_is_for_machines() -> None:
    done = lodestone("evaluate", "--json", "fixtures/antimony-trioxide-to-united-states.json")
    assert json.loads(done.stdout)["disposition"] == "licence_required"


@pytest.mark.parametrize("language", ["zh", "fr"])
def test_answers_speak_the_language_asked_for(language: str) -> None:
    file = "fixtures/antimony-trioxide-to-united-states.json"
    assert (
        lodestone("evaluate", file).stdout
        != lodestone("evaluate", "--language", language, file).stdout
    )


def test_bad_input_exits_2_and_names_the_field(tmp_path: Path) -> None:
    body = propose()
    body["lines"][0]["hs_code"] = "1234567"
    done = lodestone("evaluate", written(tmp_path, body))
    assert done.returncode == 2
    assert "/lines/0/hs_code" in done.stderr
    assert lodestone("evaluate", "no-such-file.json").returncode == 2


def test_rules_check_prints_what_there_is() -> None:
    done = lodestone("rules", "check")
    assert done.returncode == 0
    assert "47 instruments" in done.stdout
    assert "265 listed parties" in done.stdout
