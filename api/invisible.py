"""Characters that nobody sees and that part a word for a machine: what a text is without them."""

from __future__ import annotations

import re

# Letters and marks to Unicode, but shown as nothing: joiners and separators of Mongolian and Khmer,
# fillers of Hangul, the empty pattern of Braille, variation selectors.
_SHOWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
# Overrides show letters in another order than they are written in; tags are letters not shown.
_MISLEADING = re.compile("[\u202d\u202e\U000e0000-\U000e007f]")


def visible(text: str) -> str:
    """The text less characters that are not shown, of format, of private use or of no use yet.

    Blanks and line breaks stay, and so do ideographs that are younger than this Unicode.
    """
    if text.isascii():
        return text
    text = _SHOWN_AS_NOTHING.sub("", text)
    if text.isprintable():
        return text
    return "".join(
        [c for c in text if c.isprintable() or c.isspace() or "\U00020000" <= c < "\U00040000"]
    )


def misleads(text: str) -> bool:
    """Whether it shows other letters than it has: it overrides their direction, or holds tags."""
    return not text.isascii() and _MISLEADING.search(text) is not None
