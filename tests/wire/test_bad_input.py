"""Refused requests: the status, every fault with its place, and nothing recorded."""

from __future__ import annotations

import copy
import io
from typing import Any

import orjson
import pytest

from tests.conftest import Api, propose
from tests.wire.test_evaluations import TRIOXIDE, recorded


def changed(path: str, value: Any) -> dict[str, Any]:
    """A good request with one value changed."""
    request: Any = propose(copy.deepcopy(TRIOXIDE))
    *steps, last = path.strip("/").split("/")
    inner = request
    for step in steps:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return request


FAULTS: list[tuple[str, Any, str]] = [
    ("/colour", "red", "/colour"),
    ("/lines/0/colour", "red", "/lines/0/colour"),
    ("/parties/0/colour", "red", "/parties/0/colour"),
    ("/route/destination", "XX", "/route/destination"),
    ("/route/destination", "de", "/route/destination"),
    ("/route/destination", 5, "/route/destination"),
    ("/route/transit", ["TH", "ZZ"], "/route/transit/1"),
    ("/parties/0/country", "UK", "/parties/0/country"),
    ("/parties/0/role", "boss", "/parties/0/role"),
    ("/parties/0/name", "", "/parties/0/name"),
    ("/parties/0/name", "x" * 10_001, "/parties/0/name"),
    ("/parties/0/name", "a\u0007b", "/parties/0/name"),
    ("/parties/1/name", "\u202enitraM deehkcoL\u202c", "/parties/1/name"),
    ("/parties/1/name", "Lock\U000e0041heed", "/parties/1/name"),
    ("/parties/1/owners", [{"name": "\u202dLeidos"}], "/parties/1/owners/0/name"),
    ("/lines/0/description", "Anti\U000e0041mony", "/lines/0/description"),
    ("/lines/0/hs_code", "2825800", "/lines/0/hs_code"),
    ("/lines/0/hs_code", 2825800010, "/lines/0/hs_code"),
    ("/lines/0/hs_code", "28258000١٠", "/lines/0/hs_code"),
    ("/lines/0/form", "liquid", "/lines/0/form"),
    ("/lines/0/purity_pct", 100.1, "/lines/0/purity_pct"),
    ("/lines/0/purity_pct", -1, "/lines/0/purity_pct"),
    ("/lines/0/purity_pct", "NaN", "/lines/0/purity_pct"),
    ("/lines/0/purity_pct", "Infinity", "/lines/0/purity_pct"),
    ("/lines/0/purity_pct", True, "/lines/0/purity_pct"),
    ("/lines/0/purity_pct", "much", "/lines/0/purity_pct"),
    ("/lines/0/purity_pct", "99." + "9" * 40, "/lines/0/purity_pct"),
    ("/lines/0/net_mass_kg", "1e400", "/lines/0/net_mass_kg"),
    ("/lines/0/net_mass_kg", float("1e308"), "/lines/0/net_mass_kg"),
    ("/lines/0/purity_pct", 0, "/lines/0/purity_pct"),
    ("/lines/0/particle_size_um", "0.0", "/lines/0/particle_size_um"),
    ("/lines/0/dimensions_mm", {"length": 0, "width": 5}, "/lines/0/dimensions_mm/length"),
    (
        "/lines/0/dimensions_mm",
        {"diameter": 10, "inner_diameter": 65, "wall": 30},
        "/lines/0/dimensions_mm/inner_diameter",
    ),
    ("/lines/0/dimensions_mm", {"diameter": 10, "wall": 6}, "/lines/0/dimensions_mm/wall"),
    ("/lines/0/description", " .\u200b", "/lines/0/description"),
    ("/lines/0/value", {"amount": 5, "currency": "XXQ"}, "/lines/0/value/currency"),
    ("/lines/0/composition", [{"element": "Xx", "mass_pct": 5}], "/lines/0/composition/0/element"),
    (
        "/lines/0/composition",
        [{"element": "Sb", "mass_pct": 101}],
        "/lines/0/composition/0/mass_pct",
    ),
    (
        "/lines/0/composition",
        [{"element": "Sb", "mass_pct": 60}, {"element": "O", "mass_pct": 41}],
        "/lines/0/composition",
    ),
    (
        "/lines/0/composition",
        [{"element": "Sb", "mass_pct": 10}, {"element": "Sb", "mass_pct": 10}],
        "/lines/0/composition/1/element",
    ),
    ("/lines/0/gross_mass_kg", 900, "/lines/0/net_mass_kg"),
    ("/lines/0/line", 0, "/lines/0/line"),
    ("/lines/0/line", 1.5, "/lines/0/line"),
    ("/lines/0/line", "1", "/lines/0/line"),
    ("/lines/0/packages", -1, "/lines/0/packages"),
    ("/lines/0/value", {"amount": 5, "currency": "dollars"}, "/lines/0/value/currency"),
    ("/lines/0/properties", {"Density!": 5}, "/lines/0/properties/Density!"),
    ("/lines/0/dimensions_mm", {"length": "long"}, "/lines/0/dimensions_mm/length"),
    ("/export_date", "2026-02-30", "/export_date"),
    ("/export_date", "23.11.2026", "/export_date"),
    ("/export_date", "2026-11-23T00:00:00Z", "/export_date"),
    ("/end_use", {"category": "peaceful"}, "/end_use/category"),
    ("/end_use", [], "/end_use"),
    ("/reference", None, "/reference"),
    ("/parties", [], "/parties"),
    ("/lines", [], "/lines"),
    ("/lines", {"line": 1}, "/lines"),
    (
        "/parties/0/owners",
        [{"name": "A", "share_pct": 60}, {"name": "B", "share_pct": 41}],
        "/parties/0/owners",
    ),
]


