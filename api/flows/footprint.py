"""What a decision leaves behind for flows and for later look-ups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import msgspec

from api.decide.classify import LineClassification
from api.decide.facts import LookedUp
from api.decide.mass import mass_kg
from api.disposition import Disposition
from api.flows.traces import Keys, Note, Past, Traces
from api.rulebook.model import RuleSet
from api.rulebook.trade import Trade
from api.shipment import Line, Shipment

_GRAMS_A_KG = 1000
_LONGEST_NAME, _LONGEST_RECEIVERS = 200, 1_000
_CNY = "CNY"


ALL = "*"
"""In place of a material or a form: the sum over all of them, each line's mass counted once."""


class Movement(NamedTuple):
    """The mass of one line that would move: of one material, or of ALL it holds together.

    `exporter` is his name as people know it; `consignee` is all keys of the receivers, by lines.
    """

    material: str
    form: str
    exporter: str
    consignee: str
    destination: str
    grams: int
    cny: int


class Footprint(msgspec.Struct, frozen=True):
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
    rule_set: RuleSet,
    traces: Traces,
    past: Past,
) -> Footprint:
    """What this decision adds to what was before."""
    denied = disposition.outcome == "deny"
    return Footprint(
        day,
        ("proposed", "denied" if denied else "allowed"),
        tuple(_movements(shipment, looked_up, rule_set, not denied, past.keys)),
        tuple(traces.left_by(shipment, looked_up, past, day, disposition, decision_id)),
    )


def _movements(
    shipment: Shipment, looked_up: LookedUp, rule_set: RuleSet, moves: bool, keys: Keys
) -> Iterator[Movement]:
    """Where nothing moves, nobody asks what it would have been worth."""
    exporter = shown_name(shipment.by_role("exporter")[0].name)
    receivers = receivers_text(keys.receivers)
    for line, found in zip(shipment.lines, looked_up.lines, strict=True):
        if not found.bearing.materials:
            continue
        grams = grams_of(mass_kg(line, rule_set.trade.units))
        if not grams:
            continue
        form = line.form or found.form or ""
        cny = _cny(line, rule_set.trade) if moves else 0
        for material in (*_held(line, found, rule_set), ALL):
            yield Movement(
                material, form, exporter, receivers, shipment.route.destination, grams, cny
            )


@lru_cache(5_000)
def shown_name(name: str) -> str:
    """The name as given, but for spaces at its ends and doubled ones."""
    return " ".join(name.split())[:_LONGEST_NAME]


@lru_cache(5_000)
def receivers_text(receivers: tuple[tuple[str, ...], ...]) -> str:
    """All that receivers are known by, as one text. What does not fit is left out."""
    text = ""
    for name in dict.fromkeys(name for names in receivers for name in names):
        more = f"{text}\n{name}" if text else name
        if len(more) <= _LONGEST_RECEIVERS:
            text = more
    return text


def _held(line: Line, found: LineClassification, rule_set: RuleSet) -> tuple[str, ...]:
    """Of the materials the line bears on, those it holds by its composition or is declared as.

    Where neither shows any of them, all that it may hold.
    """
    materials = found.bearing.materials
    if len(materials) == 1:
        return materials
    elements = {part.element for part in line.composition or () if part.mass_pct}
    listed = {c.entry.material for c in found.entries if c.match == "listed"}
    known = rule_set.goods.materials
    held = tuple(
        name
        for name in materials
        if name in listed or (name in known and known[name].element in elements)
    )
    return held or materials


def grams_of(mass_kg: Decimal | None) -> int:
    """Kilograms as whole grams."""
    return int((mass_kg * _GRAMS_A_KG).to_integral_value()) if mass_kg is not None else 0


def _cny(line: Line, trade: Trade) -> int:
    rates = trade.currencies
    if line.value is None or line.value.currency not in rates or _CNY not in rates:
        return 0
    return int(line.value.amount / rates[line.value.currency] * rates[_CNY])


def added(footprints: Iterable[Footprint]) -> dict[tuple[str, ...], tuple[int, int]]:
    """Grams and decisions by series, month, material, form, exporter and destination.

    ALL materials and ALL forms have sums of their own, in which each line and each decision counts
    once.
    """
    sums: dict[tuple[str, ...], tuple[int, int]] = {}
    for footprint in footprints:
        month = footprint.day.isoformat()[:7]
        own: dict[tuple[str, str, str, str], int] = {}
        for movement in footprint.movements:
            for form in (movement.form, ALL):
                flow = (movement.material, form, movement.exporter, movement.destination)
                own[flow] = own.get(flow, 0) + movement.grams
        for flow, more in own.items():
            for series in footprint.series:
                grams, decisions = sums.get((series, month, *flow), (0, 0))
                sums[series, month, *flow] = (grams + more, decisions + 1)
    return sums


def moved(
    day: date, movements: Sequence[Movement]
) -> dict[tuple[str, str, str, str], tuple[int, int, int]]:
    """Grams, shipments and CNY by material, scope, what is reached, and day."""
    sums: dict[tuple[str, str, str, str], tuple[int, int, int]] = {}
    for movement in movements:
        if movement.material == ALL:
            continue
        reaching = [("country", movement.destination)]
        reaching += [("consignee", name) for name in movement.consignee.split("\n")]
        for scope, reached in reaching:
            key = (movement.material, scope, reached, day.isoformat())
            grams, _, cny = sums.get(key, (0, 1, 0))
            sums[key] = (grams + movement.grams, 1, cny + movement.cny)
    return sums
