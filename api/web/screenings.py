"""Is a party, or an owner of it, a listed one? Asked alone."""

from __future__ import annotations

import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import ValidationError

from api.decide.explain import render_hit
from api.web import requests
from api.web.answers import ScreeningsSchema
from api.web.documentation import json_answer, problems, rule_set_parameter
from api.web.language import spoken_language
from api.web.ruling import evaluator_for, today
from api.web.schemas import ToScreen, ToScreenSchema, in_words

blueprint = Blueprint("screenings", __name__, url_prefix="/v1/screenings")

_SCHEMA = ToScreenSchema()


@blueprint.route("")
class Screenings(MethodView):
    """Parties held against the lists."""

    @blueprint.doc(
        summary="Screen parties against the listed ones",
        requestBody={
            "required": True,
            "content": {"application/json": {"schema": ToScreenSchema}},
        },
        parameters=[rule_set_parameter()],
        responses=json_answer(ScreeningsSchema, "Each party with its hits; nothing is recorded")
        | problems(400, 401, 403, 413, 415, 422, 503),
    )
    def post(self) -> Response:
        requests.actor("erp", "officer", "auditor", "admin")
        language = spoken_language()
        evaluator = evaluator_for(requests.parameters("rule_set"))
        asked = _asked(requests.json_body())
        day = asked.as_of or today(evaluator)
        found = [
            {
                "party": n,
                "name": party.name,
                "hits": [render_hit(s, language) for s in evaluator.screening(party, day)],
            }
            for n, party in enumerate(asked.parties)
        ]
        rule_set = evaluator.version.rule_set
        answer = {
            "as_of": day.isoformat(),
            "rule_set": {
                "id": rule_set.id,
                "version": evaluator.version.number,
                "digest": rule_set.digest,
            },
            "screening": found,
        }
        response = Response(orjson.dumps(answer), mimetype="application/json")
        response.headers["Content-Language"] = language
        return response


def _asked(body: bytes) -> ToScreen:
    try:
        asked: ToScreen = _SCHEMA.load(requests.parsed(body))
    except ValidationError as error:
        raise requests.invalid(in_words(error.messages, spoken_language())) from error
    return asked
