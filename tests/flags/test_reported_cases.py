"""Each reported case as it was declared is flagged by the rule that should have caught it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
import yaml
from msgspec.structs import replace

from api.decide.evaluate import Evaluator
from api.decide.explain import render
from api.decide.history import Corridor, History, SeenGoods
from api.shipment import Shipment
from tests.conftest import propose

_CASES = yaml.safe_load((Path(__file__).parent / "reported.yaml").read_text(encoding="utf-8"))[
    "cases"
]
_FLAGGED = [case for case in _CASES if case["flagged_by"]]


def _shipment(case: dict[str, Any], honest: bool = False) -> Shipment:
    options = {key: value for key, value in case["declared"].items() if key != "line"}
    line = dict(case["declared"]["line"])
    if honest:
        changes = dict(case["honest"])
        line |= changes.pop("line", {})
        options |= changes
    options["day"] = str(options["day"])
    parties = options.pop("parties", [])
    request = propose({k: v for k, v in line.items() if v is not None}, **options)
    request["parties"] += parties
    return msgspec.json.decode(orjson.dumps(request), type=Shipment)


def _decide(
    case: dict[str, Any], evaluator: Evaluator, honest: bool = False, language: str = "en"
) -> dict[str, Any]:
    shipment = _shipment(case, honest)
    assert shipment.export_date is not None
    looked_up = evaluator.look_up(shipment)
    if not honest:
        looked_up = replace(looked_up, history=_history(case))
    evaluation = evaluator.evaluate(shipment, shipment.export_date, looked_up)
    return render(evaluation, evaluator.version, shipment, language)  # type: ignore[arg-type]


def _history(case: dict[str, Any]) -> History:
    corridors, goods = [], []
    if "parcels" in case:
        corridors.append(
            Corridor(
                scope="consignee", to="rhein", material="lutetium", shipments_30d=case["parcels"]
            )
        )
    if "entries" in case:
        days = tuple(date.fromisoformat(str(day)) for day in case["entries"])
        goods.append(SeenGoods(line=1, days=days))
    return History(corridors=tuple(corridors), goods=tuple(goods))


def _flags(answer: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in answer["reasons"] if "severity" in reason]


@pytest.mark.parametrize("case", _FLAGGED, ids=lambda c: c["id"])
def test_as_declared_it_is_held_for_a_person(case: dict[str, Any], evaluator: Evaluator) -> None:
    answer = _decide(case, evaluator)

    assert answer["outcome"] == "deny"
    assert case["flagged_by"] in _flags(answer), _flags(answer)
    flag = next(r for r in answer["reasons"] if r["rule"] == case["flagged_by"])
    assert flag["matched"]
    assert flag["remedy"]
    assert "{" not in flag["message"]
    if "asked_for" in case:
        assert any(case["asked_for"] in reason["message"] for reason in answer["reasons"])


@pytest.mark.parametrize(
    "case", [c for c in _FLAGGED if "honest" in c or "entries" in c], ids=lambda c: c["id"]
)
def test_its_honest_twin_is_not_flagged(case: dict[str, Any], evaluator: Evaluator) -> None:
    answer = _decide(case | {"honest": case.get("honest", {})}, evaluator, honest=True)
    assert _flags(answer) == []


@pytest.mark.parametrize("case", [c for c in _CASES if not c["flagged_by"]], ids=lambda c: c["id"])
def test_what_was_truthful_needs_a_licence_and_raises_no_flag(
    case: dict[str, Any], evaluator: Evaluator
) -> None:
    answer = _decide(case, evaluator)
    assert answer["disposition"] == case["is"]
    assert _flags(answer) == []


@pytest.mark.parametrize("case", _FLAGGED, ids=lambda c: c["id"])
def test_flags_speak_three_languages(case: dict[str, Any], evaluator: Evaluator) -> None:
    said = [
        next(
            reason["message"]
            for reason in _decide(case, evaluator, language=language)["reasons"]
            if reason["rule"] == case["flagged_by"]
        )
        for language in ("en", "zh", "fr")
    ]
    assert len(set(said)) == 3
