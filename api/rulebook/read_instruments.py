"""Reads instruments/*.yaml: legal measures with their dates, clauses and control entries."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from api.rulebook.conditions import ALWAYS
from api.rulebook.goods import Goods
from api.rulebook.model import Clause, Containing, ControlEntry, Doubt, Instrument, Suspension
from api.rulebook.problems import Path
from api.rulebook.read_goods import known_material
from api.rulebook.reading import Reading


def read_instruments(reading: Reading, goods: Goods) -> dict[str, Instrument]:
    """Every instrument by id."""
    files = reading.files("instruments")
    found = [_instrument(reading, file, goods) for file in files]
    instruments = {instrument.id: instrument for instrument in found}
    for file in files:
        for n, item in enumerate(reading.content[file].get("suspended", ())):
            reading.known("instrument", item["by"], instruments, (file, "suspended", n, "by"))
    return instruments


def _instrument(reading: Reading, file: str, goods: Goods) -> Instrument:
    raw = reading.content[file]
    name = reading.unique("instrument", raw["id"], (file, "id"))
    if file != f"instruments/{name}.yaml":
        reading.problems.add((file, "id"), f"the file of `{name}` is instruments/{name}.yaml")
    in_force = reading.period(raw["in_force"], (file, "in_force"))
    clauses = {
        item["id"]: Clause(
            id=reading.unique(f"clause of {name}", item["id"], (file, "clauses", n, "id")),
            effect=item["effect"],
            in_force=reading.period(item["in_force"], (file, "clauses", n, "in_force"))
            if "in_force" in item
            else in_force,
            verified=item["verified"],
        )
        for n, item in enumerate(raw.get("clauses", ()))
    }
    limits = _limits(reading, raw.get("containing"), (file, "containing"))
    for n, material in enumerate(raw.get("content_materials", ())):
        known_material(reading, material, goods.materials, (file, "content_materials", n))
    return Instrument(
        id=name,
        title=raw["title"],
        short=raw["short"],
        authority=tuple(raw["authority"]),
        in_force=in_force,
        list=raw["list"],
        verified=raw["verified"],
        sources=tuple(raw["sources"]),
        clauses=clauses,
        suspended=tuple(
            _suspension(reading, item, clauses, (file, "suspended", n))
            for n, item in enumerate(raw.get("suspended", ()))
        ),
        doubts=tuple(
            Doubt(
                clauses=_clauses(reading, item, clauses, (file, "doubt", n)),
                period=reading.period(item, (file, "doubt", n)),
                question=item["question"],
                confirm=item["confirm"],
                sources=tuple(item["sources"]),
            )
            for n, item in enumerate(raw.get("doubt", ()))
        ),
        containing=limits,
        content_materials=frozenset(raw.get("content_materials", ())),
        entries=tuple(
            _entry(reading, item, (file, "entries", n), name, limits, goods)
            for n, item in enumerate(raw.get("entries", ()))
            if item.get("active", True)
        ),
    )


def _suspension(
    reading: Reading, raw: Mapping[str, Any], clauses: Mapping[str, Clause], path: Path
) -> Suspension:
    stopped = raw.get("kind") == "stopped"
    if stopped and "until" in raw:
        reading.problems.add(
            (*path, "until"), "what is stopped has no end; with an end it is `kind: suspended`"
        )
    return Suspension(
        clauses=_clauses(reading, raw, clauses, path),
        period=reading.period(raw, path),
        by=raw["by"],
        stopped=stopped,
    )


def _limits(reading: Reading, raw: Mapping[str, Any] | None, path: Path) -> Containing | None:
    if raw is None:
        return None
    limits = Containing(Decimal(raw["counts_from_pct"]), Decimal(raw["ignored_up_to_pct"]))
    if limits.ignored_up_to_pct >= limits.counts_from_pct:
        reading.problems.add(path, "ignored_up_to_pct must lie below counts_from_pct")
    return limits


def _clauses(
    reading: Reading, raw: Mapping[str, Any], clauses: Mapping[str, Clause], path: Path
) -> frozenset[str] | None:
    if raw["clauses"] == "all":
        return None
    for n, clause in enumerate(raw["clauses"]):
        if clause not in clauses:
            reading.problems.add(
                (*path, "clauses", n), f"the instrument has no clause `{clause}` above"
            )
    return frozenset(raw["clauses"])


def _entry(
    reading: Reading,
    raw: Mapping[str, Any],
    path: Path,
    instrument: str,
    limits: Containing | None,
    goods: Goods,
) -> ControlEntry:
    reading.unique("entry", raw["id"], (*path, "id"))
    if raw["id"].partition("/")[0] != instrument:
        reading.problems.add((*path, "id"), f"an entry of {instrument} begins with `{instrument}/`")
    known_material(reading, raw["material"], goods.materials, (*path, "material"))
    contains = raw.get("contains", {}).get("element", [])
    if contains and limits is None:
        reading.problems.add(
            (*path, "contains"),
            "the instrument says no limits: give it `containing: {counts_from_pct, "
            "ignored_up_to_pct}`",
        )
    made_of = raw.get("made_of")
    return ControlEntry(
        id=raw["id"],
        instrument=instrument,
        code=raw.get("code"),
        number=raw.get("number"),
        part=raw.get("part"),
        qualification=raw.get("qualification"),
        material=raw["material"],
        form=raw["form"],
        forms=frozenset((raw["form"], *raw.get("also", ()))),
        title=raw["title"],
        codes=tuple(raw.get("hs", ())),
        except_codes=tuple(raw.get("hs_except", ())),
        shared_codes=tuple(raw.get("shared_hs", ())),
        asks_on=tuple(raw.get("asks_on", ())),
        names=reading.words(raw.get("names")),
        not_names=reading.words(raw.get("not_names")),
        made_of=None if made_of is None else reading.goods_condition(made_of, (*path, "made_of")),
        contains=(contains,) if isinstance(contains, str) else tuple(contains),
        meets=reading.goods_condition(raw["meets"], (*path, "meets")) if "meets" in raw else ALWAYS,
        verified=raw["verified"],
        notes=tuple(raw.get("notes", ())),
    )
