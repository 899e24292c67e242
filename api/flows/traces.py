"""Notes under keys that later shipments may share: what is looked up to see a pattern.

Each key names one thing to remember: a reference of an exporter, a mass of his (to a twentieth) for
one of the people who get it, and him with each of them, under which shipments were denied; a mass
for a consignee and an end user, whoever sends it; a name that supplied a restricted country; words
for goods of an exporter, with the code and the days of their use; a consignee that something went
to. Whoever gives numbers of registers has a key for each and for his name (see `flows.names`). A
key is a 64-bit number made of all that.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from api.decide.evaluate import Evaluator
from api.decide.facts import LookedUp
from api.decide.goods import ZERO
from api.decide.history import History
from api.decide.mass import mass_kg
from api.disposition import Disposition
from api.flows.names import Names
from api.flows.watched import Digests, matters
from api.rulebook.trade import Trade
from api.shipment import Owner, Party, Role, Shipment, with_owners

_DAYS_KEPT = 5
_MOST = 50  # lines and people of one shipment that are remembered and looked up
_MOST_DENIALS = 12
_DAYS_FRESH = 10  # so long a denial of the same is not remembered anew
MASS_WITHIN = Decimal("0.05")
"""Nearly the same mass: a part of the larger one."""

_REVISION = re.compile(r"(?<=\w)[-_/ .]+(?:r|rev|v|ver)\.?\s*\d{1,2}$|(?<=\d)[a-z]$")
_BUCKET = -math.log(1 - float(MASS_WITHIN))
_SPREAD = 0x9E3779B97F4A7C15  # odd, so that no two buckets meet
_SUPPLIERS: frozenset[Role] = frozenset(
    ("exporter", "seller", "consignee", "intermediate_consignee", "buyer", "end_user")
)
_RECEIVERS: frozenset[Role] = frozenset(
    ("consignee", "intermediate_consignee", "buyer", "end_user", "notify_party", "payer")
)
_CONTROLS_PCT = 50


class Denial(msgspec.Struct, frozen=True, array_like=True):
    """A denied shipment: `order` and `goods` are its digests (see `flows.watched`).

    `kg` is the mass of its goods that matter; `sent_kg`, under an exporter and a receiver, what was
    allowed to go from one to the other since then; `materials` are those its lines bear on.
    """

    decision: str
    day: date
    disposition: str
    order: str
    goods: str
    kg: Decimal = ZERO
    sent_kg: Decimal = ZERO
    materials: str = ""


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered under a key; which members are used depends on its kind.

    `denials` are at most twelve of different content; `more` says that there were others. Those of
    materials that most others are of are forgotten first, so that nobody can have one forgotten by
    being denied something else: what he is denied of the same material is like it, and tells of it.
    """

    decision: str = ""
    day: date | None = None
    name: str = ""
    country: str | None = None
    restricted: str | None = None
    hs_code: str | None = None
    days: tuple[date, ...] = ()
    denials: tuple[Denial, ...] = ()
    more: bool = False


Notes = Mapping[int, Note]


class Supplier(NamedTuple):
    """Whoever may have supplied a restricted country before, and where he is now."""

    name: str
    countries: tuple[str, ...]


class Keys(msgspec.Struct, frozen=True):
    """The keys of one shipment: what to look up before it is decided, and what it leaves notes
    under.

    `masses` are with their neighbours: of two masses that differ by a twentieth one key agrees.
    `anybodys` are the same without an exporter.
    """

    exporters: tuple[str, ...]
    receivers: tuple[tuple[str, ...], ...]
    """The consignee and, where it is another, the end user, each by all it is known by."""
    references: tuple[int, ...]
    pairs: tuple[int, ...]
    masses: tuple[int, ...]
    masses_and_near: tuple[int, ...]
    anybodys: tuple[int, ...]
    anybodys_and_near: tuple[int, ...]
    suppliers: Mapping[int, Supplier]
    supplying: tuple[tuple[int, Party | Owner], ...]
    """Whom this shipment comes from, and who owns them."""
    goods: Mapping[int, int]
    """Numbers of lines of restricted goods, by their words."""
    new_consignee: tuple[int, ...]
    sensitive: bool
    kg: Decimal
    """The mass of the lines that matter."""
    materials: str
    """What they bear on."""

    @property
    def all(self) -> tuple[int, ...]:
        """Whatever is looked up."""
        denied = (
            *self.references,
            *self.pairs,
            *self.masses_and_near,
            *self.anybodys_and_near,
        )
        if not self.sensitive:
            return denied
        return (*denied, *self.suppliers, *self.goods, *self.new_consignee)


