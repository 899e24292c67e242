"""Which listed names are worth comparing with a name: those that share a word or its letters."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import log
from zlib import crc32

from rapidfuzz import fuzz, process

from api.screening.buckets import Buckets, hashed
from api.screening.compare import LENIENT_TO_MORE, blend
from api.screening.names import Reader
from api.screening.near import NearTexts
from api.screening.weighing import COMMON_WEIGHT, Weighed, Weigher, rarity_weight
from api.screening.words import errors_allowed

# A word of one name in so many weighs most, however short the list.
_FEWEST = 1_000
# Bounds of the work, for words and endings that much of a long list shares.
_MOST_NAMES_OF_A_WORD = 2_000
_MOST_ALIKE = 400
_MOST_CANDIDATES = 40
# Of more candidates, so many are the likeliest by their rare words, the rest by all words.
_SURE = 20
_LONGEST_WORD = 60
# Names of lists as they are; of longer lists the rest is made ready when it is compared.
_MOST_READY = 5_000
# Two errors may make one common word another that nobody knows, and all else of a name agree.
_ERRORS_RUN_TOGETHER = 2
# Part of a word's weight that a typing error costs here; `compare` judges it exactly.
_COST_OF_ERROR = 0.05
_INITIALS_FROM, _INITIALS_TO = 4, 9
# Of initials with other words behind them.
_FEWEST_INITIALS = 3
# "General Dynamics Mission Systems" is not two words that meet by chance.
_LONG_OF_COMMON_WORDS = 4
# A name that is looked for within a text has no more words.
_MOST_WORDS_WITHIN = 8


class Index:
    """All distinct listed names, numbered in the order given."""

    def __init__(self, names: Iterable[tuple[str, ...]], reader: Reader) -> None:
        """Takes each distinct name as the words it is written with."""
        self._reader = reader
        self._names: list[str] = []
        # Distinctive words, and names and their distinctive words run together, by number.
        texts: dict[str, int] = {}
        text_of, named = array("I"), array("I")
        bag_of, bag_name = array("I"), array("I")
        initials_of, initials_name = array("I"), array("I")
        self._known: dict[str, int] = {}
        counts = array("I")

        def file(text: str, entry: int) -> int:
            number = texts.setdefault(text, len(texts))
            text_of.append(number)
            named.append(entry)
            return number

        for name, written in enumerate(names):
            self._names.append(" ".join(written))
            words = reader.usual(written)
            own = [at for at, word in enumerate(words) if not reader.is_common(word)]
            for at in own:
                number = file(words[at], 2 * name)
                if len(counts) <= number:
                    counts.extend([0] * (number + 1 - len(counts)))
                counts[number] += 1
                self._known[words[at]] = number
            if not own:
                # Nothing but common words: known by all of them, if at all.
                for word in dict.fromkeys([*words, *written]):
                    file(word, 2 * name)
            # Run together they stand for the name, not for a word of it, which is the odd number.
            if len(words) > 1 or not own:
                file("".join(written), 2 * name + 1)
            if 1 < len(own) < len(words):
                file("".join([written[at] for at in own]), 2 * name + 1)
            for bag in {_bag(words), _bag([words[at] for at in own] or words)}:
                bag_of.append(bag)
                bag_name.append(name)
            for short in _initials(words, written, reader):
                initials_of.append(_hash(short))
                initials_name.append(name)
        self._near = NearTexts(list(texts))
        self._named = Buckets(text_of, named, len(texts))
        self._bags, self._bag_mask = hashed(bag_of, bag_name)
        self._initials, self._initials_mask = hashed(initials_of, initials_name)
        counts.extend([0] * (len(texts) - len(counts)))
        spread = log(max(len(self._names), _FEWEST))
        self._weights = array(
            "f",
            [
                rarity_weight(max(0.0, 1 - log(count) / spread), len(text)) if count else 0.0
                for text, count in zip(texts, counts, strict=True)
            ],
        )
        self.weigher = weigher = Weigher(reader, self._known, self._weights)
        self._totals = array(
            "f", [sum(weigher.weights_of(reader.usual(name.split()))) for name in self._names]
        )
        self._ready: list[Weighed] = []
        self._ready += [self.listed(name) for name in range(min(len(self._names), _MOST_READY))]

    def listed(self, number: int) -> Weighed:
        """A listed name, ready to compare."""
        if number < len(self._ready):
            return self._ready[number]
        return self.weigher.listed(tuple(self._names[number].split()))

    def candidates(self, asked: Weighed, least: float) -> list[int]:
        """The numbers of the names that may be as alike as `least`, at most 40."""
        found = self._by_letters(asked)
        for name, share in self._by_words(asked, least):
            if share > found.get(name, 0.0):
                found[name] = share
        for bag in {_bag(asked.words), _bag(asked.own or asked.words)}:
            for name in self._bags.of(bag & self._bag_mask)[:_MOST_CANDIDATES]:
                found[name] = asked.total
        if len(found) <= _MOST_CANDIDATES:
            return sorted(found)
        ordered = sorted(found, key=lambda name: (-found[name], name))
        rest = ordered[_SURE:_MOST_ALIKE]
        # Among names that share the same distinctive words, the common ones decide.
        alike = process.extract(
            " ".join(asked.words),
            [self._names[name] for name in rest],
            scorer=fuzz.token_sort_ratio,
            limit=_MOST_CANDIDATES - _SURE,
        )
        return ordered[:_SURE] + [rest[at] for _, _, at in alike]

    def _by_letters(self, asked: Weighed) -> dict[int, float]:
        """Names that are the same without spaces, in whole or in their distinctive words."""
        found: dict[int, float] = {}
        # A distinctive word by itself is looked up as a word.
        texts = {asked.compact} if len(asked.words) > 1 or asked.plain else set()
        if len(asked.own) > 1:
            texts.add(asked.core)
        for text in texts:
            for number, edits in self._near.near(
                text, min(_ERRORS_RUN_TOGETHER, errors_allowed(len(text)))
            ):
                likeness = asked.total * (1 - _COST_OF_ERROR * edits)
                for entry in islice(self._named.of(number), _MOST_CANDIDATES):
                    if likeness > found.get(entry >> 1, 0.0):
                        found[entry >> 1] = likeness
        return found

    def _by_words(self, asked: Weighed, least: float) -> Iterator[tuple[int, float]]:
        """The names that share distinctive words, with the weight shared, typing errors allowed.

        The rarest words are looked up, until those left are too few to make a name alike. A name
        of common words only is looked for among its like.
        """
        words = sorted(
            (-weight, word)
            for word, weight, kind in zip(asked.words, asked.weights, asked.kinds, strict=True)
            if asked.plain or not kind
        )
        left = -sum([negative for negative, _ in words])
        common = asked.total - left
        needed = _least_share(least) * asked.total - common
        shares: dict[int, float] = {}
        # What the words asked about weigh more than those on the list that they are meant to be.
        excess: dict[int, float] = {}
        whole: set[int] = set()
        for negative, word in words:
            if left < needed:
                break
            sharing = self._sharing(word)
            if sharing or not asked.plain:
                # Common words may be shortened beyond finding: "Aerosp Development".
                left += negative
            for entry, weight in sharing.items():
                name = entry >> 1
                if entry & 1:
                    whole.add(name)
                shares[name] = shares.get(name, 0.0) + weight
                if weight < -negative:
                    excess[name] = excess.get(name, 0.0) - negative - weight
        for name, share in shares.items():
            mine = asked.total - excess.get(name, 0.0)
            if name in whole or self._most(mine, share + left, common, name) >= least:
                yield name, share

    def _most(self, mine: float, share: float, common: float, name: int) -> float:
        """The most that a name can be alike that shares so much weight of distinctive words."""
        theirs = self._totals[name]
        return blend(min(share + common, mine, theirs), share, mine, theirs)

    def _sharing(self, word: str) -> dict[int, float]:
        """The names with the word or one spelt much like it, and its weight there.

        An odd entry is that of a name which is that word when run together.
        """
        word = word[:_LONGEST_WORD]
        known = word in self._known
        # A word that is on the list as it stands was hardly meant to be a third of its letters off.
        errors = min(errors_allowed(len(word)), 1 if known else 2)
        numbers = self._near.near(word, errors) if errors else []
        if known and not errors:
            numbers.append((self._known[word], 0))
        if not known and 2 < len(word) < 6:
            numbers += self._turned(word)
        shares: dict[int, float] = {}
        room = _MOST_NAMES_OF_A_WORD
        for number, edits in sorted(numbers, key=lambda pair: (pair[1], pair[0])):
            count = self._named.count(number)
            if count > room:
                continue
            room -= count
            weight = self._weights[number] or COMMON_WEIGHT
            share = weight * (1 - _COST_OF_ERROR * edits)
            for entry in self._named.of(number):
                shares.setdefault(entry, share)
        return shares

    def _turned(self, word: str) -> list[tuple[int, int]]:
        """The words that a short one is with two letters swapped: no piece of it need be whole."""
        turned = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)
        )
        return [(self._known[other], 1) for other in turned if other in self._known]

    def by_initials(self, asked: Weighed) -> tuple[int, ...]:
        """The names of four words or more whose initials the first word is.

        Initials of all words find the one name that has them; "mhi aero engine" is the initials of
        the first words, and the others as they are.
        """
        first, alone = asked.words[0], len(asked.words) == 1
        if not _FEWEST_INITIALS + alone <= len(first) <= _INITIALS_TO:
            return ()
        if alone and (asked.plain or first in self._known):
            return ()
        short = " ".join(asked.words)
        names = {
            name
            for name in self._initials.of(_hash(short) & self._initials_mask)
            if short in self._initials_of(name)
        }
        return tuple(sorted(names)) if len(names) == 1 or not alone else ()

    def _initials_of(self, name: int) -> Iterator[str]:
        written = self._names[name].split()
        return _initials(self._reader.usual(written), written, self._reader)

    def within(self, words: Sequence[str]) -> Iterator[int]:
        """The names that stand whole, two words or more, among the words of a longer text.

        All distinctive words of a name, if they are two or more, may stand anywhere with others
        between. A name with less of its own stands in a row, and no other distinctive word before
        it makes another name of it, unless it is as long as a name of common words seldom is.
        """
        known, is_common = self._known, self._reader.is_common
        own = [word for word in words if not is_common(word)]
        leading = words.index(own[0]) if own else len(words)
        for row, of_own in ((words, False), (own, True)):
            seen = set[tuple[str, ...]]()
            in_names = [word in known or (not of_own and is_common(word)) for word in row]
            for start in range(len(row) - 1):
                end = start
                while end < len(row) and end - start < _MOST_WORDS_WITHIN and in_names[end]:
                    end += 1
                    if end - start < 2:
                        continue
                    window = tuple(row[start:end])
                    if window in seen:
                        continue
                    seen.add(window)
                    sure = of_own or start <= leading or end - start >= _LONG_OF_COMMON_WORDS
                    for name in self._bags.of(_bag(window) & self._bag_mask)[:_MOST_CANDIDATES]:
                        listed = self._reader.usual(self._names[name].split())
                        own_words = tuple([word for word in listed if not is_common(word)])
                        if window == (own_words if of_own else listed) and (
                            sure or len(own_words) > 1
                        ):
                            yield name


def _least_share(least: float) -> float:
    """The part of its weight that a name must share to be so alike, whatever the other is.

    That is `blend` solved for a listed name that has nothing else.
    """
    even = max(0.0, (least - LENIENT_TO_MORE) / (1 - LENIENT_TO_MORE))
    return even / (2 - even)


def _initials(words: Sequence[str], written: Sequence[str], reader: Reader) -> Iterator[str]:
    """The first letters of four words or more, with and without a common last word as "group".

    Also those of the first three or more, with the other words behind them.
    """
    count = len(written)
    if count < _INITIALS_FROM:
        return
    initials = "".join([word[0] for word in written])
    yield initials
    if count > _INITIALS_FROM and reader.is_common(words[-1]):
        yield initials[:-1]
    for first in range(_FEWEST_INITIALS, min(_FEWEST_INITIALS + 2, count)):
        yield " ".join((initials[:first], *words[first:]))


def _bag(words: Iterable[str]) -> int:
    return _hash(" ".join(sorted(words)))


def _hash(text: str) -> int:
    return crc32(text.encode())
