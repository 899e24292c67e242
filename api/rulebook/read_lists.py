"""Reads lists/*.yaml (listed parties) and screening.yaml (how names are compared)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from api.iso import COUNTRIES
from api.rulebook.model import Instrument
from api.rulebook.parties import NO_SCREENING, ListedParty, Screening
from api.rulebook.problems import Path
from api.rulebook.reading import Reading
from api.rulebook.values import Period
from api.rulebook.vocabulary import PARTY_LISTS
from api.screening.names import Reader

_SCREENING = "screening.yaml"


def read_parties(
    reading: Reading, instruments: Mapping[str, Instrument], screening: Screening
) -> tuple[ListedParty, ...]:
    """Every listed party, in the order of files and of parties in them.

    `screening` tells which of their names are read the same.
    """
    reader = Reader(screening.legal_forms, screening.common_words)
    for name, instrument in instruments.items():
        if instrument.list in PARTY_LISTS and f"lists/{name}.yaml" not in reading.content:
            reading.problems.add(
                (f"instruments/{name}.yaml", "list"),
                f"the parties it lists are missing: there is no lists/{name}.yaml",
            )
    return tuple(
        party
        for file in reading.files("lists")
        for party in _list(reading, file, instruments, reader)
    )


def read_screening(reading: Reading) -> Screening:
    """The thresholds and word lists."""
    raw = reading.content.get(_SCREENING)
    if raw is None:
        if reading.files("lists"):
            reading.problems.add((_SCREENING,), "the file is missing, and lists need it")
        return NO_SCREENING
    points = {name: Decimal(value) for name, value in raw["points"].items()}
    if points["same_at_least"] < points["hit_at_least"]:
        reading.problems.add(
            (_SCREENING, "points", "same_at_least"), "same_at_least lies below hit_at_least"
        )
    return Screening(
        **points,
        legal_forms=tuple(dict.fromkeys(raw["legal_forms"])),
        common_words=tuple(dict.fromkeys(raw["common_words"])),
    )


def _list(
    reading: Reading, file: str, instruments: Mapping[str, Instrument], reader: Reader
) -> list[ListedParty]:
    raw = reading.content[file]
    name = raw["instrument"]
    # Of an unknown instrument the parties are still read, for their own mistakes.
    in_force = Period(date.min)
    if reading.known("instrument", name, instruments, (file, "instrument")):
        instrument = instruments[name]
        in_force = instrument.in_force
        if file != f"lists/{name}.yaml":
            reading.problems.add((file, "instrument"), f"the list of `{name}` is lists/{name}.yaml")
        if instrument.list not in PARTY_LISTS:
            reading.problems.add(
                (file, "instrument"),
                f"`{name}` lists no parties: its `list` is `{instrument.list}`, not one of "
                + ", ".join(PARTY_LISTS),
            )
    names = _Names(reading, reader)
    parties = []
    for n, item in enumerate(raw["parties"]):
        path: Path = (file, "parties", n)
        names.check(item, path)
        parties.append(_party(reading, item, path, name, in_force))
    return parties


class _Names:
    """The names of one list: each can be found, and tells one party."""

    def __init__(self, reading: Reading, reader: Reader) -> None:
        self._reading, self._reader = reading, reader
        self._whose: dict[tuple[str, ...], tuple[str, str]] = {}
        self._entities: dict[str, str] = {}

    def check(self, raw: Mapping[str, Any], path: Path) -> None:
        """Notes what is wrong with the names, the hints and the entity of one party."""
        names = [
            (text, (*path, "names", language, n))
            for language, texts in raw["names"].items()
            for n, text in enumerate(texts)
        ]
        hints = [(text, (*path, "hints", n)) for n, text in enumerate(raw.get("hints", ()))]
        if not names:
            self._add((*path, "names"), "a listed party needs a name")
        for text, place in (*names, *hints):
            if not any(c.isalpha() for c in text):
                self._add(place, f"`{text}` is no name: it has no letter")
        own: set[str] = set()
        for text, place in names:
            folded = " ".join(text.split()).casefold()
            if folded in own:
                self._add(place, f"`{text}` is a name of this party already; write it once")
            own.add(folded)
            if any(c.isalpha() for c in text):
                self._check_name(text, place, raw["id"])
        first = self._entities.setdefault(raw["entity"], raw["id"])
        if first != raw["id"]:
            self._add(
                (*path, "entity"),
                f"`{raw['entity']}` is the entity of {first} in this list already; one measure "
                "lists it once, and others list it in their own files",
            )

    def _check_name(self, text: str, place: Path, id_: str) -> None:
        reading = self._reader.read(text)
        words = reading.words
        if all(map(self._reader.is_form, words)):
            self._add(
                place, f"`{text}` is only a legal form: nobody would be found by it; write the name"
            )
            return
        if len(words) == 1 and self._reader.is_common(words[0]):
            self._add(
                place,
                f"`{text}` is only the common word `{words[0]}` (screening.yaml, common_words): "
                "nobody would be found by it; write the whole name",
            )
            return
        # Ideographs that sound alike are told apart.
        key = (*words, reading.ideographs)
        first, written = self._whose.setdefault(key, (id_, text))
        if first != id_:
            said = "" if written == text else f" (`{written}`)"
            self._add(
                place,
                f"`{text}` is a name of {first} already{said}; keep it with one of the two",
            )

    def _add(self, place: Path, message: str) -> None:
        self._reading.problems.add(place, message)


def _party(
    reading: Reading, raw: Mapping[str, Any], path: Path, instrument: str, in_force: Period
) -> ListedParty:
    country = raw.get("country")
    if country is not None and country not in COUNTRIES:
        reading.problems.add(
            (*path, "country"), f"`{country}` is no country code of ISO 3166-1, e.g. DE"
        )
    return ListedParty(
        id=reading.unique("listed party", raw["id"], (*path, "id")),
        entity=raw["entity"],
        instrument=instrument,
        names=reading.words(raw["names"]),
        hints=tuple(raw.get("hints", ())),
        country=country,
        identifiers=tuple((i["type"], i["value"]) for i in raw.get("identifiers", ())),
        full_name_only=raw.get("full_name_only", False),
        period=_period(reading, raw, path, instrument, in_force),
        verified=raw["verified"],
        notes=tuple(raw.get("notes", ())),
    )


def _period(
    reading: Reading, raw: Mapping[str, Any], path: Path, instrument: str, in_force: Period
) -> Period:
    """The party's own days; those of the instrument where it has none."""
    dates = {"from": in_force.from_day.isoformat(), **raw}
    if in_force.until is not None:
        dates.setdefault("until", in_force.until.isoformat())
    period = reading.period(dates, path)
    if date.min < period.from_day < in_force.from_day:
        reading.problems.add(
            (*path, "from"),
            f"listed from {period.from_day}, before {instrument} is in force ({in_force.from_day})",
        )
    return period
