"""Reads goods.yaml: how goods are named, and what customs codes say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.rulebook.goods import (
    Article,
    CustomsCode,
    Designation,
    Goods,
    Material,
    Purpose,
    System,
    TakenBack,
)
from api.rulebook.model import Instrument
from api.rulebook.problems import Path
from api.rulebook.reading import Reading

_FILE = "goods.yaml"


def read_goods(reading: Reading) -> Goods:
    """The goods file."""
    raw = reading.content[_FILE]
    materials = {
        item["id"]: Material(
            reading.unique("material", item["id"], (_FILE, "materials", n, "id")),
            {language: words[0] for language, words in item["names"].items() if words},
            item.get("element"),
            reading.words(item["names"]),
            frozenset(item.get("members", ())),
            frozenset(item.get("headings", ())),
        )
        for n, item in enumerate(raw["materials"])
    }
    for n, item in enumerate(raw["materials"]):
        for m, member in enumerate(item.get("members", ())):
            known_material(reading, member, materials, (_FILE, "materials", n, "members", m))
    return Goods(
        materials=materials,
        form_words=_form_words(reading, raw),
        shapes=frozenset(
            word for item in raw["forms"] for word in reading.words(item.get("shapes"))
        ),
        negation=TakenBack(
            *(_around(reading, raw, "negations", key) for key in ("before", "after"))
        ),
        purpose=Purpose(*(_around(reading, raw, "purposes", key) for key in ("before", "after"))),
        designations=tuple(
            Designation(
                reading.pattern(item["pattern"], (_FILE, "designations", n, "pattern")),
                tuple(item["stands_for"]),
            )
            for n, item in enumerate(raw.get("designations", ()))
        ),
        systems=tuple(
            System(frozenset(item["elements"]), tuple(item["stands_for"]))
            for item in raw.get("systems", ())
        ),
        articles=tuple(
            Article(
                reading.words(item["names"]),
                tuple(item["codes"]),
                _throughout(reading, item, materials, (_FILE, "articles", n, "throughout")),
            )
            for n, item in enumerate(raw.get("articles", ()))
        ),
        attachments=tuple(
            reading.pattern(pattern, (_FILE, "attachments", n))
            for n, pattern in enumerate(raw.get("attachments", ()))
        ),
        lookalikes=reading.words(raw.get("lookalikes")),
        variants=raw.get("variants", {}),
        vague=reading.words(raw.get("vague")),
        customs_codes={
            item["hs"]: _customs_code(reading, item, materials, (_FILE, "customs_codes", n))
            for n, item in enumerate(raw.get("customs_codes", ()))
        },
    )


def _throughout(
    reading: Reading, raw: Mapping[str, Any], materials: Mapping[str, Material], path: Path
) -> frozenset[str] | None:
    if "throughout" not in raw:
        return None
    for n, name in enumerate(raw["throughout"]):
        known_material(reading, name, materials, (*path, n))
    return frozenset(raw["throughout"])


def check_stands_for(reading: Reading, goods: Goods, instruments: Iterable[Instrument]) -> None:
    """Notes what a designation or a system stands for and nothing else names."""
    raw = reading.content[_FILE]
    entries = [entry for instrument in instruments for entry in instrument.entries]
    known = {
        *(name for material in goods.materials.values() for name in material.names),
        *(word for words in goods.form_words.values() for word in words),
        *(name for entry in entries for name in (*entry.names, *entry.not_names)),
    }
    for key in ("designations", "systems"):
        for n, item in enumerate(raw.get(key, ())):
            for m, name in enumerate(item["stands_for"]):
                reading.known("name", name, known, (_FILE, key, n, "stands_for", m))


def _form_words(reading: Reading, raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The words of each form, shapes and devices among them."""
    words = {
        item["id"]: (*reading.words(item["words"]), *reading.words(item.get("shapes")))
        for item in raw["forms"]
    }
    for item in raw.get("articles", ()):
        if "form" in item:
            form = item["form"]
            words[form] = tuple(
                dict.fromkeys((*words.get(form, ()), *reading.words(item["names"])))
            )
    return words


def known_material(
    reading: Reading, name: str | None, materials: Mapping[str, Material], path: Path
) -> str | None:
    """A material of goods.yaml; a mistake when it names none such."""
    if name is not None:
        reading.known("material of goods.yaml", name, materials, path)
    return name


def _customs_code(
    reading: Reading, raw: Mapping[str, Any], materials: Mapping[str, Material], path: Path
) -> CustomsCode:
    return CustomsCode(
        hs=reading.unique("customs code", raw["hs"], (*path, "hs")),
        title=raw["title"],
        material=known_material(reading, raw.get("material"), materials, (*path, "material")),
        form=raw.get("form"),
        means=reading.goods_condition(raw.get("means", {}), (*path, "means")),
        denied_by=reading.words(raw.get("denied_by")),
        verified=raw["verified"],
    )


def _around(reading: Reading, raw: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    return reading.words({k: v.get(place, []) for k, v in raw.get(key, {}).items()})
