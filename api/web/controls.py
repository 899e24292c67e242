"""What is controlled: entries by customs code or material, as they stand on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from api.decide.evaluate import Evaluator
from api.rulebook.model import ControlEntry
from api.rulebook.values import Language
from api.web import requests
from api.web.answers import ControlsSchema
from api.web.documentation import json_answer, problems, rule_set_parameter
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.ruling import day_parameter, evaluator_for, today
from api.web.values import hs_code_fault

blueprint = Blueprint("controls", __name__, url_prefix="/v1/controls")


@blueprint.route("")
class Controls(MethodView):
    """Control entries."""

    @blueprint.doc(
        summary="Find control entries",
        parameters=[
            {"in": "query", "name": "hs_code", "schema": {"type": "string"}},
            {"in": "query", "name": "material", "schema": {"type": "string"}},
            {"in": "query", "name": "as_of", "schema": {"type": "string", "format": "date"}},
            rule_set_parameter(),
        ],
        responses=json_answer(ControlsSchema, "Entries") | problems(401, 403, 422, 503),
    )
    def get(self) -> Response:
        requests.actor("erp", "officer", "auditor", "admin")
        language = spoken_language()
        values = requests.parameters("hs_code", "material", "as_of", "rule_set")
        evaluator = evaluator_for(values)
        rule_set = evaluator.version.rule_set
        day = day_parameter(values, "as_of", today(evaluator))
        code, material = values.get("hs_code"), values.get("material")
        if code is not None and (fault := hs_code_fault(code)):
            raise requests.invalid([{"pointer": "?hs_code", "message": fault.say(language)}])
        if material is not None and material not in rule_set.goods.materials:
            fault = Fault("choice", value=material, choices=", ".join(rule_set.goods.materials))
            raise requests.invalid([{"pointer": "?material", "message": fault.say(language)}])
        found = [
            _control(entry, bears, evaluator, day, language)
            for entry in rule_set.entries.values()
            if (material is None or entry.material == material)
            and ((bears := _bearing(entry, code)) is not None or code is None)
        ]
        answer = {
            "as_of": day.isoformat(),
            "rule_set": {
                "id": rule_set.id,
                "version": evaluator.version.number,
                "digest": rule_set.digest,
            },
            "controls": found,
        }
        response = Response(orjson.dumps(answer), mimetype="application/json")
        response.headers["Content-Language"] = language
        return response


def _bearing(entry: ControlEntry, code: str | None) -> str | None:
    """How a customs code bears on the entry: `code`, `shared`, `possible` (too short), or not."""
    if code is None:
        return None
    if code.startswith(entry.codes) and entry.codes:
        return "code"
    asked = (*entry.shared_codes, *entry.asks_on)
    if asked and code.startswith(asked):
        return "shared"
    if any(printed.startswith(code) for printed in (*entry.codes, *asked)):
        return "possible"
    return None


def _control(
    entry: ControlEntry, bears: str | None, evaluator: Evaluator, day: date, language: Language
) -> dict[str, Any]:
    instrument = evaluator.version.rule_set.instruments[entry.instrument]
    return {
        "entry": entry.id,
        "code": entry.code,
        "number": entry.number,
        "instrument": instrument.id,
        "instrument_title": instrument.title[language],
        "list": instrument.list,
        "title": entry.title[language],
        "material": entry.material,
        "form": entry.form,
        "hs_codes": list(entry.codes),
        "shared_hs_codes": [*entry.shared_codes, *entry.asks_on],
        "match": bears,
        "in_force": instrument.on(day),
        "uncertain": instrument.doubt_on(day, None) is not None,
        "verified": entry.verified,
        "notes": list(entry.notes),
    }
