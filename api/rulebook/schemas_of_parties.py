"""JSON Schemas of lists, of screening and of what is known of the trade."""

from __future__ import annotations

from typing import get_args

from api.rulebook.schema_parts import (
    DATE,
    ID,
    NOTES,
    SOURCES,
    VERIFIED,
    WORDS,
    WORDS_BY_LANGUAGE,
    mapping,
)
from api.rulebook.vocabulary import BUSINESSES
from api.shipment import Form

_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$", "description": "a country code, e.g. DE"}
_COUNTRIES = {"type": "array", "items": _COUNTRY}
_MATERIALS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_POINTS = {"type": "number", "minimum": -100, "maximum": 100}
_BAND = mapping(
    ("low", "high"),
    {
        "low": {"type": "number"},
        "high": {"type": "number"},
        "basis": {"type": "string", "description": "where the figures come from"},
        "verified": VERIFIED,
    },
)

LIST = mapping(
    ("instrument", "parties"),
    {
        "instrument": ID | {"description": "the instrument that lists them"},
        "notes": NOTES,
        "parties": {
            "type": "array",
            "minItems": 1,
            "items": mapping(
                ("id", "entity", "names", "verified"),
                {
                    "id": ID,
                    "entity": ID | {"description": "one name for one legal entity on all lists"},
                    "names": WORDS_BY_LANGUAGE,
                    "hints": WORDS | {"description": "abbreviations of ours, as the whole name"},
                    "country": _COUNTRY | {"type": ["string", "null"]},
                    "identifiers": {
                        "type": "array",
                        "items": mapping(
                            ("type", "value"),
                            {
                                "type": {"type": "string", "minLength": 1},
                                "value": {"type": "string", "minLength": 1},
                            },
                        ),
                    },
                    "full_name_only": {
                        "type": "boolean",
                        "description": "close to ordinary words: only the name as published",
                    },
                    "from": DATE,
                    "until": DATE,
                    "verified": VERIFIED,
                    "sources": SOURCES,
                    "notes": NOTES,
                },
            ),
        },
    },
)

SCREENING = mapping(
    ("points", "legal_forms", "common_words"),
    {
        "points": mapping(
            (
                "hit_at_least",
                "same_at_least",
                "country_agrees",
                "country_differs",
                "identifier_agrees",
                "identifier_differs",
            ),
            {
                "hit_at_least": _POINTS | {"minimum": 50},
                "same_at_least": _POINTS | {"minimum": 50},
                "country_agrees": _POINTS | {"minimum": 0},
                "country_differs": _POINTS | {"maximum": 0},
                "identifier_agrees": _POINTS | {"minimum": 0},
                "identifier_differs": _POINTS | {"maximum": 0},
            },
            description="points of 100",
        ),
        "legal_forms": WORDS | {"description": "Co., Ltd / 有限公司 / S.p.A.: they say nothing"},
        "common_words": WORDS | {"description": "words that say little by themselves"},
        "notes": NOTES,
    },
)

_CODE = {"type": "string", "pattern": r"^\d{10}$"}

TRADE = mapping(
    (
        "units",
        "currencies",
        "goods",
        "decoys",
        "producers",
        "hubs",
        "restricted",
        "nobody",
        "businesses",
        "residual_codes",
    ),
    {
        "notes": NOTES,
        "units": {
            "type": "object",
            "additionalProperties": {"type": "number"},
            "description": "kilograms a unit",
        },
        "currencies": {
            "type": "object",
            "additionalProperties": {"type": "number"},
            "description": "how many make a US dollar",
        },
        "goods": {
            "type": "array",
            "items": mapping(
                ("id", "verified"),
                {
                    "id": {"type": "string", "pattern": r"^[a-z][a-z0-9_-]*$"},
                    "material": {"type": ["string", "null"]},
                    "forms": {"type": "array", "items": {"enum": list(get_args(Form))}},
                    "names": WORDS_BY_LANGUAGE,
                    "usd_per_kg": _BAND,
                    "density_g_cm3": _BAND,
                    "verified": VERIFIED,
                    "sources": SOURCES,
                    "notes": NOTES,
                },
            ),
        },
        "decoys": mapping(
            ("names", "usd_per_kg_up_to", "sources"),
            {
                "names": WORDS_BY_LANGUAGE,
                "usd_per_kg_up_to": {"type": "number", "exclusiveMinimum": 0},
                "sources": SOURCES,
                "notes": NOTES,
            },
        ),
        "producers": {
            "type": "array",
            "items": mapping(
                ("materials", "countries", "verified"),
                {
                    "materials": _MATERIALS,
                    "countries": _COUNTRIES,
                    "verified": VERIFIED,
                    "notes": NOTES,
                },
            ),
        },
        "hubs": mapping(("countries",), {"countries": _COUNTRIES, "notes": NOTES}),
        "restricted": {
            "type": "array",
            "items": mapping(
                ("country", "materials"),
                {
                    "country": _COUNTRY,
                    "materials": {"oneOf": [{"const": "all"}, _MATERIALS]},
                    "territories": _COUNTRIES | {"description": "codes of their own, one law"},
                    "names": WORDS_BY_LANGUAGE,
                    "notes": NOTES,
                },
            ),
        },
        "nobody": mapping(("names",), {"names": WORDS_BY_LANGUAGE, "notes": NOTES}),
        "businesses": {
            "type": "array",
            "items": mapping(
                ("id", "words"), {"id": {"enum": list(BUSINESSES)}, "words": WORDS_BY_LANGUAGE}
            ),
        },
        "residual_codes": {
            "type": "array",
            "items": mapping(
                ("hs", "controlled", "verified"),
                {
                    "hs": _CODE,
                    "controlled": _CODE,
                    "names": WORDS_BY_LANGUAGE,
                    "materials": _MATERIALS,
                    "verified": VERIFIED,
                    "sources": SOURCES,
                    "notes": NOTES,
                },
            ),
        },
    },
)
