"""Flows by month: what was proposed, denied, allowed and really shipped, and the public figures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Api, on_sqlite_only, propose

OXIDE = {"description": "Antimony trioxide 99.8 %", "hs_code": "2825800090", "purity_pct": 99.8}
INGOTS = {"description": "Antimony ingots", "hs_code": "8110101000", "form": "metal"}


def ship(api: Api, goods: dict[str, Any], kg: float, day: str, to: str = "DE") -> str:
    response = api.post(propose(goods | {"net_mass_kg": kg}, day=day, to=to))
    assert response.status_code == 201
    decision: str = response.json["id"]
    return decision


def flows(api: Api, query: str) -> list[dict[str, Any]]:
    response = api.get(f"/v1/statistics/flows?{query}")
    assert response.status_code == 200, response.json
    found: list[dict[str, Any]] = response.json["flows"]
    return found


def confirm(api: Api, decision: str, kind: str, holder: str = "erp", query: str = "") -> Any:
    path = f"/v1/decisions/{decision}/{kind}{query}"
    return api.client.post(path, headers=api.key(holder))


def mass(api: Api, series: str, query: str = "") -> float:
    return sum(float(flow["mass_kg"]) for flow in flows(api, f"series={series}{query}"))


def test_public_figures_are_there_from_the_start(api: Api) -> None:
    june = flows(api, "series=public&material=rare-earths&from=2025-06&until=2025-06")
    assert [(f["month"], f["mass_kg"], f["change_pct"]) for f in june] == [
        ("2025-06", "7742000", "32")
    ]


def test_public_shares_by_destination(api: Api) -> None:
    query = "series=public&material=rare-earth-magnets&group_by=destination"
    query += "&from=2025-09&until=2025-09"
    shares = {f["group"]["destination"]: f for f in flows(api, query)}
    assert shares["VN"]["mass_kg"] == "456000"
    # Of those destinations that the figures name.
    assert sum(float(f["share_pct"]) for f in shares.values()) == pytest.approx(100, abs=0.3)


def test_only_what_was_confirmed_as_shipped_is_exported(api: Api) -> None:
    allowed = ship(api, OXIDE, 1000, "2026-05-04")
    ship(api, OXIDE, 500, "2026-05-05")
    ship(api, INGOTS, 300, "2026-05-06")

    assert mass(api, "proposed") == 1800
    assert mass(api, "denied") == 300
    assert mass(api, "allowed") == 1500
    assert mass(api, "exported") == 0
    assert confirm(api, allowed, "shipped", query="?day=2026-06-02").status_code == 200
    assert [(f["month"], f["mass_kg"]) for f in flows(api, "series=exported")] == [
        ("2026-06", "1000")
    ]


def test_month_on_month_and_shares_by_group(api: Api) -> None:
    for kg, day, to in (
        (600, "2026-05-04", "DE"),
        (400, "2026-05-04", "KR"),
        (792, "2026-06-04", "DE"),
        (528, "2026-06-04", "KR"),
    ):
        confirm(api, ship(api, OXIDE, kg, day, to), "shipped", query=f"?day={day}")

    whole = flows(api, "group_by=material")
    assert [(f["month"], f["mass_kg"], f["change_pct"]) for f in whole] == [
        ("2026-05", "1000", None),
        ("2026-06", "1320", "32"),
    ]
    by_country = flows(api, "group_by=destination&from=2026-06")
    assert [(f["group"], f["change_pct"], f["share_pct"]) for f in by_country] == [
        ({"destination": "DE"}, "32", "60"),
        ({"destination": "KR"}, "32", "40"),
    ]
    assert flows(api, "destination=KR&form=oxide&from=2026-06")[0]["mass_kg"] == "528"
    assert flows(api, "exporter=nobody") == []


def test_a_confirmation_counts_once_and_is_not_taken_back(api: Api) -> None:
    decision = ship(api, OXIDE, 1000, "2026-05-04")
    first = confirm(api, decision, "shipped", query="?day=2026-05-10")
    again = confirm(api, decision, "shipped", query="?day=2026-06-10")
    assert first.json == again.json
    assert first.json["day"] == "2026-05-10"
    assert confirm(api, decision, "cancelled").status_code == 409
    assert mass(api, "exported") == 1000


def test_of_many_confirmations_at_once_one_counts(api: Api) -> None:
    decision = ship(api, OXIDE, 1000, "2026-05-04")
    kinds = ["shipped", "cancelled"] * 8
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda kind: confirm(api, decision, kind), kinds))
    states = {answer.json["state"] for answer in answers if answer.status_code == 200}
    assert len(states) == 1
    assert {answer.status_code for answer in answers} == {200, 409}
    assert mass(api, "exported") + mass(api, "cancelled") == 1000


def test_what_was_denied_cannot_be_shipped(api: Api) -> None:
    decision = ship(api, INGOTS, 300, "2026-05-06")
    response = confirm(api, decision, "shipped")
    assert response.status_code == 409
    assert decision in response.json["detail"]
    assert confirm(api, "0" * 36, "shipped").status_code == 404


def test_what_was_cancelled_makes_room_again(api: Api) -> None:
    decisions = [ship(api, OXIDE | {"net_mass_kg": 1}, 230, f"2026-11-{day:02d}") for day in (3, 9)]
    assert confirm(api, decisions[0], "cancelled").status_code == 200
    third = api.post(propose(OXIDE | {"net_mass_kg": 230}, day="2026-11-15")).json
    assert "splitting" not in [reason["rule"] for reason in third["reasons"]]
    assert mass(api, "cancelled") == 230


@on_sqlite_only
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("series=imported", "?series"),
        ("from=2026-13", "?from"),
        ("until=June", "?until"),
        ("group_by=material,colour", "?group_by"),
        ("month=2026-05", "?month"),
    ],
)
def test_a_wrong_question_names_its_fault(api: Api, query: str, pointer: str) -> None:
    response = api.get(f"/v1/statistics/flows?{query}")
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == pointer


@on_sqlite_only
def test_flows_are_for_officers_auditors_and_admins(api: Api) -> None:
    assert api.get("/v1/statistics/flows", holder="erp").status_code == 403
    assert api.client.get("/v1/statistics/flows").status_code == 401
    for holder in ("officer", "auditor", "admin"):
        assert api.get("/v1/statistics/flows", holder=holder).status_code == 200
