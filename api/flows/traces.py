"""Notes under keys that later shipments may share: what is looked up to see a pattern.

Each key names one thing to remember the latest of:
`r` a reference of an exporter, and `m` a mass of his (to a hundredth), under which a shipment was
denied; `s` a name that supplied a restricted country; `g` words for goods of an exporter, with the
code and the days of their use; `c` a consignee that something went to. Names are reduced to what
tells them apart, so that spelling and legal forms do not matter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Set
from datetime import date
from itertools import islice

import msgspec

from api.decide.evaluate import Evaluator
from api.decide.facts import LookedUp
from api.disposition import Disposition
from api.flows.watched import watched_digest
from api.rulebook.trade import Trade
from api.shipment import Owner, Party, Shipment

_LONGEST = 80
_DAYS_KEPT = 5
_MOST_LINES = 50  # of one shipment that are remembered and looked up
_REVISION = re.compile(r"(?<=\w)[-_/ .]+(?:r|rev|v|ver)\.?\s*\d{1,2}$|(?<=\d)[a-z]$")
_BUCKET = math.log(1.01)

NameKey = Callable[[str], str]


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered under a key; which members are used depends on its kind."""

    decision: str = ""
    day: date | None = None
    watched: str = ""
    name: str = ""
    country: str | None = None
    restricted: str | None = None
    hs_code: str | None = None
    days: tuple[date, ...] = ()


class Traces:
    """Makes the keys of a shipment, and the notes it leaves, under one rule set."""

    def __init__(self, name_key: NameKey, trade: Trade) -> None:
        self.name_key = name_key
        self._trade = trade

    def exporter(self, shipment: Shipment) -> str:
        """The exporter, by its registration number if it gives one, else by name."""
        return self.party(shipment.by_role("exporter")[0])

    def consignee(self, shipment: Shipment) -> str:
        """Who gets the goods: the consignee, else the end user."""
        parties = shipment.by_role("consignee") or shipment.by_role("end_user")
        return self.party(parties[0])

    def denied_keys(self, shipment: Shipment) -> list[str]:
        """Under which a like shipment would have been denied: reference and masses."""
        exporter = self.exporter(shipment)
        found = [f"r:{exporter}:{_reference(shipment.reference)}"]
        for bucket in _buckets(shipment):
            found += [f"m:{exporter}:{bucket + near}" for near in (0, -1, 1)]
        return found

    def supplier_keys(self, shipment: Shipment) -> dict[str, Party | Owner]:
        """The parties that may have supplied somebody before, and their owners."""
        roles = ("exporter", "seller", "consignee", "intermediate_consignee", "buyer")
        found: dict[str, Party | Owner] = {}
        for party in shipment.parties:
            if party.role in roles:
                for who in _with_owners(party):
                    key = self.name_key(who.name)
                    if key:
                        found.setdefault(f"s:{key[:_LONGEST]}", who)
        return found

    def goods_keys(self, shipment: Shipment, looked_up: LookedUp) -> dict[str, int]:
        """The restricted goods of the exporter by their words, with the number of the line."""
        exporter = self.exporter(shipment)
        found = {
            f"g:{exporter}:{found.words_key}": line.line
            for line, found in zip(shipment.lines, looked_up.lines, strict=True)
            if found.words_key and found.bearing.materials
        }
        return dict(islice(found.items(), _MOST_LINES))

    def consignee_key(self, shipment: Shipment) -> str:
        """Under which it is remembered that something went to the consignee."""
        return f"c:{self.consignee(shipment)}"

    def left_by(
        self,
        shipment: Shipment,
        looked_up: LookedUp,
        day: date,
        disposition: Disposition,
        decision_id: str,
    ) -> Iterator[tuple[str, Note]]:
        """The notes a decision leaves."""
        if disposition.outcome == "deny":
            denied = Note(
                decision=decision_id, day=day, watched=watched_digest(shipment, looked_up.lines)
            )
            exporter = self.exporter(shipment)
            yield f"r:{exporter}:{_reference(shipment.reference)}", denied
            for bucket in _buckets(shipment):
                yield f"m:{exporter}:{bucket}", denied
        else:
            yield self.consignee_key(shipment), Note(day=day)
        yield from self._supplied(shipment, looked_up, day, decision_id)
        seen = {
            goods.line: goods for goods in (looked_up.history.goods if looked_up.history else ())
        }
        codes = {line.line: line.hs_code for line in shipment.lines}
        for key, line in self.goods_keys(shipment, looked_up).items():
            before = seen[line].days if line in seen else ()
            days = tuple(sorted({*before, day}))[-_DAYS_KEPT:]
            yield key, Note(hs_code=codes[line], days=days)

    def _supplied(
        self, shipment: Shipment, looked_up: LookedUp, day: date, decision_id: str
    ) -> Iterator[tuple[str, Note]]:
        materials = {m for found in looked_up.lines for m in found.bearing.materials}
        countries = [shipment.route.destination, *(p.country for p in shipment.by_role("end_user"))]
        country = next((c for c in countries if c and self._barred(c, materials)), None)
        if country is None:
            return
        for role in ("exporter", "seller"):
            for party in shipment.parties:
                if party.role == role:
                    for who in _with_owners(party):
                        key = self.name_key(who.name)
                        if key:
                            note = Note(decision_id, day, "", who.name, who.country, country)
                            yield f"s:{key[:_LONGEST]}", note

    def left_by_history(
        self, exporter: Party, consignee: Party, material: str, destination: str, day: date
    ) -> Iterator[tuple[str, Note]]:
        """The notes of a shipment of which no more is known."""
        yield f"c:{self.party(consignee)}", Note(day=day)
        key = self.name_key(exporter.name)
        if key and exporter.country is not None and self._barred(destination, {material}):
            note = Note("", day, "", exporter.name, exporter.country, destination)
            yield f"s:{key[:_LONGEST]}", note

    def _barred(self, country: str, materials: Set[str]) -> bool:
        """Whether the country may not get one of the materials."""
        if country not in self._trade.restricted:
            return False
        barred = self._trade.restricted[country]
        return bool(materials) if barred is None else bool(barred & materials)

    def party(self, party: Party) -> str:
        """What tells a party from others: its number in a register, else its name."""
        for identifier in party.identifiers or ():
            value = "".join(c for c in identifier.value.casefold() if c.isalnum())
            if value:
                return f"{identifier.type.casefold()[:20]} {value}"[:_LONGEST]
        return (self.name_key(party.name) or party.name.casefold())[:_LONGEST]


def traces_of(evaluator: Evaluator) -> Traces:
    """The traces under the rule set that decides."""
    return Traces(evaluator.name_key, evaluator.version.rule_set.trade)


def _with_owners(party: Party) -> Iterator[Party | Owner]:
    yield party
    yield from _owners(party.owners or ())


def _owners(owners: tuple[Owner, ...]) -> Iterator[Owner]:
    for owner in owners:
        yield owner
        yield from _owners(owner.owners or ())


def _reference(reference: str) -> str:
    """A reference without the mark of a revision."""
    plain = reference.strip().casefold()
    shorter = _REVISION.sub("", plain) or plain
    return "".join(c for c in shorter if c.isalnum())[:_LONGEST] or plain[:_LONGEST]


def _buckets(shipment: Shipment) -> list[int]:
    """Masses within about a hundredth of each other share a number or have neighbouring ones."""
    masses = dict.fromkeys(line.net_mass_kg for line in shipment.lines if line.net_mass_kg)
    found = (round(math.log(float(mass)) / _BUCKET) for mass in masses)
    return list(islice(dict.fromkeys(found), _MOST_LINES))
