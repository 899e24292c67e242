"""Every error as a problem document (RFC 9457), and the one place that makes them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response
from flask_smorest import Api
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from api.errors import LodestoneError
from api.logs import log
from api.metrics import REFUSED
from api.rulebook.values import Language
from api.web.faults import Fault
from api.web.language import spoken_language

MEDIA_TYPE = "application/problem+json"
_TYPES: Mapping[int, tuple[str, Mapping[Language, str]]] = {
    400: (
        "malformed",
        {"en": "Malformed request", "zh": "请求格式错误", "fr": "Demande malformée"},
    ),
    401: ("no-key", {"en": "A key is needed", "zh": "需要密钥", "fr": "Une clé est nécessaire"}),
    403: ("wrong-role", {"en": "Not for this role", "zh": "角色无权限", "fr": "Pas pour ce rôle"}),
    404: ("not-found", {"en": "Not found", "zh": "未找到", "fr": "Introuvable"}),
    405: (
        "method",
        {"en": "No such method here", "zh": "不支持该方法", "fr": "Méthode inconnue ici"},
    ),
    409: ("conflict", {"en": "Conflict", "zh": "冲突", "fr": "Conflit"}),
    413: ("too-large", {"en": "More than 1 MiB", "zh": "超过1 MiB", "fr": "Plus de 1 Mio"}),
    415: ("media-type", {"en": "Not JSON", "zh": "不是 JSON", "fr": "Pas du JSON"}),
    422: (
        "invalid",
        {
            "en": "The request cannot be accepted",
            "zh": "请求不能接受",
            "fr": "La demande ne peut être acceptée",
        },
    ),
    500: (
        "internal",
        {"en": "Something went wrong", "zh": "发生内部错误", "fr": "Une erreur est survenue"},
    ),
    503: (
        "cannot-decide",
        {
            "en": "The service cannot decide now",
            "zh": "服务目前无法判定",
            "fr": "Le service ne peut décider maintenant",
        },
    ),
}


class Refused(LodestoneError):
    """A request that is refused, with what is wrong with it."""

    def __init__(
        self,
        status: int,
        detail: Fault,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind, self.words = detail.kind, detail.words
        self.errors, self.headers = errors or [], headers or {}


class ErrorItemSchema(Schema):
    """One fault and where it is."""

    pointer = fields.String(metadata={"description": "JSON pointer into the request (RFC 6901)"})
    message = fields.String()


class ProblemSchema(Schema):
    """A problem document."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    errors = fields.List(fields.Nested(ErrorItemSchema))


def problem(
    status: int,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The problem as a response, in the caller's language."""
    REFUSED.labels(str(status)).inc()
    name, titles = _TYPES.get(status, ("error", {}))
    spoken = spoken_language()
    body: dict[str, Any] = {
        "type": f"urn:lodestone:problem:{name}",
        "title": titles.get(spoken, HTTPStatus(status).phrase),
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    response = Response(orjson.dumps(body), status, headers, mimetype=MEDIA_TYPE)
    response.headers["Content-Language"] = spoken
    return response


def http_problem(error: HTTPException) -> Response:
    """An HTTP error of the framework as a problem, with its headers (`Allow`, say)."""
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in ("content-type", "content-length")
    }
    return problem(error.code or 500, error.description or error.name, None, headers)


class ProblemApi(Api):
    """Answers every HTTP error as a problem."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        return http_problem(error)


def register(app: Flask) -> None:
    """Turns errors raised on purpose, and any other, into problems without a stack trace."""

    @app.errorhandler(LodestoneError)
    def _known(error: LodestoneError) -> Response:
        if error.status >= 500:
            log("cannot_answer", level=logging.ERROR, error=str(error))
        detail = (
            Fault(error.kind, **error.words).say(spoken_language()) if error.kind else str(error)
        )
        errors, headers = getattr(error, "errors", None), getattr(error, "headers", None)
        return problem(error.status, detail, errors, headers)

    @app.errorhandler(Exception)
    def _unknown(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return http_problem(error)
        logging.getLogger("lodestone").exception("unexpected_error")
        return problem(500, Fault("logged").say(spoken_language()))
