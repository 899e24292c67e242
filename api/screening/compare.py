"""How alike two names are, from 0 to 1, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

COMMON_WEIGHT = 0.2
_SHORT_WEIGHT = 0.6

# The weight of distinctive words in agreement at which a shorter name may stand for a longer one.
_ENOUGH = 0.8
_LENIENT_TO_LESS = 0.6
_LENIENT_TO_MORE = 0.5
_OTHER_ORDER = 0.01
_JOINED = 0.01
_SHORTENED = 0.05
INITIALS = 0.90


@dataclass(frozen=True, slots=True)
class Weighed:
    """A name ready to compare: its words as written and in common form, and each one's weight."""

    written: tuple[str, ...]
    words: tuple[str, ...]
    weights: tuple[float, ...]
    common: tuple[bool, ...]

    @property
    def compact(self) -> str:
        """The whole name without spaces."""
        return "".join(self.written)

    @property
    def core(self) -> str:
        """The distinctive words without spaces, or all if there are no distinctive ones."""
        core = [w for w, common in zip(self.written, self.common, strict=True) if not common]
        return "".join(core or self.written)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two names are, 0 to 1, and what sets them apart.

    `spelling` pairs words that differ; `missing` are words of the listed name that the other
    lacks, `added` words that only the other has.
    """

    score: float
    spelling: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    reordered: bool = False
    joined: bool = False
    initials: bool = False


def edits_allowed(length: int) -> int:
    """How many typing errors a word of so many letters may have and still be known."""
    return 0 if length < 3 else 1 if length < 6 else 2 if length < 14 else 3


def _alike(edits: int, length: int) -> float:
    """The likeness of two words of a length that so many errors set apart."""
    if edits == 0:
        return 1.0
    return 1.0 - (0.6, 1.1, 1.8)[edits - 1] / max(length, 1)


def word_likeness(one: str, listed: str, common: bool) -> float:
    """The likeness of two words, 0 if they are different words; `common` speaks of the listed."""
    if one == listed:
        return 1.0
    shorter, longer = (one, listed) if len(one) <= len(listed) else (listed, one)
    length = len(shorter)
    allowed = edits_allowed(length)
    if allowed and len(longer) - length <= allowed:
        edits = OSA.distance(one, listed, score_cutoff=allowed)
        if edits <= allowed:
            return _alike(edits, max(length, len(longer) - 1))
    if length > 2 and longer[0] == shorter[0]:
        if longer.startswith(shorter) and (common or (length > 4 and 2 * length >= len(longer))):
            return 1.0 - _SHORTENED if common else 0.88
        if common and one is shorter and 5 * length <= 3 * len(longer) and _within(one, listed):
            return 1.0 - _SHORTENED
    return 0.0


def _within(short: str, word: str) -> bool:
    """Whether the letters of the short form stand in the word in the same order."""
    letters = iter(word)
    return all(letter in letters for letter in short)


def compare(asked: Weighed, listed: Weighed) -> Likeness:
    """The likeness of a name asked about and a listed one."""
    if asked.words == listed.words:
        return Likeness(1.0)
    by_words = _by_words(asked, listed)
    if by_words.score >= 0.99:
        return by_words
    by_letters = _by_letters(asked, listed)
    return by_letters if by_letters.score > by_words.score else by_words


def ideographs_apart(score: float, asked: str, listed: str) -> float:
    """No more than the score that the ideographs of two names allow.

    Spelt out, one ideograph taken for another may look like a typing error, though it makes a
    different name. Ideographs that sound the same are not held against it.
    """
    edits = OSA.distance(asked, listed)
    return min(score, 1.0 - 0.6 * edits / max(len(listed), 1)) if edits else score


def _by_letters(asked: Weighed, listed: Weighed) -> Likeness:
    """The likeness without spaces, for words run together or torn apart."""
    nothing = Likeness(0.0)
    mine, theirs = asked.compact, listed.compact
    core = listed.core
    allowed = min(edits_allowed(len(core)), 2)
    edits = OSA.distance(mine, theirs, score_cutoff=allowed)
    if edits <= allowed:
        spelling = ((mine, theirs),) if edits else ()
        return Likeness(_alike(edits, len(core)) - _JOINED, spelling, joined=True)
    # Common words may be left out on either side, the distinctive rest then has to agree.
    own = asked.core
    if len(core) < 5 or sum(asked.common) - len(asked.words) == sum(listed.common) - len(
        listed.words
    ):
        return nothing
    edits = OSA.distance(own, core, score_cutoff=1)
    if edits > 1:
        return nothing
    distinctive = sum(
        weight for weight, c in zip(listed.weights, listed.common, strict=True) if not c
    )
    own_common = {word for word, c in zip(asked.words, asked.common, strict=True) if c}
    common = {word for word, c in zip(listed.words, listed.common, strict=True) if c}
    agreeing = distinctive * _alike(edits, len(core))
    score = _blend(
        agreeing + COMMON_WEIGHT * len(common & own_common),
        agreeing,
        distinctive + COMMON_WEIGHT * len(own_common),
        distinctive + COMMON_WEIGHT * len(common),
    )
    return Likeness(
        max(0.0, score - _JOINED),
        ((own, core),) if edits else (),
        tuple(sorted(common - own_common)),
        tuple(sorted(own_common - common)),
        joined=True,
    )


def _blend(matched: float, distinctive: float, mine: float, theirs: float) -> float:
    """The share of both names' weights that agrees.

    The more of what agrees is distinctive, the less it counts if one name has words the other
    lacks, and least if it is the listed name that has more: people leave out words.
    """
    leniency = _LENIENT_TO_LESS if mine <= theirs else _LENIENT_TO_MORE
    lenient = leniency * min(1.0, distinctive / _ENOUGH)
    even = 2 * matched / (mine + theirs)
    return (1 - lenient) * even + lenient * matched / min(mine, theirs)


def _by_words(asked: Weighed, listed: Weighed) -> Likeness:
    """The share of both names' weight that stands in words that agree, in whatever order."""
    theirs = list(range(len(listed.words)))
    mine = list(range(len(asked.words)))
    pairs: list[tuple[int, int, float]] = []
    matched = total_mine = core = 0.0
    joined = False
    for i, word in enumerate(asked.words):
        for j in theirs:
            if listed.words[j] == word:
                pairs.append((i, j, 1.0))
                theirs.remove(j)
                mine.remove(i)
                break
    if mine and theirs:
        near = sorted(
            (
                (-likeness, abs(i - j), i, j)
                for i in mine
                for j in theirs
                if (likeness := _pair(asked, listed, i, j))
            ),
        )
        for negative, _, i, j in near:
            if i in mine and j in theirs:
                pairs.append((i, j, -negative))
                mine.remove(i)
                theirs.remove(j)
    for i, j, likeness in pairs:
        weight = listed.weights[j]
        matched += weight * likeness
        total_mine += weight
        if not listed.common[j]:
            core += weight * likeness
    if mine and theirs:
        for taken_i, taken_j, likeness in _joins(asked, listed, mine, theirs):
            joined = True
            weight = max(sum(listed.weights[j] for j in taken_j), COMMON_WEIGHT)
            matched += weight * likeness
            total_mine += weight
            core += weight * likeness
            mine = [i for i in mine if i not in taken_i]
            theirs = [j for j in theirs if j not in taken_j]
    total_mine += sum(asked.weights[i] for i in mine)
    total_theirs = sum(listed.weights)
    if not matched:
        return Likeness(0.0)
    score = _blend(matched, core, total_mine, total_theirs)
    order = [j for _, j, _ in sorted(pairs)]
    reordered = order != sorted(order)
    score -= _OTHER_ORDER * reordered + _JOINED * joined
    return Likeness(
        max(0.0, min(score, 0.999)),
        tuple(
            (asked.written[i], listed.written[j])
            for i, j, likeness in sorted(pairs)
            if likeness < 1
        ),
        tuple(listed.words[j] for j in theirs),
        tuple(asked.words[i] for i in mine),
        reordered,
        joined,
    )


