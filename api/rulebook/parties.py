"""Listed entities as published, and how names are compared with theirs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from api.rulebook.values import Period, Verified


@dataclass(frozen=True)
class ListedParty:
    """One entity on an instrument's list, and how it is recognised.

    `hints` are abbreviations of our own that count only as the whole name; `full_name_only` asks
    for the name as published, for names close to ordinary words.
    """

    id: str
    entity: str
    instrument: str
    names: tuple[str, ...]
    hints: tuple[str, ...]
    country: str | None
    identifiers: tuple[tuple[str, str], ...]
    full_name_only: bool
    period: Period
    verified: Verified
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Screening:
    """How names are compared: points of 100 from where on two are alike, and what else adds.

    `same_at_least` is where a hit counts as the listed party itself; below it a person looks.
    """

    hit_at_least: Decimal
    same_at_least: Decimal
    country_agrees: Decimal
    country_differs: Decimal
    identifier_agrees: Decimal
    identifier_differs: Decimal
    legal_forms: tuple[str, ...]
    common_words: tuple[str, ...]


_ALL = Decimal(100)
NO_SCREENING = Screening(_ALL, _ALL, Decimal(0), Decimal(0), Decimal(0), Decimal(0), (), ())
"""Of a rule set without lists."""
