"""`POST /v1/evaluations` and what becomes of it, as an ERP, an officer and an auditor see them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.app import create_app, first_start
from api.store.database import Database
from api.store.tables import DECISIONS
from tests.conftest import Api, propose, settings_for

TRIOXIDE = {
    "description": "Antimony trioxide, 99.99 %",
    "hs_code": "2825800010",
    "form": "oxide",
    "purity_pct": 99.99,
}

FIRST = 7
"""Where the first decision stands in the log: after its key, those of the bearers, and cn@1."""


def recorded(api: Api) -> int:
    with Database(api.settings.database_url).reading() as connection:
        return connection.execute(select(func.count()).select_from(DECISIONS)).scalar_one()


def test_a_deny_is_a_normal_answer_with_law_remedy_and_outlook(api: Api) -> None:
    response = api.post(propose(TRIOXIDE, to="US"))

    assert response.status_code == 201
    answer = response.json
    assert (answer["outcome"], answer["disposition"]) == ("deny", "licence_required")
    reason = answer["reasons"][0]
    assert reason["basis"]["instrument"] == "mofcom-gac-2024-33"
    assert reason["remedy"]
    assert answer["outlook"][0]["from"] == "2026-11-28"
    assert answer["rule_set"]["id"] == "cn"
    assert answer["log"]["index"] == FIRST
    assert response.headers["Location"] == f"/v1/decisions/{answer['id']}"


def test_what_is_read_later_is_what_was_answered_byte_for_byte(api: Api) -> None:
    response = api.post(propose(TRIOXIDE, to="US"))
    again = api.get(response.headers["Location"], holder="auditor")
    assert again.data == response.data


def test_a_decision_is_read_in_another_language_with_the_same_outcome(api: Api) -> None:
    english = api.post(propose(TRIOXIDE, to="US")).json
    chinese = api.get(f"/v1/decisions/{english['id']}", Accept_Language="zh-CN").json
    assert chinese["reasons"][0]["message"] != english["reasons"][0]["message"]
    for field in ("id", "outcome", "disposition", "log", "evaluated_at", "rule_set"):
        assert chinese[field] == english[field]


@pytest.mark.parametrize(
    ("asked", "spoken"), [("fr", "fr"), ("zh-TW, en;q=0.5", "zh"), ("de", "en"), ("", "en")]
)
def test_the_answer_speaks_the_callers_language(api: Api, asked: str, spoken: str) -> None:
    response = api.post(propose(TRIOXIDE), Accept_Language=asked)
    assert response.headers["Content-Language"] == spoken


def test_a_dry_run_is_not_recorded(api: Api) -> None:
    response = api.post(propose(TRIOXIDE, to="US"), "?dry_run=true")
    assert response.status_code == 200
    assert "log" not in response.json
    assert recorded(api) == 0
    assert api.get(f"/v1/decisions/{response.json['id']}").status_code == 404


def test_the_same_key_and_body_give_the_same_decision(api: Api) -> None:
    first = api.post(propose(TRIOXIDE), Idempotency_Key="abc")
    second = api.post(propose(TRIOXIDE), Idempotency_Key="abc")
    assert first.data == second.data
    assert second.headers["Idempotency-Replayed"] == "true"
    assert recorded(api) == 1


def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    api.post(propose(TRIOXIDE), Idempotency_Key="abc")
    refused = api.post(propose(TRIOXIDE, to="US"), Idempotency_Key="abc")
    assert refused.status_code == 422
    assert recorded(api) == 1


def test_concurrent_requests_are_each_recorded_once_without_gaps(api: Api) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: api.post(propose(reference=f"SO-{n}")).json, range(60)))
    assert sorted(answer["log"]["index"] for answer in answers) == list(range(FIRST, FIRST + 60))
    assert recorded(api) == 60


def test_concurrent_requests_with_one_key_are_one_decision(api: Api) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = {
            r.data for r in pool.map(lambda _: api.post(propose(), Idempotency_Key="k"), range(20))
        }
    assert len(answers) == 1
    assert recorded(api) == 1


def test_a_version_can_be_named(api: Api) -> None:
    assert api.post(propose(), "?rule_set=cn@1").json["rule_set"]["version"] == 1
    for name in ("cn@2", "eu", "cn@0", "../cn", "cn@x"):
        refused = api.post(propose(), f"?rule_set={name}")
        assert refused.status_code == 422
        assert refused.json["errors"][0]["pointer"] == "?rule_set"


def test_without_a_date_today_in_the_rule_sets_time_zone_counts(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "home")
    first_start(settings)
    # Still the 10th in UTC, already the 11th in Shanghai.
    late = datetime(2026, 11, 10, 16, 30, tzinfo=UTC)
    api = Api(create_app(settings, clock=lambda: late), settings)
    body = propose({"description": "Holmium oxide"})
    del body["export_date"]
    assert api.post(body).json["as_of"] == "2026-11-11"


@pytest.mark.parametrize(
    ("holder", "status"), [("erp", 201), ("officer", 201), ("admin", 201), ("auditor", 403)]
)
def test_roles_may_propose_shipments_or_not(api: Api, holder: str, status: int) -> None:
    assert api.post(propose(), holder=holder).status_code == status


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic abc", "Bearer é"])
def test_without_a_good_key_nothing_is_said(api: Api, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    response = api.client.post("/v1/evaluations", json=propose(), headers=headers)
    assert response.status_code == 401
    assert "WWW-Authenticate" in response.headers
    assert recorded(api) == 0


def test_an_erp_reads_its_own_decisions_only(api: Api) -> None:
    own = api.post(propose()).headers["Location"]
    other = api.post(propose(), holder="officer").headers["Location"]
    assert api.get(own, holder="erp").status_code == 200
    assert api.get(other, holder="erp").status_code == 404
    assert api.get(other, holder="auditor").status_code == 200


def test_rules_that_cannot_be_loaded_decide_nothing(
    new_api: Callable[..., Api], tmp_path: Path
) -> None:
    empty = tmp_path / "no rules"
    empty.mkdir()
    api = new_api(rules_directory=empty)
    assert api.post(propose()).status_code in (422, 503)
    assert api.client.get("/readyz").status_code == 503
    assert recorded(api) == 0


def test_a_database_that_goes_away_is_503_and_no_allow(api: Api) -> None:
    assert api.post(propose()).json["outcome"] == "allow"
    # Every file of it replaced by something that is no database.
    for file in api.settings.home.glob("lodestone.db*"):
        file.unlink()
        file.mkdir()
    api.app.extensions["lodestone"].decisions._database.close()
    response = api.post(propose())
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"


def test_controls_are_found_by_code_material_and_day(api: Api) -> None:
    found = api.get("/v1/controls?hs_code=2825800010&as_of=2024-09-15", holder="erp").json
    entries = {c["entry"]: c for c in found["controls"]}
    assert entries["mofcom-gac-2024-33/1.3"]["match"] == "code"
    assert entries["mofcom-gac-2024-33/1.3"]["in_force"]
    earlier = api.get("/v1/controls?hs_code=2825800010&as_of=2024-09-14").json
    assert not any(c["in_force"] for c in earlier["controls"])
    holmium = api.get("/v1/controls?material=holmium&as_of=2026-11-11").json["controls"]
    assert holmium
    assert all(c["uncertain"] for c in holmium)
    for query in ("hs_code=1234567", "material=unobtainium", "as_of=2026-02-30", "x=1"):
        assert api.get(f"/v1/controls?{query}").status_code == 422


def test_published_versions_are_listed_and_read(api: Api) -> None:
    listed = api.get("/v1/rule-sets", holder="erp").json["rule_sets"]
    assert [(v["rule_set"], v["number"]) for v in listed] == [("cn", 1)]
    assert api.get("/v1/rule-sets/cn/versions").json["versions"][0]["author"] == "lodestone"
    whole = api.get("/v1/rule-sets/cn/versions/1", holder="auditor").json
    assert whole["content"]["ruleset.yaml"]["id"] == "cn"
    assert api.get("/v1/rule-sets/cn/versions/1", holder="erp").status_code == 403
    for path in (
        "/v1/rule-sets/xx/versions",
        "/v1/rule-sets/cn/versions/9",
        "/v1/rule-sets/cn/versions/x",
    ):
        assert api.get(path).status_code == 404


def test_health_readiness_metrics_and_docs_need_no_key(api: Api) -> None:
    api.post(propose())
    assert api.client.get("/healthz").status_code == 200
    ready = api.client.get("/readyz").json
    assert ready["status"] == "ready"
    assert ready["redis"] == "answers"
    assert ready["rule_files"]["cn"]["state"] == "published"
    assert b"lodestone_lookups_total" in api.client.get("/metrics").data
    page = api.client.get("/docs").text
    assert "http" not in page
    assert api.client.get("/docs/assets/swagger-ui-bundle.js").status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2028-02-29"])
def test_any_day_of_the_calendar_is_decided(api: Api, day: str) -> None:
    assert api.post(propose(TRIOXIDE, to="US", day=day)).status_code == 201


def test_licences_that_are_cited_are_said_not_to_be_checked(api: Api) -> None:
    answer = api.post(propose(TRIOXIDE, licences=["L-1"])).json
    assert "licences_not_checked" in [warning["code"] for warning in answer["warnings"]]
    assert answer["outcome"] == "deny"
