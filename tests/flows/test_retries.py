"""A denied shipment that comes back under other papers, whichever papers they are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import ROOT, Api, on_sqlite_only

Body = dict[str, Any]
RETRY = "denied-before-under-other-papers"
GALLIUM = {
    "description": "Gallium metal, 99.99 %",
    "hs_code": "8112929090",
    "form": "metal",
    "composition": [{"element": "Ga", "mass_pct": 99.99}],
    "purity_pct": 99.99,
}
MAGNETS: Body = {
    "description": "NdFeB sintered magnets",
    "hs_code": "8505111000",
    "form": "magnet",
    "purity_pct": None,
    "value": None,
}
HONEST = {"hs_code": "2825800090", "purity_pct": 99.5, "description": "Antimony trioxide, 99.5 %"}

pytestmark = on_sqlite_only


def denied() -> Body:
    """Antimony trioxide to Germany that needs a licence."""
    path = Path(ROOT / "fixtures" / "antimony-trioxide-to-united-states.json")
    body: Body = orjson.loads(path.read_bytes())
    body["route"]["destination"] = "DE"
    for party in body["parties"][1:]:
        party["country"] = "DE"
    return body


def honest(**changes: Any) -> Body:
    """Its form that needs none."""
    body = denied() | changes
    body["lines"][0] |= HONEST
    return body


def of_line(body: Body, **changes: Any) -> Body:
    body = copy.deepcopy(body)
    body["lines"][0] |= changes
    body["lines"][0] = {name: v for name, v in body["lines"][0].items() if v is not None}
    return body


def post(api: Api, body: Body, holder: str = "erp") -> Body:
    response = api.post(body, holder=holder)
    assert response.status_code == 201, response.json
    answer: Body = response.json
    return answer


def flags(answer: Body) -> list[str]:
    return [reason["rule"] for reason in answer["reasons"] if "severity" in reason]


def retry(answer: Body) -> Body:
    found = [reason for reason in answer["reasons"] if reason["rule"] == RETRY]
    assert found, answer["reasons"]
    assert answer["outcome"] == "deny"
    reason: Body = found[0]
    return reason


def fields(answer: Body) -> set[str]:
    return {difference["field"] for difference in retry(answer)["differences"]}


def test_by_itself_the_honest_form_is_allowed(api: Api) -> None:
    assert post(api, honest())["outcome"] == "allow"


# --- several denials under a key ---


def test_a_later_denial_does_not_replace_an_earlier_one(api: Api) -> None:
    first = post(api, denied())
    post(api, of_line(denied(), **GALLIUM))
    again = post(api, honest())
    assert retry(again)["earlier"]["decision"] == first["id"]
    assert {"/lines/1/hs_code", "/lines/1/purity_pct"} <= fields(again)


def test_three_references_do_not_hide_it_either(api: Api) -> None:
    post(api, denied())
    post(api, of_line(denied(), **GALLIUM) | {"reference": "SO-B"})
    assert "/lines/1/purity_pct" in fields(post(api, honest(reference="SO-C")))


@pytest.mark.parametrize("first", [0, 14, 28])
def test_junk_does_not_flush_it(api: Api, first: int) -> None:
    gallium = [
        of_line(denied(), **GALLIUM | {"purity_pct": 99 + number / 100}, value=None)
        for number in range(28)
    ]
    junk = [body | {"reference": f"J-{number}"} for number, body in enumerate(gallium)]
    for body in junk[:first] + gallium[:first]:
        post(api, body)
    post(api, denied())
    for body in junk[first:] + gallium[first:]:
        post(api, body)
    assert "/lines/1/purity_pct" in fields(post(api, honest(reference="SO-C")))
    retry(post(api, honest()))


def test_junk_does_not_make_an_answer_of_a_retry(api: Api) -> None:
    unsaid = of_line(honest(), purity_pct=None, description="Antimony trioxide")
    assert post(api, unsaid)["disposition"] == "information_required"
    post(api, denied())
    retry(post(api, of_line(unsaid, purity_pct=99.5)))


# --- the same reference ---


def two_lines(body: Body, kg: int = 10_000) -> Body:
    line = body["lines"][0] | {"net_mass_kg": kg, "gross_mass_kg": kg + 200}
    return body | {"lines": [line, line | {"line": 2}]}


@pytest.mark.parametrize(
    "again",
    [
        *(of_line(honest(), net_mass_kg=kg) for kg in (19_300, 10_000, 20_430, 20_401, 500)),
        of_line(honest(), net_mass_kg=None),
        of_line(
            honest(), net_mass_kg=None, gross_mass_kg=None, quantity={"value": 20, "unit": "t"}
        ),
        two_lines(honest()),
        two_lines(honest(), 6_000),
    ],
    ids=repr,
)
def test_the_same_reference_is_the_same_order_whatever_its_mass(api: Api, again: Body) -> None:
    post(api, denied())
    retry(post(api, again))


def test_code_words_and_composition_together(api: Api) -> None:
    magnets = of_line(
        denied(),
        description="NdFeB sintered magnets",
        hs_code="8505111000",
        form="magnet",
        purity_pct=None,
        composition=[
            {"element": "Nd", "mass_pct": 30},
            {"element": "Dy", "mass_pct": 2},
            {"element": "Fe", "mass_pct": 67},
            {"element": "B", "mass_pct": 1},
        ],
    )
    assert post(api, magnets)["disposition"] == "licence_required"
    parts = of_line(
        denied(),
        description="Motor rotor parts",
        hs_code="8503009090",
        form=None,
        purity_pct=None,
        composition=None,
    )
    assert {"/lines/1/hs_code", "/lines/1/composition", "/lines/1/description"} <= fields(
        post(api, parts)
    )


def _with_party(role: str, name: str) -> Callable[[Body], None]:
    return lambda body: body["parties"].append({"role": role, "name": name, "country": "DE"})


def _set(*path: Any) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        at: Any = body
        for step in path[:-2]:
            at = at[step]
        at[path[-2]] = path[-1]

    return change


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (_with_party("buyer", "Elbe GmbH"), None, "/parties/buyer"),
        (_with_party("notify_party", "Elbe"), _with_party("notify_party", "Oder"), None),
        (_with_party("intermediate_consignee", "Elbe"), None, "/parties/intermediate_consignee"),
        (
            _set("parties", 1, "owners", [{"name": "Lakeshore Inc", "country": "US"}]),
            None,
            "/parties/consignee/owners",
        ),
        (_set("parties", 1, "business", "military"), None, "/parties/consignee/business"),
        (
            None,
            _set("parties", 0, "qualifications", ["state_trading:antimony", "x"]),
            "/parties/exporter/qualifications",
        ),
        (None, _set("end_use", "description", "catalyst"), "/end_use/description"),
        (None, _set("route", "transit", ["SG"]), "/route/transit"),
        (None, _set("lines", 0, "volume_m3", 9), "/lines/1/volume_m3"),
        (
            None,
            _set("lines", 0, "value", {"amount": "190000.00", "currency": "USD"}),
            "/lines/1/value",
        ),
        (None, _set("lines", 0, "properties", {"density_g_cm3": 5}), "/lines/1/properties"),
        (None, _set("lines", 0, "crystal", "single"), "/lines/1/crystal"),
        (None, _set("lines", 0, "dimensions_mm", {"length": 5}), "/lines/1/dimensions_mm"),
        (
            _set("documents", {"invoice_description": "Antimony trioxide 99.99 %"}),
            None,
            "/documents/invoice_description",
        ),
        (None, _set("export_date", "2026-11-20"), "/export_date"),
        (None, _set("export_date", "2026-11-29"), "/export_date"),
    ],
)
def test_whatever_decides_is_watched(
    api: Api,
    before: Callable[[Body], None] | None,
    after: Callable[[Body], None] | None,
    field: str | None,
) -> None:
    then, now = denied(), denied()
    if before is not None:
        before(then)
    if after is not None:
        after(now)
    response = api.post(then)
    if response.status_code == 422:
        pytest.fail(str(response.json))
    assert response.json["outcome"] == "deny"
    found = fields(post(api, now))
    assert field is None or field in found


def test_the_same_again_later_is_no_retry(api: Api) -> None:
    post(api, denied())
    assert RETRY not in flags(post(api, denied() | {"export_date": "2026-11-25"}))


@pytest.mark.parametrize(
    ("unsaid", "said"),
    [
        (
            of_line(honest(), purity_pct=None, description="Antimony trioxide"),
            of_line(honest(), description="Antimony trioxide"),
        ),
        (
            of_line(honest(), **MAGNETS, composition=[{"element": "Nd", "mass_pct": 30}]),
            of_line(
                honest(),
                **MAGNETS,
                composition=[
                    {"element": "Nd", "mass_pct": 30},
                    {"element": "Fe", "mass_pct": 69},
                    {"element": "B", "mass_pct": 1},
                    {"element": "Dy", "mass_pct": 0},
                    {"element": "Tb", "mass_pct": 0},
                ],
            ),
        ),
    ],
)
def test_an_answer_to_a_question_is_no_retry(api: Api, unsaid: Body, said: Body) -> None:
    asked = post(api, unsaid)
    assert asked["disposition"] == "information_required"
    assert flags(post(api, said)) == flags(asked)


def test_a_qualification_given_when_asked_is_no_retry(api: Api) -> None:
    body = honest()
    qualifications = body["parties"][0].pop("qualifications")
    assert post(api, body)["disposition"] == "information_required"
    body["parties"][0]["qualifications"] = qualifications
    assert post(api, body)["outcome"] == "allow"


def test_an_answer_that_contradicts_what_was_given_is_a_retry(api: Api) -> None:
    unsaid = of_line(honest(), purity_pct=None, description="Antimony trioxide")
    post(api, unsaid)
    again = of_line(honest(), description="Flame retardant")
    assert fields(post(api, again)) == {"/lines/1/description"}


# --- nearly the same goods under another reference ---


@pytest.mark.parametrize(
    "again",
    [
        of_line(honest(), net_mass_kg=20_401),
        of_line(honest(), net_mass_kg=19_100),
        two_lines(honest()),
        of_line(
            honest(), net_mass_kg=None, gross_mass_kg=None, quantity={"value": 20, "unit": "t"}
        ),
    ],
    ids=repr,
)
def test_nearly_the_same_mass_in_one_line_or_more(api: Api, again: Body) -> None:
    post(api, denied())
    retry(post(api, again | {"reference": "PO-77"}))


def test_the_same_in_two_shipments(api: Api) -> None:
    post(api, denied())
    half = of_line(honest(), net_mass_kg=10_000)
    assert post(api, half | {"reference": "PO-77"})["outcome"] == "allow"
    retry(post(api, half | {"reference": "PO-78"}))


def test_orders_of_other_goods_or_masses_are_no_retries(api: Api) -> None:
    post(api, denied())
    tungsten = of_line(
        honest(reference="PO-1"),
        description="Cemented carbide inserts",
        hs_code="8209003000",
        form="other",
        composition=None,
        purity_pct=None,
        value=None,
        net_mass_kg=300,
    )
    other_mass = of_line(honest(reference="PO-2"), net_mass_kg=3_000)
    for body in (tungsten, other_mass):
        assert RETRY not in flags(post(api, body))


def test_an_order_of_another_metal_of_the_same_mass_is_no_retry(api: Api) -> None:
    post(api, of_line(denied(), **GALLIUM, value=None))
    assert post(api, honest(reference="PO-3"))["outcome"] == "allow"


def test_the_next_order_of_what_needs_a_licence_is_no_retry(api: Api) -> None:
    post(api, denied())
    following = of_line(denied(), net_mass_kg=20_200, value={"amount": "480000", "currency": "USD"})
    again = post(api, following | {"reference": "SO-2", "export_date": "2026-11-26"})
    assert RETRY not in flags(again)


# --- who it is ---


@pytest.mark.parametrize("position", [0, 1])
def test_whoever_adds_a_number_of_a_register_stays_who_he_is(api: Api, position: int) -> None:
    post(api, denied())
    body = honest(reference="PO-9")
    number = {"type": "uscc", "value": "91430000722559144A"}
    body["parties"][position]["identifiers"] = [number]
    retry(post(api, body))


def test_a_number_stays_whose_it_is_under_another_name(api: Api) -> None:
    number = {"type": "uscc", "value": "91430000722559144A"}
    first, second = denied(), honest(reference="PO-9")
    first["parties"][0]["identifiers"] = [number]
    second["parties"][0] |= {"name": "Quite Another Smelter", "identifiers": [number]}
    post(api, first)
    retry(post(api, second))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vamipatushan Antimony Co., Ltd", "Vamipatushan Tungsten Industry Trading Co., Ltd"),
        ("Hunan Antimony", "Hunan Tungsten Industry"),
    ],
)
def test_companies_with_a_word_in_common_are_not_told_of_each_other(
    api: Api, one: str, other: str
) -> None:
    first, second = denied(), honest()
    first["parties"][0]["name"], second["parties"][0]["name"] = one, other
    answer = post(api, first)
    second["parties"][1]["name"] = second["parties"][2]["name"] = "Rhein GmbH"
    assert post(api, second)["outcome"] == "allow"
    second["parties"] = [second["parties"][0], *denied()["parties"][1:]]
    told = orjson.dumps(post(api, second | {"reference": "PO-5"})).decode()
    assert one not in told
    assert answer["id"] not in told
    assert answer["reference"] not in told


def test_trying_without_a_trace_tells_nothing_of_what_others_were_denied(api: Api) -> None:
    post(api, denied() | {"reference": "SECRET-1"})
    body = honest(reference="PO-5")
    body["parties"][0]["name"] = "Guangxi Smelting Works"
    tried = api.post(body, "?dry_run=true").json
    assert "goods-to-be-compared" not in flags(tried)
    assert flags(post(api, body)) == ["goods-to-be-compared"]


def test_what_was_denied_to_another_exporter_is_known_to_officers_only(api: Api) -> None:
    earlier = post(api, denied() | {"reference": "SECRET-1"})
    body = honest(reference="PO-5")
    body["parties"][0]["name"] = "Guangxi Smelting Works"
    again = post(api, body)
    assert again["outcome"] == "deny"
    assert flags(again) == ["goods-to-be-compared"]
    told = orjson.dumps(again).decode()
    for secret in ("SECRET-1", earlier["id"], "Qingfeng", "hs_code", "denied"):
        assert secret not in told
    seen = api.get(f"/v1/decisions/{again['id']}?evidence=true").json["evidence"]
    (figures,) = (e["figures"] for e in seen if e["rule"] == "goods-to-be-compared")
    assert figures["history.elsewhere_reference"] == "SECRET-1"
    assert figures["history.elsewhere_decision"] == earlier["id"]
    assert "/lines/1/purity_pct" in figures["history.elsewhere_changes"]
    assert "Qingfeng" in figures["history.elsewhere_exporter"]


def test_another_exporter_later_or_with_other_goods_is_not_flagged(api: Api) -> None:
    post(api, denied())
    later = honest(reference="PO-5", export_date="2026-12-20")
    smaller = of_line(honest(reference="PO-6"), net_mass_kg=7_000, value=None)
    for body in (later, smaller):
        body["parties"][0]["name"] = "Guangxi Smelting Works"
        assert flags(post(api, body)) == []


def test_what_another_key_proposed_is_told_to_officers_only(api: Api) -> None:
    earlier = post(api, denied(), holder="admin")
    again = post(api, honest())
    assert flags(again) == ["papers-to-be-compared"]
    assert "differences" not in again["reasons"][0]
    assert earlier["id"] not in orjson.dumps(again).decode()
    seen = api.get(f"/v1/decisions/{again['id']}?evidence=true").json["evidence"]
    assert seen[0]["figures"]["history.elsewhere_decision"] == earlier["id"]


# --- splitting ---


def lot(number: int, kg: float = 230, **changes: Any) -> Body:
    return of_line(honest(reference=f"LOT-{number}"), net_mass_kg=kg, value=None, **changes)


def test_lots_just_above_the_limit(api: Api) -> None:
    answers = [post(api, lot(number, 501)) for number in range(4)]
    assert [flags(answer) for answer in answers] == [[], [], [], ["splitting"]]


def test_lots_by_quantity_only(api: Api) -> None:
    weights: Body = {"gross_mass_kg": None, "quantity": {"value": "0.23", "unit": "t"}}
    bodies = [of_line(lot(number), net_mass_kg=None, **weights) for number in range(3)]
    assert [flags(post(api, body)) for body in bodies] == [[], [], ["splitting"]]


def _consignees(api: Api, change: Callable[[int, Body], None]) -> list[str]:
    answers = []
    for number in range(3):
        body = lot(number)
        change(number, body)
        answers.append(post(api, body))
    assert [flags(answer) for answer in answers[:2]] == [[], []]
    return flags(answers[2])


def test_lots_to_other_consignees_of_one_end_user(api: Api) -> None:
    def change(number: int, body: Body) -> None:
        body["parties"][1]["name"] = ("Rhein Handel", "Elbe Handel", "Oder Handel")[number]

    assert _consignees(api, change) == ["splitting"]


def test_lots_under_fresh_numbers(api: Api) -> None:
    def change(number: int, body: Body) -> None:
        for party in body["parties"][1:]:
            party["identifiers"] = [{"type": "vat", "value": f"DE10000000{number}"}]

    assert _consignees(api, change) == ["splitting"]


def test_lots_to_several_works_of_one_company(api: Api) -> None:
    def change(number: int, body: Body) -> None:
        for party in body["parties"][1:]:
            party["name"] = ("X Polymers", "X Polymers Werk 2", "X Polymers GmbH, Plant 3")[number]

    assert _consignees(api, change) == ["splitting"]


def test_lots_to_companies_of_one_town_are_not_together(api: Api) -> None:
    def change(number: int, body: Body) -> None:
        for party in body["parties"][1:]:
            party["name"] = ("Hamburg Metals", "Hamburg Plastics", "Hamburg Logistik")[number]

    assert _consignees(api, change) == []


def test_lots_proposed_all_at_once_are_seen_together(new_api: Callable[..., Api]) -> None:
    api = new_api()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: post(api, lot(number)), range(8)))
    assert sum(answer["outcome"] == "allow" for answer in answers) == 2
