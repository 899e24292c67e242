"""What earlier shipments tell: retries, splitting, suppliers that reappear, unusual corridors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from tests.conftest import Api, on_sqlite_only, propose

LOW_TRIOXIDE = {
    "description": "Antimony trioxide 99.8 %",
    "hs_code": "2825800090",
    "form": "oxide",
    "purity_pct": 99.8,
}
TRIOXIDE = LOW_TRIOXIDE | {
    "description": "Antimony trioxide 99.99 %",
    "hs_code": "2825800010",
    "purity_pct": 99.99,
}


def ship(
    api: Api,
    goods: dict[str, Any],
    *,
    kg: float = 1000,
    consignee: str = "Rhein GmbH",
    exporter: str = "Hunan Metals Co",
    **more: Any,
) -> dict[str, Any]:
    """The answer to a shipment of one line."""
    parties = more.pop("parties", [])
    request = propose(goods | {"net_mass_kg": kg}, **more)
    request["parties"][0]["name"], request["parties"][1]["name"] = exporter, consignee
    request["parties"] += parties
    response = api.post(request)
    assert response.status_code == 201, response.json
    answer: dict[str, Any] = response.json
    return answer


def flags(answer: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in answer["reasons"] if "severity" in reason]


def evidence(api: Api, answer: dict[str, Any], holder: str = "officer") -> list[dict[str, Any]]:
    response = api.get(f"/v1/decisions/{answer['id']}?evidence=true", holder)
    assert response.status_code == 200, response.json
    found: list[dict[str, Any]] = response.json["evidence"]
    return found


def flag(answer: dict[str, Any], rule: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in answer["reasons"] if r["rule"] == rule)
    return found


# --- the antimony that went round the ban ---


def usual_year() -> Iterator[tuple[str, str, str, float]]:
    """Day, destination, consignee and mass: the year before December 2024."""
    customers = [
        ("TH", "Siam Flame Retardants", 25_000, 1),
        ("DE", "Rhein GmbH", 20_000, 2),
        ("JP", "Nihon Glass", 40_000, 1),
        ("KR", "Hanguk Textile", 22_000, 2),
        ("MX", "Plasticos del Norte", 9_000, 1),
        ("US", "Lakeshore Inc", 60_000, 3),
    ]
    months = [(2023, 12), *((2024, month) for month in range(1, 12))]
    for year, month in months:
        for place, (country, name, kg, times) in enumerate(customers):
            for number in range(times):
                day = date(year, month, 2 + 2 * place + 8 * number)
                # No two months are alike; one in four has a quarter more.
                share = 1.25 if (month + place) % 4 == 0 else 0.9 + (month + place) % 3 / 20
                yield day.isoformat(), country, name, round(kg / times * share)


def test_the_antimony_story(api: Api) -> None:
    alarms = [
        (day, country, flags(answer))
        for day, country, name, kg in sorted(usual_year())
        if flags(answer := ship(api, LOW_TRIOXIDE, kg=kg, to=country, day=day, consignee=name))
    ]
    assert alarms == [], f"{len(alarms)} false alarms in the baseline year"

    # 3,366 t in five months, about 27 times the year before: containers of 25 t, 27 a month.
    first: tuple[int, dict[str, Any]] | None = None
    for number in range(135):
        day = (date(2024, 12, 2) + timedelta(days=number * 150 // 135)).isoformat()
        answer = ship(
            api, LOW_TRIOXIDE, kg=24_933, to="TH", day=day, consignee="Siam Flame Retardants"
        )
        if flags(answer):
            first = first or (number + 1, answer)
            break
    assert first is not None
    number, answer = first
    assert number <= 8
    found = next(r for r in answer["reasons"] if r["rule"].startswith("corridor-"))
    assert found["matched"]["corridor.scope"] == "country"
    assert "TH" in found["message"]
    assert "corridor.times_30d" not in found["matched"]  # what others ship is not told
    figures = {e["rule"]: e["figures"] for e in evidence(api, answer)}[found["rule"]]
    assert float(figures["corridor.times_30d"]) >= 3
    # The others go on as ever.
    other = ship(api, LOW_TRIOXIDE, kg=10_000, to="DE", day=answer["as_of"], reference="SO-2")
    assert flags(other) == []


@on_sqlite_only
def test_three_times_the_usual_is_flagged_once_it_lasts(api: Api) -> None:
    for day, country, name, kg in sorted(usual_year()):
        ship(api, LOW_TRIOXIDE, kg=kg, to=country, day=day, consignee=name)
    raised = None
    for number in range(15):
        day = (date(2024, 12, 2) + timedelta(days=10 * number)).isoformat()
        answer = ship(
            api, LOW_TRIOXIDE, kg=10_000, to="MX", day=day, consignee="Plasticos del Norte"
        )
        if flags(answer):
            raised = number
            assert flags(answer) == ["corridor-far-above-its-year"]
            break
    assert raised is not None
    assert raised <= 9


# --- retries ---


def test_a_denied_shipment_under_another_code_comes_back_for_review(api: Api) -> None:
    denied = ship(api, TRIOXIDE, to="DE")
    again = ship(api, TRIOXIDE | {"hs_code": "2825800090", "purity_pct": 99.5}, to="DE")

    assert denied["disposition"] == "licence_required"
    assert again["outcome"] == "deny"
    assert again["disposition"] == "review"
    found = flag(again, "denied-before-under-other-papers")
    assert found["earlier"]["decision"] == denied["id"]
    differences = {d["field"]: (d["before"], d["after"]) for d in found["differences"]}
    assert differences["/lines/1/hs_code"] == ("2825800010", "2825800090")
    assert differences["/lines/1/purity_pct"] == ("99.99", "99.5")


@on_sqlite_only
def test_a_denied_shipment_whose_words_say_less_comes_back_for_review(api: Api) -> None:
    ship(api, TRIOXIDE, to="DE")
    again = ship(api, LOW_TRIOXIDE | {"purity_pct": 99.5, "description": "Flame retardant"})
    assert again["disposition"] == "review"
    assert "denied-before-under-other-papers" in flags(again)


@on_sqlite_only
def test_an_end_user_dropped_comes_back_for_review_with_the_difference(api: Api) -> None:
    day = "2025-02-01"
    denied = ship(api, TRIOXIDE, to="TH", end_user="US", day=day)
    again = ship(api, TRIOXIDE, to="TH", day=day)
    assert denied["disposition"] == "prohibited"
    assert again["outcome"] == "deny"
    found = flag(again, "denied-before-under-other-papers")
    assert found["disposition"] == "review"
    assert [d["field"] for d in found["differences"]] == ["/parties/end_user"]
    assert "Lakeshore" in found["differences"][0]["before"]
    assert found["differences"][0]["after"] is None


@on_sqlite_only
@pytest.mark.parametrize(
    "change",
    [
        {"reference": "SO-1/2"},
        {"reference": "Quite another one"},
        {"reference": "so-1 rev 2"},
    ],
)
def test_another_reference_does_not_hide_a_retry(api: Api, change: dict[str, Any]) -> None:
    ship(api, TRIOXIDE)
    again = ship(api, LOW_TRIOXIDE | {"purity_pct": 99.5}, **change)
    assert "denied-before-under-other-papers" in flags(again)


@on_sqlite_only
def test_a_little_less_mass_does_not_hide_a_retry(api: Api) -> None:
    ship(api, TRIOXIDE, kg=1000)
    again = ship(api, LOW_TRIOXIDE, kg=992, reference="Other")
    assert "denied-before-under-other-papers" in flags(again)


@on_sqlite_only
def test_the_same_again_and_a_question_answered_are_no_retries(api: Api) -> None:
    silent = {"description": "Antimony trioxide", "hs_code": "2825800090", "form": "oxide"}
    asked = ship(api, silent)
    answered = ship(api, silent | {"purity_pct": 99.8})
    assert asked["disposition"] == "information_required"
    assert answered["outcome"] == "allow"
    ship(api, TRIOXIDE, consignee="Elbe GmbH", reference="SO-2", kg=777)
    assert flags(ship(api, TRIOXIDE, consignee="Elbe GmbH", reference="SO-2", kg=777)) == []


@on_sqlite_only
def test_other_goods_for_the_same_customer_are_no_retry(api: Api) -> None:
    ship(api, TRIOXIDE)
    copper = {"description": "Copper cathode", "hs_code": "7403111100"}
    assert flags(ship(api, copper, reference="SO-2")) == []


def test_retries_are_seen_by_the_decisions_of_this_exporter_only(api: Api) -> None:
    ship(api, TRIOXIDE)
    other = ship(api, LOW_TRIOXIDE, exporter="Guangxi Smelting Works", consignee="Seine SA")
    assert "denied-before-under-other-papers" not in flags(other)


def test_a_dry_run_sees_history_and_leaves_none(api: Api) -> None:
    ship(api, TRIOXIDE)
    again = propose(LOW_TRIOXIDE | {"net_mass_kg": 1000})
    again["parties"][1]["name"] = "Rhein GmbH"
    seen = api.post(again, "?dry_run=true").json
    assert "denied-before-under-other-papers" in flags(seen)
    statistics = api.get("/v1/statistics/flows?series=proposed").json["flows"]
    assert sum(flow["decisions"] for flow in statistics) == 1


# --- splitting ---


def test_small_shipments_that_are_large_together(api: Api) -> None:
    answers = [
        ship(api, LOW_TRIOXIDE, kg=230, day=f"2026-11-{day:02d}", reference=f"SO-{day}")
        for day in (3, 9, 15)
    ]
    assert [flags(answer) for answer in answers[:2]] == [[], []]
    assert flags(answers[2]) == ["splitting"]
    (splitting,) = evidence(api, answers[2])
    assert splitting["figures"]["corridor.kg_30d"] == "690"


@on_sqlite_only
def test_small_shipments_to_several_consignees_are_not_together(api: Api) -> None:
    names = ("Rhein GmbH", "Elbe GmbH", "Weser GmbH")
    answers = [ship(api, LOW_TRIOXIDE, kg=230, consignee=name) for name in names]
    assert [flags(answer) for answer in answers] == [[], [], []]


def test_a_customer_who_always_buys_small_lots_is_not_splitting(api: Api) -> None:
    start = date(2025, 1, 1)
    answers = [
        ship(
            api,
            LOW_TRIOXIDE,
            kg=150,
            day=(start + timedelta(days=7 * week)).isoformat(),
            reference=f"SO-{week}",
        )
        for week in range(80)
    ]
    assert flags(answers[-1]) == []


# --- who appears, and under which code ---


def test_a_supplier_of_a_restricted_country_reappears_elsewhere(api: Api) -> None:
    ship(api, LOW_TRIOXIDE, to="US", exporter="Youngsun Chemicals Co., Ltd.")
    owner = {"name": "Youngsun Chemicals", "country": "CN", "share_pct": 100}
    thai = {"role": "seller", "name": "Siam Unipet", "country": "TH", "owners": [owner]}
    moved = {"role": "intermediate_consignee", "name": "Youngsun Chemicals", "country": "TH"}
    minority = thai | {"owners": [owner | {"share_pct": 20}]}
    of_a_part = ship(api, LOW_TRIOXIDE, to="TH", exporter="Yunnan Trade", parties=[minority])
    through_owner = ship(api, LOW_TRIOXIDE, to="TH", exporter="Yunnan Trade", parties=[thai])
    moved_itself = ship(api, LOW_TRIOXIDE, to="TH", exporter="Yunnan Trade", parties=[moved])
    assert "supplier-reappears-elsewhere" not in flags(of_a_part)  # the owner is where it was
    assert "supplier-reappears-elsewhere" in flags(through_owner)  # what it controls is not
    assert "supplier-reappears-elsewhere" in flags(moved_itself)
    assert "US" not in flag(moved_itself, "supplier-reappears-elsewhere")["message"]
    figures = {e["rule"]: e["figures"] for e in evidence(api, moved_itself)}
    assert figures["supplier-reappears-elsewhere"]["history.supplied"] == "US"


def test_the_same_words_under_another_code(api: Api) -> None:
    ship(api, LOW_TRIOXIDE)
    again = ship(
        api, LOW_TRIOXIDE | {"hs_code": "2825900090"}, kg=400, day="2026-11-24", reference="SO-2"
    )
    assert "same-goods-other-code" in flags(again)
    assert "2825800090" in flag(again, "same-goods-other-code")["message"]


def test_a_new_buyer_with_a_large_first_order(api: Api) -> None:
    for month in range(1, 12):
        ship(api, LOW_TRIOXIDE, kg=20_000, day=f"2026-{month:02d}-05")
    old = ship(api, LOW_TRIOXIDE, kg=20_000, day="2026-11-20", reference="SO-2")
    small = ship(api, LOW_TRIOXIDE, kg=800, day="2026-11-20", consignee="Elbe GmbH")
    new = ship(api, LOW_TRIOXIDE, kg=20_000, day="2026-11-20", consignee="Weser GmbH")
    assert "new-buyer-large-order" not in flags(old) + flags(small)
    assert "new-buyer-large-order" in flags(new)


def test_what_was_looked_up_is_recorded_with_the_decision(api: Api) -> None:
    ship(api, TRIOXIDE)
    again = ship(api, LOW_TRIOXIDE)
    read = api.get(f"/v1/decisions/{again['id']}").json
    assert flag(read, "denied-before-under-other-papers")["differences"]


@on_sqlite_only
def test_the_next_lot_of_the_same_goods_is_no_retry(api: Api) -> None:
    lot = TRIOXIDE | {"description": "Antimony trioxide 99.99 %, lot 1"}
    ship(api, lot, kg=20_000)
    other = ship(
        api, lot | {"description": "Antimony trioxide 99.99 %, lot 2"}, kg=20_000, reference="SO-2"
    )
    assert flags(other) == []
    assert other["disposition"] == "licence_required"


@on_sqlite_only
def test_what_changes_on_another_line_is_no_retry(api: Api) -> None:
    def two_lines(number: int, copper: str) -> dict[str, Any]:
        request = propose(TRIOXIDE, reference=f"SO-{number}")
        more = {"line": 2, "description": copper, "hs_code": "7403111100", "net_mass_kg": 500}
        request["lines"].append(more)
        answer: dict[str, Any] = api.post(request).json
        return answer

    two_lines(1, "Copper cathode lot 1")
    assert flags(two_lines(2, "Copper wire bars")) == []


def test_a_retry_repeated_is_still_one(api: Api) -> None:
    denied = ship(api, TRIOXIDE)
    for _ in range(3):
        again = ship(api, LOW_TRIOXIDE | {"purity_pct": 99.5})
        assert again["disposition"] == "review"
        found = flag(again, "denied-before-under-other-papers")
        assert found["earlier"]["decision"] == denied["id"]


# --- what an outsider is not told ---


def test_what_others_ship_and_what_would_pass_is_told_to_officers_only(api: Api) -> None:
    cheap = ship(api, LOW_TRIOXIDE | {"value": {"amount": "10.00", "currency": "USD"}}, to="DE")
    found = flag(cheap, "value-below-the-band")
    assert not {"papers.times_below_band"} & found["matched"].keys()
    (figures,) = (e["figures"] for e in evidence(api, cheap) if e["rule"] == found["rule"])
    times = float(figures["papers.times_below_band"])
    assert times > 1
    assert f"{times:g}" not in orjson.dumps(cheap).decode()
    refused = api.get(f"/v1/decisions/{cheap['id']}?evidence=true", "erp")
    assert refused.status_code == 403
    plain = api.get(f"/v1/decisions/{cheap['id']}", "erp")
    assert plain.json == cheap
    whole = api.get(f"/v1/decisions/{cheap['id']}?evidence=true", "auditor", Accept_Language="zh")
    assert whole.json["evidence"] == evidence(api, cheap)
    assert whole.json["log"] == cheap["log"]


@on_sqlite_only
@pytest.mark.parametrize(
    "party",
    [
        {"role": "seller", "name": "Youngsun Chemicals (Thailand) Co., Ltd", "country": "TH"},
        {"role": "seller", "name": "Thai Youngsun Chemicals", "country": "TH"},
        {"role": "seller", "name": "YoungsunChemicals", "country": "TH"},
        {"role": "end_user", "name": "Youngsun Chemicals", "country": "NL"},
        {
            "role": "buyer",
            "name": "Maas Handel B.V.",
            "country": "NL",
            "owners": [{"name": "Youngsun Chemicals", "country": "CN", "share_pct": 100}],
        },
    ],
)
def test_a_supplier_reappears_under_whatever_name(api: Api, party: dict[str, Any]) -> None:
    ship(api, LOW_TRIOXIDE, to="US", exporter="Youngsun Chemicals Co., Ltd.")
    again = ship(
        api, LOW_TRIOXIDE, to="NL", exporter="Yunnan Trade", parties=[party], reference="SO-2"
    )
    assert "supplier-reappears-elsewhere" in flags(again)


@on_sqlite_only
@pytest.mark.parametrize("name", ["Youngsun Logistics (Thailand)", "Thai Chemicals", "Siam Unipet"])
def test_who_shares_but_a_word_with_a_supplier_is_another(api: Api, name: str) -> None:
    ship(api, LOW_TRIOXIDE, to="US", exporter="Youngsun Chemicals Co., Ltd.")
    seller = {"role": "seller", "name": name, "country": "TH"}
    again = ship(
        api, LOW_TRIOXIDE, to="NL", exporter="Yunnan Trade", parties=[seller], reference="SO-2"
    )
    assert "supplier-reappears-elsewhere" not in flags(again)
