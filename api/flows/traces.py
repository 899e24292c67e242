"""Notes under keys that later shipments may share: what is looked up to see a pattern.

Each key names one thing to remember the latest of: a reference of an exporter, and a mass of his
(to a hundredth) for one of the people who get it, under which a shipment was denied; a name that
supplied a restricted country; words for goods of an exporter, with the code and the days of their
use; a consignee that something went to. Names are reduced to what tells them apart, so that
spelling and legal forms do not matter. A key is a 64-bit number made of all that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from api.decide.evaluate import Evaluator
from api.decide.facts import LookedUp
from api.decide.history import History
from api.disposition import Disposition
from api.flows.watched import matters
from api.rulebook.trade import Trade
from api.shipment import Owner, Party, Role, Shipment

_LONGEST = 80
_DAYS_KEPT = 5
_MOST = 50  # lines and people of one shipment that are remembered and looked up
_REVISION = re.compile(r"(?<=\w)[-_/ .]+(?:r|rev|v|ver)\.?\s*\d{1,2}$|(?<=\d)[a-z]$")
_BUCKET = math.log(1.01)
_SPREAD = 0x9E3779B97F4A7C15  # odd, so that no two buckets meet
_SUPPLIERS: frozenset[Role] = frozenset(
    ("exporter", "seller", "consignee", "intermediate_consignee", "buyer")
)
_RECEIVERS: frozenset[Role] = frozenset(
    ("consignee", "intermediate_consignee", "buyer", "end_user", "notify_party", "payer")
)

NameKey = Callable[[str], str]


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered under a key; which members are used depends on its kind."""

    decision: str = ""
    day: date | None = None
    watched: str = ""
    name: str = ""
    country: str | None = None
    restricted: str | None = None
    hs_code: str | None = None
    days: tuple[date, ...] = ()


Notes = Mapping[int, Note]


@dataclass(frozen=True)
class Keys:
    """The keys of one shipment: what to look up before it is decided, and what it leaves notes
    under.

    `masses` are with their neighbours: of two masses that differ by a hundredth one key agrees.
    """

    exporter: str
    consignee: str
    reference: int
    masses: tuple[int, ...]
    masses_and_near: tuple[int, ...]
    suppliers: Mapping[int, Party | Owner]
    goods: Mapping[int, int]
    """Numbers of lines of restricted goods, by their words."""
    new_consignee: int
    sensitive: bool

    @property
    def denied(self) -> tuple[int, ...]:
        """Under which a like shipment would have been denied."""
        return (self.reference, *self.masses_and_near)

    @property
    def all(self) -> tuple[int, ...]:
        """Whatever is looked up."""
        if not self.sensitive:
            return self.denied
        return (*self.denied, *self.suppliers, *self.goods, self.new_consignee)


class _Who(NamedTuple):
    """What the parties alone make of the keys; `bases` are those of the masses."""

    exporter: str
    consignee: str
    key: int
    bases: tuple[int, ...]
    suppliers: Mapping[int, Party | Owner]


@dataclass(frozen=True)
class Past:
    """What was before a shipment: for the rules, and for the notes that it leaves."""

    history: History
    keys: Keys
    notes: Notes
    watched: str
    """What of it somebody would change who looks for the hole (see `flows.watched`)."""


