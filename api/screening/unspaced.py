"""Names written without spaces, in ideographs, kana or hangul, found with typing errors in them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from api.screening.buckets import Buckets
from api.screening.names import Reading
from api.screening.near import NearTexts

# One wrong letter of four leaves a name, two of eight; of fewer it is anybody's.
_SHORTEST, _SHORTEST_OF_TWO = 4, 8
# A name with so many letters of its own is known wherever it stands, as is a longer one of common
# words; others only at the beginning of what is said.
_OWN, _LONG = 3, 8
# Longer names are not looked for within a text.
_LONGEST_WITHIN = 40
_PLACES = (
    "中国 美国 日本 台湾 香港 澳门 新加坡 马来西亚 泰国 越南 印度 韩国 德国 法国 英国 欧洲 "
    "亚太 亚洲"
).split()
# What leads to a name in a text: whom it is for, the end of an address, a place.
_LEADS = (
    *"转 请转 转交 代 致 由 收货人 收货方 发货人 买方 卖方 用户".split(),
    *"号 楼 室 层 街 路 道 区 市 省 座 栋 厦".split(),
    *_PLACES,
)
_PLACE = re.compile("|".join(_PLACES))
# What an error costs of the likeness, times the letters of the name.
_COST = 0.4
# Of longer names the beginning is looked for with letters swapped.
_LONGEST_TURNED = 40
# Of texts that many parties share as many are looked at.
_MOST_OF_A_TEXT = 40


def errors_allowed(length: int) -> int:
    """How many typing errors a name of so many letters without its legal form may have."""
    return 0 if length < _SHORTEST else 1 if length < _SHORTEST_OF_TWO else 2


def without_places(text: str) -> str:
    """A text without the countries and regions that a branch is named after, as 新加坡分公司."""
    return text if text.isascii() else _PLACE.sub(" ", text)


class UnspacedNames:
    """The listed names of such scripts, each filed with and without its legal form."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._text_of, self._published_of = array("I"), array("I")
        # Names looked for within a text, whether each is known anywhere, and how they begin.
        self._whole: dict[str, int] = {}
        self._anywhere = bytearray()
        self._whole_of, self._published_whole = array("I"), array("I")
        self._begins: set[str] = set()

    def file(self, reading: Reading, published: int) -> None:
        """Adds a name, if it is one."""
        for text, anywhere in _to_look_for(reading):
            number = self._whole.setdefault(text, len(self._whole))
            if number == len(self._anywhere):
                self._anywhere.append(0)
                self._begins.add(text[:_SHORTEST])
            self._anywhere[number] |= anywhere
            self._whole_of.append(number)
            self._published_whole.append(published)
        if len(reading.unspaced) < _SHORTEST:
            return
        for text in {reading.unspaced, reading.unspaced_full}:
            self._text_of.append(self._texts.setdefault(text, len(self._texts)))
            self._published_of.append(published)

    def close(self) -> None:
        """Makes the names ready to be asked for; none is added afterwards."""
        self._near = NearTexts(list(self._texts), wide=True)
        self._named = Buckets(self._text_of, self._published_of, len(self._texts))
        self._holds = Buckets(self._whole_of, self._published_whole, len(self._whole))
        self._lengths = sorted({len(text) for text in self._whole})

    def like(self, asked: Reading) -> Iterator[int]:
        """The published names, by number, that the one asked about may be meant to be."""
        errors = errors_allowed(len(asked.unspaced) + 1)
        if not errors:
            return
        numbers: dict[int, None] = {}
        for text in {asked.unspaced, asked.unspaced_full}:
            numbers |= {number: None for number, _ in self._near.near(text, errors)}
            # Two letters swapped may leave no piece whole.
            for at in range(min(len(text), _LONGEST_TURNED) - 1):
                turned = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
                if errors > 1:
                    numbers |= {number: None for number, _ in self._near.near(turned, 1)}
                elif turned in self._texts:
                    numbers[self._texts[turned]] = None
        for number in numbers:
            yield from self._named.of(number)[:_MOST_OF_A_TEXT]

    def within(self, text: str, begin: frozenset[int]) -> Iterator[tuple[int, int, int]]:
        """The published names, by number, that stand whole in a longer text, from where to where.

        `text` are letters and `begin` where they begin anew, as `Reader.letters` gives them.
        """
        seen = set[str]()
        for start in range(len(text) - _SHORTEST + 1):
            if text[start : start + _SHORTEST] not in self._begins:
                continue
            leads = start in begin or text.endswith(_LEADS, 0, start)
            for length in self._lengths:
                part = text[start : start + length]
                number = self._whole.get(part)
                if number is None or part in seen or not (leads or self._anywhere[number]):
                    continue
                seen.add(part)
                for published in self._holds.of(number)[:_MOST_OF_A_TEXT]:
                    yield published, start, start + length


def _to_look_for(reading: Reading) -> Iterator[tuple[str, bool]]:
    """A name as it is looked for within a text, and whether wherever it stands there.

    What is all common words, or shorter than four letters, is a name with its legal form only.
    """
    text, full = reading.unspaced, reading.unspaced_full
    letters = sum(not c.isascii() for c in text)
    own = len(reading.own_ideographs) + letters - len(reading.ideographs)
    anywhere = own >= _OWN or letters >= _LONG
    if len(text) >= _SHORTEST and letters > 1 and (own > 1 or anywhere):
        if len(text) <= _LONGEST_WITHIN:
            yield text, anywhere
    elif letters > 1 and len(text) + 1 < len(full) <= _LONGEST_WITHIN:
        yield full, anywhere


def _foreign(reading: Reading) -> str:
    """The letters that are no ideographs."""
    return "".join([c for c in reading.unspaced if c not in reading.ideographs])


def unspaced_likeness(asked: Reading, listed: Reading) -> float:
    """The likeness of two such names letter by letter, 0 if they are different names.

    What differs in common words that are each spelt right is another word, not an error: an
    electric company is no heavy one.
    """
    if asked.own_ideographs == listed.own_ideographs and _foreign(asked) == _foreign(listed):
        return 0.0
    allowed = errors_allowed(len(listed.unspaced))
    errors = min(
        OSA.distance(mine, theirs, score_cutoff=allowed)
        for mine, theirs in (
            (asked.unspaced, listed.unspaced),
            (asked.unspaced_full, listed.unspaced_full),
        )
    )
    return 1 - _COST * errors / len(listed.unspaced) if errors <= allowed else 0.0
