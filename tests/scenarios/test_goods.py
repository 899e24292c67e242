"""What goods are by what is declared of them (goods.yaml), decided by the real rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
import yaml

from api.decide.evaluate import Evaluator
from api.decide.explain import render
from api.shipment import Shipment
from tests.conftest import propose

_FILE = yaml.safe_load((Path(__file__).parent / "goods.yaml").read_text(encoding="utf-8"))
_EXPECTED = {
    "controlled": ("licence_required",),
    "asked": ("information_required", "review", "licence_required"),
    "free": ("not_controlled",),
}
_CASES = [(kind, goods) for kind, listed in _FILE.items() for goods in listed]


def decide(evaluator: Evaluator, goods: str | dict[str, Any], language: str = "en") -> Any:
    line = {"description": goods} if isinstance(goods, str) else dict(goods)
    if "of" in line:
        line["composition"] = [
            {"element": element, "mass_pct": share} for element, share in line.pop("of").items()
        ]
    shipment = msgspec.json.decode(orjson.dumps(propose(line)), type=Shipment)
    assert shipment.export_date is not None
    evaluation = evaluator.evaluate(shipment, shipment.export_date)
    return render(evaluation, evaluator.version, shipment, language)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "goods"), _CASES, ids=str)
def test_goods_are_what_they_are(
    evaluator: Evaluator, kind: str, goods: str | dict[str, Any]
) -> None:
    answer = decide(evaluator, goods)

    assert answer["disposition"] in _EXPECTED[kind], answer["reasons"]
    assert (answer["outcome"] == "allow") == (kind == "free")
    for control in answer["lines"][0]["controls"]:
        assert control["because"], control
    if kind == "free":
        assert not any("severity" in reason for reason in answer["reasons"])
    elif answer["disposition"] == "information_required":
        assert any(reason["asks"] for reason in answer["reasons"])


@pytest.mark.parametrize(
    ("goods", "asks"),
    [
        ("Loudspeakers with NdFeB magnets", "/lines/0/form"),
        ("GaN charger 65 W", "/lines/0/hs_code"),
        ({"description": "White granules", "hs_code": "28469016"}, "/lines/0/hs_code"),
        ({"hs_code": "28053012", "form": "oxide"}, "/lines/0/hs_code"),
        ("N52 disc", "/lines/0/composition"),
        ("强磁 N52", "/lines/0/composition"),
    ],
    ids=str,
)
def test_what_would_settle_it_is_asked_for(
    evaluator: Evaluator, goods: str | dict[str, Any], asks: str
) -> None:
    reasons = decide(evaluator, goods)["reasons"]
    assert asks in {ask for reason in reasons for ask in reason["asks"]}


def test_zirconia_is_no_yttrium_metal(evaluator: Evaluator) -> None:
    for goods in ("3YSZ powder", "YSZ blocks", "Zircone yttriée"):
        said = [reason["message"] for reason in decide(evaluator, goods)["reasons"]]
        assert any("Yttrium compounds" in message for message in said)
        assert not any("metal is listed" in message or "alloys" in message for message in said)


def test_a_magnet_called_a_block_is_no_metal(evaluator: Evaluator) -> None:
    for goods in ("SmCo block magnet", "NdFeB block magnet"):
        titles = [c["title"] for c in decide(evaluator, goods)["lines"][0]["controls"]]
        assert any("magnet" in title for title in titles)
        assert not any("Samarium metal" in title for title in titles)
