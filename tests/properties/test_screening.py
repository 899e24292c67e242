"""What must always hold of screening, whatever the text."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from statistics import median

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api.screening.names import Reader
from api.screening.parts import MOST_PARTS, parts
from api.screening.screener import MOST_HITS, Screener
from benchmarks.nasty import NASTY
from tests.screening.conftest import ids, party, read_published, read_settings

SETTINGS = read_settings()
PUBLISHED = read_published()
SCREENER = Screener(PUBLISHED, SETTINGS)
READER = Reader(SETTINGS.legal_forms, SETTINGS.common_words)
FREE = [listed for listed in PUBLISHED if not listed.full_name_only]
LATIN_FORMS = [form for form in SETTINGS.legal_forms if form.isascii() and len(form) > 2]
COMMON = [word for word in SETTINGS.common_words if word.isascii()]
# The most names that are compared for one text: 40 of one reading, and initials.
MOST_COMPARED = 41

listed_parties = st.sampled_from(PUBLISHED)
unicode_text = st.text(st.characters(exclude_categories=()), max_size=300)
repeated = st.builds(
    lambda unit, times: unit * times,
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=20),
    st.integers(1, 1_000),
)
mixtures = st.lists(
    st.one_of(
        st.sampled_from([name for listed in PUBLISHED for name in listed.names]),
        st.sampled_from(COMMON),
        st.sampled_from(LATIN_FORMS),
        st.text(max_size=12),
        st.sampled_from(["(", ")", " c/o ", " / ", "；", "\u202e", "\u0301", "\x00", "🚢"]),
    ),
    max_size=40,
).map("".join)


@st.composite
def published_names(draw: st.DrawFn) -> tuple[str, str]:
    """The id of a party and one of its names."""
    listed = draw(listed_parties)
    return listed.id, draw(st.sampled_from(listed.names))


def scores_98(id_: str, name: str) -> bool:
    return any(hit.listed.id == id_ and hit.score >= 98 for hit in SCREENER.screen(name))


@settings(max_examples=300)
@given(st.one_of(unicode_text, repeated, mixtures), st.none() | st.text(max_size=3))
def test_any_text_is_screened(text: str, country: str | None) -> None:
    hits = SCREENER.screen(text, country, [("lei", text), (text, "1")])
    assert len(hits) <= MOST_HITS
    assert len(set(ids(hits))) == len(hits)
    for hit in hits:
        assert SETTINGS.hit_at_least <= hit.score <= 100
        assert hit.matched in (*hit.listed.names, *hit.listed.hints)
        exact = sum((clue.points for clue in hit.clues), Decimal(0))
        assert hit.score == min(exact, Decimal(100))
    assert list(hits) == sorted(hits, key=lambda hit: -hit.score)


@settings(max_examples=300)
@given(st.one_of(unicode_text, repeated, mixtures))
def test_the_work_of_any_text_is_bounded(text: str) -> None:
    assert len(parts(text)) <= MOST_PARTS
    for part in (text, *parts(text)):
        reading = READER.read(part)
        assert len(reading.written) <= 24
        assert max(map(len, (*reading.written, reading.full)), default=0) <= 400
        index = SCREENER._index
        compared = index.candidates(index.weigher.asked(reading), 0.84) if reading.words else []
        assert len(compared) <= MOST_COMPARED


@pytest.mark.parametrize("kind", NASTY)
def test_no_text_takes_long(kind: str) -> None:
    """Many times what it takes, lest a busy machine fail it; the benchmark measures."""
    times = []
    for _ in range(5):
        started = time.process_time()
        SCREENER.screen(NASTY[kind])
        times.append(time.process_time() - started)
    assert median(times) < 0.05


@given(published_names())
def test_a_published_name_scores_98_against_itself(published: tuple[str, str]) -> None:
    assert scores_98(*published)


@given(published_names(), st.sampled_from([str.upper, str.lower, str.swapcase, str.title]))
def test_case_loses_no_exact_name(published: tuple[str, str], change: Callable[[str], str]) -> None:
    assert scores_98(published[0], change(published[1]))


@given(published_names(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_form_of_characters_loses_no_exact_name(published: tuple[str, str], form: str) -> None:
    assert form in ("NFC", "NFD", "NFKC", "NFKD")
    assert scores_98(published[0], unicodedata.normalize(form, published[1]))  # type: ignore[arg-type]


@given(published_names())
def test_width_loses_no_exact_name(published: tuple[str, str]) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in published[1])
    assert scores_98(published[0], wide.replace(" ", "\u3000"))


@given(published_names(), st.data())
def test_accents_lose_no_exact_name(published: tuple[str, str], data: st.DataObject) -> None:
    name = published[1]
    assume(name.isascii())
    at = data.draw(st.sampled_from([n for n, c in enumerate(name) if c.isalpha()]))
    mark = data.draw(st.sampled_from("\u0300\u0301\u0302\u0303\u0308\u030c"))
    assert scores_98(published[0], name[: at + 1] + mark + name[at + 1 :])


@given(published_names(), st.data())
def test_the_order_of_words_loses_no_exact_name(
    published: tuple[str, str], data: st.DataObject
) -> None:
    words = list(READER.read(published[1]).written)
    assume(published[1].isascii())
    assert scores_98(published[0], " ".join(data.draw(st.permutations(words))))


@given(published_names(), st.sampled_from(LATIN_FORMS))
def test_a_legal_form_at_the_end_loses_no_exact_name(published: tuple[str, str], form: str) -> None:
    words = READER.read(published[1]).written
    assume(published[1].isascii())
    assert scores_98(published[0], f"{' '.join(words)} {form}")


@given(published_names(), st.data())
def test_spaces_and_punctuation_lose_no_exact_name(
    published: tuple[str, str], data: st.DataObject
) -> None:
    words = READER.read(published[1]).written
    assume(published[1].isascii())
    gaps = st.text(".,-_*!?\t\u00a0 ", max_size=3).map(lambda gap: f" {gap}")
    spaced = "".join(word + data.draw(gaps) for word in words)
    assert scores_98(published[0], data.draw(gaps) + spaced)


@given(st.lists(st.sampled_from(SETTINGS.common_words), min_size=1, max_size=6))
def test_common_words_only_hit_nobody_of_a_name_of_their_own(words: list[str]) -> None:
    own = [party(p.id, *names) for p in FREE if (names := _with_own_words(p.names))]
    assert Screener(own, SETTINGS).screen(" ".join(words)) == ()


def _with_own_words(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are not themselves made of common words."""
    return tuple(
        name
        for name in names
        if not all(READER.is_common(word) for word in READER.read(name).words)
    )


@given(mixtures, st.none() | st.sampled_from(["US", "JP"]))
def test_screening_is_deterministic(text: str, country: str | None) -> None:
    again = Screener(PUBLISHED, SETTINGS)
    assert SCREENER.screen(text, country) == again.screen(text, country)


@given(published_names(), st.text("qxzjw", min_size=8, max_size=14))
def test_a_party_unlike_it_takes_no_hit_away(published: tuple[str, str], other: str) -> None:
    before = SCREENER.screen(published[1])
    more = Screener([party("unlike", f"{other} {other[::-1]}"), *PUBLISHED], SETTINGS)
    assert set(ids(before)) <= set(ids(more.screen(published[1])))


@given(published_names(), st.sampled_from(["US", "DE", None]))
def test_a_lower_threshold_loses_no_hit(published: tuple[str, str], country: str | None) -> None:
    lower = Screener(PUBLISHED, replace(SETTINGS, hit_at_least=Decimal(70)))
    found = set(ids(SCREENER.screen(published[1], country)))
    assert found <= set(ids(lower.screen(published[1], country)))
