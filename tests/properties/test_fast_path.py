"""The fast way of reading a request takes nothing the schema refuses, and reads it the same."""

from __future__ import annotations

import copy
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from api.canonical import read_json
from api.shipment import Shipment
from api.web import fast
from api.web.schemas import ShipmentSchema

SCHEMA = ShipmentSchema()

FULL: dict[str, Any] = {
    "reference": "SO-1",
    "export_date": "2026-11-23",
    "route": {"origin": "CN", "departure": "CN", "transit": ["TH"], "destination": "MX"},
    "end_use": {"category": "civil", "description": "masterbatch"},
    "parties": [
        {
            "role": "exporter",
            "name": "长沙 Antimony Co",
            "country": "CN",
            "identifiers": [{"type": "uscc", "value": "91430000"}],
            "qualifications": ["state_trading:antimony"],
            "business": "manufacturer",
            "website": "example.cn",
            "customer_since": "2020-01-01",
        },
        {
            "role": "end_user",
            "name": "Z",
            "country": "US",
            "owners": [{"name": "P", "country": "US", "share_pct": 60, "owners": [{"name": "Q"}]}],
        },
    ],
    "lines": [
        {
            "line": 1,
            "description": "Antimony trioxide",
            "hs_code": "2825800010",
            "form": "oxide",
            "composition": [{"element": "Sb", "mass_pct": 83.5}],
            "purity_pct": "99.99",
            "particle_size_um": 5,
            "net_mass_kg": 20000,
            "gross_mass_kg": 20400.5,
            "volume_m3": 20,
            "dimensions_mm": {"length": 1, "diameter": 2.5},
            "properties": {"density_g_cm3": 5.2},
            "crystal": "poly",
            "packages": 800,
            "quantity": {"value": 20, "unit": "t"},
            "value": {"amount": "470000.00", "currency": "USD"},
            "origin": "CN",
            "declared_code": "1C902",
            "model": "A",
            "content": [{"origin": "CN", "material": "dysprosium", "value_pct": 0.4}],
            "sample": False,
        }
    ],
    "licences": ["L-1"],
    "transport_mode": "sea",
    "trade_mode": "0110",
    "documents": {"bill_of_lading_description": "x", "amended_after_release": True},
    "submitted_by": "erp-7",
}

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.text(st.sampled_from("A\u202a\u202d\u202e\U000e0041\u200b"), max_size=5),
    st.sampled_from(
        ["NaN", "Infinity", "1e400", " 1 ", "1_0", "١", "CN", "zz", "2026-02-30", "US", "0", "100"]
    ),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just({"extra": 1}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inner:
        found += places(item, (*path, key))
    return found


PLACES = places(FULL)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    body = copy.deepcopy(FULL)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(PLACES))
        inner: Any = body
        try:
            for step in path[:-1]:
                inner = inner[step]
            match draw(st.sampled_from(["change", "drop", "double", "add"])):
                case "change":
                    inner[path[-1]] = draw(ODD)
                case "drop":
                    del inner[path[-1]]
                case "double" if isinstance(inner, list):
                    inner.append(copy.deepcopy(inner[path[-1]]))
                case "add" if isinstance(inner, dict):
                    inner[draw(st.sampled_from(["extra", "line", "name"]))] = draw(ODD)
        except (KeyError, IndexError, TypeError):
            continue
    return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS) if _plain(body) else b"{}"


def _plain(body: Any) -> bool:
    try:
        orjson.dumps(body)
    except (TypeError, orjson.JSONEncodeError):
        return False
    return True


def by_schema(body: bytes) -> Shipment | None:
    try:
        loaded: Shipment = SCHEMA.load(read_json(body))
    except (ValidationError, ValueError):
        return None
    return loaded


def test_the_usual_request_is_read_fast_and_the_same() -> None:
    body = orjson.dumps(FULL)
    assert fast.load(body) is not None
    assert fast.load(body) == by_schema(body)


@settings(max_examples=1500)
@given(requests())
def test_what_is_read_fast_is_what_the_schema_reads(body: bytes) -> None:
    read = fast.load(body)
    if read is not None:
        assert read == by_schema(body)
    assert fast.load_by_pieces(body, fast.line, fast.party) == read


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_declined(body: bytes) -> None:
    assert fast.load(body) == fast.load_by_pieces(body, fast.line, fast.party)
