"""The names that one text holds: in brackets, after "c/o", in two scripts side by side."""

from __future__ import annotations

import re

# "Lungteh Shipbuilding (龙德造船)", "Acme Ltd c/o Leidos", "Acme / Leidos". No more are read.
MOST_PARTS = 6
# A bracket with less than a word, or a letter or two beside ideographs, is no name.
_SHORTEST = 3
_LONGEST = 1_000

_BETWEEN = re.compile(
    r"\s(?:c/o|d/?b/?a|a/?k/?a|f/?k/?a|n/?k/?a|t/?a|trading as|doing business as"
    r"|(?:also|formerly|now) known as|formerly|on behalf of|care of)\b[\s.:]*"
    r"|\s[-/|–—]\s|[;\n|／｜，]|[(（\[【«〈《)）\]】»〉》]",
    re.IGNORECASE,
)
_UNSPACED = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_SCRIPTS = re.compile(rf"[{_UNSPACED}][{_UNSPACED}\s·・、＆&]*|[^{_UNSPACED}]+")


def parts(text: str) -> tuple[str, ...]:
    """The names within a text beside the whole of it, none if it is but one name."""
    pieces = _BETWEEN.split(text[:_LONGEST])
    if not text.isascii():
        pieces = [run for piece in pieces for run in _in_one_script(piece)]
    if len(pieces) == 1:
        return ()
    found = dict.fromkeys(piece.strip() for piece in pieces if _is_name(piece))
    return tuple(found)[:MOST_PARTS]


def _in_one_script(text: str) -> list[str]:
    """The text, or if more than one script has a name there, the names."""
    runs = [run for run in _SCRIPTS.findall(text) if _is_name(run)]
    return runs if len(runs) > 1 else [text]


def _is_name(text: str) -> bool:
    letters = 0
    for c in text:
        # Two ideographs say as much as three letters.
        letters += c.isalnum() + (c > "\u2fff")
    return letters >= _SHORTEST