@pytest.mark.parametrize(("path", "value", "pointer"), FAULTS, ids=lambda v: str(v)[:40])
def test_a_fault_is_named_with_its_place(api: Api, path: str, value: Any, pointer: str) -> None:
    response = api.post(changed(path, value))

    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"
    assert pointer in [fault["pointer"] for fault in response.json["errors"]]
    assert all(fault["message"] for fault in response.json["errors"])
    assert recorded(api) == 0


def test_every_fault_is_named_at_once_in_the_callers_language(api: Api) -> None:
    body = changed("/route/destination", "XX")
    body["colour"] = "red"
    body["lines"] = [
        {"line": 1, "hs_code": "1234567", "composition": [{"element": "Sb", "mass_pct": 200}]},
        {"line": 1, "purity_pct": "NaN"},
    ]
    del body["reference"]
    said = {}
    for language in ("en", "zh", "fr"):
        errors = api.post(body, Accept_Language=language).json["errors"]
        said[language] = {fault["pointer"]: fault["message"] for fault in errors}
        assert set(said[language]) == {
            "/colour",
            "/reference",
            "/route/destination",
            "/lines/0/hs_code",
            "/lines/0/composition/0/mass_pct",
            "/lines/1/line",
            "/lines/1/purity_pct",
            "/lines/1/description",
        }
    assert "1234567" in said["en"]["/lines/0/hs_code"]
    assert len({str(messages) for messages in said.values()}) == 3


def test_two_lines_with_one_number_are_refused(api: Api) -> None:
    body = propose(TRIOXIDE)
    body["lines"] *= 2
    response = api.post(body)
    assert response.json["errors"][0]["pointer"] == "/lines/1/line"


@pytest.mark.parametrize(("lines", "status"), [(1000, 201), (1001, 422)])
def test_a_thousand_lines_and_no_more(api: Api, lines: int, status: int) -> None:
    body = propose()
    body["lines"] = [{"line": n, "hs_code": "740311"} for n in range(1, lines + 1)]
    assert api.post(body).status_code == status


@pytest.mark.parametrize("missing", [("exporter",), ("consignee",)])
def test_the_parties_a_shipment_needs(api: Api, missing: tuple[str, ...]) -> None:
    body = propose()
    body["parties"] = [p for p in body["parties"] if p["role"] not in missing]
    assert api.post(body).json["errors"][0]["pointer"] == "/parties"


def send(api: Api, data: bytes, content_type: str = "application/json") -> Any:
    return api.client.post(
        "/v1/evaluations", data=data, headers=api.key() | {"Content-Type": content_type}
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"reference": NaN}',
        b"\xff\xfe",
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b"{'a': 1}",
        b'{"reference": "a", "reference": "b"}',
    ],
    ids="empty,cut,NaN,not UTF-8,deep objects,deep lists,single quotes,key twice".split(","),
)
def test_malformed_json_is_400(api: Api, data: bytes) -> None:
    response = send(api, data)
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert recorded(api) == 0


@pytest.mark.parametrize("data", [b"[]", b"5", b'"text"', b"null", b"true"])
def test_json_that_is_no_object_is_422(api: Api, data: bytes) -> None:
    assert send(api, data).status_code == 422


