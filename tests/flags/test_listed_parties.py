"""Listed parties decide: by list, by day, by likeness and by owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import orjson
import pytest
import yaml

from api.decide.evaluate import Evaluator
from api.decide.explain import render, render_screening
from api.rulebook.model import RuleSet
from api.rulebook.parties import ListedParty
from api.shipment import Party, Shipment
from tests.conftest import ROOT, Api, propose

INGOTS = {"description": "Antimony ingots", "hs_code": "8110101000", "form": "metal"}
COPPER = {"description": "Copper cathode", "hs_code": "7403111100"}
MAGNET = {
    "description": "NdFeB magnets",
    "form": "magnet",
    "hs_code": "8505111000",
    "composition": [{"element": "Dy", "mass_pct": 2}],
}


def decide(
    evaluator: Evaluator, goods: dict[str, Any], party: dict[str, Any], **more: Any
) -> dict[str, Any]:
    request = propose(goods, **more)
    request["parties"].append({"role": "end_user", "country": "DE", **party})
    shipment = msgspec.json.decode(orjson.dumps(request), type=Shipment)
    assert shipment.export_date is not None
    evaluation = evaluator.evaluate(shipment, shipment.export_date)
    return render(evaluation, evaluator.version, shipment, "en") | {
        "screening": render_screening(evaluation, shipment, "en")
    }


def rules(answer: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in answer["reasons"]]


def named(rule_set: RuleSet, instrument: str) -> ListedParty:
    return next(party for party in rule_set.parties if party.instrument == instrument)


def test_every_name_of_every_list_is_found_and_decides(
    evaluator: Evaluator, rule_set: RuleSet
) -> None:
    for party in rule_set.parties:
        measure = rule_set.instruments[party.instrument]
        day = max(party.period.from_day, measure.in_force.from_day)
        for name in party.names:
            answer = decide(evaluator, INGOTS, {"name": name}, day=str(day))
            hits = answer["screening"][2]["hits"]
            found = [hit for hit in hits if hit["instrument"] == party.instrument]
            assert any(hit["entity"] == party.entity for hit in found), (name, hits)
            if measure.list == "control":
                assert "party-on-control-list" in rules(answer), name
            # The day after, when ingots are controlled and no suspension has begun.
            if measure.list == "control" and str(day) >= "2024-09-15":
                assert answer["disposition"] == "prohibited", name


def test_goods_on_no_list_are_reviewed_for_a_party_on_the_control_list(
    evaluator: Evaluator,
) -> None:
    answer = decide(evaluator, COPPER, {"name": "General Dynamics"})
    assert answer["disposition"] == "review"
    reason = answer["reasons"][0]
    assert reason["rule"] == "party-on-control-list"
    assert reason["parties"] == [2]
    assert reason["basis"]["instrument"] == "mofcom-2025-01"
    assert "General Dynamics" in reason["message"]


@pytest.mark.parametrize(
    ("day", "disposition", "state", "warning"),
    [
        ("2025-04-03", "licence_required", "not_yet", None),
        ("2025-04-04", "prohibited", "in_force", None),
        ("2025-05-13", "prohibited", "in_force", None),
        ("2025-05-14", "licence_required", "suspended", "listing_suspended"),
        ("2025-11-10", "licence_required", "suspended", "listing_suspended"),
        ("2026-11-10", "licence_required", "suspended", "listing_suspended"),
        ("2026-11-11", "prohibited", "uncertain", "law_uncertain"),
    ],
)
def test_a_suspended_listing_bites_before_and_after(
    evaluator: Evaluator,
    rule_set: RuleSet,
    day: str,
    disposition: str,
    state: str,
    warning: str | None,
) -> None:
    name = named(rule_set, "mofcom-2025-21").names[0]

    answer = decide(evaluator, INGOTS, {"name": name}, day=day)

    assert answer["disposition"] == disposition
    standing = {h["instrument"]: h["state"] for h in answer["screening"][2]["hits"]}
    assert standing["mofcom-2025-21"] == state
    codes = [w["code"] for w in answer["warnings"]]
    assert warning is None or warning in codes


def test_the_outlook_names_the_day_a_listing_bites_again(
    evaluator: Evaluator, rule_set: RuleSet
) -> None:
    name = named(rule_set, "mofcom-2025-21").names[0]
    answer = decide(evaluator, INGOTS, {"name": name}, day="2026-10-01")
    assert ("2026-11-11", "prohibited") in [
        (p["from"], p["disposition"]) for p in answer["outlook"]
    ]


def test_measures_that_stopped_are_told_and_do_not_bite(
    evaluator: Evaluator, rule_set: RuleSet
) -> None:
    name = named(rule_set, "mofcom-2025-13").names[0]
    answer = decide(evaluator, INGOTS, {"name": name}, day="2026-11-23")
    assert answer["disposition"] == "licence_required"
    assert "listing_stopped" in [w["code"] for w in answer["warnings"]]


def test_the_watch_list_asks_more_of_a_licence_and_nothing_of_other_goods(
    evaluator: Evaluator, rule_set: RuleSet
) -> None:
    party = {"name": named(rule_set, "mofcom-2026-12").names[0], "country": "JP"}

    listed = decide(evaluator, INGOTS, party, day="2026-03-01", to="JP")
    other = decide(evaluator, COPPER, party, day="2026-03-01", to="JP")

    assert "watch-list-party-gets-listed-item" in rules(listed)
    assert listed["disposition"] == "licence_required"
    assert other["outcome"] == "allow"
    assert "party-on-watch-list" in rules(other)


def test_an_unreliable_entity_is_reviewed(evaluator: Evaluator, rule_set: RuleSet) -> None:
    name = named(rule_set, "uel-2025-10").names[0]
    answer = decide(evaluator, COPPER, {"name": name}, day="2026-03-01")
    assert answer["disposition"] == "review"
    assert "party-on-unreliable-entity-list" in rules(answer)


def test_a_name_that_is_only_like_a_listed_one_is_looked_at(evaluator: Evaluator) -> None:
    answer = decide(evaluator, COPPER, {"name": "Raytheon Missile and Defence", "country": "GB"})
    found = [r for r in answer["reasons"] if r["rule"].startswith("party-")]
    assert found
    assert answer["disposition"] == "review"
    hit = answer["screening"][2]["hits"][0]
    assert hit["because"]
    assert float(hit["score"]) >= 86


@pytest.mark.parametrize("role", ["consignee", "buyer", "bank", "freight_forwarder", "payer"])
def test_a_listed_party_decides_in_any_role(evaluator: Evaluator, role: str) -> None:
    answer = decide(evaluator, INGOTS, {"name": "General Dynamics Corporation", "role": role})
    assert answer["disposition"] == "prohibited"


def test_goods_of_chinese_origin_from_abroad_where_the_announcement_says_so(
    evaluator: Evaluator, rule_set: RuleSet
) -> None:
    name = named(rule_set, "mofcom-2026-11").names[0]
    other = named(rule_set, "mofcom-2025-01").names[0]
    goods = INGOTS | {"origin": "CN"}
    reached = decide(evaluator, goods, {"name": name}, departure="TH", day="2026-11-23")
    not_reached = decide(evaluator, goods, {"name": other}, departure="TH", day="2026-11-23")
    assert "control-list-party-gets-listed-item-abroad" in rules(reached)
    assert reached["disposition"] == "prohibited"
    assert not_reached["disposition"] == "review"


# --- owners ---


def owned(*shares: tuple[str, float | None]) -> dict[str, Any]:
    return {
        "name": "Rhein Metall Handel",
        "owners": [
            {"name": name, **({"share_pct": share} if share is not None else {})}
            for name, share in shares
        ],
    }


@pytest.mark.parametrize(
    ("owners", "least", "most"),
    [
        ((("General Dynamics", 60),), "60", "60"),
        ((("General Dynamics", 30), ("Boeing Defense, Space & Security", 25)), "55", "55"),
        ((("General Dynamics", 10), ("Somebody Else", 90)), "10", "10"),
        ((("General Dynamics", None), ("Somebody Else", 70)), "0", "30"),
    ],
)
def test_shares_of_listed_owners_add_up(
    evaluator: Evaluator, owners: Any, least: str, most: str
) -> None:
    answer = decide(evaluator, INGOTS, owned(*owners), day="2026-11-23")
    flag = next(r for r in answer["reasons"] if r["rule"] == "owner-on-control-list")
    assert flag["disposition"] == "review"
    hit = next(h for h in answer["screening"][2]["hits"] if h["through"] == "owner")
    assert (hit["owned_pct"], hit["owned_pct_at_most"]) == (least, most)


def test_a_chain_of_owners_counts_at_half_and_more(evaluator: Evaluator) -> None:
    chain = {"name": "General Dynamics", "share_pct": 50}
    middle = {"name": "Holding One", "share_pct": 80, "owners": [chain]}
    party = {"name": "Rhein Metall Handel", "owners": [middle]}
    answer = decide(evaluator, COPPER, party, day="2026-11-23")
    hit = next(h for h in answer["screening"][2]["hits"] if h["through"] == "owner")
    # Half of the holding makes it a listed one, so all its 80 % count.
    assert hit["owned_pct"] == "80"


@pytest.mark.parametrize(
    ("share", "day", "prohibited"),
    [
        (50, "2025-10-20", True),
        (49.9, "2025-10-20", False),
        (50, "2025-12-20", False),  # No. 61 is suspended
    ],
)
def test_subsidiaries_at_half_count_as_listed_where_no_61_says_so(
    evaluator: Evaluator, share: float, day: str, prohibited: bool
) -> None:
    answer = decide(
        evaluator,
        MAGNET | {"origin": "CN"},
        owned(("General Dynamics", share)),
        departure="VN",
        day=day,
    )
    assert ("listed-party-gets-rare-earths-abroad" in rules(answer)) == prohibited


@pytest.mark.parametrize(
    "owners",
    [
        [{"name": "A", "share_pct": 60}, {"name": "B", "share_pct": 41}],
        [{"name": "B", "owners": [{"name": "Rhein Metall"}]}],
        [{"name": "B", "owners": [{"name": "C", "owners": [{"name": "b"}]}]}],
    ],
)
def test_an_impossible_chain_of_owners_is_refused(api: Api, owners: list[Any]) -> None:
    request = propose()
    request["parties"][1] |= {"name": "Rhein Metall", "owners": owners}
    response = api.post(request)
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"].startswith("/parties/1/owners")


# --- names of any kind ---

NAMES = [
    "A" * 10_000,
    "有" * 10_000,
    "& " * 5_000,
    "🧲" * 300,
    "شركة المعادن الثمينة المحدودة",
    "\u202eynapmoC kcalB\u202c Ltd",
    "ＧＥＮＥＲＡＬ　ＤＹＮＡＭＩＣＳ",
    "\u200bGeneral\u200b Dynamics",
    "Généràl Dynàmics",
    "-",
    "公司",
    "Co., Ltd.",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda n: n[:12])
def test_any_name_is_screened(api: Api, name: str) -> None:
    request = propose()
    request["parties"][1]["name"] = name
    response = api.post(request, "?dry_run=true")
    assert response.status_code in (200, 422)
    if response.status_code == 422:
        assert response.json["errors"][0]["pointer"] == "/parties/1/name"
    if "dynamics" in name.casefold():
        assert response.json["disposition"] == "review"


@pytest.mark.parametrize("name", ["", " ", "A" * 10_001, "General\x00Dynamics", "\x1b[31mX"])
def test_a_name_that_is_none_is_refused(api: Api, name: str) -> None:
    request = propose()
    request["parties"][1]["name"] = name
    response = api.post(request)
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == "/parties/1/name"


def test_of_two_hundred_innocent_names_two_at_most_are_hits(evaluator: Evaluator) -> None:
    innocent = yaml.safe_load((ROOT / "fixtures" / "innocent-names.yaml").read_text("utf-8"))
    names = [name for those in innocent.values() for name in those]
    assert len(names) >= 200
    held = [n for n in names if evaluator.screen(Party(role="consignee", name=n)).hits]
    assert len(held) <= 2, held


# --- alone ---


def ask(api: Api, body: Any, holder: str = "erp", **query: str) -> Any:
    return api.client.post("/v1/screenings", json=body, headers=api.key(holder), query_string=query)


def test_screening_alone_says_what_an_evaluation_would(api: Api) -> None:
    body = {"as_of": "2026-11-23", "parties": [{"name": "GENERAL DYNAMIC CORP", "country": "US"}]}
    answer = ask(api, body).json
    assert answer["as_of"] == "2026-11-23"
    assert answer["rule_set"]["version"] == 1
    hit = answer["screening"][0]["hits"][0]
    assert hit["entity"]
    assert hit["name"] == "General Dynamics"
    assert hit["list"] == "control"
    assert hit["listed_from"] == "2025-01-02"
    assert "general" in hit["because"].casefold() or hit["because"]


def test_screening_takes_owners_and_identifiers(api: Api) -> None:
    party = owned(("General Dynamics", 60)) | {
        "identifiers": [{"type": "lei", "value": "9845001B2AD43E664E58"}]
    }
    hits = ask(api, {"parties": [party]}).json["screening"][0]["hits"]
    assert {hit["through"] for hit in hits} == {"owner"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"parties": []}, "/parties"),
        ({"parties": [{"country": "US"}]}, "/parties/0/name"),
        ({"parties": [{"name": "X", "country": "USA"}]}, "/parties/0/country"),
        ({"parties": [{"name": "X"}], "as_of": "2026-02-30"}, "/as_of"),
        ({"parties": [{"name": "X", "surname": "Y"}]}, "/parties/0/surname"),
    ],
)
def test_a_wrong_screening_request_names_its_fault(api: Api, body: Any, pointer: str) -> None:
    response = ask(api, body)
    assert response.status_code == 422
    assert pointer in [error["pointer"] for error in response.json["errors"]]


def test_screening_needs_a_key(api: Api) -> None:
    assert api.client.post("/v1/screenings", json={"parties": [{"name": "X"}]}).status_code == 401


def test_messages_speak_three_languages(
    evaluator: Evaluator, shipment: Callable[..., dict[str, Any]]
) -> None:
    request = shipment(INGOTS)
    request["parties"].append({"role": "end_user", "name": "General Dynamics", "country": "US"})
    read = msgspec.json.decode(orjson.dumps(request), type=Shipment)
    assert read.export_date is not None
    evaluation = evaluator.evaluate(read, read.export_date)
    said = {
        language: " ".join(
            reason["message"]
            for reason in render(evaluation, evaluator.version, read, language)["reasons"]  # type: ignore[arg-type]
        )
        for language in ("en", "zh", "fr")
    }
    assert len(set(said.values())) == 3
    assert "最终用户" in said["zh"]
    assert "utilisateur final" in said["fr"]
