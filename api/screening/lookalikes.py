"""Letters that look like others: Cyrillic and Greek for Latin ones, digits for letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Each pair looks the same in most founts; those of other shapes are transliterated instead.
_PAIRS = """
    АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT ХX УY ԜW аa сc еe һh іi јj оo рp ѕs хx уy ԝw ԁd ԛq кk мm
    тt вb нh ӏl ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX οo αa νv ρp υu ιi κk ɑa ɡg ıi
""".split()
_LATIN = {ord(pair[0]): pair[1] for pair in _PAIRS}
_FOREIGN = re.compile("[" + "".join(pair[0] for pair in _PAIRS) + "]")
# A word of letters and digits; "L3Harris" keeps its digit, which looks like no letter.
_WORDS = re.compile(r"\w+|\W+")
_MIXED = re.compile(r"\b(?=\w*[^\W\d_])(?=\w*[01])\w+")
_DIGITS = ({ord("0"): "o", ord("1"): "l"}, {ord("0"): "o", ord("1"): "i"})
_LONGEST = 1_000


def lookalikes(text: str) -> Iterator[str]:
    """How else the text may be meant, if letters in it look like others."""
    text = text[:_LONGEST]
    if not text.isascii() and _FOREIGN.search(text):
        text = text.translate(_LATIN)
        yield text
    if ("0" in text or "1" in text) and _MIXED.search(text):
        for digits in _DIGITS if "1" in text else _DIGITS[:1]:
            yield "".join(
                [
                    word.translate(digits) if _MIXED.fullmatch(word) else word
                    for word in _WORDS.findall(text)
                ]
            )
