"""Flat facts, one case at a time: line x entry x destination, and shipment x destination.

Every fact is declared in `rulebook.vocabulary`; a fact that is absent is absent, never a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from api.decide.classify import Classification, LineClassification
from api.decide.goods import Clue
from api.rulebook.model import RuleSet
from api.shipment import Line, Shipment

FactValue = str | bool | Decimal
Facts = Mapping[str, FactValue]


@dataclass(frozen=True, eq=False)
class Case:
    """One case for the rules: its facts, and what they are about."""

    kind: Literal["line", "shipment"]
    facts: Facts
    line: Line | None = None
    classification: Classification | None = None
    code_contradiction: tuple[Clue, ...] | None = None

    @property
    def instrument(self) -> str | None:
        """The instrument whose entry the case is about."""
        return self.classification.entry.instrument if self.classification else None


@dataclass(frozen=True)
class Destination:
    """A country the goods go to, and why it is held to be one."""

    country: str
    basis: Literal["declared", "end_user", "consignee"]


def destinations(shipment: Shipment) -> tuple[Destination, ...]:
    """The declared country and, where they differ, the end users' countries.

    Where there is no end user, or the country of one is not given, the consignees stand in. Each is
    tested; the stricter answer wins (design.md, "What the law decides", 4).
    """
    found = {shipment.route.destination: Destination(shipment.route.destination, "declared")}
    end_users, consignees = shipment.by_role("end_user"), shipment.by_role("consignee")
    for party in end_users:
        if party.country is not None:
            found.setdefault(party.country, Destination(party.country, "end_user"))
    if not end_users or any(party.country is None for party in end_users):
        for party in consignees:
            if party.country is not None:
                found.setdefault(party.country, Destination(party.country, "consignee"))
    return tuple(found.values())


def read_of(shipment: Shipment) -> tuple[object, ...]:
    """All that the facts below are made of besides classification, as a key.

    Whoever adds a fact adds here what it reads; tests/properties/test_classification.py holds
    remembered answers against fresh ones.
    """
    route, end_use = shipment.route, shipment.end_use
    return (
        route.origin,
        route.departure,
        route.destination,
        end_use.category if end_use else None,
        shipment.transport_mode,
        shipment.trade_mode,
        tuple((p.role, p.country, p.business, p.qualifications) for p in shipment.parties),
        tuple(
            (n.line, n.form, n.origin, n.hs_code, n.declared_code, n.content)
            for n in shipment.lines
        ),
    )


_MILITARY_BUSINESSES = frozenset({"military", "defence", "defense", "armed_forces"})


def _shipment_facts(shipment: Shipment, destination: Destination) -> dict[str, FactValue]:
    exporter = next(iter(shipment.by_role("exporter")), None)
    category = shipment.end_use.category if shipment.end_use else None
    military_user = any(
        (party.business or "").casefold() in _MILITARY_BUSINESSES
        for party in shipment.by_role("end_user")
    )
    facts: dict[str, FactValue | None] = {
        "exporter.country": exporter.country if exporter else None,
        "departure.country": shipment.departure_country,
        "destination.country": destination.country,
        "destination.basis": destination.basis,
        "end_use.category": category or "unknown",
        "end_use.military": category == "military" or military_user,
        "transport.mode": shipment.transport_mode,
        "trade.mode": shipment.trade_mode,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _line_facts(
    line: Line, shipment: Shipment, found: LineClassification, rule_set: RuleSet
) -> dict[str, FactValue]:
    code, said = line.declared_code, found.said_purity_pct
    facts: dict[str, FactValue | None] = {
        "line.form": line.form,
        "line.origin": line.origin or shipment.route.origin,
        "line.hs_code": line.hs_code,
        "line.code_contradicted": found.code_contradiction is not None,
        "line.said_purity_pct": said,
        "line.purity_pct": line.purity_pct if said is not None else None,
        "line.says_nothing": found.says_nothing,
        "line.declared_code": code,
        "line.declared_code_unknown": code is not None and not rule_set.knows_code(code),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _entry_facts(
    found: Classification, line: Line, qualifications: frozenset[str], rule_set: RuleSet
) -> dict[str, FactValue]:
    entry = found.entry
    instrument = rule_set.instruments[entry.instrument]
    facts: dict[str, FactValue | None] = {
        "entry.id": entry.id,
        "entry.code": entry.code,
        "entry.instrument": entry.instrument,
        "entry.list": instrument.list,
        "entry.part": entry.part,
        "entry.material": entry.material,
        "entry.form": entry.form,
        "entry.match": found.match,
        "entry.borderline": found.borderline,
        "entry.qualification": entry.qualification,
        "exporter.qualified": entry.qualification in qualifications
        if entry.qualification
        else None,
        "entry.content_value_pct": found.content_value_pct,
    }
    return {name: value for name, value in facts.items() if value is not None}


def cases_of(
    shipment: Shipment, classified: Iterable[LineClassification], rule_set: RuleSet
) -> tuple[Case, ...]:
    """Every case of the shipment, whatever is in force; `classified` in the order of its lines."""
    qualifications = frozenset(
        qualification
        for exporter in shipment.by_role("exporter")
        for qualification in exporter.qualifications or ()
    )
    cases: list[Case] = []
    lines = tuple(zip(shipment.lines, classified, strict=True))
    for destination in destinations(shipment):
        shared = _shipment_facts(shipment, destination)
        cases.append(Case("shipment", shared))
        for line, classification in lines:
            contradiction = classification.code_contradiction
            about = shared | _line_facts(line, shipment, classification, rule_set)
            cases.append(Case("line", about | {"entry.match": "none"}, line, None, contradiction))
            cases.extend(
                Case(
                    "line",
                    about | _entry_facts(found, line, qualifications, rule_set),
                    line,
                    found,
                    contradiction,
                )
                for found in classification.entries
            )
    return tuple(cases)
