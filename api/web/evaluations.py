"""May this shipment go?"""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING

import msgspec
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import ValidationError
from werkzeug.datastructures import Headers

from api.deciding import Proposal
from api.ledger.append import IdempotencyKey
from api.ledger.identity import new_id
from api.metrics import SECONDS
from api.rulebook.values import Language
from api.shipment import Shipment
from api.web import fast, requests
from api.web.answers import DecisionSchema
from api.web.documentation import KEY_PARAMETER, problems, rule_set_parameter
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.problems import Refused
from api.web.ruling import evaluator_of, today
from api.web.schemas import ShipmentSchema, in_words
from api.web.services import services

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

blueprint = Blueprint("evaluations", __name__, url_prefix="/v1/evaluations")

_SCHEMA = ShipmentSchema()
_encode = msgspec.json.Encoder(decimal_format="string", order="deterministic").encode
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@blueprint.route("")
class Evaluations(MethodView):
    """Proposed shipments, decided."""

    @blueprint.doc(
        summary="Decide a proposed shipment",
        requestBody={
            "required": True,
            "content": {"application/json": {"schema": ShipmentSchema}},
        },
        parameters=[
            rule_set_parameter(),
            {
                "in": "query",
                "name": "dry_run",
                "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
                "description": "decide without recording; answers 200",
            },
            KEY_PARAMETER,
        ],
        responses={
            "200": {
                "description": "The decision, not recorded (dry run)",
                "content": {"application/json": {"schema": DecisionSchema}},
            },
            "201": {
                "description": "The decision, recorded. A deny is a normal answer",
                "content": {"application/json": {"schema": DecisionSchema}},
            },
            **problems(400, 401, 403, 413, 415, 422, 503),
        },
    )
    def post(self) -> Response:
        started = time.perf_counter()
        actor = requests.actor("erp", "officer", "admin")
        language = spoken_language()
        values = requests.parameters("rule_set", "dry_run")
        dry_run = requests.choice(values, "dry_run", ("true", "false"), "false") == "true"
        name = requests.rule_set_name(values, services().settings.default_rule_set)
        key = _idempotency_key()
        body = requests.json_body()
        shipment = fast.load(body) or _load_and_explain(body, language)
        evaluator = evaluator_of(*name)
        now = services().clock()
        proposal = Proposal(
            decision_id=new_id(now),
            shipment=shipment,
            evaluator=evaluator,
            day=shipment.export_date or today(evaluator, now),
            asked_at=now,
            actor=actor.name,
            language=language,
            body=body,
            idempotency=IdempotencyKey(key, _digest(shipment, name)) if key else None,
        )
        if dry_run:
            return _answer(200, services().deciding.preview(proposal), language)
        recorded = services().deciding.decide(proposal)
        headers = {"Location": f"/v1/decisions/{recorded.id}"}
        if recorded.repeated:
            headers["Idempotency-Replayed"] = "true"
        SECONDS.observe(time.perf_counter() - started)
        return _answer(201, recorded.answer, language, headers)


class _Answer(Response):
    """Its headers are right as they are: nothing to look up and correct."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        return self.headers


def _load_and_explain(body: bytes, language: Language) -> Shipment:
    """The unusual request, and every fault of a wrong one. Raises Refused."""
    data = requests.parsed(body)
    try:
        shipment: Shipment = _SCHEMA.load(data)
    except ValidationError as error:
        raise requests.invalid(in_words(error.messages, language)) from error
    except RecursionError as error:
        raise Refused(400, Fault("nesting")) from error
    return shipment


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Refused(400, Fault("key_form"))
    return key


def _digest(shipment: Shipment, name: tuple[str, int | None]) -> str:
    """Of what is asked, however it is written: a retry may be serialised anew."""
    asked = _encode(shipment)
    return hashlib.sha256(f"{name[0]}@{name[1]}\n".encode() + asked).hexdigest()


def _answer(
    status: int, content: bytes, language: Language, more: dict[str, str] | None = None
) -> Response:
    headers = {"Content-Language": language, "Vary": "Accept-Language", **(more or {})}
    return _Answer(content, status, headers, mimetype="application/json")
