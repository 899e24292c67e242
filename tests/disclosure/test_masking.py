"""Masked values never show, and still match; what is not masked is as it was."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.disclosure.masking import Disclosure, Masks
from api.disclosure.reading import read_disclosure
from api.rulebook.read import RuleFileError
from api.web.disclosable import disclosable_paths


def keyed(data: bytes) -> bytes:
    return hmac.digest(b"secret", data, hashlib.sha256)


def masks(*paths: str) -> Masks:
    return Disclosure({"auditor": paths}).masks("auditor", keyed)


REQUEST: dict[str, Any] = {
    "reference": "SO-1",
    "submitted_by": "deny",
    "parties": [
        {"role": "exporter", "name": "Hunan Metals Co", "address": "1 Road"},
        {"role": "consignee", "name": "Li"},
    ],
    "lines": [{"line": 1, "value": {"amount": "470000.00", "currency": "USD"}}],
}
ANSWER: dict[str, Any] = {
    "outcome": "deny",
    "reasons": [{"rule": "r", "message": "Hunan Metals Co is like a listed party."}],
    "screening": [{"party": 2, "name": "Li", "hits": []}],
}
ROW = {"index": 3, "reference": "SO-1", "exporter": "Hunan Metals Co", "outcome": "deny"}


def test_equal_values_have_equal_hashes_and_others_have_others() -> None:
    mask = masks("/lines/*/value")

    def masked(amount: Any, currency: str = "USD") -> Any:
        value = {"amount": amount, "currency": currency}
        return mask.apply({"lines": [{"line": 1, "value": value}]}, None, {}).request

    assert masked("470000.00") == masked(470000) == masked(Decimal("470000.0"))
    assert masked("470000.01") != masked("470000.00") != masked("470000.00", "EUR")
    assert masked("1")["lines"][0]["line"] == 1
    assert masked("1")["lines"][0]["value"].startswith("masked:")


def test_a_masked_name_is_masked_wherever_it_is_quoted() -> None:
    shown = masks("/parties/*/name").apply(REQUEST, ANSWER, ROW)
    name = shown.request["parties"][0]["name"]
    assert name.startswith("masked:")
    assert shown.row["exporter"] == name
    assert shown.answer["reasons"][0]["message"] == f"{name} is like a listed party."
    assert shown.answer["screening"][0]["name"] == shown.request["parties"][1]["name"] != "Li"
    assert shown.answer["masked"] == ["/parties/*/name"]
    assert "Hunan" not in json.dumps([shown.request, shown.answer, shown.row])


def test_a_name_that_is_a_word_of_the_service_hides_no_outcome() -> None:
    shown = masks("/submitted_by").apply(REQUEST, ANSWER, ROW)
    assert shown.request["submitted_by"].startswith("masked:")
    assert shown.answer["outcome"] == shown.row["outcome"] == "deny"


def test_what_is_told_of_an_earlier_shipment_is_masked_like_this_one() -> None:
    differences = [
        {"field": "/lines/1/value", "before": "100.5", "after": "470000"},
        {"field": "/parties/consignee", "before": '[{"name":"Other Ltd"}]', "after": "[]"},
        {"field": "/lines/1/hs_code", "before": "7403111100", "after": None},
    ]
    reason = {
        "message": "Denied before as SO-0.",
        "matched": {"history.retry_of": "SO-0"},
        "earlier": {"decision": "d", "reference": "SO-0"},
        "differences": differences,
    }
    mask = masks("/reference", "/lines/*/value", "/parties/*/name")
    shown = mask.apply(REQUEST, {"reasons": [reason]}, ROW).answer["reasons"][0]
    for told in ("SO-0", "100.5", "470000", "Other"):
        assert told not in json.dumps(shown)
    assert shown["earlier"]["reference"] == shown["matched"]["history.retry_of"]
    assert shown["differences"][2] == differences[2]


def test_what_is_given_is_not_changed_and_what_is_absent_is_not_said() -> None:
    before = json.dumps([REQUEST, ANSWER, ROW])
    shown = masks("/parties/*/website", "/parties/1/name").apply(REQUEST, ANSWER, ROW)
    assert json.dumps([REQUEST, ANSWER, ROW]) == before
    assert shown.request["parties"][0] == REQUEST["parties"][0]
    assert shown.answer["masked"] == ["/parties/1/name"]


def test_who_is_not_named_sees_everything() -> None:
    assert not Disclosure({"auditor": ("/reference",)}).masks("erp", keyed)


@given(st.text(min_size=1, max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_message_keeps_a_masked_name(name: str, before: str, after: str) -> None:
    request = {"parties": [{"name": name}]}
    answer = {"reasons": [{"message": before + name + after}], "screening": [{"name": name}]}
    shown = masks("/parties/*/name").apply(request, answer, {"exporter": name})
    hidden = shown.request["parties"][0]["name"]
    assert shown.row["exporter"] == shown.answer["screening"][0]["name"] == hidden
    if len(name) >= 4:
        assert hidden in shown.answer["reasons"][0]["message"]


GOOD = "officer: []\nadmin: []\nauditor: [/parties/*/address]\n"


def test_a_file_of_ones_own_replaces_the_default(tmp_path: Path) -> None:
    default = read_disclosure(tmp_path, disclosable_paths())
    assert "/lines/*/value" in default.masks("auditor", keyed).paths
    assert not default.masks("officer", keyed)
    (tmp_path / "disclosure.yaml").write_text(GOOD)
    own = read_disclosure(tmp_path, disclosable_paths())
    assert own.masks("auditor", keyed).paths == ("/parties/*/address",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("address", "adress"), "3:11: `/parties/*/adress` is no field"),
        (GOOD.replace("/parties/*/address", "/masked"), "no field"),
        (GOOD.replace("[/parties/*/address]", "[parties]"), "is not a path such as"),
        (GOOD.replace("admin", "admins"), "did you mean `admin`?"),
        (GOOD.replace("auditor: [/parties/*/address]\n", ""), "`auditor` is missing"),
        (GOOD.replace("[]", "all", 1), "1:1: `all` stands where a list belongs"),
        ("", "the file is empty"),
        ("- x\n", "a list stands where a mapping belongs"),
        ("officer: [\n", "not YAML"),
    ],
)
def test_every_mistake_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "disclosure.yaml").write_text(text)
    with pytest.raises(RuleFileError) as error:
        read_disclosure(tmp_path, disclosable_paths())
    assert "disclosure.yaml:" in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "path",
    [
        "/parties/*/owners/*/name",
        "/lines/1/properties/density_g_cm3",
        "/reasons/*/matched/papers.usd_per_kg",
        "/screening/*/hits",
        "/parties/*/owners/*/owners/*/name",
    ],
)
def test_fields_of_request_and_answer_can_be_masked(tmp_path: Path, path: str) -> None:
    (tmp_path / "disclosure.yaml").write_text(GOOD.replace("/parties/*/address", path))
    assert read_disclosure(tmp_path, disclosable_paths()).masks("auditor", keyed).paths == (path,)
