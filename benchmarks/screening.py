"""Screening of names: what it finds and what it leaves alone, and what a name costs.

Beside it stands rapidfuzz's plain `token_sort_ratio` over all names, at the threshold that suits
it best.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import fmean, median

import yaml
from anyascii import anyascii
from rapidfuzz import fuzz, process, utils

from api.rulebook.parties import ListedParty, Screening
from api.rulebook.values import Period
from api.screening.screener import Screener
from benchmarks.company_names import Maker, Party, innocent
from benchmarks.figures import Figure
from benchmarks.spoiling import spoilt

ROOT = Path(__file__).parent.parent
SEED = 20261123
QUALITY_LISTED = 10_000
SPOILT = INNOCENT = 5_000
SIZES = (500, 50_000, 1_000_000)
ALWAYS = Period(date(2025, 1, 1), None)
# Brute force gets so many of the innocent names: its precision needs no more to be told.
BRUTE_INNOCENT = 5_000


def settings() -> Screening:
    """The thresholds and words of the fixture."""
    raw = yaml.safe_load((ROOT / "fixtures" / "screening.yaml").read_text("utf-8"))
    points = {name: Decimal(value) for name, value in raw["points"].items()}
    return Screening(
        **points, legal_forms=tuple(raw["legal_forms"]), common_words=tuple(raw["common_words"])
    )


def listed(
    id_: str, names: tuple[str, ...], country: str | None, hints: tuple[str, ...] = ()
) -> ListedParty:
    """A listed party of that name."""
    return ListedParty(
        id_, id_, "benchmark", names, hints, country, (), False, ALWAYS, "memory", ()
    )


def listed_of(parties: Sequence[Party]) -> list[ListedParty]:
    """The parties as listed, in English and where they have one by their Chinese name."""
    return [
        listed(str(n), (p.name, p.chinese) if p.chinese else (p.name,), p.country)
        for n, p in enumerate(parties)
    ]
