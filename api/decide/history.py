"""What earlier decisions tell of a shipment: looked up elsewhere, judged here.

The values are what is recorded with a decision, so that it can be replayed: `msgspec` structs that
are JSON on disk. Masses are kilograms, days are days in the rule set's time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import msgspec

from api.decide.bearing import Bearing
from api.decide.goods import ZERO
from api.decide.mass import mass_kg
from api.rulebook.conditions import Scalar
from api.shipment import Shipment

WINDOWS = (30, 90)
YEAR = 365
_PLACES = Decimal("0.01")


class _Value(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A value of the record."""


class Corridor(_Value, frozen=True):
    """What went one way before: a material to a country, or to one consignee there.

    `kg_30d` and `kg_90d` end on the day itself, without the shipment at hand; `year_kg` is the year
    before those 90 days. `known_days` is how long ago the first shipment of the material was.
    """

    scope: Literal["country", "consignee"]
    to: str
    material: str
    kg_30d: Decimal = ZERO
    kg_90d: Decimal = ZERO
    year_kg: Decimal = ZERO
    shipments_30d: int = 0
    cny_30d: Decimal = ZERO
    known_days: int = 0
    public_kg_month: Decimal | None = None
    """The average month of public figures of the year before, where there are any."""

    @property
    def tells(self) -> bool:
        """Whether anything is known of it or of the material."""
        return bool(self.known_days or self.shipments_30d or self.public_kg_month)


class Difference(_Value, frozen=True):
    """One value that a shipment has otherwise than an earlier one."""

    field: str
    before: str | None = None
    after: str | None = None


class Retry(_Value, frozen=True):
    """An earlier shipment that was denied, and how this one differs from it.

    `told` is whether whoever proposes this one proposed that one, for the same exporter: only then
    may he hear of it. `another_exporter` is whose it was, where it was not the same one's.
    """

    decision: str
    reference: str
    evaluated_at: str
    disposition: str
    differences: tuple[Difference, ...]
    told: bool = True
    another_exporter: str | None = None


class Reappearance(_Value, frozen=True):
    """A party that supplied a restricted country before, from another country than now."""

    name: str
    country: str
    before: str
    restricted: str
    decision: str


class SeenGoods(_Value, frozen=True):
    """The same words of the same exporter before: under which customs code, on which days."""

    line: int
    hs_code: str | None = None
    days: tuple[date, ...] = ()


class History(_Value, frozen=True):
    """All that was looked up for one shipment."""

    corridors: tuple[Corridor, ...] = ()
    retry: Retry | None = None
    reappearance: Reappearance | None = None
    goods: tuple[SeenGoods, ...] = ()
    new_consignee: bool | None = None


def history_facts(
    shipment: Shipment,
    bearings: Sequence[Bearing],
    history: History,
    day: date,
    units: Mapping[str, Decimal],
) -> Iterator[Mapping[str, Scalar]]:
    """One set of facts a corridor, each with what holds for the shipment as a whole.

    `units` are kilograms a unit, for lines that tell their mass only that way.
    """
    whole = dict(_whole(shipment, history, day))
    told = [corridor for corridor in history.corridors if corridor.tells]
    if not told:
        yield whole
        return
    masses = _masses(shipment, bearings, units)
    for corridor in told:
        own = masses.get(corridor.material, ZERO)
        yield whole | dict(_corridor(corridor, own))


def _masses(
    shipment: Shipment, bearings: Iterable[Bearing], units: Mapping[str, Decimal]
) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line, bearing in zip(shipment.lines, bearings, strict=True):
        own = mass_kg(line, units) or ZERO
        for material in bearing.materials:
            found[material] = found.get(material, ZERO) + own
    return found


def _whole(shipment: Shipment, history: History, day: date) -> Iterator[tuple[str, Scalar]]:
    retry, again = history.retry, history.reappearance
    if retry is not None:
        changes = ", ".join(d.field for d in retry.differences)
        if retry.told:
            yield "history.retry_of", retry.reference
            yield "history.retry_changes", changes
            yield "history.retry_denied_for", retry.disposition
        else:
            who = "same" if retry.another_exporter is None else "another"
            yield "history.elsewhere", who
            yield "history.elsewhere_decision", retry.decision
            yield "history.elsewhere_reference", retry.reference
            yield "history.elsewhere_changes", changes
            if retry.another_exporter is not None:
                yield "history.elsewhere_exporter", retry.another_exporter
    if again is not None:
        yield "history.supplier", again.name
        yield "history.supplier_before", again.before
        yield "history.supplier_now", again.country
        yield "history.supplied", again.restricted
    if history.new_consignee is not None and any(c.known_days for c in history.corridors):
        yield "history.new_consignee", history.new_consignee
    codes = {line.line: line.hs_code for line in shipment.lines} if history.goods else {}
    for seen in history.goods:
        code = codes.get(seen.line)
        if seen.hs_code is not None and code is not None and code != seen.hs_code:
            yield "history.code_before", seen.hs_code
            yield "history.code_now", code
        if len(seen.days) > 1:
            days = sorted({*seen.days, day})
            yield "history.entries", Decimal(len(days))
            yield "history.intervals_shrink", _shrinking(days)


def _shrinking(days: Sequence[date]) -> bool:
    """Whether each pause between days is two thirds of the one before at most."""
    pauses = [(later - earlier).days for earlier, later in pairwise(days)]
    return all(3 * later <= 2 * earlier for earlier, later in pairwise(pauses))


def _corridor(corridor: Corridor, own: Decimal) -> Iterator[tuple[str, Scalar]]:
    yield "corridor.scope", corridor.scope
    yield "corridor.to", corridor.to
    yield "corridor.material", corridor.material
    yield "corridor.own_kg", own
    yield "corridor.known_days", Decimal(corridor.known_days)
    yield "corridor.shipments_30d", Decimal(corridor.shipments_30d + 1)
    yield "corridor.cny_30d", corridor.cny_30d
    sums = {30: corridor.kg_30d + own, 90: corridor.kg_90d + own}
    known = max(1, min(YEAR, corridor.known_days - max(WINDOWS)))
    for days, kg in sums.items():
        yield f"corridor.kg_{days}d", kg
        if corridor.year_kg:
            usual = corridor.year_kg * days / known
            yield f"corridor.usual_kg_{days}d", usual.quantize(_PLACES)
            yield f"corridor.times_{days}d", (kg / usual).quantize(_PLACES)
    if corridor.known_days:
        yield "corridor.is_new", corridor.year_kg == 0
    if corridor.public_kg_month:
        yield "corridor.public_kg_month", corridor.public_kg_month
        yield "corridor.times_public", (sums[30] / corridor.public_kg_month).quantize(_PLACES)
