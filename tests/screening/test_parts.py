"""The names that one text holds."""

from __future__ import annotations

import pytest

from api.screening.parts import MOST_PARTS, parts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lockheed Martin Corporation", ()),
        ("L3哈里斯公司", ()),
        ("波音防务、空间与安全集团", ()),
        ("Boeing Defense, Space & Security", ()),
        ("Raytheon/Lockheed Martin", ()),
        ("Acme Ltd (Leidos)", ("Acme Ltd", "Leidos")),
        ("Acme Ltd（莱多斯）", ("Acme Ltd", "莱多斯")),
        ("Lungteh Shipbuilding 龙德造船", ("Lungteh Shipbuilding", "龙德造船")),
        ("Acme c/o Leidos", ("Acme", "Leidos")),
        ("Acme Ltd d/b/a Leidos", ("Acme Ltd", "Leidos")),
        ("Acme formerly known as Leidos", ("Acme", "Leidos")),
        ("Acme / Leidos", ("Acme", "Leidos")),
        ("Leidos (X)", ("Leidos",)),
        ("", ()),
    ],
)
def test_parts(text: str, found: tuple[str, ...]) -> None:
    assert parts(text) == found


def test_parts_are_few() -> None:
    assert len(parts("".join(f"(name{n})" for n in range(1_000)))) == MOST_PARTS
