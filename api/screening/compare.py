"""How alike two names are, from 0 to 1, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from anyascii import anyascii
from rapidfuzz.distance import OSA

from api.screening.names import Reading

# The weight of a word that says little; of a rare word it is 1.
COMMON_WEIGHT = 0.2
# Of a legal form with a typing error in it, which is next to nothing.
LEGAL_FORM_WEIGHT = 0.02
# Two letters are shared by chance, however rare.
_SHORT_WEIGHT = 0.6
# What a typing error costs of the likeness, times the length of the word: one, two, three.
_COST_OF_ERRORS = (0.5, 1.0, 1.6)
MOST_ERRORS = len(_COST_OF_ERRORS)

# The weight of distinctive words in agreement at which a shorter name may stand for a longer one.
_ENOUGH = 0.8
# How far it may then: less if it is the listed name that is the longer.
_LENIENT_TO_LESS = 0.6
LENIENT_TO_MORE = 0.5
# Much less so if what agrees is spelt differently too: two things at once set the names apart.
_LENIENT_TO_ERRORS = 0.5
# A word in the place of another: "Sumitomo Electric" is not "Sumitomo Heavy".
_REPLACED = 0.03
# A lone word for a name of more words than a common one beside it: "Aoki" is many a company.
_LONE_WORD = 0.83
# So that the very name comes before those made of its words or letters in another way.
_OTHER_ORDER = 0.01
_JOINED = 0.01
_BEST_BY_PARTS = 0.999
_SHORTENED = 0.05
# "Anduril" for "Andurilsystems": a beginning of at least half the letters, and five.
_BEGINNING = 0.88
_SHORTEST_BEGINNING = 5
# Distinctive words that are compared as letters, without the common ones around them.
_SHORTEST_CORE = 5
# Short for another name, by its initials or as officers noted: enough for a person to look.
_INITIALS = 0.90
HINT = 0.92
# Of two ideographs that differ, those that sound the same differ by half.
_IDEOGRAPH_APART, _SAME_SOUND_APART = 0.6, 0.3


class Kind(IntEnum):
    """What a word says: it is a name's own, common spelt wrong, or common. The first is falsy."""

    OWN = 0
    NEARLY_COMMON = 1
    COMMON = 2


@dataclass(frozen=True, slots=True)
class Weighed:
    """A name ready to compare: its words as written and in common form, and each one's weight.

    `kinds` are those of the words, and `plain` tells that none is the name's own. `compact` is the whole name without spaces, `core` the distinctive words without spaces, or
    all if none is distinctive.
    """

    written: tuple[str, ...]
    words: tuple[str, ...]
    weights: tuple[float, ...]
    kinds: tuple[Kind, ...]
    own: tuple[str, ...] = field(init=False)
    plain: bool = field(init=False)
    total: float = field(init=False)
    compact: str = field(init=False)
    core: str = field(init=False)

    def __post_init__(self) -> None:
        compact = "".join(self.written)
        own = [at for at, kind in enumerate(self.kinds) if not kind]
        core = "".join([self.written[at] for at in own]) if own else compact
        object.__setattr__(self, "own", tuple([self.words[at] for at in own]))
        object.__setattr__(self, "plain", not own)
        object.__setattr__(self, "total", sum(self.weights))
        object.__setattr__(self, "compact", compact)
        object.__setattr__(self, "core", core)

    @property
    def common_words(self) -> set[str]:
        """The other words in their common form."""
        return {word for word, kind in zip(self.words, self.kinds, strict=True) if kind}


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


NOTHING = Likeness(0.0)
BY_INITIALS = Likeness(_INITIALS, initials=True)
# All letters the same, of the legal form and joining words too.
RUN_TOGETHER = Likeness(1.0 - _JOINED, joined=True)


def rarity_weight(rarity: float, length: int) -> float:
    """The weight of a distinctive word: `rarity` 1 for the rarest down to 0, squared.

    Above the weight of a common word, so that the two can be told apart.
    """
    weight = max(rarity * rarity, COMMON_WEIGHT + 0.01)
    return min(weight, _SHORT_WEIGHT) if length < 3 else weight


def edits_allowed(length: int) -> int:
    """How many typing errors a word of so many letters may have and still be known."""
    return 0 if length < 3 else 1 if length < 6 else 2 if length < 14 else MOST_ERRORS


def _alike(edits: int, length: int) -> float:
    """The likeness of two words of a length that so many errors set apart."""
    return 1.0 - _COST_OF_ERRORS[edits - 1] / length if edits else 1.0


