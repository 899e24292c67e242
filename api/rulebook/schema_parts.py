"""Pieces that the JSON Schemas of several kinds of rule file share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a day, YYYY-MM-DD"}
ID = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9.-]*$", "maxLength": 80}
ENTRY_ID = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9.-]*/[A-Za-z0-9][A-Za-z0-9.()-]*$"}
WORDS = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 120}}
SOURCES = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
NOTES = {"type": "array", "items": {"type": "string", "minLength": 1}}
VERIFIED = {
    "enum": ["double", "single", "memory"],
    "description": "two independent sources, one, or recalled only",
}
CODES = {
    "type": "array",
    "items": {
        "type": "string",
        "pattern": r"^(\d{4}|\d{6}|\d{8}|\d{10})$",
        "description": "a customs code of 4, 6, 8 or 10 digits, quoted",
    },
}
CLAUSES = {
    "oneOf": [
        {"const": "all"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    ],
    "description": "`all`, or a list of clause ids",
}


def mapping(required: Iterable[str], properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": dict(properties),
        "additionalProperties": False,
        **more,
    }


TEXT = mapping(
    ("en", "zh", "fr"),
    {language: {"type": "string", "minLength": 1} for language in ("en", "zh", "fr")},
    description="in English, Chinese and French",
)
WORDS_BY_LANGUAGE = mapping((), dict.fromkeys(("en", "zh", "fr"), WORDS))
PERIOD = mapping(("from",), {"from": DATE, "until": DATE}, description="until is the last day")
