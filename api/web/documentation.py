"""Pieces of the API's description that several resources share."""

from __future__ import annotations

from typing import Any

from api.web.problems import MEDIA_TYPE, ProblemSchema

_MEANINGS = {
    400: "Malformed request",
    401: "No key, or one that is not of this service",
    403: "Not for this role",
    404: "No such thing",
    409: "Confirmed otherwise before",
    413: "More than 1 MiB",
    415: "Not JSON",
    422: "Refused: each fault with its place; nothing recorded",
    503: "Cannot decide now; nothing recorded, nothing allowed",
}

KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 255},
    "description": "the same key with the same request gives the same decision",
}


def problems(*statuses: int) -> dict[str, Any]:
    """The problem responses of an operation."""
    return {
        str(status): {
            "description": _MEANINGS[status],
            "content": {MEDIA_TYPE: {"schema": ProblemSchema}},
        }
        for status in statuses
    }


def rule_set_parameter() -> dict[str, Any]:
    """`?rule_set=cn` or `cn@7`."""
    return {
        "in": "query",
        "name": "rule_set",
        "schema": {"type": "string", "default": "cn"},
        "description": "a rule set, or one version of it: cn or cn@7",
    }


def json_answer(schema: type, description: str) -> dict[str, Any]:
    """A 200 answer."""
    return {
        "200": {
            "description": description,
            "content": {"application/json": {"schema": schema}},
        }
    }