def blend(
    matched: float, distinctive: float, mine: float, theirs: float, leniency: float = 1.0
) -> float:
    """The share of both names' weights that agrees.

    The more of what agrees is distinctive, the less it counts if one name has words the other
    lacks, and least if it is the listed name that has more: people leave out words.
    """
    lenient = leniency * min(1.0, distinctive / _ENOUGH)
    lenient *= _LENIENT_TO_LESS if mine <= theirs else LENIENT_TO_MORE
    even = 2 * matched / (mine + theirs)
    return (1 - lenient) * even + lenient * matched / min(mine, theirs)


def compare(asked: Weighed, listed: Weighed) -> Likeness:
    """The likeness of a name asked about and a listed one."""
    if asked.words == listed.words:
        return Likeness(1.0)
    by_words = _by_words(asked, listed)
    if by_words.score >= 1 - _OTHER_ORDER:
        return by_words
    by_letters = _by_letters(asked, listed)
    return by_letters if by_letters.score > by_words.score else by_words


def ideographs_apart(asked: Reading, listed: Reading) -> float:
    """The likeness that the ideographs of two names allow, 1 if they do not differ.

    Spelt out, one ideograph taken for another looks like a typing error or like nothing at all,
    though it makes a different name. Ideographs that one name only lacks are words it lacks, and
    the words tell.
    """
    mine, theirs = asked.own_ideographs, listed.own_ideographs
    if not (mine and theirs):
        mine, theirs = asked.ideographs, listed.ideographs
    if not (mine and theirs) or mine == theirs:
        return 1.0
    missing, added = Counter(theirs), Counter(mine)
    missing, added = missing - added, added - missing
    apart = min(missing.total(), added.total())
    sounds = Counter(map(anyascii, missing.elements())) & Counter(map(anyascii, added.elements()))
    alike = min(sounds.total(), apart)
    lost = _SAME_SOUND_APART * alike + _IDEOGRAPH_APART * (apart - alike)
    return max(0.0, 1.0 - lost / len(theirs))


def _by_letters(asked: Weighed, listed: Weighed) -> Likeness:
    """The likeness without spaces, for words run together or torn apart."""
    core = listed.core
    # Common words that are all but a listed name are those words, and not that name misspelt.
    common = listed.plain < all(kind == Kind.COMMON for kind in asked.kinds)
    allowed = 0 if common else min(edits_allowed(len(core)), 2)
    edits = OSA.distance(asked.compact, listed.compact, score_cutoff=allowed)
    if edits <= allowed:
        spelling = ((asked.compact, listed.compact),) if edits else ()
        return Likeness(_alike(edits, len(core)) - _JOINED, spelling, joined=True)
    # Common words may be left out on either side, the distinctive rest then has to agree.
    if common or len(core) < _SHORTEST_CORE or len(asked.own) == len(listed.own):
        return NOTHING
    edits = OSA.distance(asked.core, core, score_cutoff=1)
    if edits > 1:
        return NOTHING
    distinctive = sum([w for w, kind in zip(listed.weights, listed.kinds, strict=True) if not kind])
    mine, theirs = asked.common_words, listed.common_words
    agreeing = distinctive * _alike(edits, len(core))
    score = blend(
        agreeing + COMMON_WEIGHT * len(theirs & mine),
        agreeing,
        distinctive + COMMON_WEIGHT * len(mine),
        distinctive + COMMON_WEIGHT * len(theirs),
    )
    return Likeness(
        max(0.0, score - _JOINED),
        ((asked.core, core),) if edits else (),
        tuple(sorted(theirs - mine)),
        tuple(sorted(mine - theirs)),
        joined=True,
    )


