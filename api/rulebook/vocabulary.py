"""The declared, typed facts that rules and entries may speak of.

Two vocabularies, because they are read at different moments: *goods facts* describe one line by
itself and decide which control entries it meets (three-valued: missing data is unknown); *case
facts* describe one line against one entry on its way to one destination, or the whole shipment,
and decide which rules fire.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from api.shipment import Crystal, EndUseCategory, Form, TransportMode

FactType = Literal["text", "number", "boolean"]
CaseKind = Literal["line", "shipment"]


@dataclass(frozen=True)
class Fact:
    """One fact a rule may name; `values` closes a text to a list, `only_for` to a case kind."""

    name: str
    type: FactType
    meaning: str
    values: tuple[str, ...] = ()
    only_for: CaseKind | None = None


MATCHES = ("listed", "possible", "excluded", "none")
ENTRY_LISTS = ("dual_use", "state_trading", "abroad")

_CASE_FACTS = (
    Fact("entry.id", "text", "the control entry the line is held against", only_for="line"),
    Fact(
        "entry.code", "text", "its control code, where the instrument prints one", only_for="line"
    ),
    Fact("entry.instrument", "text", "the instrument that lists it", only_for="line"),
    Fact("entry.list", "text", "what being on its list means", ENTRY_LISTS, only_for="line"),
    Fact("entry.part", "text", "the annex part that names it", only_for="line"),
    Fact("entry.material", "text", "its material", only_for="line"),
    Fact("entry.form", "text", "its form", get_args(Form), only_for="line"),
    Fact("entry.match", "text", "whether the line is this item", MATCHES, only_for="line"),
    Fact(
        "entry.borderline",
        "boolean",
        "a content lies between the limits of 'containing': a person must look",
        only_for="line",
    ),
    Fact("entry.qualification", "text", "the exporter qualification it asks for", only_for="line"),
    Fact(
        "entry.content_value_pct",
        "number",
        "percent of the line's value that is Chinese-origin material of the entry's instrument",
        only_for="line",
    ),
    Fact("line.form", "text", "the declared form", get_args(Form), only_for="line"),
    Fact(
        "line.origin", "text", "the country of origin of the line, or of the route", only_for="line"
    ),
    Fact("line.hs_code", "text", "the declared customs code", only_for="line"),
    Fact(
        "line.code_contradicted",
        "boolean",
        "what the customs code says of the goods is not what the line says",
        only_for="line",
    ),
    Fact("line.declared_code", "text", "the declared control code", only_for="line"),
    Fact(
        "line.declared_code_unknown",
        "boolean",
        "the declared control code is none of this rule set's",
        only_for="line",
    ),
    Fact("exporter.country", "text", "the exporter's country"),
    Fact(
        "exporter.qualified",
        "boolean",
        "the exporter declares the qualification the entry asks for",
        only_for="line",
    ),
    Fact("departure.country", "text", "where the goods leave from"),
    Fact("destination.country", "text", "a country the goods go to: declared, or the end user's"),
    Fact(
        "destination.basis",
        "text",
        "why that country is held to be a destination",
        ("declared", "end_user", "consignee"),
    ),
    Fact("end_use.category", "text", "the declared end use", get_args(EndUseCategory)),
    Fact("end_use.military", "boolean", "the end use or the end user is military"),
    Fact("transport.mode", "text", "how the goods travel", get_args(TransportMode)),
    Fact("trade.mode", "text", "the customs regime code"),
)

CASE_FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _CASE_FACTS}

_GOODS_FACTS = (
    Fact("purity_pct", "number", "purity in percent"),
    Fact("particle_size_um", "number", "particle size in micrometres"),
    Fact("crystal", "text", "single crystal or polycrystal", get_args(Crystal)),
)
GOODS_FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _GOODS_FACTS}

ELEMENTS = frozenset(
    (
        "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As "
        "Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu "
        "Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np "
        "Pu Am "
    ).split()
)
PROPERTY_NAME = re.compile(r"properties\.[a-z][a-z0-9_]{0,63}")


def goods_fact(name: str) -> Fact | None:
    """The goods fact of this name; `content.<element>` and `properties.<name>` are families."""
    if name in GOODS_FACTS:
        return GOODS_FACTS[name]
    if name.startswith("content.") and name.removeprefix("content.") in ELEMENTS:
        return Fact(name, "number", "mass percent of an element")
    if PROPERTY_NAME.fullmatch(name):
        return Fact(name, "number", "a declared measurement")
    return None


def case_fact(name: str) -> Fact | None:
    """The case fact of this name."""
    return CASE_FACTS.get(name)


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    """The known word most like this one, for a suggestion; None when nothing is near."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None
