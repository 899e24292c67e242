"""The law's cases as officers write them (cn.yaml), decided by the real rules."""

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

_FILE = yaml.safe_load((Path(__file__).parent / "cn.yaml").read_text(encoding="utf-8"))


def _id(case: dict[str, Any]) -> str:
    return f"{case['goods']} {case.get('with', '')} {case.get('to', 'DE')} {case.get('day', '')}"


def decide(case: dict[str, Any], evaluator: Evaluator, language: str = "en") -> dict[str, Any]:
    goods = _FILE["goods"][case["goods"]] | case.get("with", {})
    goods = {k: v for k, v in goods.items() if v is not None}
    options = {k: v for k, v in case.items() if k in ("to", "use", "end_user", "departure")}
    if "qualifications" in case:
        options["qualifications"] = tuple(case["qualifications"])
    request = propose(goods, day=str(case.get("day", "2026-11-23")), **options)
    shipment = msgspec.json.decode(orjson.dumps(request), type=Shipment)
    assert shipment.export_date is not None
    evaluation = evaluator.evaluate(shipment, shipment.export_date)
    return render(evaluation, evaluator.version, shipment, language)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", _FILE["cases"], ids=_id)
def test_the_law_decides(case: dict[str, Any], evaluator: Evaluator) -> None:
    answer = decide(case, evaluator)

    assert answer["disposition"] == case["is"], answer["reasons"]
    allowed = case["is"] in ("not_controlled", "licensed", "exempt")
    assert answer["outcome"] == ("allow" if allowed else "deny")
    said = orjson.dumps(answer["reasons"]).decode()
    assert case.get("reason", "") in said
    codes = [warning["code"] for warning in answer["warnings"]]
    assert ("law_uncertain" in codes) == (case.get("warning") == "law_uncertain")
    assert ("before_known_law" in codes) == (case.get("warning") == "before_known_law")
    ahead = [f"{prospect['from']} {prospect['disposition']}" for prospect in answer["outlook"]]
    assert set(case.get("outlook", ())) <= set(ahead)


@pytest.mark.parametrize("case", _FILE["cases"], ids=_id)
def test_every_answer_has_reasons_in_three_languages(
    case: dict[str, Any], evaluator: Evaluator
) -> None:
    texts = []
    for language in ("en", "zh", "fr"):
        answer = decide(case, evaluator, language)
        assert answer["reasons"]
        assert all("{" not in reason["message"] for reason in answer["reasons"])
        texts.append([reason["message"] for reason in answer["reasons"]])
    assert len(texts[0]) == len(texts[1]) == len(texts[2])
    assert texts[0] != texts[1] != texts[2]


def test_the_outlook_is_what_the_same_shipment_gets_on_those_days(evaluator: Evaluator) -> None:
    for case in _FILE["cases"]:
        for prospect in decide(case, evaluator)["outlook"]:
            later = decide(case | {"day": prospect["from"]}, evaluator)
            assert later["disposition"] == prospect["disposition"]
