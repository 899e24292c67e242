"""Prices and masses of single lines: what is dear for its name, and what cannot be judged."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
import pytest

from api.decide.evaluate import Evaluator
from api.decide.explain import render
from api.shipment import Shipment
from tests.conftest import propose

DEAR = "cheap-name-dear-goods"
ALLOWED = "not_controlled"
IRON = {"description": "iron plates", "hs_code": "7208510000"}


def reasons(evaluator: Evaluator, line: dict[str, Any]) -> dict[str, str]:
    request = propose(line)
    request["lines"][0] = {n: v for n, v in request["lines"][0].items() if v is not None}
    shipment = msgspec.json.decode(orjson.dumps(request), type=Shipment)
    assert shipment.export_date is not None
    evaluation = evaluator.evaluate(shipment, shipment.export_date)
    said = render(evaluation, evaluator.version, shipment, "en")
    return {r["rule"]: r["message"] for r in said["reasons"] if r["disposition"] != ALLOWED}


def worth(amount: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount": str(amount), "currency": currency}


@pytest.mark.parametrize(
    ("description", "hs_code"),
    [
        ("electric steam irons", "8516400000"),
        ("golf clubs, irons", "9506310000"),
        ("iron supplement tablets", "3004500000"),
        ("zinc picolinate", "2933399090"),
    ],
)
def test_things_of_another_kind_may_be_dear(
    evaluator: Evaluator, description: str, hs_code: str
) -> None:
    line = {"description": description, "hs_code": hs_code, "value": worth(75_000)}
    assert reasons(evaluator, line) == {}


@pytest.mark.parametrize(
    "mass",
    [
        {},
        {"net_mass_kg": None, "gross_mass_kg": 1000},
        {"net_mass_kg": None, "quantity": {"value": 1000, "unit": "Kgs."}},
        {"net_mass_kg": None, "quantity": {"value": 1000, "unit": " KG. "}},
    ],
)
def test_iron_at_the_price_of_gallium_is_seen_however_its_mass_is_told(
    evaluator: Evaluator, mass: dict[str, Any]
) -> None:
    assert DEAR in reasons(evaluator, IRON | {"value": worth(60_000)} | mass)


def test_a_message_names_the_customs_code_of_its_line(evaluator: Evaluator) -> None:
    line = {
        "description": "Metal powder",
        "hs_code": "7407210000",
        "composition": [{"element": "Sb", "mass_pct": 99.9}],
    }
    said = reasons(evaluator, line)["composition-belongs-under-another-heading"]
    assert "(7407210000)" in said


@pytest.mark.parametrize(
    ("description", "hs_code", "usd", "like"),
    [
        ("lead ingots", "7801100000", 60_000, "antimony"),
        ("tin ingots", "8001100000", 300_000, None),
        ("zinc ingots", "7901111000", 20_000, None),
    ],
)
def test_a_named_metal_priced_like_a_restricted_one(
    evaluator: Evaluator, description: str, hs_code: str, usd: int, like: str | None
) -> None:
    line = {"description": description, "hs_code": hs_code}
    said = reasons(evaluator, line | {"value": worth(usd)})
    dear = [m for rule, m in said.items() if rule in (DEAR, "named-goods-priced-like-restricted")]
    assert len(dear) == 1
    assert like is None or like in dear[0]


def test_a_named_metal_at_its_price_is_no_flag(evaluator: Evaluator) -> None:
    line = {"description": "lead ingots", "hs_code": "7801100000", "value": worth(2_340)}
    assert reasons(evaluator, line) == {}


def test_a_value_nobody_can_judge_is_asked_for_again(evaluator: Evaluator) -> None:
    said = reasons(evaluator, IRON | {"value": worth(60_000, "ARS")})
    assert "ARS" in said["value-in-a-currency-without-a-rate"]
    copper = {"description": "Copper cathode", "hs_code": "7403111100"}
    assert reasons(evaluator, copper | {"value": worth(60_000, "ARS")}) == {}


@pytest.mark.parametrize("quantity", [None, {"value": 27, "unit": "FCL"}])
def test_restricted_goods_are_weighed(
    evaluator: Evaluator, quantity: dict[str, Any] | None
) -> None:
    oxide = {"description": "Antimony trioxide", "hs_code": "2825800090", "purity_pct": 99.5}
    line = oxide | {"net_mass_kg": None, "quantity": quantity}
    assert "goods-not-weighed" in reasons(evaluator, line)
    assert reasons(evaluator, line | {"gross_mass_kg": 27_000}) == {}
    assert reasons(evaluator, {"description": "Copper cathode", "net_mass_kg": None}) == {}
