"""What a decision leaves behind for flows and for later look-ups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from api.decide.facts import LookedUp
from api.disposition import Disposition
from api.flows.traces import Keys, Note, Past, Traces
from api.rulebook.trade import Trade
from api.shipment import Line, Shipment

_GRAMS_A_KG = 1000
_CNY = "CNY"


class Movement(NamedTuple):
    """The mass of one material in one form that would move."""

    material: str
    form: str
    exporter: str
    consignee: str
    destination: str
    grams: int
    cny: int


@dataclass(frozen=True)
class Footprint:
    """All that one decision adds: mass by series, what may move, and notes by key."""

    day: date
    series: tuple[str, ...]
    movements: tuple[Movement, ...]
    notes: tuple[tuple[int, Note], ...]

    @property
    def moves(self) -> bool:
        """Whether the goods may go, so that they count until cancelled."""
        return "allowed" in self.series


def footprint_of(
    shipment: Shipment,
    looked_up: LookedUp,
    day: date,
    disposition: Disposition,
    decision_id: str,
    trade: Trade,
    traces: Traces,
    past: Past,
) -> Footprint:
    """What this decision adds to what was before."""
    denied = disposition.outcome == "deny"
    return Footprint(
        day,
        ("proposed", "denied" if denied else "allowed"),
        tuple(_movements(shipment, looked_up, trade if not denied else None, past.keys)),
        tuple(traces.left_by(shipment, looked_up, past, day, disposition, decision_id)),
    )


def _movements(
    shipment: Shipment, looked_up: LookedUp, trade: Trade | None, keys: Keys
) -> Iterator[Movement]:
    """Without `trade` nothing moves, and nobody asks what it would have been worth."""
    for line, found in zip(shipment.lines, looked_up.lines, strict=True):
        grams = grams_of(line.net_mass_kg)
        for material in found.bearing.materials if grams else ():
            form = line.form or found.form or ""
            yield Movement(
                material,
                form,
                keys.exporter,
                keys.consignee,
                shipment.route.destination,
                grams,
                _cny(line, trade) if trade is not None else 0,
            )


def grams_of(mass_kg: Decimal | None) -> int:
    """Kilograms as whole grams."""
    return int((mass_kg * _GRAMS_A_KG).to_integral_value()) if mass_kg is not None else 0


def _cny(line: Line, trade: Trade) -> int:
    rates = trade.currencies
    if line.value is None or line.value.currency not in rates or _CNY not in rates:
        return 0
    return int(line.value.amount / rates[line.value.currency] * rates[_CNY])


def added(footprints: Iterable[Footprint]) -> dict[tuple[str, ...], tuple[int, int]]:
    """Grams and decisions by series, month, material, form, exporter and destination."""
    sums: dict[tuple[str, ...], tuple[int, int]] = {}
    for footprint in footprints:
        month = footprint.day.isoformat()[:7]
        for movement in footprint.movements:
            for series in footprint.series:
                key = (series, month, *_flow(movement))
                grams, decisions = sums.get(key, (0, 0))
                sums[key] = (grams + movement.grams, decisions + 1)
    return sums


def _flow(movement: Movement) -> tuple[str, str, str, str]:
    return movement.material, movement.form, movement.exporter, movement.destination


def moved(
    day: date, movements: Sequence[Movement]
) -> dict[tuple[str, str, str, str], tuple[int, int, int]]:
    """Grams, shipments and CNY by material, scope, what is reached, and day."""
    sums: dict[tuple[str, str, str, str], tuple[int, int, int]] = {}
    for movement in movements:
        for scope, reached in (
            ("country", movement.destination),
            ("consignee", movement.consignee),
        ):
            key = (movement.material, scope, reached, day.isoformat())
            grams, _, cny = sums.get(key, (0, 1, 0))
            sums[key] = (grams + movement.grams, 1, cny + movement.cny)
    return sums
