"""Mass by month and group, how it changed and which share it has."""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from api.canonical import fixed_notation
from api.disclosure.masking import Masks
from api.flows.statistics import DIMENSIONS, SERIES_SHOWN, Asked, Flow
from api.web import requests
from api.web.answers import FlowsSchema
from api.web.documentation import json_answer, problems
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.services import services

blueprint = Blueprint("statistics", __name__, url_prefix="/v1/statistics")

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_NOTES = {"exporter": ", by its name as given, in capitals or not"}
_FIELDS = {"exporter": "/parties/*/name", "destination": "/route/destination"}
"""The fields of a request that a dimension is, and which may be masked."""
_FIRST, _LAST = "0002-01", "9999-12"


@blueprint.route("/flows")
class FlowsByMonth(MethodView):
    """Flows of restricted materials."""

    @blueprint.doc(
        summary="Read flows by month",
        parameters=[
            {
                "in": "query",
                "name": "series",
                "schema": {"type": "string", "enum": list(SERIES_SHOWN), "default": "exported"},
                "description": "exported: confirmed as shipped; public: official figures",
            },
            {
                "in": "query",
                "name": "group_by",
                "schema": {"type": "string"},
                "description": "some of " + ", ".join(DIMENSIONS) + ", with commas",
            },
            *(
                {
                    "in": "query",
                    "name": name,
                    "schema": {"type": "string"},
                    "description": description,
                }
                for name, description in (
                    ("from", "first month, YYYY-MM"),
                    ("until", "last month, YYYY-MM"),
                    *(
                        (dimension, f"of this {dimension} only" + _NOTES.get(dimension, ""))
                        for dimension in DIMENSIONS
                    ),
                )
            ),
        ],
        responses=json_answer(FlowsSchema, "Flows") | problems(401, 403, 422, 503),
    )
    def get(self) -> Response:
        actor = requests.actor("officer", "auditor", "admin")
        values = requests.parameters("series", "group_by", "from", "until", *DIMENSIONS)
        asked = Asked(
            series=requests.choice(values, "series", SERIES_SHOWN, "exported"),
            from_month=_month(values, "from", _FIRST),
            until_month=_month(values, "until", _LAST),
            group_by=_group_by(values),
            only={name: values[name] for name in DIMENSIONS if name in values},
        )
        _check(asked)
        masks = services().masks(actor.role)
        answer = {
            "series": asked.series,
            "group_by": list(asked.group_by),
            "flows": [_wire(flow, masks) for flow in services().flows.of(asked)],
        }
        return Response(orjson.dumps(answer), mimetype="application/json")


def _check(asked: Asked) -> None:
    if asked.from_month > asked.until_month:
        fault = Fault("months", value=asked.from_month, most=asked.until_month)
        raise requests.invalid([{"pointer": "?from", "message": fault.say(spoken_language())}])
    material = asked.only.get("material")
    if material is None:
        return
    current = services().registry.current
    names = [version.rule_set for version in services().versions.newest()]
    known = [current(name).version.rule_set.goods.materials for name in names]
    if not any(material in materials for materials in known) and not services().flows.knows(
        material
    ):
        fault = Fault("material", value=material)
        raise requests.invalid([{"pointer": "?material", "message": fault.say(spoken_language())}])


def _wire(flow: Flow, masks: Masks) -> dict[str, object]:
    change, share = flow.change_pct, flow.share_pct
    return {
        "month": flow.month,
        "group": {
            name: masks.value(_FIELDS[name], value) if name in _FIELDS else value
            for name, value in flow.group.items()
        },
        "mass_kg": fixed_notation(flow.mass_kg),
        "decisions": flow.decisions,
        "change_pct": None if change is None else fixed_notation(change),
        "share_pct": None if share is None else fixed_notation(share),
    }


def _month(values: Mapping[str, str], name: str, default: str) -> str:
    month = values.get(name, default)
    if not _MONTH.fullmatch(month) or month < _FIRST:
        message = Fault("month", value=month).say(spoken_language())
        raise requests.invalid([{"pointer": f"?{name}", "message": message}])
    return month


def _group_by(values: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(values["group_by"].split(","))) if "group_by" in values else ()
    for name in names:
        requests.choice({"group_by": name}, "group_by", DIMENSIONS, "")
    return names
