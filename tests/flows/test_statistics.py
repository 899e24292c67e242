"""Flows by month: what was proposed, denied, allowed and really shipped, and the public figures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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


def test_nothing_was_shipped_on_a_day_to_come(api: Api) -> None:
    # Two days: one may begin while this runs.
    ahead = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=2)
    decision = ship(api, OXIDE, 1000, "2026-11-23")
    for day in (ahead.isoformat(), "9999-12-31"):
        response = confirm(api, decision, "shipped", query=f"?day={day}")
        assert response.status_code == 422
        assert response.json["errors"][0]["pointer"] == "?day"
    assert confirm(api, decision, "shipped", query="?day=2026-11-23").status_code == 200


def test_what_was_allowed_under_other_law_is_not_shipped_today(api: Api) -> None:
    gallium = {"description": "Gallium metal 99.9999 %", "hs_code": "8112929010", "form": "metal"}
    decision = ship(api, gallium, 100, "2022-01-01", to="US")
    assert api.get(f"/v1/decisions/{decision}").json["outcome"] == "allow"
    refused = confirm(api, decision, "shipped")
    assert refused.status_code == 409
    assert decision in refused.json["detail"]
    assert mass(api, "exported") == 0
    # On the day it was decided for, it may go; told again later, that still stands.
    assert confirm(api, decision, "shipped", query="?day=2022-01-02").status_code == 200
    assert confirm(api, decision, "shipped").json["day"] == "2022-01-02"


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
        ("from=2026-06&until=2026-05", "?from"),
        ("material=unobtainium", "?material"),
        ("material=*", "?material"),
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


def decided(api: Api, *lines: dict[str, Any], exporter: str = "Hunan Metals Co") -> None:
    request = propose(day="2026-05-04")
    request["parties"][0]["name"] = exporter
    request["lines"] = [{"line": number, **line} for number, line in enumerate(lines, 1)]
    assert api.post(request).status_code == 201


def test_a_line_of_two_materials_counts_once(api: Api) -> None:
    parts = [{"element": "In", "mass_pct": 48.5}, {"element": "Sb", "mass_pct": 51.5}]
    goods = {"description": "Indium antimonide", "form": "compound", "composition": parts}
    decided(api, goods | {"net_mass_kg": 3})
    (whole,) = flows(api, "series=proposed")
    assert (whole["mass_kg"], whole["decisions"]) == ("3", 1)
    by_material = flows(api, "series=proposed&group_by=material")
    assert {f["group"]["material"]: f["mass_kg"] for f in by_material} == {
        "antimony": "3",
        "indium": "3",
    }
    assert flows(api, "series=proposed&material=indium")[0]["mass_kg"] == "3"


@on_sqlite_only
def test_goods_are_of_the_materials_that_they_hold(api: Api) -> None:
    magnets = {
        "description": "NdFeB sintered magnets",
        "hs_code": "8505111000",
        "form": "magnet",
        "net_mass_kg": 100,
        "composition": [
            {"element": element, "mass_pct": share}
            for element, share in (("Nd", 28), ("Dy", 2), ("Tb", 1), ("Fe", 68), ("B", 1))
        ],
    }
    decided(api, magnets)
    by_material = flows(api, "series=proposed&group_by=material")
    assert {f["group"]["material"] for f in by_material} == {"dysprosium", "terbium"}
    assert mass(api, "proposed") == 100


@on_sqlite_only
def test_ten_lines_are_one_decision(api: Api) -> None:
    lines = [OXIDE | {"net_mass_kg": 100 + n} for n in range(9)] + [INGOTS | {"net_mass_kg": 5}]
    decided(api, *lines)
    for query in ("", "&material=antimony", "&group_by=exporter", "&group_by=destination,material"):
        (found,) = flows(api, f"series=proposed{query}")
        assert (found["decisions"], found["mass_kg"]) == (1, "941")
    forms = flows(api, "series=proposed&group_by=form")
    assert {f["group"]["form"]: (f["mass_kg"], f["decisions"]) for f in forms} == {
        "oxide": ("936", 1),
        "metal": ("5", 1),
    }


@on_sqlite_only
def test_exporters_by_their_name(api: Api) -> None:
    for name in ("Hunan Qingfeng Antimony Co., Ltd", "HUNAN  Qingfeng Antimony Co., Ltd", "Else"):
        decided(api, OXIDE | {"net_mass_kg": 100}, exporter=name)
    found = flows(api, "series=proposed&group_by=exporter")
    assert sorted((f["group"]["exporter"].casefold(), f["mass_kg"]) for f in found) == [
        ("else", "100"),
        ("hunan qingfeng antimony co., ltd", "200"),
    ]
    assert "Qingfeng" in found[-1]["group"]["exporter"] + found[0]["group"]["exporter"]
    for name in ("Hunan Qingfeng Antimony Co., Ltd", "hunan qingfeng antimony co., ltd"):
        (one,) = flows(api, f"series=proposed&exporter={name}")
        assert one["mass_kg"] == "200"


@on_sqlite_only
def test_mass_by_quantity_counts_and_gross_mass_where_there_is_no_other(api: Api) -> None:
    mass_less = {**OXIDE, "quantity": {"value": "20", "unit": "t"}, "gross_mass_kg": 20_400}
    decided(api, mass_less)
    assert mass(api, "proposed") == 20_000
    decided(api, OXIDE | {"gross_mass_kg": 51})
    assert mass(api, "proposed") == 20_051


@on_sqlite_only
def test_what_is_shipped_of_several_materials_counts_once(api: Api) -> None:
    goods = OXIDE | {"description": "Antimony trioxide 99.8 %", "net_mass_kg": 40}
    decision = ship(api, goods, 40, "2026-05-04")
    confirm(api, decision, "shipped", query="?day=2026-05-05")
    for query in ("", "&material=antimony", "&form=oxide", "&material=antimony&group_by=form"):
        assert mass(api, "exported", query) == 40