class Traces:
    """Makes the keys of a shipment, and the notes it leaves, under one rule set."""

    def __init__(self, name_key: NameKey, trade: Trade) -> None:
        self._name_key = name_key
        self._trade = trade
        self._who = lru_cache(20_000)(self._who_are)

    def keys(self, shipment: Shipment, looked_up: LookedUp) -> Keys:
        """All of them."""
        who = self._who(shipment.parties)
        lines = zip(shipment.lines, looked_up.lines, strict=True)
        mattering = [(line, found) for line, found in lines if matters(found)]
        # What was denied may come back as goods that bear on nothing.
        heavy = [line for line, _ in mattering] or shipment.lines
        buckets = {_bucket(line.net_mass_kg) for line in heavy[:_MOST] if line.net_mass_kg}
        near = {bucket + step for bucket in buckets for step in (-1, 0, 1)}
        return Keys(
            exporter=who.exporter,
            consignee=who.consignee,
            reference=_make_key("reference", who.exporter, _reference(shipment.reference)),
            masses=tuple(_mass_key(base, b) for base in who.bases for b in buckets),
            masses_and_near=tuple(_mass_key(base, b) for base in who.bases for b in near),
            suppliers=who.suppliers,
            goods={
                _key("goods", who.exporter, found.words_key): line.line
                for line, found in mattering[:_MOST]
                if found.words_key and found.bearing.materials
            },
            new_consignee=who.key,
            sensitive=any(found.bearing.materials for _, found in mattering),
        )

    def _who_are(self, parties: tuple[Party, ...]) -> _Who:
        by_role = {party.role: party for party in reversed(parties)}
        exporter = self.party(by_role["exporter"])
        consignee = self.party(by_role.get("consignee") or by_role["end_user"])
        people, suppliers = set[str](), dict[int, Party | Owner]()
        for party in parties:
            if party.role in _RECEIVERS:
                people.add(self._name_key(party.name))
            if party.role in _SUPPLIERS:
                for who in _with_owners(party):
                    if name := self._name_key(who.name):
                        suppliers[_key("supplier", name)] = who
        named = sorted(people - {""})[:_MOST]
        return _Who(
            exporter,
            consignee,
            _key("consignee", consignee),
            tuple(_key("mass", exporter, name) for name in named),
            suppliers,
        )

    def left_by(
        self,
        shipment: Shipment,
        looked_up: LookedUp,
        past: Past,
        day: date,
        disposition: Disposition,
        decision_id: str,
    ) -> Iterator[tuple[int, Note]]:
        """The notes a decision leaves, but for those known to say the same."""
        keys, known = past.keys, past.notes
        if disposition.outcome == "deny":
            note = _first_denied(past) or Note(decision=decision_id, day=day, watched=past.watched)
            for key in (keys.reference, *keys.masses):
                if known.get(key) != note:
                    yield key, note
        elif keys.new_consignee not in known:
            yield keys.new_consignee, Note(day=day)
        yield from self._supplied(shipment, looked_up, known, day, decision_id)
        codes = {line.line: line.hs_code for line in shipment.lines}
        for key, line in keys.goods.items():
            before = known.get(key)
            days = before.days if before is not None else ()
            if before is None or day not in days or before.hs_code != codes[line]:
                days = tuple(sorted({*days, day}))[-_DAYS_KEPT:]
                yield key, Note(hs_code=codes[line], days=days)

    def left_by_history(
        self, exporter: Party, consignee: Party, material: str, destination: str, day: date
    ) -> Iterator[tuple[int, Note]]:
        """The notes of a shipment of which no more is known."""
        yield _key("consignee", self.party(consignee)), Note(day=day)
        name = self._name_key(exporter.name)
        if name and exporter.country is not None and self._barred(destination, {material}):
            note = Note("", day, "", exporter.name, exporter.country, destination)
            yield _key("supplier", name), note

    def _supplied(
        self, shipment: Shipment, looked_up: LookedUp, known: Notes, day: date, decision_id: str
    ) -> Iterator[tuple[int, Note]]:
        materials = {m for found in looked_up.lines for m in found.bearing.materials}
        countries = [shipment.route.destination, *(p.country for p in shipment.by_role("end_user"))]
        country = next((c for c in countries if c and self._barred(c, materials)), None)
        if country is None:
            return
        for party in shipment.parties:
            if party.role not in ("exporter", "seller"):
                continue
            for who in _with_owners(party):
                name = self._name_key(who.name)
                key = _key("supplier", name)
                note = known.get(key)
                same = note is not None and (note.country, note.restricted) == (
                    who.country,
                    country,
                )
                if name and not same:
                    yield key, Note(decision_id, day, "", who.name, who.country, country)

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
        return (self._name_key(party.name) or party.name.casefold())[:_LONGEST]


@lru_cache(4)
def traces_of(evaluator: Evaluator) -> Traces:
    """The traces under the rule set that decides."""
    return Traces(evaluator.name_key, evaluator.version.rule_set.trade)


def _first_denied(past: Past) -> Note | None:
    """What this shipment is a retry of: it stays the measure, lest a second retry pass."""
    retry = past.history.retry
    if retry is None:
        return None
    return next((note for note in past.notes.values() if note.decision == retry.decision), None)


def _bucket(mass_kg: Decimal) -> int:
    """Masses within about a hundredth of each other share a number or have neighbouring ones."""
    return round(math.log(float(mass_kg)) / _BUCKET)


def _make_key(*parts: str) -> int:
    digest = blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_key = lru_cache(50_000)(_make_key)


def _mass_key(base: int, bucket: int) -> int:
    """A key beside the others of the base, spread over all numbers of 64 bits."""
    return (base + bucket * _SPREAD + 2**63) % 2**64 - 2**63


def _with_owners(party: Party) -> tuple[Party | Owner, ...]:
    return (party, *_owners(party.owners)) if party.owners else (party,)


def _owners(owners: tuple[Owner, ...]) -> Iterator[Owner]:
    for owner in owners:
        yield owner
        yield from _owners(owner.owners or ())


def _reference(reference: str) -> str:
    """A reference without the mark of a revision."""
    plain = reference.strip().casefold()
    shorter = _REVISION.sub("", plain) or plain
    return "".join(c for c in shorter if c.isalnum()) or plain
