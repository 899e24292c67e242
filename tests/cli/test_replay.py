"""`lodestone replay`, as an auditor uses it on the database alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from api.replay import many
from api.replay.record import Records
from api.store.database import Database
from tests.conftest import ROOT, Api, propose
from tests.replay.conftest import alter, decide, new_api, stored

__all__ = ["new_api", "stored"]


def lodestone_replay(api: Api, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "LODESTONE_HOME": str(api.settings.home),
        "LODESTONE_DATABASE_URL": api.settings.database_url,
    }
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "replay", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_decisions_by_name(api: Api, stored: Database) -> None:
    one, other = (decide(api, propose(reference=f"SO-{n}")) for n in range(2))
    done = lodestone_replay(api, one, other)
    assert done.returncode == 0
    assert "2 replayed, 2 the same, 0 different" in done.stdout

    alter(stored, other, exporter="Somebody Else")

    done = lodestone_replay(api, "--json", one, other)
    assert done.returncode == 4
    first, second, summary = lines(done)
    assert (first["decision"], first["same"]) == (one, True)
    assert (second["decision"], second["same"]) == (other, False)
    assert summary == {"replayed": 2, "same": 1, "erased": 0, "different": 1}
    told = lodestone_replay(api, other)
    for words in (other, "DIFFERENT", "cn@1", "/record/exporter", "Hunan Metals Co"):
        assert words in told.stdout
    assert json.loads(told.stderr.splitlines()[0])["event"] == "decision_replays_differently"


def test_a_whole_log_on_two_processes(
    api: Api, stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    decisions = [
        decide(api, propose(reference=f"SO-{n}", to=("US", "DE", "TH")[n % 3])) for n in range(300)
    ]
    alter(stored, decisions[7], outcome="deny")
    alter(stored, decisions[250], request=b"{")

    done = lodestone_replay(api, "--all", "--jobs", "2", "--json")
    assert done.returncode == 4
    *different, summary = lines(done)
    assert {line["decision"] for line in different} == {decisions[7], decisions[250]}
    assert summary == {"replayed": 300, "same": 298, "erased": 0, "different": 2}

    # In spans of 40, pages of 7: every decision once, whatever the number of processes.
    monkeypatch.setattr(many, "_SPAN", 40)
    monkeypatch.setattr("api.replay.record._PAGE", 7)
    span, count = Records(stored).span(None, None) or pytest.fail("nothing is recorded")
    assert count == 300
    for jobs in (1, 2):
        progress = list(many.replay_span(api.settings.database_url, span, jobs))
        assert len(progress) >= 8
        assert sum(done.replayed for done in progress) == 300
        told = sorted(replayed.decision for done in progress for replayed in done.told)
        assert told == sorted([decisions[7], decisions[250]])


def test_a_time_of_the_log(api: Api) -> None:
    ids = [decide(api, propose(reference=f"SO-{n}")) for n in range(3)]
    at = [api.get(f"/v1/decisions/{name}").json["evaluated_at"] for name in ids]
    after = sum(when >= at[1] for when in at)
    assert lines(lodestone_replay(api, "--all", "--json", "--since", at[1])) == [
        {"replayed": after, "same": after, "erased": 0, "different": 0}
    ]
    until = sum(when <= at[0] for when in at)
    assert lines(lodestone_replay(api, "--all", "--json", "--until", at[0])) == [
        {"replayed": until, "same": until, "erased": 0, "different": 0}
    ]
    today = at[0][:10]
    done = lodestone_replay(api, "--all", "--json", "--since", today, "--until", today)
    assert lines(done)[-1]["replayed"] == sum(when.startswith(today) for when in at)
    done = lodestone_replay(api, "--all", "--json", "--until", "2020-01-01")
    assert lines(done) == [{"replayed": 0, "same": 0, "erased": 0, "different": 0}]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ((), "--all"),
        (("--all", "some-id"), "--all"),
        (("some-id", "--since", "2026-01-01"), "--since"),
        (("some-id",), "some-id"),
        (("--all", "--jobs", "0"), "--jobs"),
        (("--all", "--jobs", "two"), "--jobs"),
        (("--all", "--since", "yesterday"), "yesterday"),
        (("--all", "--until", "2026-11-23T08:00:00"), "zone"),
        (("--all", "--until", "2026-02-30"), "2026-02-30"),
    ],
)
def test_bad_input_exits_2_and_names_it(api: Api, arguments: tuple[str, ...], names: str) -> None:
    done = lodestone_replay(api, *arguments)
    assert done.returncode == 2
    assert names in done.stderr
    assert "Traceback" not in done.stderr


def test_no_database_is_made(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "replay", "--all"],
        cwd=ROOT,
        env=os.environ | {"LODESTONE_HOME": f"{tmp_path}/none", "LODESTONE_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no database" in done.stderr
    assert not os.path.exists(f"{tmp_path}/none")
