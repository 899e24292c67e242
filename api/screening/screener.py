"""Screens a party against listed ones: by name, then by country and identifiers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from api.rulebook.parties import ListedParty, Screening
from api.screening.buckets import Buckets
from api.screening.compare import INITIALS, Likeness, compare, ideographs_apart
from api.screening.index import Index
from api.screening.names import Reader, Reading

MOST_HITS = 10
# A name read the same is an exact one; its points are never fewer.
_EXACT = Decimal(98)
_ALL = Decimal(100)
_NONE = Decimal(0)
_TENTH = Decimal("0.1")

# The kinds a clue may have. The first carries the likeness of the names, those up to
# `word_order` tell what sets the names apart, with no points of their own.
CLUE_KINDS = (
    "name",
    "initials",
    "spelling",
    "joined_words",
    "missing_words",
    "added_words",
    "word_order",
    "country_agrees",
    "country_differs",
    "identifier_agrees",
    "identifier_differs",
)


@dataclass(frozen=True)
class Clue:
    """What a score is made of: one of `CLUE_KINDS`, its points and the words it rests on."""

    kind: str
    points: Decimal
    detail: str


@dataclass(frozen=True)
class Hit:
    """A listed party that may be the one asked about.

    `score` is the sum of the clues' points, kept within 0 and 100; `matched` the listed name.
    """

    listed: ListedParty
    score: Decimal
    matched: str
    clues: tuple[Clue, ...]


class Screener:
    """Matches party names against listed ones; never changes, so threads may share it."""

    def __init__(
        self,
        listed: Sequence[ListedParty],
        settings: Screening,
    ) -> None:
        self._listed = listed
        self._thresholds = settings
        self._reader = reader = Reader(settings.legal_forms, settings.common_words)
        numbers: dict[tuple[str, ...], int] = {}
        name_of, published = array("I"), array("I")
        # A published name is told by its party and its place there, in one number.
        self._most_names = max((len(party.names) for party in listed), default=0) or 1
        self._identified: dict[tuple[str, str], list[int]] = {}
        for place, party in enumerate(listed):
            for at, name in enumerate(party.names):
                written = reader.read(name).written
                if written:
                    name_of.append(numbers.setdefault(written, len(numbers)))
                    published.append(place * self._most_names + at)
            for identifier in party.identifiers:
                key = _identifier(identifier)
                if key[1]:
                    self._identified.setdefault(key, []).append(place)
        self._published = Buckets(name_of, published, len(numbers))
        self._index = Index(numbers, reader)

    def screen(
        self,
        name: str,
        country: str | None = None,
        identifiers: Sequence[tuple[str, str]] = (),
    ) -> tuple[Hit, ...]:
        """The parties it may be, best first, at most ten, each once; any text is accepted."""
        reading = self._reader.read(name)
        best: dict[int, tuple[float, int, Likeness]] = {}
        if reading.words:
            self._by_name(reading, best)
        known = {key for key in map(_identifier, identifiers) if key[1]}
        for key in known:
            for place in self._identified.get(key, ()):
                if place not in best:
                    best[place] = self._by_identifier(place, reading)
        hits = []
        for place, (_, at, likeness) in best.items():
            hit = self._judged(place, at, likeness, reading, country, known)
            if hit is not None:
                hits.append(hit)
        hits.sort(key=lambda hit: (-hit.score, -hit.clues[0].points, hit.listed.id))
        seen = dict[str, Hit]()
        for hit in hits:
            seen.setdefault(hit.listed.id, hit)
        return tuple(seen.values())[:MOST_HITS]

    def key(self, name: str) -> str:
        """What tells a name from others, whatever its spelling, order and legal form."""
        words = self._reader.read(name).words
        own = [word for word in words if not self._reader.is_common(word)]
        return " ".join(sorted(own or words))

    def _by_name(self, reading: Reading, best: dict[int, tuple[float, int, Likeness]]) -> None:
        index, most_names = self._index, self._most_names
        asked = index.weigh(reading, False)
        candidates = index.candidates(asked)
        if not candidates:
            return
        limits = self._thresholds
        least = float(limits.hit_at_least - max(limits.country_agrees, _NONE)) / 100 - 0.001
        by_initials = index.by_initials(asked)
        for number in candidates:
            likeness = compare(asked, index.listed(number))
            if number in by_initials and likeness.score < INITIALS:
                likeness = Likeness(INITIALS, initials=True)
            for published in self._published.of(number):
                place, at = divmod(published, most_names)
                if likeness.spelling and reading.ideographs:
                    likeness = self._in_ideographs(reading, self._listed[place].names[at], likeness)
                if likeness.score < least and not self._listed[place].identifiers:
                    continue
                known = best.get(place)
                if known is None or (likeness.score, -at) > (known[0], -known[1]):
                    best[place] = (likeness.score, at, likeness)

    def _in_ideographs(self, reading: Reading, published: str, likeness: Likeness) -> Likeness:
        own = self._reader.read(published).ideographs
        if not own:
            return likeness
        return replace(likeness, score=ideographs_apart(likeness.score, reading.ideographs, own))

    def _by_identifier(self, place: int, reading: Reading) -> tuple[float, int, Likeness]:
        """The likeness of the most alike of a party's names, found by its identifier alone."""
        index = self._index
        found = (0.0, 0, Likeness(0.0))
        if reading.words:
            asked = index.weigh(reading, False)
            for at, name in enumerate(self._listed[place].names):
                other = self._reader.read(name)
                if other.words:
                    likeness = compare(asked, index.weigh(other, True))
                    if likeness.score > found[0]:
                        found = (likeness.score, at, likeness)
        return found

    def _judged(
        self,
        place: int,
        at: int,
        likeness: Likeness,
        reading: Reading,
        country: str | None,
        known: set[tuple[str, str]],
    ) -> Hit | None:
        """The hit with its clues, or None if its score falls short."""
        party, limits = self._listed[place], self._thresholds
        points = _tenths(likeness.score)
        others = list[Clue]()
        if country and party.country:
            mine, theirs = country.strip().upper(), party.country.strip().upper()
            if mine == theirs:
                others.append(Clue("country_agrees", limits.country_agrees, theirs))
            else:
                others.append(Clue("country_differs", limits.country_differs, f"{mine} ≠ {theirs}"))
        agreeing = False
        if known and party.identifiers:
            own = {key for key in map(_identifier, party.identifiers) if key[1]}
            same = sorted(own & known)
            different = sorted(
                (kind, value, other)
                for kind, value in known
                for other_kind, other in own
                if kind == other_kind
            )
            if same:
                agreeing = True
                others.append(
                    Clue("identifier_agrees", limits.identifier_agrees, " ".join(same[0]))
                )
            elif different:
                kind, value, other = different[0]
                others.append(
                    Clue(
                        "identifier_differs",
                        limits.identifier_differs,
                        f"{kind} {value} ≠ {other}",
                    )
                )
        total = points + sum((clue.points for clue in others), _NONE)
        if total < limits.hit_at_least:
            lift = limits.hit_at_least - total
            if agreeing:
                # Whoever bears a listed party's number is it, whatever name and country say.
                others = [_raised(c, lift) if c.kind == "identifier_agrees" else c for c in others]
            elif points >= _EXACT and points >= limits.hit_at_least:
                # What differs never takes an exact name off the list, only towards its end.
                others = _softened(others, lift)
            else:
                return None
            total = limits.hit_at_least
        score = min(_ALL, max(_NONE, total)).quantize(_TENTH, ROUND_HALF_UP)
        matched = party.names[at] if party.names else ""
        clues = (Clue("name", points, matched), *_differences(likeness), *others)
        return Hit(party, score, matched, clues)


