"""What of a shipment somebody would change who looks for the hole. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from api.decide.classify import LineClassification
from api.shipment import Line, Role, Shipment

_OF_A_LINE = (
    "hs_code",
    "description",
    "form",
    "composition",
    "purity_pct",
    "particle_size_um",
    "dimensions_mm",
    "declared_code",
    "origin",
)
_values = attrgetter(*_OF_A_LINE)
_WATCHED_ROLES: tuple[Role, ...] = ("end_user", "consignee")
_encode = msgspec.json.Encoder(decimal_format="string").encode


def matters(found: LineClassification) -> bool:
    """Whether the line bears on restricted materials, or has a name that has hidden some."""
    return bool(found.bearing.materials) or found.bearing.decoy is not None


def watched(shipment: Shipment, lines: Iterable[Line]) -> dict[str, Any]:
    """Of the shipment and of these lines, by the names people know the fields by."""
    found: dict[str, Any] = {
        "/route/destination": shipment.route.destination,
        "/route/departure": shipment.route.departure,
        "/route/transit": shipment.route.transit,
        "/end_use/category": shipment.end_use.category if shipment.end_use else None,
    }
    for role in _WATCHED_ROLES:
        people = [(p.name, p.country) for p in shipment.parties if p.role == role]
        found[f"/parties/{role}"] = people or None
    for line in lines:
        found |= {f"/lines/{line.line}/{name}": getattr(line, name) for name in _OF_A_LINE}
    return found


def watched_digest(shipment: Shipment, lines: Sequence[LineClassification]) -> str:
    """A name for all of it, of the lines that matter, to see at once that nothing changed."""
    route = shipment.route
    seen = (
        (route.destination, route.departure, route.transit),
        shipment.end_use.category if shipment.end_use else None,
        [(p.role, p.name, p.country) for p in shipment.parties if p.role in _WATCHED_ROLES],
        [
            _values(line)
            for line, found in zip(shipment.lines, lines, strict=True)
            if matters(found)
        ],
    )
    return hashlib.blake2s(_encode(seen), digest_size=8).hexdigest()
