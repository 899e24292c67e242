"""A recorded decision decided again: from the stored request, history and version, for its day.

Neither Redis is used nor what was answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Protocol

import msgspec
import orjson
from marshmallow import ValidationError

from api.canonical import read_json
from api.decide.decision import Evaluation
from api.decide.evaluate import Evaluator
from api.decide.explain import render_screening
from api.decide.facts import LookedUp
from api.decide.history import History
from api.errors import LodestoneError
from api.rendering import Answers, Said
from api.rulebook.model import RuleSetVersion
from api.rulebook.values import Language
from api.shipment import Shipment
from api.web import fast
from api.web.schemas import ShipmentSchema, in_words

_history = msgspec.json.Decoder(History).decode


class Unreadable(LodestoneError):
    """A part of a recorded decision that cannot be read: it is not what was once recorded."""

    def __init__(self, pointer: str, why: object) -> None:
        super().__init__(f"what is stored at {pointer} cannot be read: {why}")
        self.pointer, self.why = pointer, str(why)


class DecidedAgain(msgspec.Struct, frozen=True):
    """What a stored request comes to."""

    shipment: Shipment
    evaluation: Evaluation
    version: RuleSetVersion
    answers: Answers

    def said(self, language: Language) -> Said:
        """In words, and the facts."""
        return self.answers.say(self.evaluation, self.version, self.shipment, language)

    def screening(self, language: Language) -> bytes:
        """Whom the parties may be, as JSON."""
        return orjson.dumps(render_screening(self.evaluation, self.shipment, language))

    def answer(self, recorded: bytes, language: Language) -> bytes:
        """The recorded answer with its words in another language."""
        said = orjson.loads(b"{%b}" % self.said(language).words)
        said["screening"] = render_screening(self.evaluation, self.shipment, language)
        members = msgspec.json.decode(recorded)
        return orjson.dumps({name: said.get(name, value) for name, value in members.items()})


class Again(Protocol):
    """A way to decide again. Raises Unreadable, EngineError."""

    def __call__(
        self, evaluator: Evaluator, request: bytes, history: History, day: date
    ) -> DecidedAgain: ...


def decide_again(evaluator: Evaluator, request: bytes, history: History, day: date) -> DecidedAgain:
    """With what the evaluator may remember of other shipments. Raises Unreadable, EngineError."""
    return _decided(evaluator, evaluator.evaluate, request, history, day)


def decide_afresh(
    evaluator: Evaluator, request: bytes, history: History, day: date
) -> DecidedAgain:
    """With nothing remembered, every rule held against the oracle.

    Raises Unreadable, EngineError.
    """
    return _decided(evaluator, evaluator.evaluate_afresh, request, history, day)


def _decided(
    evaluator: Evaluator,
    evaluate: Callable[[Shipment, date, LookedUp], Evaluation],
    request: bytes,
    history: History,
    day: date,
) -> DecidedAgain:
    shipment = shipment_of(request)
    looked_up = msgspec.structs.replace(evaluator.look_up(shipment), history=history)
    evaluation = evaluate(shipment, day, looked_up)
    return DecidedAgain(shipment, evaluation, evaluator.version, Answers())


def shipment_of(request: bytes) -> Shipment:
    """The shipment of a stored request. Raises Unreadable."""
    return fast.load(request) or _by_the_schema(request)


def history_of(stored: bytes) -> History:
    """The history that was looked up when it was decided. Raises Unreadable."""
    try:
        return _history(stored)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable("/history", error) from error


def _by_the_schema(request: bytes) -> Shipment:
    try:
        shipment: Shipment = ShipmentSchema().load(read_json(request.decode("utf-8")))
    except ValidationError as error:
        faults = (f"{f['pointer']}: {f['message']}" for f in in_words(error.messages, "en"))
        raise Unreadable("/request", "; ".join(faults)) from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("/request", error) from error
    return shipment
