"""Reads policy/*.yaml: the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from api.disposition import Disposition
from api.iso import COUNTRIES
from api.rulebook.conditions import ConditionReader, tests_of
from api.rulebook.goods import Goods
from api.rulebook.messages import placeholders
from api.rulebook.model import Basis, Instrument, Rule
from api.rulebook.parties import ListedParty
from api.rulebook.problems import Path
from api.rulebook.reading import Reading
from api.rulebook.vocabulary import CASE_FACTS, CaseKind, nearest

_WORDS_FOR_PEOPLE: Mapping[str, tuple[CaseKind, ...]] = {
    "entry.title": ("line", "dealing"),
    "entry.label": ("line", "dealing"),
    "entry.because": ("line", "dealing"),
    "entry.missing": ("line", "dealing"),
    "instrument.short": ("line", "shipment", "party", "dealing"),
    "instrument.title": ("line", "shipment", "party", "dealing"),
    "line.number": ("line", "shipment", "dealing"),
    "line.code_means": ("line",),
    "party.name": ("party", "dealing"),
    "listing.name": ("party", "dealing"),
    "listing.because": ("party", "dealing"),
}
"""What a message may name besides the facts, by kind of case."""

_BASES: Mapping[str, tuple[CaseKind, ...]] = {
    "entry": ("line", "dealing"),
    "listing": ("party", "dealing"),
}


def read_rules(
    reading: Reading,
    instruments: Mapping[str, Instrument],
    goods: Goods,
    parties: Iterable[ListedParty],
) -> tuple[Rule, ...]:
    """Every rule, in the order of files and of rules in them."""
    conditions = reading.case_conditions(_domains(instruments, goods, parties))
    return tuple(
        _rule(reading, raw, (file, "rules", number), instruments, conditions)
        for file in reading.files("policy")
        for number, raw in enumerate(reading.content[file]["rules"])
    )


def _domains(
    instruments: Mapping[str, Instrument], goods: Goods, parties: Iterable[ListedParty]
) -> Mapping[str, Collection[str]]:
    """The values that facts can have under this rule set: a misspelt one would never hold."""
    entries = [entry for instrument in instruments.values() for entry in instrument.entries]
    countries = ("exporter", "departure", "destination", "party")
    return {
        "entry.id": {entry.id for entry in entries},
        "entry.code": {entry.code for entry in entries if entry.code},
        "entry.part": {entry.part for entry in entries if entry.part},
        "entry.qualification": {e.qualification for e in entries if e.qualification},
        "entry.instrument": {entry.instrument for entry in entries},
        "entry.material": goods.materials.keys(),
        "line.origin": COUNTRIES,
        "listing.instrument": {party.instrument for party in parties},
        "listing.entity": {party.entity for party in parties},
    } | {f"{who}.country": COUNTRIES for who in countries}


def _rule(
    reading: Reading,
    raw: Mapping[str, Any],
    path: Path,
    instruments: Mapping[str, Instrument],
    conditions: ConditionReader,
) -> Rule:
    reading.unique("rule", raw["id"], (*path, "id"))
    kind: CaseKind = raw["for"]
    when = conditions.read(raw["when"], (*path, "when"))
    for test in tests_of(when):
        fact = CASE_FACTS[test.fact]
        if not fact.known_to(kind):
            reading.problems.add(
                (*path, "when", test.fact),
                f"`{test.fact}` is known only to rules for a {' or '.join(fact.only_for)}",
            )
    basis = _basis(reading, raw["basis"], (*path, "basis"), kind, instruments)
    for key in ("because", "remedy"):
        for language, text in raw.get(key, {}).items():
            _check_placeholders(reading, text, kind, (*path, key, language))
    return Rule(
        id=raw["id"],
        basis=basis,
        applies_to=kind,
        when=when,
        then=Disposition[raw["then"]],
        because=raw["because"],
        remedy=raw.get("remedy"),
        asks=tuple(raw.get("asks", ())),
        severity=raw.get("severity"),
    )


def _basis(
    reading: Reading,
    raw: Mapping[str, Any],
    path: Path,
    kind: CaseKind,
    instruments: Mapping[str, Instrument],
) -> Basis:
    clause = str(raw["clause"]) if "clause" in raw else None
    name = raw["instrument"]
    if name in _BASES:
        if kind not in _BASES[name] or clause is not None:
            reading.problems.add(
                path,
                f"`instrument: {name}` is for rules for a {' or '.join(_BASES[name])}, "
                "without a clause",
            )
        return Basis(None, None, name)
    if reading.known("instrument", name, instruments, (*path, "instrument")):
        instrument = instruments[name]
        if clause is not None and clause not in instrument.clauses:
            near = nearest(clause, tuple(instrument.clauses))
            hint = f"; did you mean `{near}`?" if near else ""
            reading.problems.add(
                (*path, "clause"), f"{instrument.id} has no clause `{clause}`{hint}"
            )
    return Basis(name, clause)


def _check_placeholders(reading: Reading, text: str, kind: CaseKind, path: Path) -> None:
    try:
        names = placeholders(text)
    except ValueError as error:
        reading.problems.add(path, str(error))
        return
    for name in names:
        fact = CASE_FACTS.get(name)
        allowed = kind in _WORDS_FOR_PEOPLE.get(name, ()) if fact is None else fact.known_to(kind)
        if not allowed:
            near = nearest(name, (*CASE_FACTS, *_WORDS_FOR_PEOPLE))
            hint = f"; did you mean {{{near}}}?" if near else ""
            reading.problems.add(path, f"nothing fills {{{name}}}{hint}")
        elif fact is not None and fact.confidential:
            reading.problems.add(
                path,
                f"{{{name}}} is confidential: it tells what others ship or which figure would pass",
            )
