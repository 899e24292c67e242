"""Reads trade.yaml: prices, densities, producers, decoys."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from api.rulebook.goods import Goods
from api.rulebook.problems import Path
from api.rulebook.read_goods import known_material
from api.rulebook.reading import Reading
from api.rulebook.trade import NOTHING_KNOWN, Band, Decoys, ResidualCode, Trade, TradedGoods

_FILE = "trade.yaml"


def read_trade(reading: Reading, goods: Goods) -> Trade:
    """The trade file."""
    raw = reading.content.get(_FILE)
    if raw is None:
        return NOTHING_KNOWN
    for key in ("producers", "restricted", "residual_codes"):
        for n, item in enumerate(raw[key]):
            for m, material in enumerate(_materials(item)):
                known_material(reading, material, goods.materials, (_FILE, key, n, "materials", m))
    _check_said_once(reading, raw)
    return Trade(
        units=_units(reading, raw["units"]),
        currencies=_positive(reading, "currencies", raw["currencies"]),
        goods=tuple(
            TradedGoods(
                id=reading.unique("traded goods", item["id"], (_FILE, "goods", n, "id")),
                material=known_material(
                    reading, item.get("material"), goods.materials, (_FILE, "goods", n, "material")
                ),
                forms=frozenset(item.get("forms", ())),
                names=reading.words(item.get("names")),
                usd_per_kg=_band(reading, item, "usd_per_kg", (_FILE, "goods", n)),
                density_g_cm3=_band(reading, item, "density_g_cm3", (_FILE, "goods", n)),
            )
            for n, item in enumerate(raw["goods"])
        ),
        decoys=Decoys(
            reading.words(raw["decoys"]["names"]), Decimal(raw["decoys"]["usd_per_kg_up_to"])
        ),
        producers={
            material: frozenset(item["countries"])
            for item in raw["producers"]
            for material in item["materials"]
        },
        hubs=frozenset(raw["hubs"]["countries"]),
        restricted={
            item["country"]: None if item["materials"] == "all" else frozenset(item["materials"])
            for item in raw["restricted"]
        },
        territories={
            territory: item["country"]
            for item in raw["restricted"]
            for territory in item.get("territories", ())
        },
        address_names={
            item["country"]: reading.words(item.get("names")) for item in raw["restricted"]
        },
        nobody=reading.words(raw["nobody"]["names"]),
        businesses={item["id"]: reading.words(item["words"]) for item in raw["businesses"]},
        residual_codes=tuple(
            ResidualCode(
                hs=reading.unique("residual code", item["hs"], (_FILE, "residual_codes", n, "hs")),
                controlled=item["controlled"],
                names=reading.words(item.get("names")),
                materials=frozenset(_materials(item)),
            )
            for n, item in enumerate(raw["residual_codes"])
        ),
    )


def _materials(item: Mapping[str, Any]) -> list[str]:
    materials: list[str] | str = item.get("materials", [])
    return [] if isinstance(materials, str) else materials


def _check_said_once(reading: Reading, raw: Mapping[str, Any]) -> None:
    """Of two statements of one thing the later would silently win."""
    for n, item in enumerate(raw["producers"]):
        for m, material in enumerate(item["materials"]):
            path = (_FILE, "producers", n, "materials", m)
            reading.unique("list of producers of", material, path)
    for n, item in enumerate(raw["restricted"]):
        reading.unique("restricted country", item["country"], (_FILE, "restricted", n, "country"))
        for m, territory in enumerate(item.get("territories", ())):
            path = (_FILE, "restricted", n, "territories", m)
            reading.unique("restricted country", territory, path)
    for n, item in enumerate(raw["businesses"]):
        reading.unique("kind of business", item["id"], (_FILE, "businesses", n, "id"))


def _units(reading: Reading, raw: Mapping[str, Any]) -> dict[str, Decimal]:
    for name in raw:
        small = name.strip().casefold()
        if name != small:
            reading.problems.add(
                (_FILE, "units", name), f"units are looked up in small letters: write `{small}`"
            )
    return _positive(reading, "units", raw)


def _positive(reading: Reading, key: str, raw: Mapping[str, Any]) -> dict[str, Decimal]:
    for name, value in raw.items():
        if value <= 0:
            reading.problems.add((_FILE, key, name), f"{value} is not above zero")
    return {name: Decimal(value) for name, value in raw.items()}


def _band(reading: Reading, raw: Mapping[str, Any], key: str, path: Path) -> Band | None:
    band = raw.get(key)
    if band is None:
        return None
    low, high = Decimal(band["low"]), Decimal(band["high"])
    if not 0 < low <= high:
        reading.problems.add((*path, key), f"{low} to {high} is no band of values above zero")
    return Band(low, high)
