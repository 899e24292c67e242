"""One JSON Schema per kind of rule file: what editors complete and the loader checks.

`lodestone rules schema` writes them to `rules/schema/`; a test keeps the written files equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from api.disposition import Disposition
from api.rulebook.vocabulary import CASE_FACTS, ELEMENTS, ENTRY_LISTS, GOODS_FACTS, Fact
from api.shipment import Form

Schema = Mapping[str, Any]

_DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a day, YYYY-MM-DD"}
_ID = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9.-]*$", "maxLength": 80}
_ENTRY_ID = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9.-]*/[A-Za-z0-9][A-Za-z0-9.()-]*$"}
_WORDS = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 120}}
_SOURCES = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
_NOTES = {"type": "array", "items": {"type": "string", "minLength": 1}}
_VERIFIED = {
    "enum": ["double", "single", "memory"],
    "description": "two independent sources, one, or recalled only",
}
_CODES = {
    "type": "array",
    "items": {
        "type": "string",
        "pattern": r"^(\d{4}|\d{6}|\d{8}|\d{10})$",
        "description": "a customs code of 4, 6, 8 or 10 digits, quoted",
    },
}
_CLAUSES = {
    "oneOf": [
        {"const": "all"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    ],
    "description": "`all`, or a list of clause ids",
}


def _object(required: Iterable[str], properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": dict(properties),
        "additionalProperties": False,
        **more,
    }


_TEXT = _object(
    ("en", "zh", "fr"),
    {language: {"type": "string", "minLength": 1} for language in ("en", "zh", "fr")},
    description="in English, Chinese and French",
)
_WORDS_BY_LANGUAGE = _object((), dict.fromkeys(("en", "zh", "fr"), _WORDS))
_PERIOD = _object(("from",), {"from": _DATE, "until": _DATE}, description="until is the last day")


def _condition(facts: Iterable[Fact], extra: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {"description": "a value, a list (any of), or an operator"}
    properties: dict[str, Any] = {
        fact.name: {
            **value,
            "description": f"{fact.type}: {fact.meaning}"
            + (f" ({', '.join(fact.values)})" if fact.values else ""),
        }
        for fact in facts
    }
    nested = {"$ref": "#/$defs/condition"}
    properties |= {
        "all": {"type": "array", "items": nested, "minItems": 1},
        "any": {"type": "array", "items": nested, "minItems": 1},
        "not": nested,
    }
    return {"type": "object", "properties": properties, "additionalProperties": False, **extra}


_CONDITION = {"$ref": "#/$defs/condition"}
_GOODS_CONDITION = _condition(
    GOODS_FACTS.values(),
    {
        "patternProperties": {
            rf"^content\.({'|'.join(sorted(ELEMENTS))})$": {"description": "mass percent"},
            r"^properties\.[a-z][a-z0-9_]*$": {"description": "a declared measurement"},
            r"^machinable_into$": {"description": "shapes the goods can be machined into"},
        }
    },
)

_ENTRY = _object(
    ("id", "material", "form", "title", "verified"),
    {
        "id": _ENTRY_ID,
        "code": {"type": ["string", "null"], "description": "control code where printed"},
        "number": {"type": "string", "description": "as the instrument numbers it"},
        "part": {"type": "string"},
        "qualification": {"type": "string", "pattern": r"^[a-z_]+:[a-z_]+$"},
        "material": _ID | {"pattern": r"^[a-z][a-z0-9_-]*$"},
        "form": {"enum": [form for form in get_args(Form) if form not in ("assembly", "other")]},
        "also": {
            "type": "array",
            "items": {"enum": [form for form in get_args(Form) if form != "other"]},
            "description": "other declared forms under which the goods still are this item",
        },
        "title": _TEXT,
        "hs": _CODES,
        "shared_hs": _CODES,
        "asks_on": _CODES,
        "hs_complete": {"type": "boolean"},
        "hs_verified": _object((), {"single": _CODES, "memory": _CODES}),
        "names": _WORDS_BY_LANGUAGE,
        "not_names": _WORDS_BY_LANGUAGE,
        "made_of": _CONDITION,
        "contains": _object(
            ("element",),
            {
                "element": {
                    "oneOf": [
                        {"enum": sorted(ELEMENTS)},
                        {"type": "array", "items": {"enum": sorted(ELEMENTS)}, "minItems": 1},
                    ]
                }
            },
        ),
        "meets": _CONDITION,
        "active": {"type": "boolean", "description": "false: kept, but out of scope"},
        "verified": _VERIFIED,
        "notes": _NOTES,
    },
)

_INSTRUMENT = _object(
    ("id", "title", "short", "authority", "in_force", "list", "verified", "sources"),
    {
        "id": _ID,
        "title": _TEXT,
        "short": _TEXT,
        "authority": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "issued": _DATE,
        "in_force": _PERIOD,
        "list": {"enum": [*ENTRY_LISTS, "none"]},
        "verified": _VERIFIED,
        "sources": _SOURCES,
        "clauses": {
            "type": "array",
            "items": _object(
                ("id", "effect", "verified"),
                {
                    "id": {"type": "string", "minLength": 1},
                    "effect": _TEXT,
                    "verified": _VERIFIED,
                    "in_force": _PERIOD,
                },
            ),
        },
        "suspended": {
            "type": "array",
            "items": _object(
                ("clauses", "from", "by"),
                {
                    "clauses": _CLAUSES,
                    "from": _DATE,
                    "until": _DATE,
                    "by": _ID,
                    "verified": _VERIFIED,
                    "note": {"type": "string"},
                },
            ),
        },
        "doubt": {
            "type": "array",
            "items": _object(
                ("clauses", "from", "question", "confirm", "sources"),
                {
                    "clauses": _CLAUSES,
                    "from": _DATE,
                    "until": _DATE,
                    "question": _TEXT,
                    "confirm": _TEXT,
                    "verified": _VERIFIED,
                    "sources": _SOURCES,
                },
            ),
        },
        "containing": _object(
            ("counts_from_pct", "ignored_up_to_pct", "sources"),
            {
                "counts_from_pct": {"type": "number", "minimum": 0, "maximum": 100},
                "ignored_up_to_pct": {"type": "number", "minimum": 0, "maximum": 100},
                "sources": _SOURCES,
            },
        ),
        "content_materials": {"type": "array", "items": {"type": "string"}},
        "notes": _NOTES,
        "entries": {"type": "array", "items": _ENTRY},
    },
)

_RULE = _object(
    ("id", "basis", "for", "when", "then", "because"),
    {
        "id": _ID,
        "basis": _object(
            ("instrument",),
            {
                "instrument": {
                    "type": "string",
                    "description": "an instrument's id, or `entry`: the one that lists the entry",
                },
                "clause": {"type": ["string", "integer"]},
            },
        ),
        "for": {"enum": ["line", "shipment"]},
        "when": _CONDITION,
        "then": {"enum": [disposition.name for disposition in Disposition]},
        "because": _TEXT,
        "remedy": _TEXT,
        "asks": {
            "type": "array",
            "items": {"type": "string"},
            "description": "request fields that would settle it",
        },
        "notes": _NOTES,
    },
)

_GOODS = _object(
    ("materials", "forms"),
    {
        "materials": {
            "type": "array",
            "items": _object(
                ("id", "names"),
                {
                    "id": {"type": "string", "pattern": r"^[a-z][a-z0-9_-]*$"},
                    "element": {"enum": [*sorted(ELEMENTS), None]},
                    "names": _WORDS_BY_LANGUAGE,
                    "members": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "materials that this word may stand for",
                    },
                },
            ),
        },
        "forms": {
            "type": "array",
            "items": _object(
                ("id", "words"), {"id": {"enum": list(get_args(Form))}, "words": _WORDS_BY_LANGUAGE}
            ),
        },
        "negations": _object(
            (),
            {
                language: _object((), {"before": _WORDS, "after": _WORDS, "not_after": _WORDS})
                for language in ("en", "zh", "fr")
            },
        ),
        "purposes": _object(
            (),
            {
                language: _object((), {"before": _WORDS, "after": _WORDS})
                for language in ("en", "zh", "fr")
            },
        ),
        "designations": {
            "type": "array",
            "items": _object(
                ("pattern", "stands_for"),
                {
                    "pattern": {"type": "string", "minLength": 1, "maxLength": 300},
                    "stands_for": {"type": "string", "description": "a name used elsewhere"},
                },
            ),
        },
        "customs_codes": {
            "type": "array",
            "items": _object(
                ("hs", "title", "verified"),
                {
                    "hs": {"type": "string", "pattern": r"^\d{10}$"},
                    "title": _TEXT,
                    "material": {"type": ["string", "null"]},
                    "form": {"enum": [*get_args(Form), None]},
                    "means": _CONDITION,
                    "denied_by": _WORDS_BY_LANGUAGE,
                    "verified": _VERIFIED,
                    "notes": _NOTES,
                },
            ),
        },
        "notes": _NOTES,
    },
)

_RULE_SET = _object(
    ("id", "title", "time_zone", "known_from"),
    {
        "id": _ID,
        "title": _TEXT,
        "time_zone": {"type": "string", "minLength": 1},
        "known_from": _DATE | {"description": "before this day the rule set knows nothing"},
        "notes": _NOTES,
    },
)

_POLICY = _object(("rules",), {"rules": {"type": "array", "items": _RULE}, "notes": _NOTES})


def _published(kind: str, schema: Schema, condition: Schema | None) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Lodestone {kind} file",
        **schema,
        **({"$defs": {"condition": condition}} if condition else {}),
    }


SCHEMAS: Mapping[str, Schema] = {
    "ruleset": _published("rule-set", _RULE_SET, None),
    "instrument": _published("instrument", _INSTRUMENT, _GOODS_CONDITION),
    "goods": _published("goods", _GOODS, _GOODS_CONDITION),
    "policy": _published("policy", _POLICY, _condition(CASE_FACTS.values(), {})),
}
CONDITION_KEYS = ("when", "meets", "made_of", "means")
"""Keys whose values `conditions.ConditionReader` checks, with better advice than a schema has."""


def kind_of(file: str) -> str | None:
    """The kind of a rule file by its place in the rule set; None for a file that has none."""
    if file in ("ruleset.yaml", "goods.yaml"):
        return file.removesuffix(".yaml")
    folder = file.partition("/")[0]
    return {"instruments": "instrument", "policy": "policy"}.get(folder)
