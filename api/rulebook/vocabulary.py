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
from dataclasses import dataclass, replace
from typing import Literal, get_args

from api.iso import ALPHA_2
from api.shipment import Crystal, EndUseCategory, Form, Role, TransportMode

FactType = Literal["text", "number", "boolean"]
CaseKind = Literal["line", "shipment", "party", "dealing"]
Severity = Literal["low", "medium", "high"]


@dataclass(frozen=True)
class Fact:
    """One fact a rule may name.

    `values` closes a text to a list, `ends` a number to what lies between, `only_for` the fact to
    kinds of case. What others ship, and how far a figure is from one that would pass, is
    `confidential`: officers and auditors see it, whoever proposes the shipment does not.
    """

    name: str
    type: FactType
    meaning: str
    values: tuple[str, ...] = ()
    only_for: tuple[CaseKind, ...] = ()
    ends: tuple[int, int] | None = None
    confidential: bool = False

    def known_to(self, kind: CaseKind) -> bool:
        """Whether cases of this kind may carry it."""
        return not self.only_for or kind in self.only_for


MATCHES = ("listed", "possible", "excluded", "none")
ENTRY_LISTS = ("dual_use", "state_trading", "abroad")
PARTY_LISTS = ("control", "watch", "unreliable")
BUSINESSES = ("manufacturer", "trader", "forwarder", "bank", "military", "other")


def _group(kinds: tuple[CaseKind, ...], prefix: str, *facts: Fact) -> tuple[Fact, ...]:
    return tuple(replace(f, name=f"{prefix}.{f.name}", only_for=kinds) for f in facts)


def _confidential(name: str, type_: FactType, meaning: str) -> Fact:
    return Fact(name, type_, meaning, confidential=True)


_PERCENT = (0, 100)

