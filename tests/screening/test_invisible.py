"""What nobody sees hides no name, and no name of a material."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from api.decide.naming import normalise
from api.invisible import visible
from api.screening.screener import Screener
from tests.screening.conftest import ids

NOT_SHOWN = [
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180e", "\u200b",
    "\u200d", "\u202b", "\u2060", "\u2066", "\u2800", "\u3164", "\ufe0f", "\ufeff", "\uffa0",
    "\u0378", "\ue000", "\U000e0041", "\U000e0100", "\U000f0000",
]  # fmt: skip


@pytest.mark.parametrize("unseen", NOT_SHOWN, ids=lambda c: f"U+{ord(c):04X}")
def test_a_listed_name_is_found_and_a_material_named(screener: Screener, unseen: str) -> None:
    assert "mofcom-2025-01-07" in ids(screener.screen(unseen.join("Raytheon Missiles & Defense")))
    assert "mofcom-2025-35-07" in ids(screener.screen(unseen.join("龙德造船工业股份有限公司")))
    assert normalise(f"anti{unseen}mony ox{unseen}ide") == " antimony oxide "


def test_no_character_of_format_or_private_use_is_left() -> None:
    text = "".join(map(chr, range(sys.maxunicode + 1)))
    assert not {unicodedata.category(c) for c in visible(text)} & {"Cf", "Co", "Cs"}


def test_what_is_shown_stays() -> None:
    shown = "Škoda 龙德\n造船 (株) ไทย שלום \U00031350"
    assert visible(shown) == shown
