"""Which listed names are worth comparing with a name: those that share a word or its letters."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from math import log
from zlib import crc32

from rapidfuzz import fuzz, process

from api.screening.buckets import Buckets, size_for
from api.screening.compare import COMMON_WEIGHT, Weighed, edits_allowed, rarity_weight
from api.screening.names import Reader, Reading
from api.screening.near import NearTexts

_FEWEST = 1_000
_MOST_NAMES_OF_A_WORD = 2_000
_MOST_CANDIDATES = 40
_SURE = 15
_MOST_WEIGHED = 800
_LONGEST_WORD = 60


class Index:
    """All distinct listed names, numbered in the order given."""

    def __init__(self, names: Iterable[tuple[str, ...]], reader: Reader) -> None:
        """Takes each distinct name as the words it is written with."""
        self._reader = reader
        self._names: list[str] = []
        numbers: dict[str, int] = {}
        texts: list[str] = []
        text_of, name_of = array("I"), array("I")
        bag_of, bag_name = array("I"), array("I")
        initials, initials_name = array("I"), array("I")

        def file(text: str, name: int) -> None:
            number = numbers.get(text)
            if number is None:
                number = numbers[text] = len(texts)
                texts.append(text)
            text_of.append(number)
            name_of.append(name)

        self._known: dict[str, int] = {}
        self._count = array("I")
        for name, written in enumerate(names):
            self._names.append(" ".join(written))
            words = reader.usual(written)
            core = []
            for at, word in enumerate(words):
                if reader.is_common(word):
                    continue
                core.append(written[at])
                number = self._known.get(word)
                if number is None:
                    number = self._known[word] = len(self._count)
                    self._count.append(0)
                self._count[number] += 1
                file(word, name)
            whole = "".join(written)
            if len(words) != 1 or not core:
                file(whole, name)
            if core and len(core) > 1 and len(core) < len(words):
                file("".join(core), name)
            for bag in {_bag(words), _bag(reader.usual(core) or words)}:
                bag_of.append(bag)
                bag_name.append(name)
            for short in _initials(written, reader):
                initials.append(_hash(short))
                initials_name.append(name)
        self._text_number = {
            text: number for text, number in numbers.items() if len(text) < 3 or text in self._known
        }
        numbers.clear()
        self._near = NearTexts(texts)
        self._named = Buckets(text_of, name_of, len(texts))
        self._bags, self._bag_mask = _hashed(bag_of, bag_name)
        self._initials, self._initials_mask = _hashed(initials, initials_name)
        spread = log(max(len(self._names), _FEWEST))
        self._weight = array(
            "f",
            [
                rarity_weight(max(0.0, 1 - log(count) / spread), len(word))
                for word, count in zip(self._known, self._count, strict=True)
            ],
        )

    def weigh(self, reading: Reading, listed: bool) -> Weighed:
        """The name with the weight of its words: rare ones say most, common ones little."""
        reader = self._reader
        listed = listed or len(reading.words) == 1
        weights, commons = [], []
        for word in reading.words:
            number = self._known.get(word)
            common = number is None and (
                reader.is_common(word) or (not listed and reader.is_nearly_common(word))
            )
            commons.append(common)
            if common:
                weights.append(COMMON_WEIGHT)
            elif number is None:
                weights.append(rarity_weight(1.0, len(word)))
            else:
                weights.append(self._weight[number])
        return Weighed(reading.written, reading.words, tuple(weights), tuple(commons))

    def listed(self, number: int) -> Weighed:
        """A listed name, ready to compare."""
        written = tuple(self._names[number].split())
        return self.weigh(Reading(written, self._reader.usual(written)), True)

    def candidates(self, asked: Weighed) -> list[int]:
        """The numbers of the names most like it, at most 40, likeliest first."""
        found: dict[int, float] = {}
        whole, core = asked.compact, asked.core
        total = sum(asked.weights)
        texts = [whole] if core == whole else [whole, core]
        for text in texts:
            if len(asked.words) == 1 and text == core and not all(asked.common):
                break
            for number, edits in self._near.near(text, min(2, edits_allowed(len(text)))):
                likeness = total * (1.1 - 0.1 * edits if text is whole else 1.0 - 0.1 * edits)
                for name in self._some(number):
                    found[name] = max(found.get(name, 0.0), likeness)
        self._by_words(asked, total, found)
        for words, share in ((asked.words, 1.0), (self._core_words(asked), 0.9)):
            if words and (share == 1.0 or len(words) < len(asked.words)):
                for name in self._bags.of(_bag(words) & self._bag_mask)[:_MOST_CANDIDATES]:
                    found[name] = max(found.get(name, 0.0), total * share)
        for name in self.by_initials(asked):
            found[name] = max(found.get(name, 0.0), total)
        if len(found) <= _MOST_CANDIDATES:
            return sorted(found)
        ordered = sorted(found, key=lambda name: (-found[name], name))
        best, rest = ordered[:_SURE], ordered[_SURE:_MOST_WEIGHED]
        # Among names that share the same distinctive words, the common ones decide.
        alike = process.extract(
            " ".join(asked.words),
            [self._names[name] for name in rest],
            scorer=fuzz.token_sort_ratio,
            limit=_MOST_CANDIDATES - _SURE,
        )
        return best + [rest[at] for _, _, at in alike]

    def _by_words(self, asked: Weighed, total: float, found: dict[int, float]) -> None:
        """Adds the names that share distinctive words, each word found with typing errors too.

        A name that is alike enough shares more than a third of the weight, so the common words
        and those beyond the rarest need not be looked up.
        """
        known = self._known
        words = sorted(
            (
                (-weight, word)
                for word, weight, common in zip(
                    asked.words, asked.weights, asked.common, strict=True
                )
                if not common or len(asked.words) < 3
            )
        )
        shares: dict[int, float] = {}
        left = total
        for negative, word in dict.fromkeys(words):
            if left < 0.4 * total:
                break
            left += negative
            word = word[:_LONGEST_WORD]
            is_known = word in known
            errors = min(edits_allowed(len(word)), 1 if is_known else 2)
            numbers = list(self._near.near(word, errors)) if errors else []
            if is_known and not errors:
                numbers.append((self._text_number[word], 0))
            if not is_known and 2 < len(word) < 6:
                numbers += self._turned(word)
            if not is_known:
                # No name has it as it is, so it may well be shared by none.
                total += negative
            best: dict[int, float] = {}
            room = _MOST_NAMES_OF_A_WORD
            for number, edits in sorted(numbers, key=lambda pair: (pair[1], pair[0])):
                if self._named.count(number) > room:
                    continue
                room -= self._named.count(number)
                weight = -negative * (1 - 0.1 * edits)
                for name in self._named.of(number):
                    if name not in best:
                        best[name] = weight
            for name, weight in best.items():
                shares[name] = shares.get(name, 0.0) + weight
        for name, share in shares.items():
            if share > found.get(name, 0.0):
                found[name] = share

    def _turned(self, word: str) -> list[tuple[int, int]]:
        """The words that a short one is with two letters swapped, which may leave no piece whole."""
        turned = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)
        )
        return [(self._text_number[other], 1) for other in turned if other in self._known]

    def _core_words(self, asked: Weighed) -> list[str]:
        return [w for w, common in zip(asked.words, asked.common, strict=True) if not common]

    def _some(self, number: int) -> Iterable[int]:
        return self._named.of(number)[:_MOST_CANDIDATES]

    def by_initials(self, asked: Weighed) -> tuple[int, ...]:
        """The one name of four words or more whose initials the single distinctive word is."""
        core = self._core_words(asked)
        if len(core) != 1 or not 4 <= len(core[0]) <= 9 or core[0] in self._known:
            return ()
        names = {
            name
            for name in self._initials.of(_hash(core[0]) & self._initials_mask)
            if core[0] in _initials(self._names[name].split(), self._reader)
        }
        return tuple(names) if len(names) == 1 else ()


def _initials(words: Sequence[str], reader: Reader) -> tuple[str, ...]:
    """The first letters of four words or more, with and without a common last word as "group"."""
    if len(words) < 4:
        return ()
    initials = "".join([word[0] for word in words])
    if len(words) > 4 and reader.is_common(*reader.usual(words[-1:])):
        return initials, initials[:-1]
    return (initials,)


def _bag(words: Iterable[str]) -> int:
    return _hash(" ".join(sorted(words)))


def _hash(text: str) -> int:
    return crc32(text.encode())


def _hashed(keys: array[int], values: array[int]) -> tuple[Buckets, int]:
    size = size_for(len(keys))
    mask = size - 1
    return Buckets([key & mask for key in keys], values, size), mask
