"""Texts near another: none is missed, none is made up, and the work is bounded."""

from __future__ import annotations

import random
import string
from zlib import crc32

import pytest
from rapidfuzz.distance import OSA

from api.screening import near
from api.screening.near import NearTexts

MAKE = random.Random(5)
TEXTS = list(
    dict.fromkeys("".join(MAKE.choices("abcde", k=MAKE.choice(range(1, 30)))) for _ in range(1_500))
)


@pytest.mark.parametrize("errors", [1, 2])
def test_whatever_is_so_near_is_found(errors: int) -> None:
    texts = NearTexts(TEXTS)
    for asked in [*TEXTS[::5], "", "ab", "a" * 200]:
        found = dict(texts.near(asked, errors))
        expected = {
            number: OSA.distance(asked, text)
            for number, text in enumerate(TEXTS)
            # Pieces of texts of up to five letters stand for one error.
            if len(text) > 2
            and OSA.distance(asked, text) <= (1 if len(text) < 6 else errors)
            and not _turned(asked, text)
        }
        assert expected.items() <= found.items()
        assert all(OSA.distance(asked, TEXTS[number]) == n <= errors for number, n in found.items())


def _turned(one: str, other: str) -> bool:
    """Whether letters were swapped, which may touch two pieces at once."""
    return OSA.distance(one, other) < _edits(one, other)


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row_before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(row_before[j] + 1, row[-1] + 1, row_before[j - 1] + (a != b)))
    return row[-1]


def test_texts_that_share_all_pieces_are_not_all_looked_at() -> None:
    letters = string.ascii_lowercase
    texts = NearTexts([f"technologies{a}{b}{c}" for a in letters for b in letters for c in letters])
    data = b"technologiesabc"
    keys = [crc32(data[start:end], tag) for tag, start, end in near._probes(len(data), 2)]
    assert 0 < len(texts._sharing(keys)) <= near._MOST_LOOKED_AT
