"""Hits: what is one, what it scores and why."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import get_args

import pytest

from api.rulebook.parties import NO_SCREENING, Screening
from api.screening.clues import CLUE_KINDS, ClueKind
from api.screening.screener import MOST_HITS, Hit, Screener
from tests.conftest import ROOT
from tests.screening.conftest import ids, party

LEI = ("lei", "5493001KJTIIGC8Y1R12")


def clues(hit: Hit) -> dict[str, tuple[Decimal, str]]:
    return {clue.kind: (clue.points, clue.detail) for clue in hit.clues}


def test_a_hit_tells_what_matched_and_why(screener: Screener) -> None:
    (hit,) = screener.screen("Anduril Indstries Group", "US")
    assert hit.listed.id == "mofcom-2025-01-23"
    assert hit.matched == "Anduril Industries"
    assert [clue.kind for clue in hit.clues] == [
        "name",
        "spelling",
        "added_words",
        "country_agrees",
    ]
    assert clues(hit)["spelling"] == (0, "indstries ~ industries")
    assert clues(hit)["added_words"] == (0, "group")
    assert clues(hit)["country_agrees"] == (2, "US")
    assert hit.score == sum(clue.points for clue in hit.clues)
    assert 86 <= hit.score < 100


@pytest.mark.parametrize(
    ("asked", "kind", "detail"),
    [
        ("General Dynamcs", "spelling", "dynamcs ~ dynamics"),
        ("Lockheed", None, None),
        ("Industries Anduril", "word_order", ""),
        ("Anduril", "missing_words", "industry"),
        ("LungtehShipbuilding", "joined_words", ""),
        ("Acme Ltd (Leidos)", "part_of_name", "Leidos"),
        ("JAXA", "hint", "JAXA"),
        ("CSBC Taiwan", None, None),
    ],
)
def test_what_sets_names_apart_is_told(
    screener: Screener, asked: str, kind: str | None, detail: str | None
) -> None:
    hits = screener.screen(asked)
    if kind is None:
        assert all(len(hit.clues) == 1 for hit in hits)
    else:
        assert clues(hits[0])[kind][1] == detail


def test_initials_of_one_long_name_are_found(screening: Screening) -> None:
    screener = Screener([party("a", "Novel Hypersonic Glider Venture Works Inc.")], screening)
    (hit,) = screener.screen("NHGVW Ltd")
    assert clues(hit)["initials"] == (0, "")
    assert hit.score < screening.same_at_least


def test_every_kind_of_clue_is_documented() -> None:
    assert set(CLUE_KINDS) == set(get_args(ClueKind))


@pytest.mark.parametrize("asked", ["GDIT", "gdit", "GDIT LLC", "G.D.I.T., Inc."])
def test_a_hint_counts_as_the_whole_name(screener: Screener, asked: str) -> None:
    (hit,) = screener.screen(asked)
    assert hit.listed.id == "mofcom-2025-01-13"
    assert hit.clues[0].kind == "hint"
    assert hit.matched == "GDIT"
    assert hit.score < 95  # A person looks.


@pytest.mark.parametrize("asked", ["GDIT Trading", "GDXT", "Jmu Textiles Ltd", "The GDIT Bakery"])
def test_a_hint_counts_as_nothing_less(screener: Screener, asked: str) -> None:
    assert screener.screen(asked) == ()


def test_a_hint_of_several_words_counts(screener: Screener) -> None:
    (hit,) = screener.screen("WROCŁAW UNIVERSITY OF SCIENCE & TECHNOLOGY")
    assert hit.listed.id == "mofcom-2026-30-10"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("USA Rare Earth, Inc.", True),
        ("U.S.A. RARE EARTH LLC", True),
        ("Rare Earth, USA", True),
        ("美國稀土公司", True),
        ("Rare Earth Trading Inc.", False),
        ("USA Rare Earths Trading Inc.", False),
        ("USA Rare Metals Inc.", False),
        ("US Rare Earth Magnets, Inc.", False),
        ("IronMountain Solutions", True),
        ("Iron Mountain Solutions", True),
        ("Iron Mountain Inc.", False),
        ("Iron Mountain Information Solutions", False),
    ],
)
def test_some_names_count_only_as_published(screener: Screener, asked: str, found: bool) -> None:
    hits = ids(screener.screen(asked))
    assert bool({"mofcom-2026-23-10", "mofcom-2025-01-17"} & set(hits)) is found


def test_the_country_raises_or_lowers_a_score(screener: Screener) -> None:
    plain, agrees, differs = (screener.screen("Lafertt", country) for country in (None, "it", "FR"))
    assert agrees[0].score == plain[0].score + 2
    assert clues(agrees[0])["country_agrees"] == (2, "IT")
    assert not differs or differs[0].score == plain[0].score - 4


def test_the_country_tips_the_scales(screening: Screening) -> None:
    screener = Screener([party("a", "Zoltan Quarx Ltd", country="HU")], screening)
    score = screener.screen("Zoltan Quar")[0].score
    strict = Screener(
        [party("a", "Zoltan Quarx Ltd", country="HU")], replace(screening, hit_at_least=score + 1)
    )
    assert strict.screen("Zoltan Quar") == ()
    assert strict.screen("Zoltan Quar", "HU")


def test_no_country_takes_an_exact_name_off_the_list(screening: Screening) -> None:
    severe = replace(screening, country_differs=Decimal(-50), identifier_differs=Decimal(-50))
    listed = party("a", "Leidos", country="US", identifiers=(LEI,))
    (hit,) = Screener([listed], severe).screen("Leidos Inc.", "FR", [("LEI", "OTHER")])
    assert hit.score == screening.hit_at_least
    assert clues(hit)["country_differs"] == (0, "FR ≠ US")
    assert clues(hit)["identifier_differs"][0] == -14
    assert hit.score == sum(clue.points for clue in hit.clues)


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        (LEI, ("LEI", "5493-001k-jtiigc8y1r12")),
        (("website", "https://www.leidos.com/about"), ("website", "leidos.com")),
        (("duns", "00-123-4567"), ("duns", " 001234567")),
    ],
)
def test_an_identifier_finds_a_party_of_any_name(
    screening: Screening, listed: tuple[str, str], asked: tuple[str, str]
) -> None:
    parties = [party("a", "Leidos", country="US", identifiers=(listed,)), party("b", "Axient")]
    screener = Screener(parties, screening)
    (hit,) = screener.screen("Harbour Bakery", "FR", [asked])
    assert hit.listed.id == "a"
    assert hit.score == screening.hit_at_least
    assert hit.clues[0].kind == "identifier_only"
    assert "identifier_agrees" in clues(hit)
    assert hit.score == sum(clue.points for clue in hit.clues)


def test_an_identifier_of_its_own_type_lowers_a_score_when_it_differs(screening: Screening) -> None:
    screener = Screener([party("a", "Leidos", identifiers=(LEI,))], screening)
    assert screener.screen("Leidos", None, [("duns", "1")])[0].score == 100
    (hit,) = screener.screen("Leidos", None, [("lei", "X1")])
    assert hit.score == 94
    assert clues(hit)["identifier_differs"] == (-6, f"lei x1 ≠ {LEI[1].lower()}")


def test_the_best_hits_come_first_and_each_record_is_its_own(screening: Screening) -> None:
    parties = [
        party("uel", "Axient", entity="axient"),
        party("control", "Axient", entity="axient"),
        party("near", "Axiens"),
    ]
    hits = Screener(parties, screening).screen("Axient")
    assert ids(hits) == ["control", "uel", "near"]
    many = Screener([party(f"p{n:02}", "Axient") for n in range(30)], screening)
    assert ids(many.screen("Axient")) == [f"p{n:02}" for n in range(MOST_HITS)]


@pytest.mark.parametrize("name", ["", " ", "!!!", "\x00", "的", "，。", "🚢"])
def test_what_holds_no_name_hits_nobody(screener: Screener, name: str) -> None:
    assert screener.screen(name) == ()


def test_a_rule_set_without_lists_hits_nobody() -> None:
    assert Screener([], NO_SCREENING).screen("Leidos", "US", [LEI]) == ()


def test_threads_may_share_a_screener(screener: Screener) -> None:
    names = ["Leidos", "Lockeed Marton", "Harbour Bakery", "龍德造船", "GDIT"] * 40
    alone = [screener.screen(name) for name in names]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(screener.screen, names)) == alone


def test_the_same_answer_in_every_process() -> None:
    """Sets of texts go in another order in each: none may show."""
    script = (
        "from tests.screening.conftest import *;"
        "s = Screener(read_published(), read_settings());"
        "print([(h.listed.id, str(h.score), h.clues) for n, c in read_innocent()"
        " for h in s.screen(n + ' General Systems Lockheed', c)])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
