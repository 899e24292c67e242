"""Ideographs of one meaning have one form."""

from __future__ import annotations

import pytest

from api.screening.ideographs import _PAIRS, simplified


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("龍德造船", "龙德造船"),
        ("沖電気工業", "冲电气工业"),
        ("日本製鉄", "日本制铁"),
        ("Leidos", "Leidos"),
    ],
)
def test_traditional_and_japanese_forms(text: str, form: str) -> None:
    assert simplified(text) == form


def test_no_pair_leads_to_another() -> None:
    assert all(len(pair) == 2 for pair in _PAIRS)
    assert len({pair[0] for pair in _PAIRS}) == len(_PAIRS)
    assert not {pair[0] for pair in _PAIRS} & {pair[1] for pair in _PAIRS}
