"""Answers already put into words: the same evaluation in the same language reads the same.

Shipments that differ only in what no rule fires on (references, masses, names) share their
evaluation (`Evaluator` remembers it), and so their words. `ledger.answer` puts around them what
differs.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from dataclasses import dataclass

import orjson

from api.decide.decision import Evaluation
from api.decide.explain import facts_for_record, render
from api.rulebook.model import RuleSetVersion
from api.rulebook.values import Language
from api.shipment import Shipment

_REMEMBERED = 2_000


@dataclass(frozen=True, eq=False)
class Said:
    """One evaluation in words: the members of the answer that are not a shipment's own.

    Holding the evaluation keeps its identity from being used again.
    """

    evaluation: Evaluation
    words: bytes
    deflated_words: bytes
    deflated_facts: bytes


class Answers:
    """Puts evaluations into words. Safe to share between threads."""

    def __init__(self) -> None:
        self._remembered: OrderedDict[tuple[object, ...], Said] = OrderedDict()

    def say(
        self,
        evaluation: Evaluation,
        version: RuleSetVersion,
        shipment: Shipment,
        language: Language,
    ) -> Said:
        """The evaluation in the language."""
        # Of the shipment itself, `render` reads the reference, the order of parties and the names
        # of those who may be listed, which the evaluation stands for; the rest is in that.
        key = (id(evaluation), language, *(party.role for party in shipment.parties))
        said = self._remembered.get(key)
        if said is None:
            answer = render(evaluation, version, shipment, language)
            del answer["reference"]
            words = orjson.dumps(answer)[1:-1]
            facts = orjson.dumps(facts_for_record(evaluation))
            said = Said(evaluation, words, zlib.compress(words), zlib.compress(facts))
            self._remembered[key] = said
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return said
