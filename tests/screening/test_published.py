"""Names as published, and as hands and forms spoil them: found. Names of others: left alone."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from anyascii import anyascii

from api.rulebook.parties import ListedParty, Screening
from api.screening.names import Reader
from api.screening.screener import Screener
from benchmarks.spoiling import WAYS, HanError, han_error, party_of, spoilt, typing_error
from tests.screening.conftest import ids, party, read_innocent, read_published, read_settings

PARTIES = read_published()
NAMES = [(listed, name) for listed in PARTIES for name in listed.names]
READER = Reader(read_settings().legal_forms, read_settings().common_words)

# What is left of a name of two or three letters, or of common words only, is anybody's.
SHARE_FOUND = {
    "one typing error": 0.97,
    "two typing errors": 0.88,
    "a word dropped": 0.85,
    "words swapped": 0.98,
    "words joined": 1.0,
    "a word split": 1.0,
    "shortened words": 1.0,
    "other legal form, case, width or accents": 0.99,
    "swapped with a typing error": 0.92,
    "Chinese": 1.0,
    "pinyin": 0.98,
}


@pytest.mark.parametrize(("listed", "name"), NAMES, ids=lambda value: getattr(value, "id", value))
def test_a_published_name_scores_98_or_more_against_itself(
    screener: Screener, listed: ListedParty, name: str
) -> None:
    found = [hit for hit in screener.screen(name) if hit.listed == listed]
    assert found
    assert found[0].score >= 98


@pytest.mark.parametrize("way", SHARE_FOUND)
def test_spoilt_names_are_found(screener: Screener, way: str) -> None:
    asked = []
    for number, listed in enumerate(PARTIES):
        if not listed.full_name_only:
            for made in party_of(listed, READER):
                asked += [(listed, name) for _, _, name in spoilt([made], 3, number, [way])]
    missed = [name for listed, name in asked if listed.id not in ids(screener.screen(name))]
    assert len(asked) > 60
    assert len(missed) <= (1 - SHARE_FOUND[way]) * len(asked), missed


def test_every_way_of_spoiling_but_initials_is_tried() -> None:
    assert {*SHARE_FOUND, "initials"} == set(WAYS)


def test_long_names_bear_two_errors_anywhere(screener: Screener) -> None:
    make = random.Random(1)
    for listed, name in NAMES:
        letters = sum(c.isalnum() for word in READER.read(name).written for c in word)
        if name.isascii() and letters >= 20 and not listed.full_name_only:
            spoilt_name = typing_error(make, typing_error(make, name))
            assert listed.id in ids(screener.screen(spoilt_name)), spoilt_name


# Of names with this many ideographs of their own; with fewer, one wrong makes another name.
OWN_IDEOGRAPHS = 4
SHARE_FOUND_IN_CHINESE = {
    "substitution": 0.95,
    "deletion": 0.95,
    "insertion": 0.95,
    "transposition": 0.95,
}


@pytest.mark.parametrize("kind", SHARE_FOUND_IN_CHINESE)
@pytest.mark.parametrize("with_form", [True, False])
def test_one_typing_error_in_chinese_is_found(
    screener: Screener, kind: HanError, with_form: bool
) -> None:
    make = random.Random(7)
    asked = []
    for listed, name in NAMES:
        if len(READER.read(name).own_ideographs) >= OWN_IDEOGRAPHS and not listed.full_name_only:
            text = name if with_form else READER.read(name).unspaced
            asked += [(listed, han_error(make, text, kind)) for _ in range(10)]
    missed = [name for listed, name in asked if listed.id not in ids(screener.screen(name))]
    assert len(asked) > 100
    assert len(missed) <= (1 - SHARE_FOUND_IN_CHINESE[kind]) * len(asked), missed


def test_two_typing_errors_in_long_chinese_names_are_found(screener: Screener) -> None:
    make = random.Random(8)
    missed, tried = [], 0
    for listed, name in NAMES:
        reading = READER.read(name)
        if len(reading.own_ideographs) >= OWN_IDEOGRAPHS and len(reading.unspaced) >= 8:
            for _ in range(10):
                once = han_error(make, reading.unspaced, "insertion")
                twice = han_error(make, once, "deletion")
                tried += 1
                missed += [twice] * (listed.id not in ids(screener.screen(twice)))
    assert tried >= 20
    assert len(missed) <= 0.1 * tried, missed


@pytest.mark.parametrize(
    "behind",
    [
        ", 123 Main Street, Dallas TX 75201",
        " 6801 Rockledge Drive, Bethesda MD 20817",
        " Purchasing Department",
        " Shanghai Branch",
        " Europe GmbH",
        "\nAttn: J. Smith\n12 Main St",
        " - Plant 7, Osaka",
    ],
)
def test_a_name_that_goes_on_is_found(screener: Screener, behind: str) -> None:
    for listed, name in NAMES:
        if name.isascii() and not listed.full_name_only:
            assert listed.id in ids(screener.screen(name + behind)), name + behind


def test_a_name_that_goes_on_scores_less_and_says_why(screener: Screener) -> None:
    (hit,) = screener.screen("Skydio, Inc., 3000 Clearview Way, San Mateo")
    assert 95 <= hit.score < 100
    assert ("part_of_name", "skydio") in [(clue.kind, clue.detail) for clue in hit.clues]
    hits = screener.screen("Lockheed Martin Northwind Rotterdam Works")
    assert 86 <= hits[0].score < 95
    assert "added_words" in [clue.kind for clue in hits[0].clues]


@pytest.mark.parametrize(
    "written",
    [
        lambda name: f"{name} {name}",
        lambda name: f"{name}, " * 200,
        lambda name: " ".join(name),
        lambda name: ".".join(name.replace(" ", "")),
        lambda name: f"Attn: Mr. Smith, {name}",
        lambda name: name.replace("o", "0").replace("l", "1"),
        lambda name: name.translate(str.maketrans("aeopcxAEOPCTMHKB", "аеорсхАЕОРСТМНКВ")),
    ],
    ids=["twice", "often", "spaced", "dotted", "behind another", "digits", "Cyrillic"],
)
def test_a_name_in_disguise_is_found(screener: Screener, written: Callable[[str], str]) -> None:
    missed = [
        name
        for listed, name in NAMES
        if name.isascii()
        and not listed.full_name_only
        and listed.id not in ids(screener.screen(written(name)))
    ]
    assert missed == []


@pytest.mark.parametrize("filler", ["Rotterdam ", "general systems ", "Vx9 ", "的"])
def test_no_length_of_text_hides_a_name(screener: Screener, filler: str) -> None:
    text = filler * (8_000 // len(filler)) + " Lockheed Martin Corporation"
    assert "mofcom-2025-01-06" in ids(screener.screen(text))


@pytest.mark.parametrize(
    ("asked", "id_"),
    [
        ("GENERAL DYNAMICS CORP", "mofcom-2025-01-01"),
        ("Dynamics General", "mofcom-2025-01-01"),
        ("Gneral Dynamcis", "mofcom-2025-01-01"),
        ("通用動力公司", "mofcom-2025-01-01"),
        ("Tong Yong Dong Li Gong Si", "mofcom-2025-01-01"),
        ("Tongyong Dongli", "mofcom-2025-01-01"),
        ("L3Harris", "mofcom-2025-01-02"),
        ("Ｌ３Ｈａｒｒｉｓ　Ｔｅｃｈｎｏｌｏｇｉｅｓ", "mofcom-2025-01-02"),
        ("Lockeed Marton", "mofcom-2025-01-06"),
        ("LockheedMartin", "mofcom-2025-01-06"),
        ("Raytheon Missiles and Defence", "mofcom-2025-01-07"),
        ("Intercoastal Electronics", "mofcom-2025-01-15"),
        ("Anduril", "mofcom-2025-01-23"),
        ("Gibbs and Cox", "mofcom-2025-13-02"),
        ("TCOM LP", "mofcom-2025-21-12"),
        ("汉翔航空工业", "mofcom-2025-35-01"),
        ("Hanxiang Hangkong Gongye", "mofcom-2025-35-01"),
        ("Hanxianghangkonggongyegufenyouxiangongsi", "mofcom-2025-35-01"),
        ("Natl Chung Shan Inst. of Sci. & Tech.", "mofcom-2025-35-03"),
        ("龍德造船", "mofcom-2025-35-07"),
        ("Longde Zaochuan Gongye", "mofcom-2025-35-07"),
        ("Huntington-Ingalls Inds.", "mofcom-2025-51-01"),
        ("三菱重工航空発動機株式会社", "mofcom-2026-11-02"),
        ("(株)ＩＨＩジェットサービス 又は IHI Jet Service", "mofcom-2026-11-11"),
        ("沖電気工業株式会社", "mofcom-2026-28-08"),
        ("SINDLHÄUSER MATERIALS", "mofcom-2026-30-03"),
        ("Rheinmetal Aktiengesellschaft", "mofcom-2026-30-04"),
        ("Antraco Chemiehandelsgesellschaft m.b.H.", "mofcom-2026-30-05"),
        ("TechInsights", "uel-2025-10-14"),
        ("Lungteh Shipbuilding Co., Ltd (龙德造船工业股份有限公司)", "mofcom-2025-35-07"),
        ("Acme Trading Ltd c/o Leidos", "mofcom-2025-13-01"),
        ("汉翔航空业工股份有限公司", "mofcom-2025-35-01"),
        ("洛克希德·马公司", "mofcom-2025-01-06"),
        ("莱茵茵金属公司", "mofcom-2026-30-04"),
        ("ミツビシ重工航空发动机", "mofcom-2026-11-02"),
        ("龙德造船工业股份有限公司上海分公司", "mofcom-2025-35-07"),
        ("龙德造船工业股份有限公司，宜兰县苏澳镇", "mofcom-2025-35-07"),
        ("MHI Aero Engines", "mofcom-2026-11-02"),
    ],
)
def test_written_otherwise_it_is_found(screener: Screener, asked: str, id_: str) -> None:
    assert id_ in ids(screener.screen(asked))


@pytest.mark.parametrize("with_country", [False, True])
def test_of_two_hundred_innocent_names_at_most_two_are_hit(
    screener: Screener, with_country: bool
) -> None:
    names = read_innocent()
    hit = [name for name, country in names if screener.screen(name, country * with_country)]
    assert len(names) >= 200
    assert len(hit) <= 2, hit


@pytest.mark.parametrize(
    "name",
    [
        "International Technologies Inc.",
        "Aerospace Systems Co., Ltd.",
        "General Industries",
        "国际科技有限公司",
        "Defense",
        "Heavy Industries, Ltd.",
        "Co., Ltd.",
        "有限公司",
        "Shanghai Branch",
        "Purchasing Department, Houston",
    ],
)
def test_common_words_alone_hit_nobody(screener: Screener, name: str) -> None:
    assert screener.screen(name) == ()


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Cubic Zirconia Imports LLC", "US"),
        ("Pacific Rim Foods Inc.", "US"),
        ("Summit Steel Technologies Fabrication", "US"),
        ("Harbour Anduril Bakery", None),
        ("Zero Technologies", None),
        ("住友电工株式会社", "JP"),
        ("中薪造船股份有限公司", None),
    ],
)
def test_near_misses_are_left_alone(screener: Screener, name: str, country: str | None) -> None:
    assert screener.screen(name, country) == ()


def test_one_published_word_among_others_is_for_a_person(screener: Screener) -> None:
    (hit,) = screener.screen("Lafert Chemicals", "IT")
    assert 86 <= hit.score < 97
    (hit,) = screener.screen("Lafert Chemicals", "IN")
    assert 86 <= hit.score < 95


def test_a_name_that_sounds_the_same_in_other_ideographs_is_another(screener: Screener) -> None:
    cubic, other = "立方公司", "丽芳公司"
    assert anyascii(cubic) == anyascii(other)
    assert not screener.screen("中薪造船股份有限公司")
    assert ids(screener.screen("中信造船股份有限公司")) == ["mofcom-2025-35-06"]


SURROUNDINGS = [
    "新加坡滨海湾大街8号 {} 采购部",
    "新加坡滨海湾大街8号{}",
    "请转{}",
    "香港远洋贸易有限公司（代{}）",
    "{}新加坡分公司",
    "最终用户：{}3号仓库",
]


@pytest.mark.parametrize("around", SURROUNDINGS)
@pytest.mark.parametrize("name", ["洛克希德·马丁公司", "可利尔阿莱恩公司", "雷神导弹与防务公司"])
def test_a_chinese_name_is_found_in_its_surroundings(
    screener: Screener, around: str, name: str
) -> None:
    listed = {hit.listed.id for hit in screener.screen(name)}
    assert listed & set(ids(screener.screen(around.format(name), "SG")))


@pytest.mark.parametrize(
    ("name", "asked", "found"),
    [
        ("英特磊公司", "请转英特磊公司采购部", True),
        ("英特磊公司", "英特磊新加坡分公司", True),
        ("英特磊公司", "请转英特磊采购部", False),
        ("通用动力公司", "请转通用动力公司采购部", True),
        ("通用动力公司", "上海大通用动力公司", False),
        ("通用动力公司", "请转通用动力电池厂", False),
        ("中信造船股份有限公司", "新加坡中信造船", True),
        ("中信造船股份有限公司", "远大中信造船设备", False),
    ],
)
def test_a_chinese_name_of_little_is_found_where_a_name_begins(
    screening: Screening, name: str, asked: str, found: bool
) -> None:
    assert bool(Screener([party("it", name)], screening).screen(asked)) is found
