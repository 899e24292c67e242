"""Flat facts, one case at a time, for the rules to be held against.

Kinds of case: a line against an entry on its way to one destination; the shipment to one
destination; a party against a listed one; and a dealing, which is a line's entry together with a
listed party. Every fact is declared in `rulebook.vocabulary`; one that is absent is absent, never a
default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import msgspec

from api.decide.classify import Classification, LineClassification
from api.decide.goods import Clue
from api.decide.history import History
from api.decide.involved import Involved, involved
from api.decide.parties import InForce, PartyHit, ScreenedParty, party_hits
from api.rulebook.conditions import those_known
from api.rulebook.model import RuleSet
from api.rulebook.parties import ListedParty
from api.rulebook.vocabulary import CaseKind
from api.shipment import Line, Party, Shipment

FactValue = str | bool | Decimal
Facts = Mapping[str, FactValue]


class LookedUp(msgspec.Struct, frozen=True):
    """What deciding needs besides the shipment: of each line, of each party, of what was before.

    Without `history` nothing is said of earlier decisions.
    """

    lines: tuple[LineClassification, ...]
    parties: tuple[ScreenedParty, ...]
    history: History | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """One case for the rules: its facts, and what they are about."""

    kind: CaseKind
    facts: Facts
    line: Line | None = None
    classification: Classification | None = None
    code_contradiction: tuple[Clue, ...] | None = None
    party: PartyHit | None = None

    @property
    def instrument(self) -> str | None:
        """The instrument whose entry the case is about."""
        return self.classification.entry.instrument if self.classification else None

    @property
    def listed(self) -> ListedParty | None:
        """The listed party the case is about."""
        return self.party.hit.listed if self.party else None


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


def read_of(shipment: Shipment, involved: Involved) -> tuple[object, ...]:
    """All that the facts of the law are made of besides classification, as a key.

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
        involved.read,
        tuple(
            (n.line, n.form, n.origin, n.hs_code, n.declared_code, n.content)
            for n in shipment.lines
        ),
    )


_MILITARY_USES = ("military", "missile")


def common_facts(shipment: Shipment, involved: Involved) -> dict[str, FactValue]:
    """What every case of the shipment says of it."""
    category = shipment.end_use.category if shipment.end_use else None
    return those_known(
        {
            "exporter.country": involved.exporter_country,
            "departure.country": shipment.route.departure or involved.exporter_country,
            "end_use.category": category or "unknown",
            "end_use.military": category in _MILITARY_USES or involved.military_user,
            "transport.mode": shipment.transport_mode,
            "trade.mode": shipment.trade_mode,
        }
    )


def _destination_facts(destination: Destination) -> dict[str, FactValue]:
    return {
        "destination.country": destination.country,
        "destination.basis": destination.basis,
    }


def _line_facts(
    line: Line, shipment: Shipment, found: LineClassification, rule_set: RuleSet
) -> dict[str, FactValue]:
    code, said = line.declared_code, found.said_purity_pct
    return those_known(
        {
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
    )


def _entry_facts(
    found: Classification, qualifications: frozenset[str], rule_set: RuleSet
) -> dict[str, FactValue]:
    entry = found.entry
    return those_known(
        {
            "entry.id": entry.id,
            "entry.code": entry.code,
            "entry.instrument": entry.instrument,
            "entry.list": rule_set.instruments[entry.instrument].list,
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
    )


def _party_facts(party: Party, screened: ScreenedParty) -> dict[str, FactValue]:
    return those_known(
        {
            "party.role": party.role,
            "party.country": party.country,
            "party.business": screened.business,
        }
    )


def _listing_facts(found: PartyHit, rule_set: RuleSet) -> dict[str, FactValue]:
    listed, share = found.hit.listed, found.share
    instrument = rule_set.instruments[listed.instrument]
    return those_known(
        {
            "listing.list": instrument.list,
            "listing.instrument": listed.instrument,
            "listing.entity": listed.entity,
            "listing.score": found.hit.score,
            "listing.same": found.hit.score >= rule_set.screening.same_at_least,
            "listing.through": found.through,
            "listing.owned_pct": share.least if share else None,
            "listing.owned_pct_at_most": share.most if share else None,
            "listing.reaches_abroad": "transfer" in instrument.clauses,
        }
    )


class Cases:
    """Every case of a shipment, whatever is in force; `on` picks those of one day."""

    def __init__(
        self,
        shipment: Shipment,
        looked_up: LookedUp,
        rule_set: RuleSet,
        signals: Iterable[Case] = (),
    ) -> None:
        self._shipment = shipment
        self._looked_up = looked_up
        self._rule_set = rule_set
        self._common = common_facts(
            shipment, involved(shipment.parties, looked_up.parties, rule_set.trade)
        )
        self._lines = tuple(self._line_cases())
        self._plain = (
            *(
                Case("shipment", self._common | _destination_facts(destination))
                for destination in destinations(shipment)
            ),
            *self._lines,
            *(
                Case("party", self._common | _party_facts(party, screened))
                for party, screened in self._parties()
            ),
            *signals,
        )

    def on(self, instruments: frozenset[str], in_force: InForce) -> Iterator[Case]:
        """The cases of which entry and listing are in force."""
        lines = []
        for case in self._plain:
            if case.instrument is None or case.instrument in instruments:
                yield case
                if case.classification is not None and case.facts["entry.match"] != "excluded":
                    lines.append(case)
        for found in self.hits(in_force):
            party = self._shipment.parties[found.party]
            screened = self._looked_up.parties[found.party]
            about = _party_facts(party, screened) | _listing_facts(found, self._rule_set)
            yield Case("party", self._common | about, party=found)
            for case in lines:
                yield Case(
                    "dealing",
                    dict(case.facts) | about,
                    case.line,
                    case.classification,
                    case.code_contradiction,
                    found,
                )

    def hits(self, in_force: InForce) -> Iterator[PartyHit]:
        """The parties that may be listed ones, or belong to some, among those in force."""
        same = self._rule_set.screening.same_at_least
        for position, screened in enumerate(self._looked_up.parties):
            yield from party_hits(position, screened, in_force, same)

    @property
    def entry_instruments(self) -> frozenset[str]:
        """The instruments of the entries that came into question."""
        return frozenset(case.instrument for case in self._lines if case.instrument is not None)

    def _parties(self) -> Iterator[tuple[Party, ScreenedParty]]:
        return zip(self._shipment.parties, self._looked_up.parties, strict=True)

    def _line_cases(self) -> Iterator[Case]:
        shipment, rule_set = self._shipment, self._rule_set
        qualifications = frozenset(
            qualification
            for exporter in shipment.by_role("exporter")
            for qualification in exporter.qualifications or ()
        )
        for destination in destinations(shipment):
            shared = self._common | _destination_facts(destination)
            for line, found in zip(shipment.lines, self._looked_up.lines, strict=True):
                contradiction = found.code_contradiction
                about = shared | _line_facts(line, shipment, found, rule_set)
                yield Case("line", about | {"entry.match": "none"}, line, None, contradiction)
                for classification in found.entries:
                    facts = about | _entry_facts(classification, qualifications, rule_set)
                    yield Case("line", facts, line, classification, contradiction)
