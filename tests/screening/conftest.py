"""A sample of published names, innocent ones, and the settings of screening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from api.rulebook.parties import ListedParty, Screening
from api.rulebook.values import Period
from api.screening.screener import Screener
from tests.conftest import ROOT

_PERIOD = Period(date(2025, 1, 2))


def _yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def read_settings() -> Screening:
    raw = _yaml("rules/cn/screening.yaml")
    points = {name: Decimal(value) for name, value in raw["points"].items()}
    return Screening(
        **points, legal_forms=tuple(raw["legal_forms"]), common_words=tuple(raw["common_words"])
    )


def party(id_: str, *names: str, **others: Any) -> ListedParty:
    """A listed party by its names; the rest as nothing is known of it."""
    plain = ListedParty(id_, id_, "a-list", names, (), None, (), False, _PERIOD, "double", ())
    return replace(plain, **others)


def read_published() -> tuple[ListedParty, ...]:
    return tuple(
        party(
            id_,
            *raw["names"],
            country=raw["country"],
            hints=tuple(raw.get("hints", ())),
            full_name_only=raw.get("full_name_only", False),
        )
        for id_, raw in _yaml("tests/screening/published.yaml").items()
    )


def read_innocent() -> list[tuple[str, str]]:
    """Names of nobody on a list, with their countries."""
    return [
        (name, country)
        for country, names in _yaml("fixtures/innocent-names.yaml").items()
        for name in names
    ]


def ids(hits: Sequence[Any]) -> list[str]:
    return [hit.listed.id for hit in hits]


@pytest.fixture(scope="session")
def screening() -> Screening:
    return read_settings()


@pytest.fixture(scope="session")
def published() -> tuple[ListedParty, ...]:
    return read_published()


@pytest.fixture(scope="session")
def screener(published: tuple[ListedParty, ...], screening: Screening) -> Screener:
    return Screener(published, screening)
