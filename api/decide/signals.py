"""What red flags are raised by: the shipment's figures, its route and its past.

Unlike the cases of the law, which many shipments have in common, these differ from each to the
next. Facts that would say that nothing is amiss are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from api.decide.facts import Case, Facts, LookedUp, common_facts
from api.decide.history import history_facts
from api.decide.involved import Involved
from api.decide.papers import Papers
from api.decide.route import MaterialsNamed, route_facts
from api.rulebook.model import RuleSet
from api.rulebook.vocabulary import CaseKind
from api.shipment import Line, Shipment


class Signals:
    """The signals of one shipment: one case a line, and one a corridor."""

    def __init__(
        self,
        shipment: Shipment,
        looked_up: LookedUp,
        day: date,
        involved: Involved,
        rule_set: RuleSet,
        papers: Papers,
        materials_named: MaterialsNamed,
    ) -> None:
        bearings = [found.bearing for found in looked_up.lines]
        route = route_facts(shipment, bearings, involved, rule_set.trade, materials_named)
        self._shared = common_facts(shipment, involved)
        self._shared["destination.country"] = shipment.route.destination
        self._shared["shipment.sensitive"] = route["shipment.sensitive"]
        self._route = route
        self._lines: list[tuple[Line, Facts]] = [
            (line, papers.facts(line, bearing, shipment))
            for line, bearing in zip(shipment.lines, bearings, strict=True)
        ]
        history = looked_up.history
        self._past: list[Facts] = (
            [{}]
            if history is None
            else list(history_facts(shipment, bearings, history, day, rule_set.trade.units))
        )

    def pieces(self) -> Iterator[tuple[CaseKind, Facts]]:
        """The facts of all cases, those that they share once."""
        yield "line", self._shared
        yield "shipment", self._shared
        yield "shipment", self._route
        for _, facts in self._lines:
            yield "line", facts
        for facts in self._past:
            yield "shipment", facts

    def cases(self) -> tuple[Case, ...]:
        """The cases, whole."""
        whole = self._shared | self._route
        return (
            *(Case("line", self._shared | dict(facts), line) for line, facts in self._lines),
            *(Case("shipment", whole | dict(facts)) for facts in self._past),
        )
