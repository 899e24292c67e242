"""What a company is known by, whatever stands behind its name."""

from __future__ import annotations

import pytest

from api.flows.names import Names
from benchmarks.nasty import NASTY
from tests.conftest import Api, on_sqlite_only, propose
from tests.screening.conftest import read_settings

NAMES = Names(read_settings())


@pytest.mark.parametrize(
    "site", [", Werk 2", " (Plant no. 3)", ", Depot, Branch 7", "第二工厂", " no 1 no 2"]
)
@pytest.mark.parametrize("between", ["", " " * 9_900, "," * 9_900, " - (" * 2_400])
def test_a_site_makes_no_other_company(site: str, between: str) -> None:
    assert NAMES.key(f"X Polymers GmbH{between}{site}") == NAMES.key("X Polymers GmbH")


def test_a_name_that_is_all_site_is_kept() -> None:
    assert NAMES.key("Werk 2") == "2 werk"


@on_sqlite_only
@pytest.mark.parametrize("kind", NASTY)
def test_a_party_of_any_name_is_decided_on_or_refused(api: Api, kind: str) -> None:
    body = propose()
    body["parties"][1]["name"] = NASTY[kind]
    # Lone surrogates are sent as JSON escapes.
    assert api.post(body, "?dry_run=true").status_code in (200, 422)