_CASE_FACTS = (
    *_group(
        (),
        "exporter",
        Fact("country", "text", "the exporter's country"),
    ),
    *_group(
        ("line", "dealing"),
        "exporter",
        Fact("qualified", "boolean", "it declares the qualification the entry asks for"),
    ),
    Fact("departure.country", "text", "where the goods leave from"),
    *_group(
        ("line", "shipment", "dealing"),
        "destination",
        Fact("country", "text", "a country the goods go to: declared, or the end user's"),
        Fact(
            "basis",
            "text",
            "why that country is held to be a destination",
            ("declared", "end_user", "consignee"),
        ),
    ),
    Fact("end_use.category", "text", "the declared end use", get_args(EndUseCategory)),
    Fact("end_use.military", "boolean", "the end use or the end user is military"),
    Fact("transport.mode", "text", "how the goods travel", get_args(TransportMode)),
    Fact("trade.mode", "text", "the customs regime code"),
    *_group(
        ("line", "shipment"),
        "shipment",
        Fact("sensitive", "boolean", "a line bears on a restricted material"),
    ),
    *_group(
        ("shipment",),
        "shipment",
        Fact("lines", "number", "how many lines it has"),
    ),
    *_group(
        ("shipment",),
        "route",
        Fact("hub", "text", "a country on the way that passes restricted goods on"),
    ),
    *_group(
        ("shipment",),
        "restricted",
        Fact("country", "text", "a country that may not get the goods and is not the destination"),
        Fact("role", "text", "who of the shipment sits there", get_args(Role)),
        Fact("basis", "text", "what tells where it sits", ("country_given", "address_read")),
    ),
    *_group(
        ("shipment",),
        "consignee",
        Fact("business", "text", "its line of business, declared or by its name", BUSINESSES),
        Fact("named", "boolean", "a consignee is named, not left open"),
    ),
    *_group(
        ("shipment",),
        "end_user",
        Fact("business", "text", "its line of business, declared or by its name", BUSINESSES),
        Fact("named", "boolean", "an end user is named, not left open"),
    ),
    *_group(
        ("shipment",),
        "papers",
        Fact("amended", "boolean", "a bill of lading was changed after release"),
        Fact("documents_differ", "boolean", "another paper has no word in common with the lines"),
        Fact("documents_name", "text", "a restricted material that only another paper names"),
        Fact("repeated_lines", "number", "lines of different goods with one mass and value"),
        Fact("round_lines", "number", "lines, where every mass and value is round"),
    ),
    *_group(
        ("line",),
        "papers",
        Fact("material", "text", "a restricted material the line bears on"),
        Fact("named_material", "text", "a restricted material that only the words name"),
        Fact("composed_material", "text", "a restricted material in goods coded as others"),
        Fact("decoy", "text", "a name that has hidden restricted goods"),
        Fact("traded_as", "text", "what the goods are known as in the trade file"),
        Fact("usd_per_kg", "number", "the declared price, where it lies outside the band"),
        Fact(
            "times_below_band",
            "number",
            "lowest plausible price over the declared one",
            confidential=True,
        ),
        Fact(
            "times_above_band",
            "number",
            "the declared price over the highest plausible one",
            confidential=True,
        ),
        Fact(
            "times_decoy_price",
            "number",
            "the declared price over the dearest of the decoys",
            confidential=True,
        ),
        Fact("priced_like", "text", "a material that costs as much"),
        Fact("currency_unknown", "text", "a currency of which the trade file has no rate"),
        Fact("density_g_cm3", "number", "mass over volume"),
        Fact(
            "times_density",
            "number",
            "that density over the highest possible one",
            confidential=True,
        ),
        Fact(
            "times_too_light",
            "number",
            "the lowest possible density over that of the pieces",
            confidential=True,
        ),
        Fact("dense_like", "text", "a material that is as dense"),
        Fact("unweighed", "boolean", "no mass is declared of goods that bear on a material"),
        Fact("kg_per_package", "number", "net mass over packages"),
        Fact("net_above_gross", "boolean", "the net mass is a little above the gross mass"),
        Fact("residual_of", "text", "the controlled code the goods fit, beside the declared one"),
        Fact("times_quantity", "number", "mass by quantity and unit against net mass, or reverse"),
        Fact("models", "number", "how many models one line names"),
        Fact("origin_unlikely", "boolean", "the origin is not known to mine or refine it"),
    ),
    *_group(
        ("shipment",),
        "history",
        Fact("retry_of", "text", "the reference of a like shipment that was denied"),
        Fact("retry_changes", "text", "what is otherwise than it was then"),
        Fact("retry_denied_for", "text", "the disposition then"),
        Fact(
            "elsewhere",
            "text",
            "whose denied shipment this is too",
            ("same", "another"),
            confidential=True,
        ),
        _confidential("elsewhere_decision", "text", "the decision on that one"),
        _confidential("elsewhere_reference", "text", "its reference"),
        _confidential("elsewhere_changes", "text", "what is otherwise than it was there"),
        _confidential("elsewhere_exporter", "text", "its exporter, where it is another one"),
        Fact("supplier", "text", "a party that supplied a restricted country before"),
        _confidential("supplier_before", "text", "the country it did that from"),
        Fact("supplier_now", "text", "the country it is in now"),
        _confidential("supplied", "text", "the restricted country"),
        Fact("new_consignee", "boolean", "nothing went to the consignee before"),
        Fact("code_before", "text", "the customs code of the same words within a year"),
        Fact("code_now", "text", "the customs code they have now"),
        Fact("entries", "number", "days on which the same goods were proposed, with today"),
        Fact("intervals_shrink", "boolean", "each pause between them is shorter than the last"),
    ),
    *_group(
        ("shipment",),
        "corridor",
        Fact("scope", "text", "to a country, or to one consignee", ("country", "consignee")),
        Fact("to", "text", "the country or the consignee"),
        Fact("material", "text", "the restricted material"),
        Fact("own_kg", "number", "the mass of it in this shipment"),
        _confidential("known_days", "number", "how long the material's history is known"),
        _confidential("shipments_30d", "number", "shipments in 30 days, with this one"),
        _confidential("cny_30d", "number", "their value without this one, in CNY"),
        _confidential("kg_30d", "number", "mass in 30 days, with this shipment"),
        _confidential("kg_90d", "number", "mass in 90 days, with this shipment"),
        Fact(
            "usual_kg_30d", "number", "mass in 30 usual days of the year before", confidential=True
        ),
        Fact(
            "usual_kg_90d", "number", "mass in 90 usual days of the year before", confidential=True
        ),
        _confidential("times_30d", "number", "mass in 30 days over the usual"),
        _confidential("times_90d", "number", "mass in 90 days over the usual"),
        _confidential("is_new", "boolean", "nothing went this way in the year before"),
        Fact("public_kg_month", "number", "an average month by public figures"),
        _confidential("times_public", "number", "mass in 30 days over that"),
    ),
    *_group(
        ("line", "dealing"),
        "entry",
        Fact("id", "text", "the control entry the line is held against"),
        Fact("code", "text", "its control code, where the instrument prints one"),
        Fact("instrument", "text", "the instrument that lists it"),
        Fact("list", "text", "what being on its list means", ENTRY_LISTS),
        Fact("part", "text", "the annex part that names it"),
        Fact("material", "text", "its material"),
        Fact("form", "text", "its form", get_args(Form)),
        Fact("match", "text", "whether the line is this item", MATCHES),
        Fact(
            "borderline",
            "boolean",
            "a content lies between the limits of 'containing': a person must look",
        ),
        Fact("qualification", "text", "the exporter qualification it asks for"),
        Fact(
            "content_value_pct",
            "number",
            "percent of the line's value that is Chinese-origin material of the entry's instrument",
            ends=_PERCENT,
        ),
    ),
    *_group(
        ("line", "dealing"),
        "line",
        Fact("form", "text", "the declared form", get_args(Form)),
        Fact("origin", "text", "the country of origin of the line, or of the route"),
        Fact("hs_code", "text", "the declared customs code"),
        Fact(
            "code_contradicted",
            "boolean",
            "what the customs code says of the goods is not what the line says",
        ),
        Fact("said_purity_pct", "number", "the purity the description claims above purity_pct"),
        Fact("purity_pct", "number", "the declared purity, where the description claims more"),
        Fact("says_nothing", "boolean", 'no customs code, and a description such as "goods"'),
        Fact("declared_code", "text", "the declared control code"),
        Fact(
            "declared_code_unknown",
            "boolean",
            "the declared control code is none of this rule set's",
        ),
    ),
    *_group(
        ("party", "dealing"),
        "party",
        Fact("role", "text", "what the party does in the shipment", get_args(Role)),
        Fact("country", "text", "the party's country"),
        Fact("business", "text", "its line of business, declared or by its name", BUSINESSES),
    ),
    *_group(
        ("party", "dealing"),
        "listing",
        Fact("list", "text", "the kind of list the party may be on", PARTY_LISTS),
        Fact("instrument", "text", "the instrument that lists it"),
        Fact("entity", "text", "the listed entity"),
        Fact("score", "number", "how alike they are, in points of 100", ends=_PERCENT),
        Fact("same", "boolean", "so alike that the party counts as the listed one"),
        Fact("through", "text", "whether the party is meant or an owner", ("name", "owner")),
        Fact("owned_pct", "number", "the share listed owners hold at least", ends=_PERCENT),
        Fact("owned_pct_at_most", "number", "the share that they may hold, where some is unknown"),
        Fact("reaches_abroad", "boolean", "it binds whoever passes Chinese goods on abroad"),
    ),
)

CASE_FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _CASE_FACTS}

_GOODS_FACTS = (
    Fact("purity_pct", "number", "purity in percent", ends=_PERCENT),
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
        return Fact(name, "number", "mass percent of an element", ends=_PERCENT)
    if PROPERTY_NAME.fullmatch(name):
        return Fact(name, "number", "a declared measurement")
    return None


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    """The known word most like this one, for a suggestion; None when nothing is near.

    A country's three-letter code means its two-letter one.
    """
    if word in ALPHA_2 and ALPHA_2[word] in known:
        return ALPHA_2[word]
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None