def _raised(clue: Clue, by: Decimal) -> Clue:
    return Clue(clue.kind, clue.points + by, clue.detail)


def _softened(clues: Sequence[Clue], by: Decimal) -> list[Clue]:
    """The clues with as much less taken away as it says, spread from the first on."""
    softened = []
    for clue in clues:
        back = min(by, max(_NONE, -clue.points))
        by -= back
        softened.append(_raised(clue, back))
    return softened


def _differences(likeness: Likeness) -> list[Clue]:
    """What sets the names apart, said without points."""
    clues = []
    if likeness.initials:
        clues.append(Clue("initials", _NONE, ""))
    if likeness.spelling:
        spelling = ", ".join(f"{mine} ~ {theirs}" for mine, theirs in likeness.spelling)
        clues.append(Clue("spelling", _NONE, spelling))
    if likeness.joined:
        clues.append(Clue("joined_words", _NONE, ""))
    if likeness.missing:
        clues.append(Clue("missing_words", _NONE, " ".join(likeness.missing)))
    if likeness.added:
        clues.append(Clue("added_words", _NONE, " ".join(likeness.added)))
    if likeness.reordered:
        clues.append(Clue("word_order", _NONE, ""))
    return clues


def _identifier(identifier: tuple[str, str]) -> tuple[str, str]:
    """An identifier for comparing: type and value in letters and digits, websites by host."""
    kind = identifier[0].strip().casefold()
    value = identifier[1].strip().casefold()
    if kind in ("website", "url", "domain"):
        value = value.partition("://")[2] or value
        return kind, value.partition("/")[0].removeprefix("www.").rstrip(".")
    return kind, "".join([c for c in value if c.isalnum()])


def _tenths(likeness: float) -> Decimal:
    """A likeness of 0 to 1 in points of 100, to one tenth."""
    return Decimal(round(likeness * 1000)) / 10
