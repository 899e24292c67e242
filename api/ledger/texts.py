"""Where texts stand in JSON documents, and documents with something else in their place.

A text stands where a string is the whole of it, and as whole words of prose: a string with white
space or with letters beyond ASCII. Identifiers, keys, numbers and dates are no prose, and nothing
but the strings that a text stands in changes by a byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

MARKER = re.compile(r"erased [0-9a-f]{16}")
"""What stands in place of a text that was erased."""

PLACES = frozenset(
    (
        "name", "address", "website", "submitted_by", "exporter", "before", "after", "to",
        "another_exporter", "elsewhere_exporter", "supplier",
    )
)  # fmt: skip
"""Members, or the last part of their names, that say who or where. Others may hold codes."""

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)

# Letters and digits of the scripts that have spaces between words.
_JOINED = r"[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uffff\U00010000-\U0010ffff]"


class Texts:
    """Texts to be found, as they are spelled."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.whole = frozenset(texts)
        words = sorted(filter(_has_letters, self.whole), key=len, reverse=True)
        # What was erased before stays, whatever its marker has of a text.
        self._words = re.compile("|".join((MARKER.pattern, *map(_bounded, words))))

    def instead(self, value: str, other: Callable[[str], str]) -> str:
        """The string with something else for each text, given the text."""
        if value in self.whole:
            return other(value)
        if not _is_prose(value):
            return value

        def one(found: re.Match[str]) -> str:
            text = found.group()
            return other(text) if text in self.whole else text

        return self._words.sub(one, value)

    def stand_in(self, value: str) -> bool:
        """Whether one of them stands in the string."""
        return self.instead(value, lambda _: "") != value


def is_code(text: str) -> bool:
    """Whether it may be what a member says that holds no name: a code, a number, a date."""
    return text.isascii() and text in (text.lower(), text.upper()) and not re.search(r"\s", text)


def strings(document: bytes) -> Iterator[tuple[str, str]]:
    """Every string of a JSON document with its member's name, "" for that of none."""
    member = ""
    for found in _STRING.finditer(document.decode()):
        value = _read(found.group(1))
        if found.group(2) is not None:
            member = value
        else:
            yield member, value


def with_strings(document: bytes, instead: Callable[[str, str, str], str]) -> bytes:
    """The document with other strings, given member, string and how it is written."""
    member = ""

    def one(found: re.Match[str]) -> str:
        nonlocal member
        written = found.group(1)
        value = _read(written)
        if found.group(2) is not None:
            member = value
            return found.group()
        other = instead(member, value, written)
        if other == value:
            return found.group()
        try:
            other.encode()
            as_ascii = "\\u" in written and written.isascii()
        except UnicodeEncodeError:  # half characters
            as_ascii = True
        return json.dumps(other, ensure_ascii=as_ascii)

    return _STRING.sub(one, document.decode()).encode()


def _read(written: str) -> str:
    value: str = json.loads(f'"{written}"', strict=False)
    return value


def _has_letters(text: str) -> bool:
    return any(c.isalpha() for c in text)


def _is_prose(value: str) -> bool:
    return not value.isascii() or re.search(r"\s", value) is not None


def _bounded(text: str) -> str:
    before = f"(?<!{_JOINED})" if re.match(_JOINED, text[0]) else ""
    after = f"(?!{_JOINED})" if re.match(_JOINED, text[-1]) else ""
    return f"{before}{re.escape(text)}{after}"
