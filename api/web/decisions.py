"""Decisions as they were recorded."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import msgspec
import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from api.alerts.outbox import replay_differs
from api.canonical import read_json
from api.decide.evaluate import Evaluator
from api.decide.explain import evidence
from api.errors import NotFound
from api.flows.confirming import Confirmation, Kind, OtherLawThen
from api.instants import rfc3339
from api.keys import Role
from api.ledger.read import StoredDecision
from api.log.prooffile import SUFFIX
from api.metrics import REPLAYS
from api.replay.again import DecidedAgain, decide_again
from api.replay.replaying import Replayer, raise_alarm
from api.web import requests
from api.web.answers import ConfirmationSchema, RecordedDecisionSchema, ReplaySchema
from api.web.documentation import json_answer, problems
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.ruling import day_parameter, evaluator_of, today
from api.web.services import services

_PROPOSERS: tuple[Role, ...] = ("erp",)
_OVERSEERS: tuple[Role, ...] = ("officer", "auditor", "admin")

_encode = msgspec.json.Encoder(decimal_format="number").encode

blueprint = Blueprint("decisions", __name__, url_prefix="/v1/decisions")


@blueprint.route("/<decision_id>")
class Decision(MethodView):
    """One recorded decision."""

    @blueprint.doc(
        summary="Read a recorded decision",
        parameters=[
            {
                "in": "query",
                "name": "evidence",
                "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
                "description": "with the figures that whoever proposed the shipment is not told; "
                "for officers and auditors",
            }
        ],
        responses=json_answer(RecordedDecisionSchema, "The decision")
        | problems(401, 403, 404, 422, 503),
    )
    def get(self, decision_id: str) -> Response:
        values = requests.parameters("evidence")
        wanted = requests.choice(values, "evidence", ("true", "false"), "false") == "true"
        actor = requests.actor(*(() if wanted else _PROPOSERS), *_OVERSEERS)
        language = spoken_language()
        stored = services().decisions.get(decision_id)
        if actor.role == "erp" and stored.actor != actor.name:
            raise NotFound(decision_id)
        answer = stored.answer
        if wanted or language != stored.language:
            again = _decided_again(stored)
            answer = again.answer(answer, language) if language != stored.language else answer
            if wanted:
                answer = _with(answer, "evidence", evidence(again.evaluation))
        if masks := services().masks(actor.role):
            shown = masks.apply(read_json(stored.request), read_json(answer), {})
            if shown.answer_differs:  # else it stays as it was recorded, byte for byte
                answer = _encode(shown.answer)
        response = Response(answer, 200, mimetype="application/json")
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Language"
        return response


@blueprint.route("/<decision_id>/proof")
class Proof(MethodView):
    """That a decision is in the log as it was made."""

    @blueprint.doc(
        summary="Read the proof that a decision is in the log",
        responses={
            "200": {
                "description": "Entry, proof and checkpoint in one file (C2SP tlog-proof); "
                "`lodestone log verify` checks it offline",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
        | problems(401, 403, 404, 503),
    )
    def get(self, decision_id: str) -> Response:
        actor = requests.actor("erp", "officer", "auditor", "admin")
        requests.parameters()
        stored = services().decisions.get(decision_id)
        if actor.role == "erp" and stored.actor != actor.name:
            raise NotFound(decision_id)
        return Response(
            services().log.proof("decision", decision_id),
            content_type="text/plain; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{decision_id}{SUFFIX}"'},
        )


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
        evaluator = evaluator_of(stored.rule_set, None)
        last = today(evaluator, now)
        day = day_parameter(values, "day", last)
        if day > last:
            fault = Fault("ahead", value=day)
            raise requests.invalid([{"pointer": "?day", "message": fault.say(spoken_language())}])

        def hold() -> None:
            if self.kind == "shipped":
                _refuse_other_law(stored, evaluator, day)

        found = services().confirmations.confirm(
            Confirmation(decision_id, self.kind, day, actor.name, rfc3339(now)), hold
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


@blueprint.route("/<decision_id>/replay")
class Replay(MethodView):
    """A recorded decision, decided again and compared."""

    @blueprint.doc(
        summary="Decide a recorded decision again, and compare byte for byte",
        description="Runs the stored request and history through the stored rule-set version for "
        "the recorded day, with nothing remembered, and compares answer, facts, screening and what "
        "is recorded beside them. A difference is also logged, counted and sent as an alert "
        "`decision.replay_differs`. A role from which anything is masked is shown where they "
        "differ, and hashes of the values; the service's own words, such as an outcome, as they "
        "are.",
        responses=json_answer(ReplaySchema, "Whether it comes out the same, and where not")
        | problems(401, 403, 404, 422, 503),
    )
    def post(self, decision_id: str) -> Response:
        actor = requests.actor(*_OVERSEERS)
        requests.parameters()
        replayed = Replayer(services().registry).replay(services().records.one(decision_id))
        otherwise = "different" if replayed.alarming else "erased"
        REPLAYS.labels("same" if replayed.same else otherwise).inc()
        answer = replayed.wire()
        if replayed.alarming:
            raise_alarm(replayed)
            services().outbox.put([replay_differs(services().clock(), answer)])
        mask = services().masks(actor.role).difference
        answer |= {"differences": [mask(difference) for difference in answer["differences"]]}
        return Response(orjson.dumps(answer), mimetype="application/json")


def _refuse_other_law(stored: StoredDecision, evaluator: Evaluator, day: date) -> None:
    """By the newest version, for whoever let time pass or dated the export back."""
    again = decide_again(evaluator, stored.request, stored.history, day)
    if again.evaluation.disposition.outcome == "deny":
        raise OtherLawThen(stored.id, day)


def _decided_again(stored: StoredDecision) -> DecidedAgain:
    evaluator = services().registry.pinned(stored.rule_set, stored.version)
    return decide_again(evaluator, stored.request, stored.history, date.fromisoformat(stored.as_of))


def _with(answer: bytes, name: str, value: Any) -> bytes:
    """The answer with one member more at its end."""
    return b'%b,"%b":%b}' % (answer[:-1], name.encode(), orjson.dumps(value))
