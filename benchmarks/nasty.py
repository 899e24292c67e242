"""Texts that are nobody's name, to slow a screener down: endless, repeated, in odd characters."""

from __future__ import annotations

import random
from itertools import cycle, islice

LENGTH = 10_000
_TRADES = "technologies systems international aerospace electronics industries metals".split()


def _filled(unit: str) -> str:
    return "".join(islice(cycle(unit), LENGTH))


def _noise(first: int, last: int) -> str:
    make = random.Random(first)
    return "".join(chr(make.randint(first, last)) for _ in range(LENGTH))


NASTY = {
    "one long word": _filled("abcdefghijklmnopqrstuvwxyz"),
    "one letter": _filled("a"),
    "one-letter words": _filled("a b c d e f g "),
    "common words": _filled(" ".join(_TRADES) + " "),
    "common words misspelt": _filled("technolgies systms intrnational aerospce electrnics "),
    "rare surnames": _filled("Miller Anderson Tanaka Rossi Novotny Hoffmann Petrov Kessler "),
    "syllables": _filled("branzentaldexcorvexnormarlan"),
    "legal forms": _filled("Co., Ltd. GmbH S.p.A. "),
    "legal forms in pinyin": _filled("youxiangongsi"),
    "branches": _filled(" and its branches"),
    "brackets": _filled("(a"),
    "names in brackets": _filled("(Miller Systems) c/o Tanaka / "),
    "blanks": " " * LENGTH + "Miller",
    "control characters": _filled("M\x00i\x1bl\x07"),
    "commas": _filled(","),
    "a name and commas": "A" + "," * (LENGTH - 2) + "B",
    "hyphens": "A" + "-" * (LENGTH - 2) + "B",
    "semicolons": "A" + ";" * (LENGTH - 2) + "B",
    "blanks between letters": "A" + " " * (LENGTH - 2) + "B",
    "opening brackets": _filled("("),
    "digits": _filled("1234567890"),
    "numbers of sites": _filled("no 1 "),
    "sites": _filled("Werk 2, "),
    "Chinese digits": _filled("一"),
    "not shown": _filled("A\u200b\u034f\u3164"),
    "emoji": _filled("🛩🚢🧲👩‍🔧"),
    "right to left": _filled("شركة الصناعات الجوية "),
    "marks on marks": _filled("M" + "\u0301" * 40),
    "wide letters": _filled("Ｍｉｌｌｅｒ　"),
    "letters that grow": _filled("\ufdfa"),
    "ideographs": _noise(0x4E00, 0x9FFF),
    "one ideograph": _filled("龙"),
    "legal forms in Chinese": _filled("有限公司"),
    "common words in Chinese": _filled("科技国际航空"),
    "katakana and Latin": _filled("アA"),
    "hangul": _noise(0xAC00, 0xD7A3),
    "lone surrogates": _noise(0xD800, 0xDFFF),
    "any character": _noise(0, 0x10FFFF),
}