def _by_words(asked: Weighed, listed: Weighed) -> Likeness:
    """The share of both names' weight that stands in words that agree, in whatever order."""
    pairs, mine, theirs = _pairs(asked, listed)
    matched = total_mine = core = 0.0
    for _, j, likeness in pairs:
        weight = listed.weights[j]
        matched += weight * likeness
        total_mine += weight
        if not listed.kinds[j]:
            core += weight * likeness
    join = _join(asked, listed, mine, theirs)
    if join is not None:
        taken_mine, taken_theirs, likeness = join
        weight = max(sum([listed.weights[j] for j in taken_theirs]), COMMON_WEIGHT)
        matched += weight * likeness
        total_mine += weight
        core += weight * likeness
        mine = [i for i in mine if i not in taken_mine]
        theirs = [j for j in theirs if j not in taken_theirs]
    if not matched:
        return NOTHING
    total_mine += sum([asked.weights[i] for i in mine])
    pairs.sort()
    order = [j for _, j, _ in pairs]
    reordered = order != sorted(order)
    misspelt = any([alike < 1 and not listed.kinds[j] for _, j, alike in pairs])
    leniency = _LENIENT_TO_ERRORS if misspelt else 1.0
    score = blend(matched, core, total_mine, listed.total, leniency)
    score -= _OTHER_ORDER * reordered + _JOINED * (join is not None)
    if theirs and any([asked.weights[i] >= COMMON_WEIGHT for i in mine]):
        score -= _REPLACED
    if len(asked.words) == 1 and (len(theirs) > 1 or not all(listed.kinds[j] for j in theirs)):
        score = min(score, _LONE_WORD)
    return Likeness(
        max(0.0, min(score, _BEST_BY_PARTS)),
        tuple([(asked.written[i], listed.written[j]) for i, j, alike in pairs if alike < 1]),
        tuple([listed.words[j] for j in theirs]),
        tuple([asked.words[i] for i in mine]),
        reordered,
        join is not None,
    )


def _pairs(
    asked: Weighed, listed: Weighed
) -> tuple[list[tuple[int, int, float]], list[int], list[int]]:
    """The words that agree by their places, the likeliest first; places left on either side."""
    theirs = list(range(len(listed.words)))
    mine: list[int] = []
    pairs: list[tuple[int, int, float]] = []
    for i, word in enumerate(asked.words):
        for j in theirs:
            if listed.words[j] == word:
                pairs.append((i, j, 1.0))
                theirs.remove(j)
                break
        else:
            mine.append(i)
    if mine and theirs:
        # As written, so that an error in "industries" need not survive making it "industry".
        near = [
            (-likeness, abs(i - j), i, j)
            for i in mine
            for j in theirs
            # A common word that is spelt right is no other word spelt wrong.
            if (asked.kinds[i] != Kind.COMMON or listed.kinds[j])
            and (likeness := _word_likeness(asked.written[i], listed.written[j], listed.kinds[j]))
        ]
        for negative, _, i, j in sorted(near):
            if i in mine and j in theirs:
                pairs.append((i, j, -negative))
                mine.remove(i)
                theirs.remove(j)
    return pairs, mine, theirs


def _word_likeness(one: str, listed: str, kind: Kind) -> float:
    """The likeness of two words, 0 if they are different words; `kind` is that of the listed."""
    if one == listed:
        return 1.0
    shorter, longer = (one, listed) if len(one) <= len(listed) else (listed, one)
    length = len(shorter)
    allowed = edits_allowed(length)
    if allowed and len(longer) - length <= allowed:
        edits = OSA.distance(one, listed, score_cutoff=allowed)
        if edits <= allowed:
            return _alike(edits, len(listed))
    if length > 2 and longer[0] == shorter[0]:
        if longer.startswith(shorter):
            if kind:
                return 1.0 - _SHORTENED
            if length >= _SHORTEST_BEGINNING and 2 * length >= len(longer):
                return _BEGINNING
        if kind and one is shorter and 5 * length <= 3 * len(longer) and _within(one, listed):
            return 1.0 - _SHORTENED
    return 0.0


def _within(short: str, word: str) -> bool:
    """Whether the letters of the short form stand in the word in the same order."""
    letters = iter(word)
    return all(letter in letters for letter in short)


def _join(
    asked: Weighed, listed: Weighed, mine: Sequence[int], theirs: Sequence[int]
) -> tuple[Sequence[int], Sequence[int], float] | None:
    """Neighbouring words that are one word on the other side, one word asked about first."""
    if mine and len(theirs) > 1:
        found = _joined(asked.written, mine, listed.written, theirs)
        if found is not None:
            return found[0], found[1], found[2]
    if theirs and len(mine) > 1:
        found = _joined(listed.written, theirs, asked.written, mine)
        if found is not None:
            return found[1], found[0], found[2]
    return None


def _joined(
    ones: Sequence[str], few: Sequence[int], others: Sequence[str], many: Sequence[int]
) -> tuple[Sequence[int], Sequence[int], float] | None:
    for at in few:
        one = ones[at]
        for first in many:
            if first + 1 in many:
                whole = others[first] + others[first + 1]
                if abs(len(whole) - len(one)) < MOST_ERRORS:
                    likeness = _word_likeness(one, whole, Kind.OWN)
                    if likeness:
                        return (at,), (first, first + 1), likeness
    return None
