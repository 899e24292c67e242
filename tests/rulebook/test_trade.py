"""What is known of the trade: read whole, complete, and refused where it cannot be."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.rulebook.model import RuleSet
from api.rulebook.read import RuleFileError, read_directory
from api.rulebook.trade import Band, TradedGoods
from api.rulebook.vocabulary import BUSINESSES
from tests.conftest import ROOT

FILE = ROOT / "rules" / "cn" / "trade.yaml"

REFERENCE = """
    antimony_metal antimony_trioxide gallium_metal germanium_metal tungsten_apt ferrotungsten
    tungsten_carbide_scrap tungsten_metal bismuth_metal indium_metal tellurium_metal
    dysprosium_oxide terbium_oxide dysprosium_metal terbium_metal yttrium_oxide yttrium_metal
    neodymium_oxide neodymium_metal praseodymium_oxide ndpr_oxide samarium_oxide samarium_metal
    ndfeb_magnet smco_magnet ferrite_magnet alnico_magnet hafnium tin lead zinc titanium_sponge
    nickel iron gadolinium praseodymium indium_phosphide
""".split()

PRICES = {
    "antimony_metal": ("15", "70"),
    "antimony_trioxide": ("12", "65"),
    "gallium_metal": ("180", "1500"),
    "germanium_metal": ("1100", "7000"),
    "tungsten_apt": ("25", "130"),
    "ferrotungsten": ("35", "180"),
    "tungsten_carbide_scrap": ("10", "120"),
    "bismuth_metal": ("10", "130"),
    "indium_metal": ("250", "600"),
    "dysprosium_oxide": ("150", "1300"),
    "terbium_oxide": ("600", "5000"),
    "yttrium_oxide": ("4", "450"),
    "yttrium_metal": ("20", "500"),
    "neodymium_oxide": ("40", "160"),
    "neodymium_metal": ("55", "200"),
    "praseodymium_oxide": ("45", "160"),
    "ndpr_oxide": ("40", "150"),
    "ndfeb_magnet": ("30", "90"),
}
NO_PRICE = """
    tungsten_metal tellurium_metal dysprosium_metal terbium_metal samarium_oxide samarium_metal
    smco_magnet alnico_magnet gadolinium praseodymium indium_phosphide
