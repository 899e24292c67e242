"""The decision log, byte for byte as C2SP tlog-tiles has it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from api.ledger.log import Head
from api.log.tiles import parse_tile_path
from api.log.tree import TILE_WIDTH
from api.web import requests
from api.web.answers import LogProofSchema
from api.web.documentation import json_answer, problems
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.services import services

blueprint = Blueprint("log", __name__, url_prefix="/v1/log")

_NEVER_CHANGES = "private, max-age=31536000, immutable"


def _bytes_answer(media_type: str, description: str) -> dict[str, Any]:
    return {
        "200": {
            "description": description,
            "content": {media_type: {"schema": {"type": "string", "format": "binary"}}},
        }
    }


def _numbers(*named: tuple[str, bool, str]) -> list[dict[str, Any]]:
    """Query parameters that are sizes or indexes: name, whether it must be there, meaning."""
    return [
        {
            "in": "query",
            "name": name,
            "required": required,
            "schema": {"type": "integer", "minimum": 0},
            "description": meaning,
        }
        for name, required, meaning in named
    ]


@blueprint.route("/checkpoint")
class LogCheckpoint(MethodView):
    """The head of the log."""

    @blueprint.doc(
        summary="Read the signed checkpoint of the log",
        responses=_bytes_answer("text/plain", "A signed note (C2SP tlog-checkpoint)")
        | problems(401, 503),
    )
    def get(self) -> Response:
        requests.actor("erp", "officer", "auditor", "admin")
        requests.parameters()
        note = services().log.checkpoint()
        return Response(note, content_type="text/plain; charset=utf-8", headers=_fresh())


@blueprint.route("/tile/<path:path>")
class Tile(MethodView):
    """Hashes of the tree, 256 at a time, or the entries under them."""

    @blueprint.doc(
        summary="Read a tile of the log, or a bundle of its entries",
        parameters=[
            {
                "in": "path",
                "name": "path",
                "required": True,
                "schema": {"type": "string"},
                "description": "as C2SP tlog-tiles writes it: 0/x001/234, 0/x001/234.p/17, "
                "entries/000",
            }
        ],
        responses=_bytes_answer("application/octet-stream", "The tile or the entry bundle")
        | problems(400, 401, 403, 404, 503),
    )
    def get(self, path: str) -> Response:
        entries = path.startswith("entries/")
        requests.actor(*(() if entries else ("erp",)), "officer", "auditor", "admin")
        requests.parameters()
        wanted = parse_tile_path(f"tile/{path}")
        headers = {"Cache-Control": _NEVER_CHANGES} if wanted.width == TILE_WIDTH else _fresh()
        return Response(
            services().log.tile(wanted), content_type="application/octet-stream", headers=headers
        )


@blueprint.route("/inclusion")
class Inclusion(MethodView):
    """That an entry is in the log."""

    @blueprint.doc(
        summary="Prove that an entry is in the log (RFC 9162, 2.1.3)",
        parameters=_numbers(
            ("index", True, "of the entry"),
            ("size", False, "of the tree; all entries where it is left out"),
        ),
        responses=json_answer(LogProofSchema, "The proof") | problems(401, 404, 422, 503),
    )
    def get(self) -> Response:
        requests.actor("erp", "officer", "auditor", "admin")
        values = requests.parameters("index", "size")
        index = _needed(values, "index")
        head, proof = services().log.inclusion(index, _whole(values, "size"))
        return _proof({"index": index}, head, proof)


@blueprint.route("/consistency")
class Consistency(MethodView):
    """That the log only grew."""

    @blueprint.doc(
        summary="Prove that the log only grew (RFC 9162, 2.1.4)",
        parameters=_numbers(
            ("old", True, "size of the earlier tree"),
            ("new", False, "size of the later one; all entries where it is left out"),
        ),
        responses=json_answer(LogProofSchema, "The proof") | problems(401, 404, 422, 503),
    )
    def get(self) -> Response:
        requests.actor("erp", "officer", "auditor", "admin")
        values = requests.parameters("old", "new")
        old = _needed(values, "old")
        head, proof = services().log.consistency(old, _whole(values, "new"))
        return _proof({"old": old}, head, proof)


def _needed(values: Mapping[str, str], name: str) -> int:
    """Raises Refused unless it is there, and a whole number from 0."""
    number = _whole(values, name)
    if number is None:
        raise requests.invalid([_wrong(name)])
    return number


def _whole(values: Mapping[str, str], name: str) -> int | None:
    """Raises Refused unless it is a whole number from 0."""
    text = values.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise requests.invalid([_wrong(name)])
    return int(text)


def _wrong(name: str) -> dict[str, str]:
    fault = Fault("whole", least=0, most=10**18 - 1)
    return {"pointer": f"?{name}", "message": fault.say(spoken_language())}


def _proof(about: dict[str, int], head: Head, proof: list[bytes]) -> Response:
    answer = about | {
        "size": head.size,
        "root": b64encode(head.root).decode(),
        "proof": [b64encode(value).decode() for value in proof],
    }
    return Response(orjson.dumps(answer), mimetype="application/json", headers=_fresh())


def _fresh() -> dict[str, str]:
    return {"Cache-Control": "no-store"}
