"""Reads lists/*.yaml (listed parties) and screening.yaml (how names are compared)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from api.rulebook.model import Instrument
from api.rulebook.parties import NO_SCREENING, ListedParty, Screening
from api.rulebook.problems import Path
from api.rulebook.reading import Reading
from api.rulebook.values import Period
from api.rulebook.vocabulary import PARTY_LISTS

_SCREENING = "screening.yaml"


def read_parties(
    reading: Reading, instruments: Mapping[str, Instrument]
) -> tuple[ListedParty, ...]:
    """Every listed party, in the order of files and of parties in them."""
    return tuple(
        party for file in reading.files("lists") for party in _list(reading, file, instruments)
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


def _list(reading: Reading, file: str, instruments: Mapping[str, Instrument]) -> list[ListedParty]:
    raw = reading.content[file]
    name = raw["instrument"]
    instrument = instruments.get(name)
    if not reading.known("instrument", name, instruments, (file, "instrument")):
        return []
    assert instrument is not None  # it is known
    if file != f"lists/{name}.yaml":
        reading.problems.add((file, "instrument"), f"the list of `{name}` is lists/{name}.yaml")
    if instrument.list not in PARTY_LISTS:
        reading.problems.add(
            (file, "instrument"),
            f"`{name}` lists no parties: its `list` is `{instrument.list}`, not one of "
            + ", ".join(PARTY_LISTS),
        )
    return [
        _party(reading, item, (file, "parties", n), instrument)
        for n, item in enumerate(raw["parties"])
    ]


def _party(
    reading: Reading, raw: Mapping[str, Any], path: Path, instrument: Instrument
) -> ListedParty:
    names = reading.words(raw["names"])
    hints = tuple(raw.get("hints", ()))
    reading.unique("listed party", raw["id"], (*path, "id"))
    if not names:
        reading.problems.add((*path, "names"), "a listed party needs a name")
    for text in (*names, *hints):
        if not any(c.isalnum() for c in text):
            reading.problems.add((*path, "names"), f"`{text}` is no name: it has no letter")
    for text in names:
        reading.unique(f"name on the list of {instrument.id}", _plain(text), (*path, "names"))
    period = instrument.in_force
    if "from" in raw:
        period = reading.period(raw, path)
        if period.from_day < instrument.in_force.from_day:
            reading.problems.add(
                (*path, "from"),
                f"listed from {period.from_day}, before {instrument.id} is in force "
                f"({instrument.in_force.from_day})",
            )
    elif "until" in raw:
        last = reading.day(raw["until"], (*path, "until"))
        period = Period(instrument.in_force.from_day, last)
        if last < period.from_day:
            reading.problems.add(
                (*path, "until"), f"ends on {last}, before it begins on {period.from_day}"
            )
    return ListedParty(
        id=raw["id"],
        entity=raw["entity"],
        instrument=instrument.id,
        names=names,
        hints=hints,
        country=raw.get("country"),
        identifiers=tuple((i["type"], i["value"]) for i in raw.get("identifiers", ())),
        full_name_only=raw.get("full_name_only", False),
        period=period,
        verified=raw["verified"],
        notes=tuple(raw.get("notes", ())),
    )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