""".split()
DENSITIES = {
    "antimony_metal": ("6.55", "6.82"),
    "antimony_trioxide": ("5.2", "5.67"),
    "germanium_metal": ("5.22", "5.43"),
    "tungsten_metal": ("18.91", "19.69"),
    "ndfeb_magnet": ("7.4", "7.7"),
    "smco_magnet": ("8.2", "8.4"),
}
AVERAGES_2025 = {
    "tin": "35.27",
    "lead": "2.34",
    "zinc": "3.28",
    "nickel": "16.9",
    "titanium_sponge": "12",
    "hafnium": "3800",
}
NO_PRODUCERS = {"silver", "graphite", "superhard", "lithium-batteries"}


def band(low: str, high: str) -> Band:
    return Band(Decimal(low), Decimal(high))


@pytest.fixture(scope="module")
def raw() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def goods(rule_set: RuleSet) -> dict[str, TradedGoods]:
    return {item.id: item for item in rule_set.trade.goods}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "rules" / "cn", tmp_path / "cn")
    return tmp_path / "cn"


def test_units_and_currencies(rule_set: RuleSet) -> None:
    trade = rule_set.trade
    assert trade.units["kgs"] == trade.units["千克"] == 1
    assert trade.units["t"] == trade.units["mt"] == trade.units["ton"] == trade.units["吨"] == 1000
    assert trade.units["lbs"] == Decimal("0.45359237")
    assert trade.currencies["USD"] == 1
    assert trade.currencies["CNY"] == trade.currencies["RMB"] == Decimal("7.1697")
    assert {"EUR", "JPY", "GBP", "HKD", "KRW", "TWD", "THB", "VND", "SGD", "MXN"} <= set(
        trade.currencies
    )


def test_every_goods_of_the_reference_with_its_bands(goods: dict[str, TradedGoods]) -> None:
    assert set(REFERENCE) <= set(goods)
    for name, ends in PRICES.items():
        assert goods[name].usd_per_kg == band(*ends), name
    for name in NO_PRICE:
        assert goods[name].usd_per_kg is None, name
    for name, ends in DENSITIES.items():
        assert goods[name].density_g_cm3 == band(*ends), name


def test_ordinary_metals_cost_half_to_double_of_their_average(
    goods: dict[str, TradedGoods],
) -> None:
    for name, average in AVERAGES_2025.items():
        price = goods[name].usd_per_kg
        assert price is not None
        assert price.low == pytest.approx(Decimal(average) / 2, rel=Decimal("0.01"))
        assert price.high == pytest.approx(Decimal(average) * 2, rel=Decimal("0.01"))


def test_goods_are_found_by_material_and_form_or_by_name_in_three_languages(raw: Any) -> None:
    for item in raw["goods"]:
        if item["material"] is None:
            assert set(item["names"]) == {"en", "zh", "fr"}, item["id"]
        else:
            assert item["forms"], item["id"]
            assert "names" not in item, item["id"]


def test_every_figure_says_where_it_comes_from(raw: Any) -> None:
    for item in raw["goods"]:
        assert item["verified"] == "memory" or item["sources"], item["id"]
        for key in ("usd_per_kg", "density_g_cm3"):
            assert key not in item or item[key]["basis"], item["id"]


def test_decoys(rule_set: RuleSet) -> None:
    decoys = rule_set.trade.decoys
    assert decoys.usd_per_kg_up_to == 40
    assert {"nickel powder", "镍粉", "poudre de nickel", "碎石", "gravel", "glass"} <= set(
        decoys.names
    )
    # One character stands in too many words.
    assert min(len(name) for name in decoys.names if not name.isascii()) > 1


def test_every_restricted_material_has_producers(rule_set: RuleSet) -> None:
    materials = rule_set.goods.materials
    entries = {entry.material for entry in rule_set.entries.values()}
    families = {member for name in entries for member in materials[name].members}
    assert (entries | families) - NO_PRODUCERS == set(rule_set.trade.producers)
    for material, countries in rule_set.trade.producers.items():
        assert "CN" in countries, material
    assert not {"TH", "MX"} & rule_set.trade.producers["antimony"]


def test_hubs_restricted_countries_and_businesses(rule_set: RuleSet) -> None:
    trade = rule_set.trade
    assert {"TH", "MX", "HK", "VN", "SG", "AE"} <= trade.hubs
    assert trade.restricted == {
        "US": frozenset({"gallium", "germanium", "antimony"}),
        "JP": None,
    }
    assert trade.territories == dict.fromkeys(("PR", "GU", "VI", "AS", "MP"), "US")
    assert {"USA", "美国"} <= set(trade.address_names["US"])
    assert {"tbd", "to order", "待定"} <= set(trade.nobody)
    assert set(trade.businesses) == set(BUSINESSES)
    # The first kind that has a word counts: exceptions first, "Export-Import Bank" before traders.
    assert list(trade.businesses) == [
        "other",
        "military",
        "forwarder",
        "bank",
        "trader",
        "manufacturer",
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{low: 15, high: 70,", "{low: 70, high: 15,", "70 to 15 is no band"),
        ("{low: 15, high: 70,", "{low: 0, high: 70,", "0 to 70 is no band"),
        ("  kgs: 1\n", "  kgs: 0\n", "0 is not above zero"),
        ("  kgs: 1\n", "  KGS: 1\n", "write `kgs`"),
        ("  CNY: 7.1697", "  CNY: -7.1697", "not above zero"),
        ("material: antimony\n", "material: antinomy\n", "did you mean `antimony`?"),
        ("  - materials: [gallium]", "  - materials: [galium]", "did you mean `gallium`?"),
        ("  - materials: [gallium]", "  - materials: [antimony]", "stands in trade.yaml already"),
        ("materials: [gallium, germanium", "materials: [gallium, gremanium", "`germanium`?"),
        ("  - country: JP", "  - country: US", "stands in trade.yaml already"),
        ("  - id: bank\n", "  - id: trader\n", "stands in trade.yaml already"),
        ("- id: gallium_metal", "- id: antimony_metal", "stands in trade.yaml already"),
        ("forms: [metal]", "forms: [metall]", "did you mean `metal`?"),
    ],
)
def test_a_mistake_is_refused_with_file_and_line(
    rules: Path, old: str, new: str, says: str
) -> None:
    path = rules / "trade.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(RuleFileError) as raised:
        read_directory(rules)
    found = [p for p in map(str, raised.value.problems) if says in p]
    assert found, raised.value.problems
    file, at, column = found[0].split(":")[:3]
    assert file == "trade.yaml"
    if says.startswith("stands"):  # said of the second of the two
        assert int(at) >= 1
    else:
        assert int(at) == line
    assert int(column) >= 1