def test_more_than_a_mebibyte_is_413(api: Api) -> None:
    body = propose()
    body["end_use"]["description"] = "x" * 1024 * 1024
    assert send(api, orjson.dumps(body)).status_code == 413


def test_a_number_beyond_all_numbers_is_named(api: Api) -> None:
    body = orjson.dumps(propose(TRIOXIDE)).replace(
        b'"net_mass_kg":1000', b'"net_mass_kg":1e999999999999999999999'
    )
    refused = send(api, body)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/lines/0/net_mass_kg"


@pytest.mark.parametrize("spare", [b"", b"\\u003a"])
def test_a_figure_given_twice_is_refused_not_chosen(api: Api, spare: bytes) -> None:
    body = orjson.dumps(propose(TRIOXIDE)).replace(
        b'"purity_pct":99.99', b'"purity_pct":99.99,"purity_pct":99.5'
    )
    refused = send(api, body.replace(b"SO-1", b"SO-1" + spare))
    assert refused.status_code == 400
    assert "purity_pct" in refused.json["detail"]


def test_one_shipment_has_one_exporter(api: Api) -> None:
    body = propose()
    body["parties"].append({"role": "exporter", "name": "Other", "country": "CN"})
    assert api.post(body).json["errors"][0]["pointer"] == "/parties"


@pytest.mark.parametrize("beyond", [b" ", b" garbage}}}"])
def test_a_body_in_pieces_is_too_large_all_the_same(api: Api, beyond: bytes) -> None:
    whole = orjson.dumps(propose())
    body = whole + b" " * (1024 * 1024 - len(whole)) + beyond
    response = api.client.post(
        "/v1/evaluations",
        input_stream=io.BytesIO(body),
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        headers=api.key() | {"Content-Type": "application/json"},
    )
    assert response.status_code == 413
    assert recorded(api) == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "multipart/form-data"])
def test_what_is_not_json_is_415(api: Api, kind: str) -> None:
    assert send(api, orjson.dumps(propose()), kind).status_code == 415


@pytest.mark.parametrize("query", ["?dryrun=true", "?dry_run=yes", "?dry_run=true&dry_run=true"])
def test_parameters_that_do_not_exist_are_refused(api: Api, query: str) -> None:
    assert api.post(propose(), query).status_code == 422
    assert recorded(api) == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/v1/evaluations", 405), ("GET", "/v1/decisions/x", 404)],
)
def test_other_errors_are_problems_too(api: Api, method: str, path: str, status: int) -> None:
    response = api.client.open(path, method=method, headers=api.key())
    assert response.status_code == status
    assert response.json["status"] == status


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é"])
def test_unusable_idempotency_keys_are_400(api: Api, key: str) -> None:
    assert api.post(propose(), Idempotency_Key=key).status_code == 400


def test_unusual_but_right_requests_are_taken(api: Api) -> None:
    body = changed("/lines/0/purity_pct", "99.99")
    body["lines"][0]["description"] = "三氧化二锑 🧪\nsecond line"
    body["lines"][0]["net_mass_kg"] = "1000.000"
    body["parties"][0]["name"] = "شركة" * 2_000
    body["documents"] = None
    assert api.post(body).status_code == 201


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 415, 422])
def test_refusals_speak_the_callers_language(api: Api, status: int) -> None:
    def ask(language: str) -> Any:
        headers = api.key("auditor" if status == 403 else "erp") | {"Accept-Language": language}
        match status:
            case 400:
                headers["Content-Type"] = "application/json"
                return api.client.post("/v1/evaluations", data=b"{", headers=headers)
            case 401:
                return api.client.get("/v1/rule-sets", headers={"Accept-Language": language})
            case 404:
                return api.client.get("/v1/decisions/x", headers=headers)
            case 405:
                return api.client.delete("/v1/evaluations", headers=headers)
            case 415:
                return api.client.post("/v1/evaluations", data=b"{", headers=headers)
            case _:
                body = {} if status == 422 else propose()
                return api.client.post("/v1/evaluations", json=body, headers=headers)

    answers = [ask(language) for language in ("en", "zh", "fr")]
    assert [answer.status_code for answer in answers] == [status] * 3
    assert len({answer.json["title"] for answer in answers}) == 3
    assert [answer.headers["Content-Language"] for answer in answers] == ["en", "zh", "fr"]
