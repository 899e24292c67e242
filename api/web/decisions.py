"""Decisions as they were recorded."""

from __future__ import annotations

from datetime import date

import msgspec
import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from api.decide.explain import render
from api.errors import NotFound
from api.ledger.read import StoredDecision
from api.rulebook.values import Language
from api.web import fast, requests
from api.web.answers import DecisionSchema
from api.web.documentation import json_answer, problems
from api.web.language import spoken_language
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


def _say_again(stored: StoredDecision, language: Language) -> bytes:
    """The same decision in another language: decided again from what was recorded."""
    shipment = fast.load(stored.request) or ShipmentSchema().load(requests.parsed(stored.request))
    evaluator = services().registry.pinned(stored.rule_set, stored.version)
    evaluation = evaluator.evaluate(shipment, date.fromisoformat(stored.as_of))
    recorded = msgspec.json.decode(stored.answer)
    said = render(evaluation, evaluator.version, shipment, language)
    return orjson.dumps({key: said.get(key, value) for key, value in recorded.items()})
