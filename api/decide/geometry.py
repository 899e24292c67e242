"""Can a blank be machined into a piece of given least sizes? (No. 10 of 2025, 1C117.c)

The law's sizes are minima. Boxes are compared axis by axis: tilting a shorter cylinder inside a box
never helps, because its extent along any direction is a concave function of the angle. A tube needs
only its outer diameter (inner + 2 x wall) of solid stock, so it is the widest of the three nets: a
rod of 115 mm diameter can become a tube 65/25, though it is too thin for a 120 mm cylinder.
"""

from __future__ import annotations

from decimal import Decimal

from api.rulebook.conditions import Shape
from api.shipment import Dimensions

_ZERO = Decimal(0)
_ENDLESS = Decimal("Infinity")


def machinable_into(dimensions: Dimensions | None, shapes: tuple[Shape, ...]) -> bool | None:
    """True or False where the sizes decide, None where a missing size would."""
    if dimensions is None:
        return None
    smallest = _any_fits(dimensions, shapes, _ZERO)
    largest = _any_fits(dimensions, shapes, _ENDLESS)
    return smallest if smallest == largest else None


def _any_fits(blank: Dimensions, shapes: tuple[Shape, ...], missing: Decimal) -> bool:
    return any(_fits(blank, shape, missing) for shape in shapes)


def _fits(blank: Dimensions, shape: Shape, missing: Decimal) -> bool:
    round_stock = (blank.diameter, blank.inner_diameter, blank.wall)
    if any(size is not None for size in round_stock):
        return _round_fits(blank, shape, missing)
    sides = [s if s is not None else missing for s in (blank.length, blank.width, blank.height)]
    return _box_fits(sorted(sides), shape)


def _box_fits(sides: list[Decimal], shape: Shape) -> bool:
    """`sides` ascending."""
    if shape.kind == "block":
        wanted = sorted(shape.sizes_mm)
    else:
        across, length = _across_and_length(shape)
        wanted = sorted((across, across, length))
    return all(have >= want for have, want in zip(sides, wanted, strict=True))


def _across_and_length(shape: Shape) -> tuple[Decimal, Decimal]:
    """Outer diameter and length of a cylinder or tube."""
    if shape.kind == "cylinder":
        return shape.sizes_mm[0], shape.sizes_mm[1]
    inner, wall, length = shape.sizes_mm
    return inner + 2 * wall, length


def _round_fits(blank: Dimensions, shape: Shape, missing: Decimal) -> bool:
    """A rod (no bore) or a tube, from diameter, bore and wall as far as they are known."""
    # A rod or tube may give its length under any of the three names.
    lengths = [s for s in (blank.length, blank.height, blank.width) if s is not None]
    length = max(lengths) if lengths else missing
    outer = blank.diameter
    bore = blank.inner_diameter
    if outer is None and bore is not None and blank.wall is not None:
        outer = bore + 2 * blank.wall
    if bore is None and blank.wall is not None and outer is not None:
        bore = max(outer - 2 * blank.wall, _ZERO)
    if outer is None:
        outer = missing
    hollow = bore is not None and bore > 0
    if shape.kind == "tube":
        inner, wall, least = shape.sizes_mm
        widest_bore = max(inner, bore or _ZERO)
        return length >= least and outer >= widest_bore + 2 * wall
    if hollow:
        return False  # what a tube's wall alone could yield is smaller than the tube test already
    if shape.kind == "cylinder":
        across, least = shape.sizes_mm
        return outer >= across and length >= least
    a, b, c = shape.sizes_mm
    return any(
        length >= along and outer * outer >= first * first + second * second
        for along, first, second in ((a, b, c), (b, a, c), (c, a, b))
    )
