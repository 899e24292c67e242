"""A description, a declared form or a padded code may accuse goods; none of them clears goods."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import orjson
import pytest

from api.decide.evaluate import Evaluator
from api.shipment import Shipment
from tests.conftest import propose


def composed(**shares: float) -> list[dict[str, Any]]:
    return [{"element": element, "mass_pct": share} for element, share in shares.items()]


DY = composed(Nd=28, Fe=66, B=1, Dy=2.1)
SM = composed(Sm=25.4, Co=48.5)
TB = composed(Nd=28, Fe=66, B=1, Tb=0.5)

MAGNETS = [
    *(
        {"hs_code": code, "description": words, "composition": of}
        for code in ("8505111000", "8505119000", "8503009090", "9999999999")
        for words in ("Ferrite magnets", "AlNiCo magnet")
        for of in (DY, SM)
    ),
    {"hs_code": "8505111000", "description": "ferrite"},
    {"hs_code": "8505111000", "description": "Segments for motor", "composition": DY},
    {"hs_code": "8505111000", "description": "Segments for motor", "composition": SM},
    {"hs_code": "8505111000", "description": "Sintered blocks", "composition": TB},
    {"hs_code": "8505111000", "description": "Sintered NdFeB blocks N42SH"},
    {"hs_code": "8505111000", "description": "NdFeB rods"},
    {"hs_code": "8505111000", "description": "NdFeB segments for motor N42SH"},
    {"hs_code": "8505111000", "description": "NdFeB pieces for loudspeaker", "composition": DY},
    {"hs_code": "85051110", "description": "for motor"},
    {"description": "Sintered NdFeB blocks"},
    {"description": "NdFeB segments for motor"},
    {"description": "SmCo for sensors"},
    {"description": "Nd2Fe14B discs"},
    {"description": "Neodymium discs N42SH"},
    {"description": "magnets", "hs_code": "8505111000", "composition": composed(Pr=30, Fe=66, B=1)},
    *(
        {"hs_code": "8505111000", "description": "NdFeB magnets", "composition": of, "form": form}
        for form in ("assembly", "equipment", "ore")
        for of in (DY, SM)
    ),
]

WORDS = [
    "Antimony 99.65 % for lead alloy",
    "Antimony 99.65 % for oxide production",
    "Tellurium for alloy production",
    "Gallium 99.9999 for sensor production",
    "Bismuth 99.9 for generator",
    "Terbium 99.9 for actuator (Terfenol)",
    "Antimony, free of charge sample",
    "Antimony free sample",
    "Lot no. antimony ingots",
    "南非锑锭",
    "Antimony(III) oxide 99.99 %",
    "Oxides of antimony 99.99%",
    "Antimony bearing ore",
    "antimony gold ore",
    "ore of antimony",
    "Tungsten(VI) oxide",
    "oxides of tungsten",
    "Germanium(IV) oxide",
    "gallium(III) oxide",
    "ammonium para-tungstate",
    "ferrodysprosium",
    "dysprosia",
    "samarium magnesium alloy",
    "samarium nickel alloy",
    "钐镁合金",
    "Sb ingot 99.65%",
    "Ge ingots 6N",
    "Ga metal 6N",
    "Te 5N ingots",
    "W blocks",
    "Bi ingot",
    "銻錠 99.65%",
    "鎢塊",
    "鎵 6N",
    "anti\u00admony ingots",
    "mixed rare earth oxides",
    "rare earth carbonate",
    "Solder paste Sn42Bi58",
    "antimony alloy",
]

DECLARED: list[dict[str, Any]] = [
    *(
        {"description": "antimony ingots 99.65", "form": form}
        for form in ("alloy", "wafer", "ore", "assembly")
    ),
    {"description": "antimony ingots", "form": "alloy", "composition": composed(Sb=99.65)},
    {"description": "gallium", "form": "alloy", "composition": composed(Ga=100)},
    {"description": "GaAs wafers", "form": "equipment"},
    {"description": "GaAs wafers", "form": "assembly"},
    {"description": "germanium ingot", "form": "compound"},
    {"description": "ammonium paratungstate", "form": "metal"},
    {"description": "ammonium paratungstate", "form": "ore"},
    {"description": "indium phosphide", "form": "metal"},
    {"description": "molybdenum granules", "purity_pct": 99.9, "particle_size_um": 5},
    *(
        {"description": "x", "declared_code": code}
        for code in ("1C905.a.4", "1c905.a.4", " 1C905.a.4", "1C905a4", "9X999")
    ),
    {"hs_code": "2825800000", "purity_pct": 99.99},
    {"hs_code": "8110100000"},
    {"hs_code": "2846901000"},
    {"hs_code": "8112920000"},
    {"hs_code": "8106101011"},
    {"hs_code": "8101100010"},
]


PLAIN = composed(Fe=65, Nd=28, B=1, Al=0.1, Pr=5.9)

HEARD: list[dict[str, Any]] = [
    # magnets in forms other than finished ones (No. 18: "magnets and magnet powder")
    {"description": "NdFeB magnet powder", "form": "powder"},
    {"description": "SmCo powder", "form": "powder"},
    {"description": "钕铁硼磁粉", "form": "powder"},
    {"description": "SmCo blocks", "form": "metal"},
    {"description": "NdFeB blocks, unmagnetised", "form": "metal"},
    {"description": "NdFeB alloy flakes", "form": "alloy"},
    {"description": "NdFeB scrap", "form": "scrap"},
    {"description": "block", "composition": composed(Nd=25, Fe=60)},
    # a second kind of goods beside the controlled one
    {"description": "NdFeB magnets and ferrite magnets, assorted"},
    {"description": "SmCo magnets, AlNiCo magnets"},
    {"description": "NdFeB magnets with ferrite backing"},
    {"description": "钕铁硼磁体、铁氧体磁体"},
    # words against figures
    {
        "description": "NdFeB magnets, 16 models, one contains dysprosium 2.1 %",
        "hs_code": "8505111000",
        "composition": PLAIN,
    },
    {
        "description": "NdFeB magnets, Dy 2.1 %",
        "hs_code": "8505111000",
        "composition": PLAIN,
    },
    {
        "description": "NdFeB magnets",
        "hs_code": "8505111000",
        "composition": PLAIN,
        "declared_code": "1C905.a.4",
    },
    *(
        {"description": words, "hs_code": code, "purity_pct": purity}
        for words, code, purity in (
            ("Antimony trioxide 99.99 %", "2825800090", 99.5),
            ("Antimony trioxide 99.99 %", None, 99.5),
            ("Sb2O3 4N", None, 99.8),
            ("Antimony trioxide 99.999% purity", None, 99.8),
        )
    ),
    # nothing said
    {"description": "goods"},
    {"description": "n/a"},
    {"description": "样品"},
    # organic antimony, alloys and targets by their formulas
    *(
        {"description": words}
        for words in (
            "triphenylantimony",
            "tributylstibine",
            "dimethylantimony chloride",
            "trimethylstibine",
            "GdFe target",
            "TbCo alloy",
            "SmNi alloy",
            "SmMg alloy",
            "GdMg alloy",
            "ScAl alloy",
            "YFe alloy",
            "YCu alloy",
            "DyFe alloy",
            "TbFe alloy",
            "HoCu alloy",
            "ErAl alloy",
            "Terfenol-D rods",
            "TbDyFe",
        )
    ),
    {"description": "rods", "form": "alloy", "composition": composed(Tb=30, Fe=70)},
    # the law's own words
    {"description": "Technology and data for producing 6C002 items", "form": "technology"},
    {"description": "生产6C002项物项的技术及资料", "form": "technology"},
    {"description": "Technology and data for producing 3C004 items", "form": "technology"},
    {"description": "Sintering equipment", "form": "equipment"},
    {"description": "Tris(p-ethoxyphenyl)bismuth", "form": "compound"},
    {"description": "tris(4-ethoxyphenyl)bismuth", "hs_code": "2931900090"},
    # careless forms
    *(
        {"description": words, "form": form}
        for words in ("GaAs", "InP", "CdTe", "CZT", "HgCdTe", "APT", "trimethylindium")
        for form in ("metal", "alloy")
    ),
    {"description": "stibnite", "form": "metal"},
    {"description": "NdFeB magnets for rotors, Dy 2 %", "form": "assembly"},
    {"description": "rotor magnets, NdFeB", "form": "assembly"},
    {"description": "转子磁钢", "form": "assembly"},
    # short codes
    {"hs_code": "850519"},
    {"hs_code": "85051900"},
    {"hs_code": "850511"},
    # compositions that leave much open
    {
        "description": "rods",
        "composition": composed(W=90),
        "properties": {
            "density_g_cm3": 17.6,
            "elastic_limit_mpa": 801,
            "ultimate_tensile_mpa": 1271,
            "elongation_pct": 8.1,
        },
    },
    {"description": "wafers", "composition": composed(Ga=48)},
    # other scripts and orders
    *(
        {"description": words}
        for words in (
            "砷化鎵",
            "砷化鎵晶圓",
            "氮化鎵",
            "磷化鎵",
            "硒化鎵",
            "磷化銦",
            "碳化鎢",
            "碲化鎘",
            "四氯化鍺",
            "硫化銻",
            "arsenide of gallium",
            "carbide of tungsten",
            "phosphide, indium",
            "galliumarsenide",
            "WC powder",
            "7N Ga",
            "antimony free replacement ingots",
            "germanium free-issue material",
            "dysprosium free metal for alloying",
            "YAG rods",
            "mischmetal",
            "terres rares",
        )
    ),
    {"description": "stibine 1% in hydrogen", "purity_pct": 1},
    {
        "description": "magnets",
        "hs_code": "8505111000",
        "composition": composed(Pr=28, Fe=66, B=1, Dy=2),
    },
]


def decide(evaluator: Evaluator, line: dict[str, Any], **more: Any) -> Any:
    shipment = msgspec.json.decode(orjson.dumps(propose(line, **more)), type=Shipment)
    return evaluator.evaluate(shipment, shipment.export_date or date(2026, 11, 23))


@pytest.mark.parametrize(
    "line", [*MAGNETS, *({"description": w} for w in WORDS), *DECLARED, *HEARD], ids=str
)
def test_it_does_not_go(evaluator: Evaluator, line: dict[str, Any]) -> None:
    assert decide(evaluator, line).disposition.outcome == "deny"


@pytest.mark.parametrize("of", [DY, SM])
def test_composition_beats_name_and_code(evaluator: Evaluator, of: list[dict[str, Any]]) -> None:
    found = decide(evaluator, {"description": "Ferrite magnets", "composition": of})
    assert found.disposition.name == "licence_required"


HONEST: list[dict[str, Any]] = [
    {"description": "Copper cathode", "hs_code": "7403111100"},
    {"description": "Ferrite magnets", "hs_code": "8505190090"},
    {"description": "AlNiCo magnets", "hs_code": "8505119000"},
    {"description": "Antimony-free brake pads", "hs_code": "6813200000"},
    {"description": "Halogen-free masterbatch without antimony", "hs_code": "3206490000"},
    {"description": "Cotton shirts for men", "hs_code": "6205200099"},
    {"description": "Steel rotor shafts for motors", "hs_code": "8483109000"},
    {"description": "Aluminium alloy wheels", "hs_code": "8708709100"},
    {"description": "Zinc oxide 99.7 %", "hs_code": "2817001000", "form": "oxide"},
    {"description": "Cerium oxide polishing powder", "hs_code": "2846101000"},
    {"description": "Lead acid batteries", "hs_code": "8507100000"},
    {"description": "Titanium dioxide", "hs_code": "3206111000"},
    {"description": "Iron ore concentrate", "hs_code": "2601111000"},
    {"description": "In mould labels, W shaped", "hs_code": "3919909090"},
    {"description": "Bi-fold doors", "hs_code": "7610100000"},
    {"description": "Loudspeakers with NdFeB magnets", "form": "assembly"},
    {"description": "Rotor with dysprosium magnets", "form": "assembly"},
    {
        "description": "NdFeB magnets",
        "hs_code": "8505111000",
        "composition": composed(Fe=65, Nd=28, B=1, Al=0.1, Pr=5.9),
    },
    {
        "description": "Lead antimony alloy",
        "form": "alloy",
        "hs_code": "7801910000",
        "composition": composed(Pb=97, Sb=3),
    },
    {"description": "Antimony trioxide", "hs_code": "2825800090", "purity_pct": 99.5},
    {"description": "氧化锌", "hs_code": "2817001000"},
    {"description": "不含锑的阻燃母粒", "hs_code": "3206490000"},
    {"description": "Antimony trioxide 99.5 % min", "purity_pct": 99.65},
    {"description": "PIN diodes, COIN cells", "hs_code": "8541100000"},
    {"description": "Steel rotor with NdFeB magnets", "form": "assembly"},
    {"description": "磁铁转子", "form": "assembly"},
    {"description": "Halogen and antimony free", "hs_code": "3206490000"},
    {"description": "inorganic pigment, iron oxide red", "hs_code": "2821100000"},
]


@pytest.mark.parametrize("line", HONEST, ids=str)
def test_honest_goods_go(evaluator: Evaluator, line: dict[str, Any]) -> None:
    found = decide(evaluator, line, day="2025-10-20")
    assert found.disposition.name == "not_controlled", [r.rule.id for r in found.reasons]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ({"description": "NdFeB magnets", "origin": "CN"}, {"to": "US", "use": "military"}),
        ({"description": "NdFeB magnets", "origin": "CN"}, {"to": "JP", "use": "military"}),
        ({"description": "antimony trioxide", "origin": "CN"}, {"to": "JP", "use": "military"}),
        ({"hs_code": "2825901200", "origin": "CN"}, {"to": "US", "use": "unknown"}),
        ({"hs_code": "2825901200", "origin": "CN"}, {"to": "JP", "use": "unknown"}),
        ({"hs_code": "2825901200"}, {"to": "US", "use": "military"}),
        ({"hs_code": "2825901200"}, {"to": "JP", "use": "military"}),
        ({"description": "dysprosium oxide"}, {"to": "DE", "day": "2025-10-20"}),
        ({"description": "dysprosium oxide"}, {"to": "DE", "day": "2026-11-11"}),
    ],
    ids=str,
)
def test_goods_passed_on_abroad_ask_for_what_is_missing(
    evaluator: Evaluator, line: dict[str, Any], options: dict[str, Any]
) -> None:
    found = decide(evaluator, line, departure="TH", **({"day": "2026-10-01"} | options))
    assert found.disposition.name == "information_required"


@pytest.mark.parametrize("material", ["Dy", "Dysprosium", "dysprosium oxide", "rare earths", "镝"])
def test_chinese_content_is_understood_however_it_is_named(
    evaluator: Evaluator, material: str
) -> None:
    line = {"description": "SmCo magnets", "origin": "JP"}
    for name, expected in ((material, "licence_required"), ("foo", "information_required")):
        content = [{"origin": "CN", "material": name, "value_pct": 4}]
        found = decide(
            evaluator, line | {"content": content}, departure="JP", to="DE", day="2026-11-12"
        )
        assert found.disposition.name == expected


def test_an_end_user_without_country_leaves_the_consignee_to_be_asked(
    evaluator: Evaluator,
) -> None:
    body = propose({"description": "Antimony ingots", "origin": "CN"}, to="MX", departure="TH")
    body["parties"][1]["country"] = "US"
    body["parties"].append({"role": "end_user", "name": "Somebody"})
    body["export_date"] = "2025-01-15"
    shipment = msgspec.json.decode(orjson.dumps(body), type=Shipment)
    assert evaluator.evaluate(shipment, date(2025, 1, 15)).disposition.name == "prohibited"
