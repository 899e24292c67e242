"""What is known of the trade in restricted goods: prices, densities, producers, decoys.

Nothing of this is law. Red flags compare what papers say with it (design.md, "red flag").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Band:
    """From the lowest to the highest plausible value, both included."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class TradedGoods:
    """One kind of goods by material and form (or, for decoys, by names): price and density.

    `usd_per_kg` is of the material as shipped; `density_g_cm3` of the solid, without packing.
    """

    id: str
    material: str | None
    forms: frozenset[str]
    names: tuple[str, ...]
    usd_per_kg: Band | None
    density_g_cm3: Band | None


@dataclass(frozen=True)
class Decoys:
    """Names under which restricted goods were found, and the dearest of what they really name."""

    names: tuple[str, ...]
    usd_per_kg_up_to: Decimal


@dataclass(frozen=True)
class ResidualCode:
    """A customs code for all other goods, beside one of controlled goods that it was used for.

    Goods are taken for the controlled ones by their names, or by what they show to be made of.
    """

    hs: str
    controlled: str
    names: tuple[str, ...]
    materials: frozenset[str]


@dataclass(frozen=True)
class Trade:
    """All of it. `units` are kilograms a unit, `currencies` units a US dollar."""

    units: Mapping[str, Decimal]
    currencies: Mapping[str, Decimal]
    goods: tuple[TradedGoods, ...]
    decoys: Decoys
    producers: Mapping[str, frozenset[str]]
    """Countries with a mine or a smelter, by material; a material that is absent is not known."""
    hubs: frozenset[str]
    """Countries through which restricted goods were passed on."""
    restricted: Mapping[str, frozenset[str] | None]
    """Countries that may not get these materials; None for all materials."""
    territories: Mapping[str, str]
    """Codes of territories of those countries, and whose they are."""
    address_names: Mapping[str, tuple[str, ...]]
    """What an address in those countries ends with."""
    nobody: tuple[str, ...]
    """What stands in the place of a name where there is none yet."""
    businesses: Mapping[str, tuple[str, ...]]
    """Words of party names and lines of business that give away a kind of business."""
    residual_codes: tuple[ResidualCode, ...]


NOTHING_KNOWN = Trade({}, {}, (), Decoys((), Decimal(0)), {}, frozenset(), {}, {}, {}, (), {}, ())
"""Of a rule set without a trade file."""
