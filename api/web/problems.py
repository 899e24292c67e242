"""Every error as a problem document (RFC 9457), and the one place that makes them."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Flask, Response
from flask_smorest import Api
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from api.errors import LodestoneError
from api.logs import log
from api.metrics import REFUSED

MEDIA_TYPE = "application/problem+json"
_TYPES = {
    400: "malformed",
    401: "no-key",
    403: "wrong-role",
    404: "not-found",
    405: "method",
    409: "conflict",
    413: "too-large",
    415: "media-type",
    422: "invalid",
    500: "internal",
    503: "cannot-decide",
}


class Refused(LodestoneError):
    """A request that is refused, with what is wrong with it."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.title = status, title
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
    title: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The problem as a response."""
    REFUSED.labels(str(status)).inc()
    body: dict[str, Any] = {
        "type": f"urn:lodestone:problem:{_TYPES.get(status, 'error')}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    return Response(orjson.dumps(body), status, headers, mimetype=MEDIA_TYPE)


def http_problem(error: HTTPException) -> Response:
    """An HTTP error of the framework as a problem, with its headers (`Allow`, say)."""
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in ("content-type", "content-length")
    }
    return problem(error.code or 500, error.name, error.description or error.name, None, headers)


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
        errors = getattr(error, "errors", None)
        return problem(
            error.status, error.title, str(error), errors, getattr(error, "headers", None)
        )

    @app.errorhandler(Exception)
    def _unknown(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return http_problem(error)
        logging.getLogger("lodestone").exception("unexpected_error")
        return problem(500, "Something went wrong", "The error was logged; nothing was recorded.")
