"""The mass of a line, however it was declared."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from api.shipment import Line, Quantity


def unit_of(quantity: Quantity) -> str:
    """The unit without case, and without the full stop of an abbreviation."""
    return quantity.unit.strip().casefold().rstrip(". ")


def quantity_kg(line: Line, units: Mapping[str, Decimal]) -> Decimal | None:
    """The quantity in kilograms, where its unit is one of mass; `units` are kilograms a unit."""
    if line.quantity is None:
        return None
    unit = units.get(unit_of(line.quantity))
    return None if unit is None else line.quantity.value * unit


def mass_kg(line: Line, units: Mapping[str, Decimal]) -> Decimal | None:
    """Net mass; else mass by quantity and unit; else, which is a little too much, gross mass."""
    if line.net_mass_kg is not None:
        return line.net_mass_kg
    by_quantity = quantity_kg(line, units)
    return by_quantity if by_quantity is not None else line.gross_mass_kg
