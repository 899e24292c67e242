"""Who is behind a shipment: nobody named, seats told by addresses, businesses told by names."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
import pytest

from api.decide.evaluate import Evaluator
from api.decide.explain import render
from api.shipment import Party, Shipment
from tests.conftest import propose

OXIDE = {
    "description": "Antimony trioxide 99.995 %",
    "hs_code": "2825800010",
    "form": "oxide",
    "purity_pct": 99.995,
    "net_mass_kg": 20000,
}
NOT_NAMED = "no-end-user-beyond-a-trader"
BEHIND = "restricted-country-behind-a-hub"


def decide(evaluator: Evaluator, *parties: dict[str, Any], **more: Any) -> dict[str, Any]:
    request = propose(OXIDE, **({"to": "TH", "day": "2025-03-01"} | more))
    request["parties"] = [request["parties"][0], *parties]
    shipment = msgspec.json.decode(orjson.dumps(request), type=Shipment)
    assert shipment.export_date is not None
    return render(
        evaluator.evaluate(shipment, shipment.export_date), evaluator.version, shipment, "en"
    )


def reasons(answer: dict[str, Any]) -> dict[str, str]:
    return {reason["rule"]: reason["message"] for reason in answer["reasons"]}


TRADER = {"role": "consignee", "name": "Siam Trading", "country": "TH"}
MAKER = {"role": "consignee", "name": "Siam Plastics", "country": "TH"}


@pytest.mark.parametrize(
    "name",
    [
        "TBD",
        "To be advised",
        "UNKNOWN",
        "N/A",
        "n.a.",
        " T.B.A. ",
        "Various",
        "-",
        "***",
        "Same as consignee",
        "TO ORDER",
        "To the order",
        "待定",
        "À préciser",
    ],
)
def test_a_stopgap_is_no_end_user(evaluator: Evaluator, name: str) -> None:
    answer = decide(evaluator, TRADER, {"role": "end_user", "name": name})
    assert NOT_NAMED in reasons(answer)


def test_a_consignee_to_order_and_no_end_user_is_nobody(evaluator: Evaluator) -> None:
    open_ = {"role": "consignee", "name": "TO ORDER", "country": "TH"}
    assert NOT_NAMED in reasons(decide(evaluator, open_))
    assert NOT_NAMED not in reasons(decide(evaluator, open_ | {"name": "Siam Plastics"}))
    user = {"role": "end_user", "name": "Siam Plastics", "country": "TH"}
    assert NOT_NAMED not in reasons(decide(evaluator, open_, user))


@pytest.mark.parametrize("name", ["Order Systems Co", "Various Metals GmbH", "Nil Kanth Ltd"])
def test_a_name_that_holds_such_a_word_is_a_name(evaluator: Evaluator, name: str) -> None:
    answer = decide(evaluator, TRADER, {"role": "end_user", "name": name, "country": "TH"})
    assert NOT_NAMED not in reasons(answer)


@pytest.mark.parametrize(
    "address",
    [
        "123 Main Street, Dallas, TX 75201",
        "6801 Rockledge Drive, Bethesda MD 20817-1803",
        "1 Plaza, Houston, U.S.A.",
        "1 Plaza, Houston, United States of America",
        "美国德克萨斯州达拉斯",
        "1 Plaza, Dallas, États-Unis",
    ],
)
def test_an_address_tells_where_a_party_sits(evaluator: Evaluator, address: str) -> None:
    buyer = {"role": "buyer", "name": "Lone Star Essentials", "address": address}
    said = reasons(decide(evaluator, MAKER, buyer))
    assert "address" in said[BEHIND]
    assert (
        "by the country given"
        in reasons(decide(evaluator, MAKER, buyer | {"country": "US"}))[BEHIND]
    )
    # A country given beside it does not take the address away.
    assert "address" in reasons(decide(evaluator, MAKER, buyer | {"country": "TH"}))[BEHIND]


@pytest.mark.parametrize(
    "address",
    ["United States Road 5, Bangkok", "TX 75201 Street, Hanoi", "Usamah Tower 12345", "日本街5号"],
)
def test_an_address_elsewhere_tells_nothing(evaluator: Evaluator, address: str) -> None:
    buyer = {"role": "buyer", "name": "Lone Star Essentials", "address": address}
    if address == "日本街5号":
        address = "曼谷日本街5号"
        buyer["address"] = address
    assert BEHIND not in reasons(decide(evaluator, MAKER, buyer))


@pytest.mark.parametrize(
    ("role", "flagged"),
    [("seller", True), ("bank", True), ("payer", True), ("freight_forwarder", False)],
)
def test_who_is_looked_at_behind_a_destination(
    evaluator: Evaluator, role: str, flagged: bool
) -> None:
    party = {"role": role, "name": "Lakeshore", "country": "US"}
    assert (BEHIND in reasons(decide(evaluator, MAKER, party))) is flagged


@pytest.mark.parametrize("territory", ["US", "PR", "GU", "VI", "AS", "MP"])
def test_territories_are_the_united_states(evaluator: Evaluator, territory: str) -> None:
    user = {"role": "end_user", "name": "Lakeshore Plastics", "country": territory}
    answer = decide(evaluator, user, to=territory)
    assert "us-gallium-germanium-antimony" in reasons(answer)
    assert answer["disposition"] == "prohibited"
    buyer = {"role": "buyer", "name": "Lakeshore Plastics", "country": territory}
    assert BEHIND in reasons(decide(evaluator, MAKER, buyer))


@pytest.mark.parametrize("elsewhere", ["HK", "MO", "CA"])
def test_others_are_not(evaluator: Evaluator, elsewhere: str) -> None:
    user = {"role": "end_user", "name": "Lakeshore Plastics", "country": elsewhere}
    assert "us-gallium-germanium-antimony" not in reasons(decide(evaluator, user, to=elsewhere))


@pytest.mark.parametrize(
    ("name", "business"),
    [
        ("HSBC", "bank"),
        ("The Hongkong and Shanghai Banking Corporation", "bank"),
        ("Spedition Müller GmbH", "forwarder"),
        ("Maersk Line", "forwarder"),
        ("Kerry Express (Thailand)", "forwarder"),
        ("Harbour Customs Brokers", "forwarder"),
        ("Harbour Metal Brokers", "trader"),
        ("Asia Sourcing Ltd", "trader"),
        ("Delta Distribution BV", "trader"),
        ("Baltic Merchants", "trader"),
        ("Orient Commerce", "trader"),
        ("Bangkok Chamber of Commerce", "other"),
        ("Merchants Bank", "bank"),
    ],
)
def test_names_tell_a_business(evaluator: Evaluator, name: str, business: str) -> None:
    assert evaluator.screen(Party(role="consignee", name=name)).business == business