class _Who(NamedTuple):
    """What the parties alone make of the keys; the bases are those of the masses."""

    exporters: tuple[str, ...]
    receivers: tuple[tuple[str, ...], ...]
    new_consignee: tuple[int, ...]
    pairs: tuple[int, ...]
    bases: tuple[int, ...]
    anybodys: tuple[int, ...]
    suppliers: Mapping[int, Supplier]
    supplying: tuple[tuple[int, Party | Owner], ...]


class Past(msgspec.Struct, frozen=True):
    """What was before a shipment: for the rules, and for the notes that it leaves."""

    history: History
    keys: Keys
    notes: Notes
    digests: Digests


class Traces:
    """Makes the keys of a shipment, and the notes it leaves, under one rule set."""

    def __init__(self, names: Names, trade: Trade, change_dates: Sequence[date] = ()) -> None:
        self._names = names
        self._trade = trade
        self.units = trade.units
        self.change_dates = tuple(change_dates)
        self.identities = names.identities
        self._who = lru_cache(20_000)(self._who_are)

    def keys(self, shipment: Shipment, looked_up: LookedUp) -> Keys:
        """All of them."""
        who = self._who(shipment.parties)
        lines = zip(shipment.lines, looked_up.lines, strict=True)
        mattering = [(line, found) for line, found in lines if matters(found)]
        # What was denied may come back as goods that bear on nothing.
        heavy = [line for line, _ in mattering] or shipment.lines
        each = [mass for line in heavy[:_MOST] if (mass := mass_kg(line, self.units))]
        total = sum(each, ZERO)
        buckets = {_bucket(mass) for mass in (*each, total) if mass}
        near = {bucket + step for bucket in buckets for step in (-1, 0, 1)}
        whole = (_bucket(total),) if total else ()
        whole_and_near = [bucket + step for bucket in whole for step in (-1, 0, 1)]
        reference = _reference(shipment.reference)
        return Keys(
            exporters=who.exporters,
            receivers=who.receivers,
            references=tuple(_make_key("reference", e, reference) for e in who.exporters),
            pairs=who.pairs,
            masses=tuple(_mass_key(base, b) for base in who.bases for b in buckets),
            masses_and_near=tuple(_mass_key(base, b) for base in who.bases for b in near),
            anybodys=tuple(_mass_key(base, b) for base in who.anybodys for b in whole),
            anybodys_and_near=tuple(
                _mass_key(base, b) for base in who.anybodys for b in whole_and_near
            ),
            suppliers=who.suppliers,
            supplying=who.supplying,
            goods={
                _key("goods", exporter, found.words_key): line.line
                for line, found in mattering[:_MOST]
                if found.words_key and found.bearing.materials
                for exporter in who.exporters
            },
            new_consignee=who.new_consignee,
            sensitive=any(found.bearing.materials for _, found in mattering),
            kg=total,
            materials=",".join(
                sorted({m for _, found in mattering for m in found.bearing.materials})
            ),
        )

    def _who_are(self, parties: tuple[Party, ...]) -> _Who:
        by_role = {party.role: party for party in reversed(parties)}
        exporters = self.identities(by_role["exporter"])
        consignee = self.identities(by_role.get("consignee") or by_role["end_user"])
        end_user = self.identities(by_role.get("end_user") or by_role["consignee"])
        people, suppliers = dict[str, None](), dict[int, Supplier]()
        supplying = list[tuple[int, Party | Owner]]()
        for party in parties:
            if party.role in ("exporter", "seller"):
                for who in with_owners(party):
                    supplying += [(key, who) for key in self._supplier_keys(who.name)]
            if party.role in _RECEIVERS:
                people |= dict.fromkeys(self.identities(party))
            if party.role in _SUPPLIERS:
                for name, countries in _suppliers_of(party):
                    for key in self._supplier_keys(name):
                        suppliers[key] = Supplier(name, countries)
        pairs = [(e, who) for e in exporters for who in list(people)[:_MOST]]
        return _Who(
            exporters,
            (consignee, end_user) if set(consignee).isdisjoint(end_user) else (consignee,),
            tuple(_key("consignee", who) for who in consignee),
            tuple(_key("pair", *pair) for pair in pairs),
            tuple(_key("mass", *pair) for pair in pairs),
            tuple(_key("anybody", one, other) for one in consignee for other in end_user),
            suppliers,
            tuple(supplying),
        )

    def _supplier_keys(self, name: str) -> tuple[int, ...]:
        return tuple(_key("supplier", key) for key in self._names.without_countries(name))

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
            yield from _denied(past, day, disposition, decision_id)
        else:
            for key in keys.new_consignee:
                if key not in known:
                    yield key, Note(day=day)
            yield from _sent(keys, known)
        yield from self._supplied(shipment, looked_up, past, day, decision_id)
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
        for who in self.identities(consignee):
            yield _key("consignee", who), Note(day=day)
        if exporter.country is not None and self._barred(destination, {material}):
            note = Note("", day, exporter.name, exporter.country, destination)
            for key in self._supplier_keys(exporter.name):
                yield key, note

    def _supplied(
        self, shipment: Shipment, looked_up: LookedUp, past: Past, day: date, decision_id: str
    ) -> Iterator[tuple[int, Note]]:
        materials = {m for found in looked_up.lines for m in found.bearing.materials}
        countries = [shipment.route.destination, *(p.country for p in shipment.by_role("end_user"))]
        country = next((c for c in countries if c and self._barred(c, materials)), None)
        if country is None:
            return
        for key, who in past.keys.supplying:
            note = past.notes.get(key)
            if note is None or (note.country, note.restricted) != (who.country, country):
                yield key, Note(decision_id, day, who.name, who.country, country)

    def _barred(self, country: str, materials: Set[str]) -> bool:
        """Whether the country may not get one of the materials."""
        if country not in self._trade.restricted:
            return False
        barred = self._trade.restricted[country]
        return bool(materials) if barred is None else bool(barred & materials)


