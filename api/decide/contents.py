"""What "containing" an element means, by an instrument's two limits."""

from __future__ import annotations

from api.decide.codes import declares
from api.decide.goods import Clue, GoodsView, Range
from api.decide.recognition import UNKNOWN, Recognition
from api.rulebook.model import Containing, ControlEntry
from api.shipment import Line


def contains(entry: ControlEntry, goods: GoodsView, limits: Containing | None) -> Recognition:
    """Whether the goods contain what makes the item."""
    if not entry.contains or limits is None:
        return UNKNOWN
    named = entry.material in goods.naming.materials
    verdicts = [
        _content(element, goods.content(element, None), limits, named) for element in entry.contains
    ]
    for outcome in (True, None, False):
        found = [v for v in verdicts if v.holds is outcome]
        if found:
            return Recognition(
                outcome,
                tuple(clue for v in found for clue in v.clues),
                tuple(ask for v in found for ask in v.asks),
                borderline=any(v.borderline for v in found),
            )
    return UNKNOWN


def as_declared(entry: ControlEntry, content: Recognition, line: Line) -> Recognition:
    """The content where the exporter declares the entry's code: so it contains the element."""
    if content.borderline or not declares(entry, line):
        return content
    if content.holds is not False:
        return Recognition(True, content.clues if content.holds else ())
    clue = Clue("declared_code", value=line.declared_code or "")
    return Recognition(None, (clue, *content.clues), (), borderline=True)


def _content(element: str, actual: Range, limits: Containing, named: bool) -> Recognition:
    field = f"composition.{element}"
    counts, ignored = limits.counts_from_pct, limits.ignored_up_to_pct
    if actual.low >= counts:
        return Recognition(True, (Clue("at_least_met", field, actual.shown, str(counts)),))
    if actual.high <= ignored and named:
        return Recognition(None, (Clue("denied", field, element),), (), borderline=True)
    if actual.high <= ignored:
        return Recognition(False, (Clue("at_most_met", field, actual.shown, str(ignored)),))
    if actual.low == actual.high:
        clue = Clue("borderline", field, actual.shown, f"{ignored}/{counts}")
        return Recognition(None, (clue,), (), borderline=True)
    if named:
        return Recognition(True, (Clue("named", field, element),))
    return Recognition(None, (Clue("unknown", field),), (field,))
