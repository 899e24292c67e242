"""Rule sets and their published versions."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from api.errors import NotFound
from api.web import requests
from api.web.answers import PublishedContentSchema, RuleSetsSchema, VersionsSchema
from api.web.documentation import json_answer, problems
from api.web.services import services

blueprint = Blueprint("rule sets", __name__, url_prefix="/v1/rule-sets")


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), mimetype="application/json")


@blueprint.route("")
class RuleSets(MethodView):
    """The rule sets, each with its newest version."""

    @blueprint.doc(
        summary="List the rule sets",
        responses=json_answer(RuleSetsSchema, "Rule sets") | problems(401, 403, 422, 503),
    )
    def get(self) -> Response:
        requests.actor("erp", "officer", "auditor", "admin")
        requests.parameters()
        return _json({"rule_sets": [vars(version) for version in services().versions.newest()]})


@blueprint.route("/<rule_set>/versions")
class RuleSetVersions(MethodView):
    """The versions of one rule set, the newest first."""

    @blueprint.doc(
        summary="List the versions of a rule set",
        responses=json_answer(VersionsSchema, "Versions") | problems(401, 403, 404, 422, 503),
    )
    def get(self, rule_set: str) -> Response:
        requests.actor("erp", "officer", "auditor", "admin")
        requests.parameters()
        return _json({"versions": [vars(v) for v in services().versions.all_of(rule_set)]})


@blueprint.route("/<rule_set>/versions/<number>")
class RuleSetVersion(MethodView):
    """One version with its content."""

    @blueprint.doc(
        summary="Read a published version",
        responses=json_answer(PublishedContentSchema, "The version and its content")
        | problems(401, 403, 404, 422, 503),
    )
    def get(self, rule_set: str, number: str) -> Response:
        requests.actor("officer", "auditor", "admin")
        requests.parameters()
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise NotFound(f"{rule_set}@{number}")
        published, content = services().versions.content(rule_set, int(number))
        head = orjson.dumps(vars(published))
        # The content goes out byte for byte as its digest covers it.
        return Response(
            head[:-1] + b',"content":' + content.encode() + b"}", mimetype="application/json"
        )