@lru_cache(4)
def traces_of(evaluator: Evaluator) -> Traces:
    """The traces under the rule set that decides."""
    rules = evaluator.version.rule_set
    return Traces(Names(rules.screening), rules.trade, rules.change_dates)


def _denied(
    past: Past, day: date, disposition: Disposition, decision_id: str
) -> Iterator[tuple[int, Note]]:
    keys, known, digests = past.keys, past.notes, past.digests
    new = Denial(
        decision_id,
        day,
        disposition.name,
        digests.order,
        digests.goods,
        keys.kg,
        materials=keys.materials,
    )
    for key in keys.references:
        note = known.get(key, Note())
        if not any(denial.order == new.order for denial in note.denials):
            yield key, _with_denial(note, new)
    for key in (*keys.pairs, *keys.masses, *keys.anybodys):
        note = known.get(key, Note())
        same = None
        for denial in note.denials:
            if denial.goods == new.goods and near(denial.kg, new.kg):
                same = denial
                break
        if same is None:
            yield key, _with_denial(note, new)
        elif (day - same.day).days > _DAYS_FRESH:
            renewed = tuple(new if denial is same else denial for denial in note.denials)
            yield key, msgspec.structs.replace(note, denials=renewed)


def _with_denial(note: Note, new: Denial) -> Note:
    denials = (*note.denials, new)
    if len(denials) <= _MOST_DENIALS:
        return Note(denials=denials, more=note.more)
    counts = Counter(denial.materials for denial in denials)
    most = max(counts.values())
    crowd = [n for n, denial in enumerate(denials) if counts[denial.materials] == most]
    forgotten = crowd[len(crowd) // 2]
    return Note(denials=denials[:forgotten] + denials[forgotten + 1 :], more=True)


def _sent(keys: Keys, known: Notes) -> Iterator[tuple[int, Note]]:
    """What goes to somebody for whom something was denied may be that, in parts."""
    for key in keys.pairs if keys.kg else ():
        note = known.get(key)
        if note is not None and note.denials:
            yield (
                key,
                msgspec.structs.replace(
                    note,
                    denials=tuple(
                        msgspec.structs.replace(denial, sent_kg=denial.sent_kg + keys.kg)
                        for denial in note.denials
                    ),
                ),
            )


def near(one: Decimal, other: Decimal) -> bool:
    """Whether two masses are nearly the same."""
    return abs(one - other) <= MASS_WITHIN * max(one, other)


def _suppliers_of(party: Party) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names, each with where its bearer is: an owner is where what he controls is, too."""
    if party.country is not None:
        yield party.name, (party.country,)
    for owner in with_owners(party)[1:]:
        countries = [owner.country]
        if owner in (party.owners or ()) and (
            owner.share_pct is None or owner.share_pct >= _CONTROLS_PCT
        ):
            countries.append(party.country)
        if known := tuple(country for country in countries if country is not None):
            yield owner.name, known


@lru_cache(10_000)
def _bucket(mass_kg: Decimal) -> int:
    """Masses within a twentieth of each other share a number or have neighbouring ones."""
    return round(math.log(float(mass_kg)) / _BUCKET)


def _make_key(*parts: str) -> int:
    digest = blake2b("\0".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_key = lru_cache(50_000)(_make_key)


@lru_cache(50_000)
def _mass_key(base: int, bucket: int) -> int:
    """A key beside the others of the base, spread over all numbers of 64 bits."""
    return (base + bucket * _SPREAD + 2**63) % 2**64 - 2**63


def _reference(reference: str) -> str:
    """A reference without the mark of a revision."""
    plain = reference.strip().casefold()
    shorter = _REVISION.sub("", plain) or plain
    return "".join(c for c in shorter if c.isalnum()) or plain
