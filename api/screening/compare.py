"""How alike two names are, from 0 to 1, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from anyascii import anyascii
from rapidfuzz.distance import OSA

from api.screening.names import Reading
from api.screening.pairs import pair
from api.screening.weighing import COMMON_WEIGHT, Weighed
from api.screening.words import Kind, alike, errors_allowed

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
# Distinctive words that are compared as letters, without the common ones around them.
_SHORTEST_CORE = 5
# A published name of one word, with another word beside it: a subsidiary, or somebody else.
_ONE_OF_WORDS = 0.94
# A whole published name among the words of a longer text: a branch, an address, or somebody else.
_WITHIN = 0.93
# What reads like a published name once letters are taken for what they look like.
LOOKALIKE = 0.94
# What a piece of a text loses for the rest of it.
PIECE = 0.03
# Short for another name, by its initials or as officers noted: enough for a person to look.
_INITIALS = 0.90
HINT = 0.92
# Of two ideographs that differ, those that sound the same differ by half.
_IDEOGRAPH_APART, _SAME_SOUND_APART = 0.55, 0.3
# Of the words that a longer text has besides, so many are told.
_MOST_TOLD = 12
# And so many letters on either side of a name without spaces.
_MOST_LETTERS_TOLD = 40


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


def within(words: Sequence[str], listed: Weighed) -> Likeness:
    """The likeness of a text that holds all of a name, whatever else it holds."""
    added = [word for word in words if word not in listed.words]
    missing = [word for word in listed.words if word not in words]
    return Likeness(_WITHIN, missing=tuple(missing), added=tuple(added[:_MOST_TOLD]))


def within_letters(text: str, start: int, end: int) -> Likeness:
    """The likeness of a text without spaces that holds all of a name from `start` to `end`."""
    around = (text[max(0, start - _MOST_LETTERS_TOLD) : start], text[end:][:_MOST_LETTERS_TOLD])
    return Likeness(_WITHIN, added=tuple([letters for letters in around if letters]))


# All letters the same, of the legal form and joining words too.
RUN_TOGETHER = Likeness(1.0 - _JOINED, joined=True)


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
    homophones = min(sounds.total(), apart)
    lost = _SAME_SOUND_APART * homophones + _IDEOGRAPH_APART * (apart - homophones)
    return max(0.0, 1.0 - lost / len(theirs))


def _by_letters(asked: Weighed, listed: Weighed) -> Likeness:
    """The likeness without spaces, for words run together or torn apart."""
    core = listed.core
    # Common words that are all but a listed name are those words, and not that name misspelt.
    common = listed.plain < all(kind == Kind.COMMON for kind in asked.kinds)
    allowed = 0 if common else min(errors_allowed(len(core)), 2)
    edits = OSA.distance(asked.compact, listed.compact, score_cutoff=allowed)
    if edits <= allowed:
        spelling = ((asked.compact, listed.compact),) if edits else ()
        return Likeness(alike(edits, len(core)) - _JOINED, spelling, joined=True)
    # Common words may be left out on either side, the distinctive rest then has to agree.
    if common or len(core) < _SHORTEST_CORE or len(asked.own) == len(listed.own):
        return NOTHING
    edits = OSA.distance(asked.core, core, score_cutoff=1)
    if edits > 1:
        return NOTHING
    distinctive = sum([w for w, kind in zip(listed.weights, listed.kinds, strict=True) if not kind])
    mine, theirs = asked.common_words, listed.common_words
    agreeing = distinctive * alike(edits, len(core))
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
    pairing = pair(asked, listed)
    pairs, join, mine, theirs = pairing.pairs, pairing.join, pairing.mine, pairing.theirs
    matched = total_mine = core = 0.0
    misspelt = False
    for _, j, likeness in pairs:
        weight = listed.weights[j]
        matched += weight * likeness
        total_mine += weight
        if not listed.kinds[j]:
            core += weight * likeness
            misspelt |= likeness < 1
    if join is not None:
        weight = max(sum([listed.weights[j] for j in join.theirs]), COMMON_WEIGHT)
        matched += weight * join.likeness
        total_mine += weight
        core += weight * join.likeness
    if not matched:
        return NOTHING
    total_mine += sum([asked.weights[i] for i in mine])
    order = [j for _, j, _ in pairs]
    reordered = order != sorted(order)
    leniency = _LENIENT_TO_ERRORS if misspelt else 1.0
    score = blend(matched, core, total_mine, listed.total, leniency)
    score -= _OTHER_ORDER * reordered + _JOINED * (join is not None)
    if theirs and any(asked.weights[i] >= COMMON_WEIGHT for i in mine):
        score -= _REPLACED
    if len(listed.words) == 1 and mine:
        score = min(score, _ONE_OF_WORDS)
    if len(asked.words) == 1 and (len(theirs) > 1 or not all(listed.kinds[j] for j in theirs)):
        score = min(score, _LONE_WORD)
    return Likeness(
        max(0.0, min(score, _BEST_BY_PARTS)),
        tuple([(asked.written[i], listed.written[j]) for i, j, likeness in pairs if likeness < 1]),
        tuple([listed.words[j] for j in theirs]),
        tuple([asked.words[i] for i in mine]),
        reordered,
        join is not None,
    )
