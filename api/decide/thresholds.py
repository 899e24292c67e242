"""Whether goods that are, or may be, an entry's product reach its thresholds."""

from __future__ import annotations

from api.decide.contents import as_declared
from api.decide.goods import GoodsView, assess
from api.decide.recognise import Recogniser
from api.decide.recognition import Recognition
from api.rulebook.model import ControlEntry


def thresholds(entry: ControlEntry, goods: GoodsView, recogniser: Recogniser) -> Recognition:
    """The figures the entry asks for, and of magnets the content that makes the item."""
    meets = assess(entry.meets, goods, recogniser.pure_of(entry))
    figures = Recognition(meets.holds, meets.clues, meets.asks)
    if entry.form != "magnet" or not entry.contains:
        return figures
    return _both(figures, as_declared(entry, recogniser.contains(entry, goods), goods.line))


def _both(first: Recognition, second: Recognition) -> Recognition:
    borderline = first.borderline or second.borderline
    for outcome in (False, None):
        found = [part for part in (first, second) if part.holds is outcome]
        if found:
            return Recognition(
                outcome,
                tuple(clue for part in found for clue in part.clues),
                tuple(ask for part in found for ask in part.asks),
                borderline,
            )
    return Recognition(True, (*first.clues, *second.clues), (), borderline)
