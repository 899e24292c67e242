"""What was recorded comes out the same again, and what was altered does not."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.alerts.outbox import OUTBOX
from api.app import create_app, first_start
from api.checking import read_checked
from api.instants import now
from api.registry import Registry
from api.replay.record import Records
from api.replay.remembering import Remembering
from api.replay.replaying import Replayed, Replayer
from api.store.database import Database
from api.store.tables import DECISIONS
from api.store.versions import Versions
from tests.conftest import Api, on_sqlite_only, propose, settings_for
from tests.replay.conftest import (
    LANGUAGES,
    alter,
    alter_rules,
    decide,
    edited_rules,
    replay,
    scenarios,
)

pytestmark = on_sqlite_only  # the command line's tests replay on both databases

TRIOXIDE = {
    "description": "Antimony trioxide, 99.99 %",
    "hs_code": "2825800010",
    "form": "oxide",
    "purity_pct": 99.99,
}


def all_of(database: Database, replayer: Replayer) -> list[Replayed]:
    records = Records(database)
    span, _ = records.span(None, None) or pytest.fail("nothing is recorded")
    return [replayer.replay(record) for record in records.of(span)]


def column(database: Database, decision: str, name: str) -> Any:
    with database.reading() as connection:
        return connection.execute(
            select(DECISIONS.c[name]).where(DECISIONS.c.id == decision)
        ).scalar_one()


def varied(api: Api) -> int:
    """Records decisions of many kinds, in three languages; how many."""
    count = 0
    for number, request in enumerate(scenarios()):
        decide(api, request, Accept_Language=LANGUAGES[number % 3])
        count += 1
    for language in LANGUAGES:
        retried = propose(TRIOXIDE, to="US", day="2026-11-23", reference="SO-R")
        decide(api, retried, Accept_Language=language)
        retried["lines"][0] |= {"hs_code": "2825800090", "purity_pct": 99.5}
        decide(api, retried, Accept_Language=language)
        listed = propose(TRIOXIDE, reference="SO-L")
        listed["parties"][1] |= {
            "name": "General Dynamics",
            "owners": [{"name": "Lockheed Martin Corporation", "share_pct": 60}],
        }
        listed["lines"][0] |= {"value": {"amount": "3.10", "currency": "USD"}, "volume_m3": 0.01}
        decide(api, listed, Accept_Language=language)
        undated = propose(TRIOXIDE, licences=["L-1"], reference="SO-\u00e9\u5357")
        del undated["export_date"]
        decide(api, undated, "?rule_set=cn@1", Accept_Language=language)
        count += 4
    escaped = json.dumps(propose({"description": "氧化锑", "hs_code": "28258000"}), indent=1)
    response = api.client.post(
        "/v1/evaluations",
        data=escaped,
        content_type="application/json",
        headers=api.key(),
    )
    assert response.status_code == 201
    for _ in range(2):
        decide(api, propose(TRIOXIDE), Idempotency_Key="once")
    return count + 2


def test_what_is_recorded_comes_out_the_same(api: Api, stored: Database) -> None:
    count = varied(api)
    remembering = all_of(stored, Replayer(Registry(Versions(stored), 0), Remembering()))
    assert len(remembering) == count
    assert [r.wire() for r in remembering if not r.same] == []
    afresh = Replayer(Registry(Versions(stored), 0))
    every_fifth = [Records(stored).one(r.decision) for r in remembering[::5]]
    assert all(afresh.replay(record).same for record in every_fifth)


def test_an_auditor_asks_the_service(api: Api) -> None:
    decision = decide(api, propose(TRIOXIDE, to="US"), Accept_Language="zh")
    answer = replay(api, decision)
    assert answer.status_code == 200
    assert answer.json == {
        "decision": decision,
        "rule_set": api.get(f"/v1/decisions/{decision}").json["rule_set"],
        "same": True,
        "erased": False,
        "differences": [],
    }
    assert replay(api, decision, "officer").status_code == 200
    assert replay(api, decision, "erp").status_code == 403
    assert replay(api, "0190-none").status_code == 404
    metrics = api.client.get("/metrics").data.decode()
    assert 'lodestone_replays_total{came_out="same"}' in metrics


def test_the_day_of_then_counts_where_none_was_given(tmp_path: Path, database_url: str) -> None:
    settings = settings_for(tmp_path / "home", database_url=database_url)
    first_start(settings)
    # Still the 10th in UTC, already the 11th in Shanghai, where holmium is listed from.
    late = datetime(2026, 11, 10, 16, 30, tzinfo=UTC)
    api = Api(create_app(settings, clock=lambda: late), settings)
    request = propose({"description": "Holmium oxide", "form": "oxide"})
    del request["export_date"]
    decision = decide(api, request)
    assert api.get(f"/v1/decisions/{decision}").json["disposition"] == "licence_required"
    later = Api(create_app(settings), settings)
    assert replay(later, decision).json["same"]


def test_a_decision_keeps_its_version(api: Api, stored: Database, tmp_path: Path) -> None:
    old = decide(api, propose(TRIOXIDE))
    rules = edited_rules(
        tmp_path, "policy/licensing.yaml", "It leaves China only", "It may leave China only"
    )
    _, content = read_checked(rules / "cn")
    Versions(stored).publish("cn", content, "Li Wei", "words", now())
    new = decide(api, propose(TRIOXIDE))
    told = [api.get(f"/v1/decisions/{d}").json for d in (old, new)]
    assert [answer["rule_set"]["version"] for answer in told] == [1, 2]
    assert told[0]["reasons"] != told[1]["reasons"]
    for decision in (old, new):
        assert replay(api, decision).json["same"]
    assert all(r.same for r in all_of(stored, Replayer(Registry(Versions(stored), 0))))


def pointers(answer: Any) -> list[str]:
    assert not answer.json["same"]
    return [difference["pointer"] for difference in answer.json["differences"]]


def test_altered_words_are_shown_beside_what_comes_out(api: Api, stored: Database) -> None:
    decision = decide(api, propose(TRIOXIDE, to="US"))
    words = zlib.decompress(column(stored, decision, "words"))
    altered = words.replace(b'"outcome":"deny"', b'"outcome":"allow"', 1)
    alter(stored, decision, words=zlib.compress(altered))
    assert replay(api, decision).json["differences"] == [
        {"pointer": "/answer/outcome", "recorded": "allow", "replayed": "deny"}
    ]


def test_the_same_values_written_otherwise_are_told_too(api: Api, stored: Database) -> None:
    decision = decide(api, propose(TRIOXIDE, to="US"))
    words = zlib.decompress(column(stored, decision, "words"))
    alter(stored, decision, words=zlib.compress(words.replace(b'"warnings":', b'"warnings": ')))
    (difference,) = replay(api, decision).json["differences"]
    assert difference["pointer"] == "/answer"
    assert difference["recorded"] != difference["replayed"]


def test_what_decided_is_part_of_the_comparison(api: Api, stored: Database) -> None:
    request = propose(TRIOXIDE, to="US")
    request["parties"][1]["name"] = "General Dynamics"
    decision = decide(api, request)
    facts = zlib.decompress(column(stored, decision, "facts"))
    altered = facts.replace(b'"entry.material":"antimony"', b'"entry.material":"gallium"', 1)
    alter(stored, decision, facts=zlib.compress(altered))
    (pointer,) = pointers(replay(api, decision))
    assert pointer.startswith("/facts/")
    assert pointer.endswith("/entry.material")

    alter(stored, decision, facts=zlib.compress(facts))
    assert replay(api, decision).json["same"]
    screening = column(stored, decision, "screening")
    alter(stored, decision, screening=screening.replace(b"Dynamics", b"Dynamo", 1))
    (pointer,) = pointers(replay(api, decision))
    assert pointer == "/answer/screening/1/name"


def test_what_was_asked_and_what_was_known_is_part_of_it(api: Api, stored: Database) -> None:
    denied = propose(TRIOXIDE, to="US")
    decide(api, denied)
    denied["lines"][0] |= {"hs_code": "2825800090", "purity_pct": 99.5}
    decision = decide(api, denied)

    history = column(stored, decision, "history")
    assert b'"retry"' in history
    alter(stored, decision, history=history.replace(b'"retry":', b'"retrx":'))
    assert any("/answer/reasons" in pointer for pointer in pointers(replay(api, decision)))
    alter(stored, decision, history=history)
    assert replay(api, decision).json["same"]

    request = column(stored, decision, "request")
    assert b'"destination": "US"' in request
    alter(stored, decision, request=request.replace(b'n": "US"', b'n": "DE"'))
    assert "/facts/0/destination.country" in pointers(replay(api, decision))


@pytest.mark.parametrize(
    ("name", "value", "pointer"),
    [
        ("exporter", "Somebody Else", "/record/exporter"),
        ("disposition", "review", "/record/disposition"),
        ("outcome", "allow", "/record/outcome"),
        ("digest", "sha256:0", "/record/digest"),
        ("reference", "SO-2", "/answer/reference"),
        ("as_of", "2026-11-24", "/record/as_of"),
        ("language", "fr", "/answer/reasons/0/message"),
        ("language", "xx", "/record/language"),
        ("as_of", "yesterday", "/record/as_of"),
        ("version", 9, "/rule_set"),
        ("request", b'{"reference":', "/request"),
        ("request", b"{}", "/request"),
        ("request", b"\xff", "/request"),
        ("history", b"[]", "/history"),
        ("history", b"\xff\xfe", "/history"),
        ("facts", b"not deflated", "/facts"),
        ("words", b"not deflated", "/answer"),
        ("screening", b'[{"party":', "/answer"),
    ],
)
def test_an_altered_column_is_named(
    api: Api, stored: Database, name: str, value: Any, pointer: str
) -> None:
    decision = decide(api, propose(TRIOXIDE, to="US"))
    alter(stored, decision, **{name: value})
    assert pointer in pointers(replay(api, decision))
    remembering = Replayer(Registry(Versions(stored), 0), Remembering())
    found = remembering.replay(Records(stored).one(decision))
    assert pointer in [difference.pointer for difference in found.differences]


def test_rules_altered_after_they_were_published_are_not_used(api: Api, stored: Database) -> None:
    decision = decide(api, propose(TRIOXIDE, to="US"))
    alter_rules(stored, 1, "It leaves China only", "It leaves China gladly")
    # The service has them loaded as they were, and the command line loads them anew.
    for answer in (
        replay(api, decision).json,
        Replayer(Registry(Versions(stored), 0)).replay(Records(stored).one(decision)).wire(),
    ):
        (difference,) = answer["differences"]
        assert difference["pointer"] == "/rule_set"
        assert "its digest differs" in difference["why"]


def test_a_difference_is_an_alarm(
    api: Api, stored: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def alerts() -> list[Any]:
        with stored.reading() as connection:
            rows = connection.execute(select(OUTBOX.c.type, OUTBOX.c.payload)).all()
        return [json.loads(row.payload) for row in rows if row.type == "decision.replay_differs"]

    decision = decide(api, propose(TRIOXIDE, to="US"))
    assert replay(api, decision).json["same"]
    assert alerts() == []
    alter(stored, decision, exporter="Somebody Else")

    answer = replay(api, decision, "officer").json

    (alert,) = alerts()
    assert alert["type"] == "decision.replay_differs"
    assert alert["data"] == answer
    (record,) = [r for r in caplog.records if r.message == "decision_replays_differently"]
    assert record.levelname == "ERROR"
    metrics = api.client.get("/metrics").data.decode()
    assert 'lodestone_replays_total{came_out="different"}' in metrics
