"""What a code, the composition or the words accuse, no shape, form or other code takes back."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from api.checking import read_checked
from api.decide.evaluate import Evaluator
from api.rulebook.model import RuleSetVersion
from api.shipment import Shipment
from tests.conftest import ROOT, propose

EVALUATOR = Evaluator(RuleSetVersion(read_checked(ROOT / "rules" / "cn")[0], 1), check_every=10**9)

FORMS = (
    "ore metal powder alloy oxide compound wafer target magnet scrap assembly equipment other"
).split()
shapes = st.lists(
    st.sampled_from(
        "white sintered granules lumps pellets blocks bars rods crystals discs rings pieces beads "
        "块 棒 颗粒 白色 lingots barres".split()
    ),
    max_size=4,
).map(" ".join)
forms = st.one_of(st.none(), st.sampled_from(FORMS))
other_codes = st.one_of(st.none(), st.sampled_from(["7403111100", "9999999999", "8479899990"]))
CODES = [
    "28469016",
    "28469015",
    "2846901993",
    "28053012",
    "28053013",
    "28309020",
    "28418010",
    "81101010",
    "28258000",
    "3818009021",
    "2804500001",
    "28499020",
]
COMPOSITIONS = [
    {"Sb": 99.65},
    {"Ga": 48, "As": 52},
    {"In": 78, "P": 22},
    {"Cd": 47, "Te": 53},
    {"Tb": 85, "O": 15},
    {"Dy": 87, "O": 13},
    {"Te": 99.9},
    {"Bi": 99.9},
    {"Ge": 99.99},
    {"Dy": 80, "Fe": 20},
]
NAMES = [
    "antimony",
    "gallium arsenide",
    "InP",
    "碲化镉",
    "dysprosium oxide",
    "Tb-Dy-Fe",
    "germanium",
]


def outcome(line: dict[str, Any]) -> str:
    line = {name: value for name, value in line.items() if value is not None}
    shipment = msgspec.json.decode(orjson.dumps(propose(line)), type=Shipment)
    return EVALUATOR.evaluate(shipment, date(2026, 11, 23)).disposition.outcome


@settings(max_examples=300)
@given(st.sampled_from(CODES), shapes, forms)
def test_a_fitting_code_is_not_cleared(code: str, description: str, form: str | None) -> None:
    assert outcome({"hs_code": code, "description": description, "form": form}) == "deny"


@settings(max_examples=300)
@given(st.sampled_from(COMPOSITIONS), shapes, forms, other_codes)
def test_a_composition_is_not_cleared(
    of: dict[str, float], description: str, form: str | None, code: str | None
) -> None:
    composition = [{"element": e, "mass_pct": share} for e, share in of.items()]
    line = {"composition": composition, "description": description, "form": form, "hs_code": code}
    assert outcome(line) == "deny"


@settings(max_examples=300)
@given(st.sampled_from(NAMES), shapes, st.sampled_from(["before", "after"]), other_codes)
def test_a_name_is_not_cleared_by_shapes_and_other_codes(
    name: str, shape: str, place: str, code: str | None
) -> None:
    words = (name, shape) if place == "after" else (shape, name)
    assert outcome({"description": " ".join(words), "hs_code": code}) == "deny"
