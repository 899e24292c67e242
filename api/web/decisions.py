"""Decisions as they were recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

import msgspec
import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from api.decide.explain import render, render_screening
from api.errors import NotFound
from api.flows.confirming import Confirmation, Kind
from api.instants import rfc3339
from api.ledger.read import StoredDecision
from api.rulebook.values import Language
from api.web import fast, requests
from api.web.answers import ConfirmationSchema, DecisionSchema
from api.web.documentation import json_answer, problems
from api.web.language import spoken_language
from api.web.ruling import day_parameter, evaluator_of, today
from api.web.schemas import ShipmentSchema
from api.web.services import services

blueprint = Blueprint("decisions", __name__, url_prefix="/v1/decisions")


@blueprint.route("/<decision_id>")
class Decision(MethodView):
    """One recorded decision."""

    @blueprint.doc(
        summary="Read a recorded decision",
        responses=json_answer(DecisionSchema, "The decision") | problems(401, 403, 404, 422, 503),
    )
    def get(self, decision_id: str) -> Response:
        actor = requests.actor("erp", "officer", "auditor", "admin")
        language = spoken_language()
        requests.parameters()
        stored = services().decisions.get(decision_id)
        if actor.role == "erp" and stored.actor != actor.name:
            raise NotFound(decision_id)
        answer = stored.answer if language == stored.language else _say_again(stored, language)
        response = Response(answer, 200, mimetype="application/json")
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Language"
        return response


class _Confirmation(MethodView):
    """What became of an allowed decision."""

    kind: ClassVar[Kind]

    def post(self, decision_id: str) -> Response:
        actor = requests.actor("erp", "officer", "admin")
        values = requests.parameters("day")
        stored = services().decisions.get(decision_id)
        if actor.role == "erp" and stored.actor != actor.name:
            raise NotFound(decision_id)
        now = services().clock()
        evaluator = evaluator_of(stored.rule_set, stored.version)
        found = services().confirmations.confirm(
            Confirmation(
                decision_id,
                self.kind,
                day_parameter(values, "day", today(evaluator, now)),
                actor.name,
                rfc3339(now),
            )
        )
        answer = {
            "decision": found.decision_id,
            "state": found.kind,
            "day": found.day.isoformat(),
            "at": found.at,
        }
        return Response(orjson.dumps(answer), mimetype="application/json")


def _confirmed(summary: str) -> dict[str, Any]:
    day = {
        "in": "query",
        "name": "day",
        "schema": {"type": "string", "format": "date"},
        "description": "when; today where it is left out",
    }
    return {
        "summary": summary,
        "parameters": [day],
        "responses": json_answer(ConfirmationSchema, "Recorded; again gives the same")
        | problems(401, 403, 404, 409, 422, 503),
    }


@blueprint.route("/<decision_id>/shipped")
class Shipped(_Confirmation):
    """An allowed shipment that went."""

    kind = "shipped"
    post = blueprint.doc(**_confirmed("Confirm that an allowed shipment went"))(_Confirmation.post)


@blueprint.route("/<decision_id>/cancelled")
class Cancelled(_Confirmation):
    """An allowed shipment that will not go."""

    kind = "cancelled"
    post = blueprint.doc(**_confirmed("Say that an allowed shipment will not go"))(
        _Confirmation.post
    )


def _say_again(stored: StoredDecision, language: Language) -> bytes:
    """The same decision in another language: decided again from what was recorded."""
    shipment = fast.load(stored.request) or ShipmentSchema().load(requests.parsed(stored.request))
    evaluator = services().registry.pinned(stored.rule_set, stored.version)
    looked_up = replace(evaluator.look_up(shipment), history=stored.history)
    evaluation = evaluator.evaluate(shipment, date.fromisoformat(stored.as_of), looked_up)
    recorded = msgspec.json.decode(stored.answer)
    said = render(evaluation, evaluator.version, shipment, language)
    said["screening"] = render_screening(evaluation, shipment, language)
    return orjson.dumps({key: said.get(key, value) for key, value in recorded.items()})
