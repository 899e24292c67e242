"""Owners of parties in a request: how deep, how many, and no one above himself."""

from __future__ import annotations

from typing import Any

import pytest

from api.web.values import MOST_OWNERS, OWNER_LEVELS
from tests.conftest import Api, propose

PATHS = ["/v1/evaluations", "/v1/screenings"]


def chain(levels: int) -> list[Any]:
    owners: list[Any] = []
    for n in range(levels):
        owners = [{"name": f"Holding {n}", **({"owners": owners} if owners else {})}]
    return owners


def wide(parties: int, owners: int) -> list[Any]:
    own = [{"name": f"Holder {n}"} for n in range(owners)]
    return [{"role": "notify_party", "name": f"P {n}", "owners": own} for n in range(parties)]


def ask(api: Api, path: str, parties: list[Any]) -> Any:
    body: dict[str, Any] = {"parties": parties}
    if path == "/v1/evaluations":
        body = propose()
        body["parties"] += parties
    return api.client.post(path, json=body, headers=api.key())


def offset(path: str) -> int:
    return len(propose()["parties"]) if path == "/v1/evaluations" else 0


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("levels", [OWNER_LEVELS + 1, 99, 400])
def test_a_chain_too_deep_is_refused_by_name(api: Api, path: str, levels: int) -> None:
    owners = chain(levels)
    response = ask(api, path, [{"role": "notify_party", "name": "Acme", "owners": owners}])
    assert response.status_code == 422
    pointers = [fault["pointer"] for fault in response.json["errors"]]
    assert pointers == [f"/parties/{offset(path)}/owners"]


@pytest.mark.parametrize("path", PATHS)
def test_a_chain_as_deep_as_is_read_is_taken(api: Api, path: str) -> None:
    owners = chain(OWNER_LEVELS)
    response = ask(api, path, [{"role": "notify_party", "name": "Acme", "owners": owners}])
    assert response.status_code in (200, 201)


@pytest.mark.parametrize("path", PATHS)
def test_owners_are_bounded_in_sum(api: Api, path: str) -> None:
    assert ask(api, path, wide(5, MOST_OWNERS // 10)).status_code in (200, 201)
    response = ask(api, path, wide(11, MOST_OWNERS // 10))
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json["errors"]] == ["/parties"]
    assert str(MOST_OWNERS) in response.json["errors"][0]["message"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "above",
    ["B Limited", "Ｂ Ltd", "b  ltd.", "B, LTD", "B́ Ltd"],
)
def test_nobody_owns_himself_however_he_is_written(api: Api, path: str, above: str) -> None:
    owners = [{"name": "C Inc", "owners": [{"name": above}]}]
    response = ask(api, path, [{"role": "notify_party", "name": "B Ltd", "owners": owners}])
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == f"/parties/{offset(path)}/owners"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("Acme GmbH", "Acme AG"),
        ("Alpha Trading Ltd", "Alpha Holding Ltd"),
        ("青山公司", "青山集团"),
    ],
)
def test_a_company_may_be_owned_by_one_of_a_like_name(
    api: Api, path: str, name: str, owner: str
) -> None:
    party = {"role": "notify_party", "name": name, "owners": [{"name": owner}]}
    assert ask(api, path, [party]).status_code in (200, 201)


def test_odd_owners_are_faults_and_not_failures(api: Api) -> None:
    for owners in ("x", {"name": "A"}, [1], [{"name": "A", "owners": 5}], [[[]]]):
        response = ask(api, "/v1/screenings", [{"name": "Acme", "owners": owners}])
        assert response.status_code == 422
        assert response.json["errors"][0]["pointer"].startswith("/parties/0/owners")
