"""What of a shipment somebody would change who looks for the hole. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from api.decide.classify import LineClassification
from api.shipment import Line, Party, Shipment

_GOODS = (
    "hs_code",
    "description",
    "form",
    "composition",
    "purity_pct",
    "particle_size_um",
    "dimensions_mm",
    "properties",
    "crystal",
    "declared_code",
    "origin",
    "content",
)
_FIGURES = ("net_mass_kg", "gross_mass_kg", "quantity", "volume_m3", "value", "model", "sample")
"""These differ between two orders of the same goods, so that they tell only of one order."""

_WHO = ("business", "qualifications", "owners")
_goods = attrgetter(*_GOODS)
_encode = msgspec.json.Encoder(decimal_format="string").encode


def matters(found: LineClassification) -> bool:
    """Whether the line bears on restricted materials, or has a name that has hidden some."""
    return bool(found.bearing.materials) or found.bearing.decoy is not None


def of_the_whole(shipment: Shipment, one_order: bool) -> dict[str, Any]:
    """What decides beside the goods, by the names people know the fields by.

    `one_order` is whether it is to be held against other papers of the same order.
    """
    route, papers = shipment.route, shipment.documents
    found: dict[str, Any] = {
        "/route/destination": route.destination,
        "/route/departure": route.departure,
        "/route/origin": route.origin,
        "/route/transit": route.transit,
        "/end_use/category": shipment.end_use.category if shipment.end_use else None,
        "/trade_mode": shipment.trade_mode,
    }
    if one_order:
        found["/transport_mode"] = shipment.transport_mode
        found["/end_use/description"] = shipment.end_use.description if shipment.end_use else None
        for name in papers.__struct_fields__ if papers is not None else ():
            found[f"/documents/{name}"] = getattr(papers, name)
    for role in dict.fromkeys(party.role for party in shipment.parties):
        people = shipment.by_role(role)
        if role != "exporter":
            found[f"/parties/{role}"] = [(p.name, p.country) for p in people]
        else:
            found[f"/parties/{role}/country"] = people[0].country
        for name in _WHO:
            values = [v for p in people if (v := getattr(p, name)) is not None]
            if values:
                found[f"/parties/{role}/{name}"] = values
    return found


def of_a_line(line: Line, one_order: bool) -> dict[str, Any]:
    """What decides of the line, by the names of its fields."""
    return {name: getattr(line, name) for name in (_GOODS + _FIGURES if one_order else _GOODS)}


class Digests:
    """Names for all of it, to see at once that nothing changed."""

    def __init__(self, shipment: Shipment, lines: Sequence[LineClassification]) -> None:
        self._shipment = shipment
        self._lines = lines
        who = msgspec.Raw(_who(shipment.parties))
        self._shared = (shipment.route, shipment.trade_mode, who)

    @cached_property
    def order(self) -> str:
        """Of everything that makes it this order."""
        s = self._shipment
        papers = (s.transport_mode, s.documents, s.end_use, s.export_date)
        return _digest((*self._shared, *papers, s.lines))

    @cached_property
    def goods(self) -> str:
        """Of what another order of the same goods has in common with it."""
        mattering = [
            _goods(line)
            for line, found in zip(self._shipment.lines, self._lines, strict=True)
            if matters(found)
        ]
        use = self._shipment.end_use
        return _digest((*self._shared, use.category if use else None, mattering))


@lru_cache(5_000)
def _who(parties: tuple[Party, ...]) -> bytes:
    return _encode(
        [(p.role, p.name, p.country, p.business, p.qualifications, p.owners) for p in parties]
    )


def _digest(seen: object) -> str:
    return hashlib.blake2s(_encode(seen), digest_size=8).hexdigest()
