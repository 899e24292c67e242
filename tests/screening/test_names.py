"""What is left of a name that is read."""

from __future__ import annotations

import pytest

from api.screening.names import Reader
from tests.screening.conftest import read_settings

READER = Reader(read_settings().legal_forms, read_settings().common_words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Lafert S.p.A.", "lafert"),
        ("LAFERT SPA", "lafert"),
        ("  Lafert ,  s. p. a. ", "lafert"),
        ("Ｌａｆｅｒｔ　Ｓ．ｐ．Ａ．", "lafert"),
        ("TATRA TRUCKS a.s.", "tatra trucks"),
        ("Antraco Chemie-Handelsgesellschaft mbH", "antraco chemie handelsgesellschaft"),
        ("Škoda & Søn GmbH & Co. KG", "skoda son"),
        ("The Fujikura Parachute Co., Ltd.", "fujikura parachute"),
        ("UAB Ekspla", "ekspla"),
        ("I H I Corporation", "ihi"),
        ("Gibbs&Cox, Inc.", "gibbs cox"),
        ("L'Oréal Int'l", "loreal intl"),
        ("TechInsights Inc. and its branches", "techinsights"),
        ("CSBC Corporation, Taiwan", "csbc taiwan"),
        ("ООО «Кедр»", "kedr"),
        ("Ray\x00theon\tMissiles", "raytheon missiles"),
        ("R\u0301a\u0300ytheon", "raytheon"),
        ("Rayth\u200beon™", "raytheon"),
        ("\u2800".join("Raytheon"), "raytheon"),
        ("\u200b" * 5_000 + "Raytheon", "raytheon"),
    ],
)
def test_case_width_accents_and_legal_form_fall_away(name: str, words: str) -> None:
    assert " ".join(READER.read(name).written) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("龙德造船工业股份有限公司", "longde zaochuan gongye"),
        ("龍德造船工業股份有限公司", "longde zaochuan gongye"),
        ("(株)青木精密工業", "qingmu jingmi gongye"),
        ("三菱重工エンジン", "sanling zhonggong enjin"),
        ("TDK株式会社", "tdk"),
        ("Longde Zaochuan Gongye Gufen Youxian Gongsi", "longde zaochuan gongye"),
    ],
)
def test_unspaced_names_come_apart_at_common_words(name: str, words: str) -> None:
    assert " ".join(READER.read(name).written) == words


@pytest.mark.parametrize("name", ["Co., Ltd.", "The Company", "Inc", "SAS Institute", "AG"])
def test_a_name_that_is_all_legal_form_is_kept(name: str) -> None:
    assert READER.read(name).written


def test_a_legal_form_in_front_is_kept_if_nothing_of_its_own_is_left() -> None:
    assert READER.read("SAS Institute").written == ("sas", "institute")
    assert READER.read("SAS Lumex Institute").written == ("lumex", "institute")


def test_words_have_one_form() -> None:
    assert READER.read("Intl Technologies").words == READER.read("International Technology").words
    assert READER.read("Mfg Inds").words == READER.read("Manufacturing Industries").words


def test_a_form_that_pinyin_runs_into_is_found() -> None:
    run_on = READER.without_run_on_form(READER.read("Longdezaochuangongyegufenyouxiangongsi"))
    assert run_on is not None
    assert run_on.written == ("longdezaochuangongye",)
    assert READER.without_run_on_form(READER.read("Lockheed Martin")) is None


@pytest.mark.parametrize(
    ("word", "nearly"),
    [("tecnology", True), ("aerosp", True), ("lockheed", False), ("axient", False)],
)
def test_common_words_are_known_with_an_error(word: str, nearly: bool) -> None:
    assert READER.is_nearly_common(word, inner=False) is nearly


def test_joining_words_are_known_with_an_error_between_others() -> None:
    assert READER.is_nearly_common("fo", inner=True)
    assert not READER.is_nearly_common("fo", inner=False)


@pytest.mark.parametrize(
    ("word", "legal"),
    [("ibc", True), ("lttd", True), ("corpoartoin", True), ("lafert", False), ("x", False)],
)
def test_legal_forms_are_known_with_errors(word: str, legal: bool) -> None:
    assert READER.is_legal_form(word) is legal


def test_the_letters_run_together_keep_legal_form_and_joining_words() -> None:
    assert READER.read("National Institute for Studies Ltd").full == (
        "nationalinstituteforstudiesltd"
    )
    assert READER.read("龙德有限公司").full == "longdeyouxiangongsi"


@pytest.mark.parametrize(
    "text", ["word " * 10_000, "x" * 100_000, "\ufdfa" * 10_000, "龙" * 10_000]
)
def test_what_is_left_of_an_endless_text_is_bounded(text: str) -> None:
    reading = READER.read(text)
    assert len(reading.written) <= 24
    assert len("".join(reading.written)) <= 400
    assert len(reading.full) <= 400
    assert len(reading.ideographs) <= 1_000


def test_blanks_hide_no_name() -> None:
    assert READER.read(" " * 50_000 + "Leidos").written == ("leidos",)
