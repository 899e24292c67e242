"""How alike names and words are."""

from __future__ import annotations

import pytest

from api.screening.compare import Likeness, compare, ideographs_apart
from api.screening.index import Index
from api.screening.names import Reader, Reading
from api.screening.words import Kind, word_likeness
from tests.screening.conftest import read_settings

READER = Reader(read_settings().legal_forms, read_settings().common_words)


def likeness(asked: str, listed: str) -> Likeness:
    reading = READER.read(listed)
    weigher = Index([reading.written], READER).weigher
    return compare(weigher.asked(READER.read(asked)), weigher.listed(reading.written))


@pytest.mark.parametrize(
    ("nearer", "farther", "listed"),
    [
        ("Anduril Industries", "Industries Anduril", "Anduril Industries"),
        ("Industries Anduril", "Anduril", "Anduril Industries"),
        ("Anduril", "Andurol", "Anduril Industries"),
        ("Anduril Industries", "AndurilIndustries", "Anduril Industries"),
        ("Andurol Industries", "Andorol Industries", "Anduril Industries"),
        ("Sumitomo Heavy", "Sumitomo Electric Industries", "Sumitomo Heavy Industries"),
        ("Fujikura Parachutes", "Fujikura", "Fujikura Parachute"),
        ("Aoki Seimitsu", "Aoki", "Aoki Seimitsu Kogyo"),
    ],
)
def test_less_alike_scores_less(nearer: str, farther: str, listed: str) -> None:
    assert likeness(nearer, listed).score > likeness(farther, listed).score


def test_what_sets_names_apart_is_kept() -> None:
    found = likeness("Systms Anduril Metals", "Anduril Industries Systems")
    assert found.spelling == (("systms", "systems"),)
    assert found.missing == ("industry",)
    assert found.added == ("metal",)
    assert found.reordered


def test_a_common_word_spelt_right_is_no_other_word_spelt_wrong() -> None:
    assert likeness("Sensors Tools", "Senkors Tools").score < 0.5
    assert likeness("Sendors Tools", "Senkors Tools").score > 0.86


@pytest.mark.parametrize(
    ("asked", "listed", "kind", "alike"),
    [
        ("leidos", "leidos", Kind.OWN, True),
        ("leidso", "leidos", Kind.OWN, True),
        ("lediso", "leidos", Kind.OWN, True),
        ("ihc", "ihi", Kind.OWN, True),
        ("ic", "ih", Kind.OWN, False),
        ("mfg", "manufacturing", Kind.COMMON, True),
        ("mfg", "manufacturing", Kind.OWN, False),
        ("electr", "electronics", Kind.COMMON, True),
        ("anduril", "andurilsystem", Kind.OWN, True),
        ("and", "andurilsystem", Kind.OWN, False),
        ("axient", "leidos", Kind.OWN, False),
    ],
)
def test_words(asked: str, listed: str, kind: Kind, alike: bool) -> None:
    assert bool(word_likeness(asked, listed, kind)) is alike


@pytest.mark.parametrize(
    ("asked", "listed", "least", "most"),
    [
        ("三菱材料", "三菱材料", 1.0, 1.0),
        ("龙德造船", "龙德造船工业", 1.0, 1.0),
        ("丽芳", "立方", 0.6, 0.8),
        ("利方", "立方", 0.8, 0.86),
        ("莱因金属", "莱茵金属", 0.86, 0.95),
        ("安杜里儿", "安杜里尔", 0.9, 0.95),
    ],
)
def test_ideographs_that_differ_make_another_name(
    asked: str, listed: str, least: float, most: float
) -> None:
    def reading(text: str) -> Reading:
        return Reading((), (), "", text, text)

    assert least <= ideographs_apart(reading(asked), reading(listed)) <= most
