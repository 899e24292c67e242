"""Answers already put into words: the same evaluation in the same language reads the same.

Shipments that differ only in what no rule reads (references, masses, names) share their evaluation
(`Evaluator` remembers it), and so their words. What differs is put around them.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from dataclasses import dataclass

import orjson

from api.decide.decision import Evaluation
from api.decide.explain import facts_for_record, render
from api.rulebook.model import Language, RuleSetVersion
from api.shipment import Shipment

_REMEMBERED = 2_000


@dataclass(frozen=True, eq=False)
class _Said:
    """The words of one evaluation; holding it keeps its identity from being used again."""

    evaluation: Evaluation
    body: bytes
    facts: bytes


class Answers:
    """Renders evaluations as JSON. Safe to share between threads."""

    def __init__(self) -> None:
        self._remembered: OrderedDict[tuple[object, ...], _Said] = OrderedDict()

    def say(
        self,
        evaluation: Evaluation,
        version: RuleSetVersion,
        shipment: Shipment,
        language: Language,
        decision_id: str,
        evaluated_at: str,
    ) -> tuple[bytes, bytes]:
        """The answer as JSON without its `log`, and the facts as JSON, deflated (RFC 1950)."""
        # Of the shipment itself, `render` reads the reference and the order of parties; the rest
        # of it is in the evaluation.
        key = (id(evaluation), language, *(party.role for party in shipment.parties))
        said = self._remembered.get(key)
        if said is None:
            words = render(evaluation, version, shipment, language)
            del words["reference"]
            said = _Said(
                evaluation,
                orjson.dumps(words)[1:-1],
                zlib.compress(orjson.dumps(facts_for_record(evaluation))),
            )
            self._remembered[key] = said
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        content = b'{"id":"%b","reference":%b,%b,"evaluated_at":"%b"}' % (
            decision_id.encode(),
            orjson.dumps(shipment.reference),
            said.body,
            evaluated_at.encode(),
        )
        return content, said.facts
