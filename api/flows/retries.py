"""Is this an earlier shipment, denied, under other papers? Field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from api.canonical import fixed_notation
from api.decide.classify import LineClassification
from api.decide.history import Difference, Retry
from api.decide.naming import normalise
from api.flows.watched import matters, watched
from api.shipment import Line, Shipment

_HEADING = 4
_ALIKE = 0.5
_MASS_WITHIN = Decimal("0.02")


@dataclass(frozen=True)
class Earlier:
    """An earlier decision that denied a shipment of the exporter, to one of the same people."""

    decision: str
    evaluated_at: str
    disposition: str
    shipment: Shipment
    lines: tuple[LineClassification, ...]
    same_reference: bool


@dataclass(frozen=True)
class _Pair:
    """Nearly the same goods, then and now."""

    then: Line
    now: Line
    alike_in_law: bool
    """Whether both meet the same control entries."""


def retry_of(earlier: Earlier, now: Shipment, lines: Sequence[LineClassification]) -> Retry | None:
    """The earlier shipment if this is it again with something changed, else None.

    It is, if the goods are nearly the same. What was not given then and is now is no change:
    questions are there to be answered. Nor are other words for goods of the same entries under
    another reference: many lots are shipped.
    """
    then = earlier.shipment
    pairs = list(_same_goods(earlier, now, lines))
    if not pairs:
        return None
    differences = tuple(
        Difference(field=field, before=_shown(was), after=_shown(is_now))
        for field, was, is_now, pair in _changes(then, now, pairs)
        if not (was is None and _may_be_asked(field, earlier.disposition))
        and not (
            field.endswith("/description")
            and not earlier.same_reference
            and pair is not None
            and pair.alike_in_law
        )
    )
    if not differences:
        return None
    return Retry(
        decision=earlier.decision,
        reference=then.reference,
        evaluated_at=earlier.evaluated_at,
        disposition=earlier.disposition,
        differences=differences,
    )


def _same_goods(
    earlier: Earlier, now: Shipment, lines: Sequence[LineClassification]
) -> Iterator[_Pair]:
    """Lines that matter, of nearly the same mass and alike in material, heading or words."""
    left = list(zip(now.lines, lines, strict=True))
    for line_then, found_then in zip(earlier.shipment.lines, earlier.lines, strict=True):
        for pair in left:
            line, found = pair
            if (
                (matters(found_then) or matters(found))
                and _same_mass(line_then, line)
                and (
                    _alike(line_then, line)
                    or set(found_then.bearing.materials) & set(found.bearing.materials)
                )
            ):
                left.remove(pair)
                yield _Pair(line_then, line, _in_law(found_then) == _in_law(found))
                break


def _in_law(found: LineClassification) -> set[tuple[str, str]]:
    return {(f.entry.id, f.match) for f in found.entries if f.match != "excluded"}


def _same_mass(one: Line, other: Line) -> bool:
    a, b = one.net_mass_kg, other.net_mass_kg
    return a is not None and b is not None and abs(a - b) <= _MASS_WITHIN * max(a, b)


def _alike(one: Line, other: Line) -> bool:
    if one.hs_code and other.hs_code and one.hs_code[:_HEADING] == other.hs_code[:_HEADING]:
        return True
    if one.value is not None and one.value == other.value:
        return True
    words = [set(normalise(line.description or "").split()) for line in (one, other)]
    shorter = min(map(len, words))
    return shorter > 0 and len(words[0] & words[1]) >= _ALIKE * shorter


def _changes(
    then: Shipment, now: Shipment, pairs: Sequence[_Pair]
) -> Iterator[tuple[str, Any, Any, _Pair | None]]:
    """The field as it is called now, its value then and now, and the goods it is of."""
    before, after = watched(then, ()), watched(now, ())
    for field, was in before.items():
        if was != after[field]:
            yield field, was, after[field], None
    for pair in pairs:
        before, after = watched(then, (pair.then,)), watched(now, (pair.now,))
        prefix_then, prefix = f"/lines/{pair.then.line}/", f"/lines/{pair.now.line}/"
        for field, is_now in after.items():
            was = before.get(field.replace(prefix, prefix_then, 1))
            if field.startswith(prefix) and was != is_now:
                yield field, was, is_now, pair


def _may_be_asked(field: str, disposition: str) -> bool:
    """An end user put before a consignee moves the true destination: no mere answer."""
    return disposition == "information_required" or field != "/parties/end_user"


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return fixed_notation(value)
    return msgspec.json.encode(value).decode()