def _pair(asked: Weighed, listed: Weighed, i: int, j: int) -> float:
    # As written, so that an error in "industries" does not have to survive making it "industry".
    return word_likeness(asked.written[i], listed.written[j], listed.common[j])


def _joins(
    asked: Weighed, listed: Weighed, mine: Sequence[int], theirs: Sequence[int]
) -> list[tuple[tuple[int, ...], tuple[int, ...], float]]:
    """Neighbouring words that are one word on the other side."""
    found = []
    for few, many, few_is_mine in ((mine, theirs, True), (theirs, mine, False)):
        one = asked if few_is_mine else listed
        other = listed if few_is_mine else asked
        for at in few:
            for first, second in zip(many, many[1:], strict=False):
                if second != first + 1:
                    continue
                whole = other.written[first] + other.written[second]
                likeness = word_likeness(one.written[at], whole, False)
                if likeness and abs(len(whole) - len(one.written[at])) < 3:
                    if few_is_mine:
                        return [((at,), (first, second), likeness)]
                    found = [((first, second), (at,), likeness)]
    return found


def rarity_weight(rarity: float, length: int) -> float:
    """The weight of a distinctive word: `rarity` 1 for the rarest down to 0, squared.

    Above the weight of a common word, so that the two can be told apart.
    """
    weight = max(rarity * rarity, COMMON_WEIGHT + 0.01)
    return min(weight, _SHORT_WEIGHT) if length < 3 else weight
