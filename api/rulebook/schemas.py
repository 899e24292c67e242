"""One JSON Schema per kind of rule file: what editors complete and the loader checks.

`lodestone rules schema` writes them to `rules/schema/`; a test keeps the written files equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from api.disposition import Disposition
from api.rulebook.schema_parts import (
    CLAUSES,
    CODES,
    DATE,
    ENTRY_ID,
    ID,
    NOTES,
    PERIOD,
    SOURCES,
    TEXT,
    VERIFIED,
    WORDS,
    WORDS_BY_LANGUAGE,
    mapping,
)
from api.rulebook.schemas_of_parties import LIST, SCREENING, TRADE
from api.rulebook.vocabulary import (
    CASE_FACTS,
    ELEMENTS,
    ENTRY_LISTS,
    GOODS_FACTS,
    PARTY_LISTS,
    CaseKind,
    Fact,
    Severity,
)
from api.shipment import Form

Schema = Mapping[str, Any]


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

_ENTRY = mapping(
    ("id", "material", "form", "title", "verified"),
    {
        "id": ENTRY_ID,
        "code": {"type": ["string", "null"], "description": "control code where printed"},
        "number": {"type": "string", "description": "as the instrument numbers it"},
        "part": {"type": "string"},
        "qualification": {"type": "string", "pattern": r"^[a-z_]+:[a-z_]+$"},
        "material": ID | {"pattern": r"^[a-z][a-z0-9_-]*$"},
        "form": {"enum": [form for form in get_args(Form) if form not in ("assembly", "other")]},
        "also": {
            "type": "array",
            "items": {"enum": [form for form in get_args(Form) if form != "other"]},
            "description": "other declared forms under which the goods still are this item",
        },
        "title": TEXT,
        "hs": CODES,
        "hs_except": CODES | {"description": "codes below those of hs that are other goods"},
        "shared_hs": CODES,
        "asks_on": CODES,
        "hs_complete": {"type": "boolean"},
        "hs_verified": mapping((), {"single": CODES, "memory": CODES}),
        "names": WORDS_BY_LANGUAGE,
        "not_names": WORDS_BY_LANGUAGE,
        "made_of": _CONDITION,
        "contains": mapping(
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
        "verified": VERIFIED,
        "notes": NOTES,
    },
)

_INSTRUMENT = mapping(
    ("id", "title", "short", "authority", "in_force", "list", "verified", "sources"),
    {
        "id": ID,
        "title": TEXT,
        "short": TEXT,
        "authority": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "issued": DATE,
        "in_force": PERIOD,
        "list": {"enum": [*ENTRY_LISTS, *PARTY_LISTS, "none"]},
        "verified": VERIFIED,
        "sources": SOURCES,
        "clauses": {
            "type": "array",
            "items": mapping(
                ("id", "effect", "verified"),
                {
                    "id": {"type": "string", "minLength": 1},
                    "effect": TEXT,
                    "verified": VERIFIED,
                    "in_force": PERIOD,
                },
            ),
        },
        "suspended": {
            "type": "array",
            "items": mapping(
                ("clauses", "from", "by"),
                {
                    "clauses": CLAUSES,
                    "from": DATE,
                    "until": DATE,
                    "by": ID,
                    "kind": {
                        "enum": ["suspended", "stopped"],
                        "description": "stopped: no longer carried out, no end named",
                    },
                    "verified": VERIFIED,
                    "note": {"type": "string"},
                },
            ),
        },
        "doubt": {
            "type": "array",
            "items": mapping(
                ("clauses", "from", "question", "confirm", "sources"),
                {
                    "clauses": CLAUSES,
                    "from": DATE,
                    "until": DATE,
                    "question": TEXT,
                    "confirm": TEXT,
                    "verified": VERIFIED,
                    "sources": SOURCES,
                },
            ),
        },
        "containing": mapping(
            ("counts_from_pct", "ignored_up_to_pct", "sources"),
            {
                "counts_from_pct": {"type": "number", "minimum": 0, "maximum": 100},
                "ignored_up_to_pct": {"type": "number", "minimum": 0, "maximum": 100},
                "sources": SOURCES,
            },
        ),
        "content_materials": {"type": "array", "items": {"type": "string"}},
        "notes": NOTES,
        "entries": {"type": "array", "items": _ENTRY},
    },
)

_RULE = mapping(
    ("id", "basis", "for", "when", "then", "because"),
    {
        "id": ID,
        "basis": mapping(
            ("instrument",),
            {
                "instrument": {
                    "type": "string",
                    "description": "an instrument's id, `entry` (the one that lists the entry) or "
                    "`listing` (the one that lists the party)",
                },
                "clause": {"type": ["string", "integer"]},
            },
        ),
        "for": {"enum": list(get_args(CaseKind))},
        "when": _CONDITION,
        "then": {"enum": [disposition.name for disposition in Disposition]},
        "because": TEXT,
        "remedy": TEXT,
        "asks": {
            "type": "array",
            "items": {"type": "string"},
            "description": "request fields that would settle it",
        },
        "severity": {
            "enum": list(get_args(Severity)),
            "description": "makes it a red flag; high goes out as an alert",
        },
        "notes": NOTES,
    },
)

_GOODS = mapping(
    ("materials", "forms"),
    {
        "materials": {
            "type": "array",
            "items": mapping(
                ("id", "names"),
                {
                    "id": {"type": "string", "pattern": r"^[a-z][a-z0-9_-]*$"},
                    "element": {"enum": [*sorted(ELEMENTS), None]},
                    "names": WORDS_BY_LANGUAGE,
                    "members": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "materials that this word may stand for",
                    },
                    "headings": CODES
                    | {"description": "customs headings besides those of its entries"},
                },
            ),
        },
        "forms": {
            "type": "array",
            "items": mapping(
                ("id", "words"),
                {
                    "id": {"enum": list(get_args(Form))},
                    "words": WORDS_BY_LANGUAGE,
                    "shapes": WORDS_BY_LANGUAGE
                    | {"description": "words that tell a shape and no substance"},
                },
            ),
        },
        "negations": mapping(
            (),
            {
                language: mapping((), {"before": WORDS, "after": WORDS})
                for language in ("en", "zh", "fr")
            },
        ),
        "purposes": mapping(
            (),
            {
                language: mapping((), {"before": WORDS, "after": WORDS})
                for language in ("en", "zh", "fr")
            },
        ),
        "variants": {
            "type": "object",
            "propertyNames": {"minLength": 1, "maxLength": 1},
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 1},
            "description": "characters that are read as others",
        },
        "vague": WORDS_BY_LANGUAGE,
        "designations": {
            "type": "array",
            "items": mapping(
                ("pattern", "stands_for"),
                {
                    "pattern": {"type": "string", "minLength": 1, "maxLength": 300},
                    "stands_for": WORDS | {"minItems": 1, "description": "names used elsewhere"},
                },
            ),
        },
        "systems": {
            "type": "array",
            "items": mapping(
                ("elements", "stands_for"),
                {
                    "elements": {
                        "type": "array",
                        "items": {"enum": sorted(ELEMENTS)},
                        "minItems": 2,
                        "description": "a formula with all of these stands for the names",
                    },
                    "stands_for": WORDS | {"minItems": 1, "description": "names used elsewhere"},
                },
            ),
        },
        "articles": {
            "type": "array",
            "items": mapping(
                ("names", "codes"),
                {
                    "names": WORDS_BY_LANGUAGE,
                    "codes": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "string",
                            "pattern": r"^(\d{2}){1,5}$",
                            "description": "the beginning of a customs code, quoted",
                        },
                    },
                    "form": {
                        "enum": list(get_args(Form)),
                        "description": "the form that the names tell",
                    },
                    "throughout": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "materials that they may consist of altogether: entries of "
                        "others reach them; left out for devices",
                    },
                },
            ),
        },
        "attachments": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 300},
            "description": "patterns of what stands for a part of the goods",
        },
        "lookalikes": WORDS_BY_LANGUAGE
        | {"description": "names that contain a word for restricted goods and mean others"},
        "customs_codes": {
            "type": "array",
            "items": mapping(
                ("hs", "title", "verified"),
                {
                    "hs": {"type": "string", "pattern": r"^\d{10}$"},
                    "title": TEXT,
                    "material": {"type": ["string", "null"]},
                    "form": {"enum": [*get_args(Form), None]},
                    "means": _CONDITION,
                    "denied_by": WORDS_BY_LANGUAGE,
                    "verified": VERIFIED,
                    "notes": NOTES,
                },
            ),
        },
        "notes": NOTES,
    },
)

_RULE_SET = mapping(
    ("id", "title", "time_zone", "known_from"),
    {
        "id": ID,
        "title": TEXT,
        "time_zone": {"type": "string", "minLength": 1},
        "known_from": DATE | {"description": "before this day the rule set knows nothing"},
        "notes": NOTES,
    },
)

_POLICY = mapping(("rules",), {"rules": {"type": "array", "items": _RULE}, "notes": NOTES})


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
    "list": _published("list", LIST, None),
    "screening": _published("screening", SCREENING, None),
    "trade": _published("trade", TRADE, None),
}
CONDITION_KEYS = ("when", "meets", "made_of", "means")
"""Keys whose values `conditions.ConditionReader` checks, with better advice than a schema has."""


NEEDED_FILES = ("ruleset.yaml", "goods.yaml")
"""Files without which there is no rule set."""


def kind_of(file: str) -> str | None:
    """The kind of a rule file by its place in the rule set; None for a file that has none."""
    if file in (*NEEDED_FILES, "screening.yaml", "trade.yaml"):
        return file.removesuffix(".yaml")
    folder = file.partition("/")[0]
    return {"instruments": "instrument", "policy": "policy", "lists": "list"}.get(folder)
