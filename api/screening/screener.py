"""Screens a party against listed ones: by name, then by country and identifiers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from zlib import crc32

from api.invisible import visible
from api.rulebook.parties import ListedParty, Screening
from api.screening.buckets import Buckets, hashed
from api.screening.clues import Clue, ClueKind, differences
from api.screening.compare import (
    BY_INITIALS,
    HINT,
    LOOKALIKE,
    NOTHING,
    PIECE,
    RUN_TOGETHER,
    Likeness,
    compare,
    ideographs_apart,
    within,
    within_letters,
)
from api.screening.identifiers import Identifier, comparable
from api.screening.index import Index
from api.screening.lookalikes import lookalikes
from api.screening.names import Reader, Reading
from api.screening.parts import parts
from api.screening.unspaced import UnspacedNames, unspaced_likeness, without_places

MOST_HITS = 20
# A name read the same, in whatever order and spacing, is the one published.
_EXACT = Decimal(98)
_ALL = Decimal(100)
_NONE = Decimal(0)
_TENTH = Decimal("0.1")
# Likeness is kept in floats; a name on the threshold is not to fall short by their last digit.
_SLACK = 0.001
_NO_READING = Reading((), ())


@dataclass(frozen=True)
class Hit:
    """A listed party that may be the one asked about.

    `score` is the sum of the clues' points, kept within 0 and 100; `matched` the published name or
    the hint that is like the name asked about.
    """

    listed: ListedParty
    score: Decimal
    matched: str
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """How a listed party was found: by which of its names, and by which part of the text."""

    kind: ClueKind
    matched: str
    likeness: Likeness
    part: str = ""


class Screener:
    """Matches party names against listed ones; never changes, so threads may share it."""

    def __init__(self, parties: Sequence[ListedParty], screening: Screening) -> None:
        self._parties = parties
        self._screening = screening
        self._least = float(screening.hit_at_least - max(screening.country_agrees, _NONE)) / 100
        self._least -= _SLACK
        self._reader = reader = Reader(screening.legal_forms, screening.common_words)
        self._identified: dict[Identifier, list[int]] = {}
        self._hints: dict[str, list[tuple[int, str]]] = {}
        self._unspaced = UnspacedNames()
        numbers: dict[tuple[str, ...], int] = {}
        name_of, published, full = array("I"), array("I"), array("I")
        # A published name is told by its party and its place there, in one number.
        self._most_names = max((len(party.names) for party in parties), default=0) or 1
        for place, party in enumerate(parties):
            for at, name in enumerate(party.names):
                reading = reader.read(name)
                if reading.written:
                    name_of.append(numbers.setdefault(reading.written, len(numbers)))
                    published.append(place * self._most_names + at)
                    full.append(crc32(reading.full.encode()))
                    self._unspaced.file(reading, published[-1])
            for hint in party.hints:
                compact = "".join(reader.read(hint).written)
                self._hints.setdefault(compact, []).append((place, hint))
            for key in comparable(party.identifiers):
                self._identified.setdefault(key, []).append(place)
        self._unspaced.close()
        self._published = Buckets(name_of, published, len(numbers))
        self._full, self._full_mask = hashed(full, published)
        self._index = Index(numbers, reader)

    def screen(
        self,
        name: str,
        country: str | None = None,
        identifiers: Sequence[Identifier] = (),
    ) -> tuple[Hit, ...]:
        """The parties it may be, best first, each once; any text is accepted.

        `country` is a code such as DE, `identifiers` are of (type, value).
        """
        name = visible(name)
        found: dict[int, _Match] = {}
        seen: set[tuple[str, ...]] = set()
        whole = self._reader.read(name)
        self._look_up_part(whole, "", found, seen)
        for part in parts(name):
            self._look_up_part(self._reader.read(part), part, found, seen)
        for meant in lookalikes(name):
            self._look_up_part(self._reader.read(meant), meant, found, seen, most=LOOKALIKE)
        for piece in self._reader.pieces(name, whole):
            self._look_up_part(self._reader.read(piece), piece, found, seen, loss=PIECE)
        if (elsewhere := without_places(name)) != name:
            self._look_up_part(self._reader.read(elsewhere), elsewhere, found, seen, loss=PIECE)
        self._look_within(self._reader.all_words(name, whole), found)
        letters, begin = self._reader.letters(name)
        for published, start, end in self._unspaced.within(letters, begin):
            likeness = within_letters(letters, start, end)
            self._note_published(published, likeness, _NO_READING, "", found)
        known = comparable(identifiers)
        for key in known:
            for place in self._identified.get(key, ()):
                if place not in found:
                    found[place] = self._by_identifier(place, name)
        hits = [
            hit
            for place, match in found.items()
            if (hit := self._judged(self._parties[place], match, country, known)) is not None
        ]
        hits.sort(key=lambda hit: (-hit.score, -hit.clues[0].points, hit.listed.id))
        return tuple(hits[:MOST_HITS])

    def _look_up_part(
        self,
        reading: Reading,
        part: str,
        found: dict[int, _Match],
        seen: set[tuple[str, ...]],
        loss: float = 0.0,
        most: float = 1.0,
    ) -> None:
        """Notes whom a text may be that was not read yet.

        `loss` is taken off the likeness, which is `most` at most.
        """
        if reading.written in seen:
            return
        seen.add(reading.written)
        own: dict[int, _Match] = {}
        self._look_up(reading, part, own)
        run_on = self._reader.without_run_on_form(reading)
        if run_on is not None:
            self._look_up(run_on, part, own)
        for place, match in own.items():
            score = min(most, match.likeness.score - loss)
            if score != match.likeness.score:
                match = replace(match, likeness=replace(match.likeness, score=score))
            _note(found, place, match)

    def _look_within(self, words: Sequence[str], found: dict[int, _Match]) -> None:
        """Notes the published names that stand whole among other words of a text."""
        if len(words) < 3:
            return
        for number in dict.fromkeys(self._index.within(words)):
            likeness = within(words, self._index.listed(number))
            for published in self._published.of(number):
                self._note_published(published, likeness, _NO_READING, "", found)

    def _look_up(self, reading: Reading, part: str, found: dict[int, _Match]) -> None:
        """Notes the most alike of each party's names, if it may be a hit."""
        if not reading.words:
            return
        index = self._index
        asked = index.weigher.asked(reading)
        for place, hint in self._hints.get(asked.compact, ()):
            _note(found, place, _Match("hint", hint, Likeness(HINT), part))
        for number in index.candidates(asked, self._least):
            likeness = compare(asked, index.listed(number))
            if likeness.score >= self._least:
                for published in self._published.of(number):
                    self._note_published(published, likeness, reading, part, found)
        for number in index.by_initials(asked):
            for published in self._published.of(number):
                self._note_published(published, BY_INITIALS, reading, part, found)
        for published in self._full.of(crc32(reading.full.encode()) & self._full_mask):
            place, at = divmod(published, self._most_names)
            if self._reader.read(self._parties[place].names[at]).full == reading.full:
                self._note_published(published, RUN_TOGETHER, reading, part, found)
        for published in self._unspaced.like(reading) if reading.unspaced else ():
            place, at = divmod(published, self._most_names)
            name = self._parties[place].names[at]
            score = unspaced_likeness(reading, self._reader.read(name))
            if score:
                likeness = Likeness(score, ((reading.unspaced, name),))
                self._note_published(published, likeness, reading, part, found)

    def _note_published(
        self,
        published: int,
        likeness: Likeness,
        reading: Reading,
        part: str,
        found: dict[int, _Match],
    ) -> None:
        place, at = divmod(published, self._most_names)
        party = self._parties[place]
        if reading.ideographs:
            allowed = ideographs_apart(reading, self._reader.read(party.names[at]))
            if allowed < likeness.score:
                likeness = replace(likeness, score=allowed)
        if likeness.score < self._least:
            return
        if not party.full_name_only or _points(likeness) >= _EXACT:
            _note(found, place, _Match("name", party.names[at], likeness, part))

    def _by_identifier(self, place: int, name: str) -> _Match:
        """The most alike of a party's names, however little, for it is found already."""
        party, reading = self._parties[place], self._reader.read(name)
        found = _Match("identifier_only", party.names[0], NOTHING)
        if not reading.words:
            return found
        asked = self._index.weigher.asked(reading)
        for published in party.names:
            likeness = compare(
                asked, self._index.weigher.listed(self._reader.read(published).written)
            )
            if likeness.score > found.likeness.score:
                found = _Match("name", published, likeness)
        return found

    def _judged(
        self, party: ListedParty, match: _Match, country: str | None, known: set[Identifier]
    ) -> Hit | None:
        """The hit with its clues, or None if its score falls short."""
        least = self._screening.hit_at_least
        clues = [*self._country(party, country), *self._identifier(party, known)]
        points = _points(match.likeness)
        total = points + sum((clue.points for clue in clues), _NONE)
        if total < least:
            if any(clue.kind == "identifier_agrees" for clue in clues):
                # Whoever bears a listed party's number is it, whatever name and country say.
                clues = [
                    replace(clue, points=clue.points + least - total)
                    if clue.kind == "identifier_agrees"
                    else clue
                    for clue in clues
                ]
            elif points >= max(_EXACT, least):
                # What differs never takes an exact name off the list, only towards its end.
                clues = _softened(clues, least - total)
            else:
                return None
            total = least
        score = min(_ALL, max(_NONE, total)).quantize(_TENTH, ROUND_HALF_UP)
        first = [Clue(match.kind, points, match.matched)]
        if match.part:
            first.append(Clue("part_of_name", _NONE, match.part))
        return Hit(party, score, match.matched, (*first, *differences(match.likeness), *clues))

    def _country(self, party: ListedParty, country: str | None) -> Iterable[Clue]:
        if not (country and party.country):
            return
        mine, theirs = country.strip().upper(), party.country.strip().upper()
        if mine == theirs:
            yield Clue("country_agrees", self._screening.country_agrees, theirs)
        else:
            yield Clue("country_differs", self._screening.country_differs, f"{mine} ≠ {theirs}")

    def _identifier(self, party: ListedParty, known: set[Identifier]) -> Iterable[Clue]:
        """What the first identifier of the same type says, one that agrees before others."""
        if not (known and party.identifiers):
            return
        own = comparable(party.identifiers)
        if same := sorted(own & known):
            yield Clue("identifier_agrees", self._screening.identifier_agrees, " ".join(same[0]))
            return
        different = sorted(
            (kind, value, theirs)
            for kind, value in known
            for listed_kind, theirs in own
            if kind == listed_kind
        )
        if different:
            kind, value, theirs = different[0]
            detail = f"{kind} {value} ≠ {theirs}"
            yield Clue("identifier_differs", self._screening.identifier_differs, detail)


def _points(likeness: Likeness) -> Decimal:
    return Decimal(round(likeness.score * 1000)) / 10


def _note(found: dict[int, _Match], place: int, match: _Match) -> None:
    """Keeps the better match; of two as good the one that came first."""
    known = found.get(place)
    if known is None or match.likeness.score > known.likeness.score:
        found[place] = match


def _softened(clues: Sequence[Clue], by: Decimal) -> list[Clue]:
    """The clues with as much less taken away as it says, spread from the first on."""
    softened = []
    for clue in clues:
        back = min(by, max(_NONE, -clue.points))
        by -= back
        softened.append(replace(clue, points=clue.points + back))
    return softened
