"""Deciding again, many times over: what equal input came to is remembered, and nothing else.

Remembered are, for one version at a time:
- a line and its classification, by the line's JSON byte for byte; classifications also by all that
  is read of a line (`lookups.goods_of`);
- a party and its screening, by the party's JSON byte for byte; screenings also by all that is read
  of a party (`lookups.CachedScreening`);
- evaluations by all that the law reads of a shipment (`decide.facts.read_of`), as long as its own
  figures, route and history raise no flag, which is computed for every decision. Some are evaluated
  anew and held against the oracle all the same (`decide.evaluate.CHECK_EVERY`);
- the words and facts of one evaluation in one language.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from functools import lru_cache

from api.decide.classify import LineClassification
from api.decide.evaluate import Evaluator
from api.decide.facts import LookedUp
from api.decide.history import History
from api.decide.parties import ScreenedParty
from api.lookups import CachedScreening, goods_of
from api.rendering import Answers
from api.replay.again import DecidedAgain, shipment_of
from api.shipment import Line, Party
from api.web import fast

_REMEMBERED = 20_000


class Remembering:
    """Decides as `again.decide_afresh` does. For one thread."""

    def __init__(self) -> None:
        self._answers = Answers()
        self._known: _Known | None = None

    def __call__(
        self, evaluator: Evaluator, request: bytes, history: History, day: date
    ) -> DecidedAgain:
        """Raises Unreadable, EngineError."""
        known = self._known
        if known is None or known.evaluator is not evaluator:
            known = self._known = _Known(evaluator)
        lines: list[LineClassification] = []
        parties: list[ScreenedParty] = []

        def line_of(text: bytes) -> Line:
            line, found = known.line(text)
            lines.append(found)
            return line

        def party_of(text: bytes) -> Party:
            party, found = known.party(text)
            parties.append(found)
            return party

        shipment = fast.load_by_pieces(request, line_of, party_of)
        if shipment is None:
            shipment = shipment_of(request)
            lines = list(map(known.classified, shipment.lines))
            parties = list(map(known.screened, shipment.parties))
        looked_up = LookedUp(tuple(lines), tuple(parties), history)
        evaluation = evaluator.evaluate(shipment, day, looked_up)
        return DecidedAgain(shipment, evaluation, evaluator.version, self._answers)


class _Known:
    """What lines and parties came to under one version."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._screening = CachedScreening()
        self._goods: OrderedDict[bytes, LineClassification] = OrderedDict()
        self.line = lru_cache(_REMEMBERED)(self._line)
        self.party = lru_cache(_REMEMBERED)(self._party)

    def classified(self, line: Line) -> LineClassification:
        """What the line is."""
        key = goods_of(line)
        found = self._goods.get(key)
        if found is None:
            found = self._goods[key] = self.evaluator.classify(line)
            if len(self._goods) > _REMEMBERED:
                self._goods.popitem(last=False)
        return found

    def screened(self, party: Party) -> ScreenedParty:
        """Whom the party may be."""
        return self._screening.one(self.evaluator, party)

    def _line(self, text: bytes) -> tuple[Line, LineClassification]:
        line = fast.line(text)
        return line, self.classified(line)

    def _party(self, text: bytes) -> tuple[Party, ScreenedParty]:
        party = fast.party(text)
        return party, self.screened(party)
