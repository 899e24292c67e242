"""Is each rule file of the right shape? JSON Schema, with advice a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from api.rulebook.problems import Problems
from api.rulebook.schemas import CONDITION_KEYS, SCHEMAS, kind_of
from api.rulebook.vocabulary import nearest


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[kind])


def check_structure(content: Mapping[str, Any], problems: Problems) -> None:
    """Notes every value that is missing, misnamed or of the wrong shape in any file."""
    for file, value in content.items():
        if kind_of(file) is None:
            problems.add(
                (file,),
                "no such rule file; files are ruleset.yaml, goods.yaml, screening.yaml, "
                "trade.yaml, instruments/, lists/, policy/",
            )
        for error in structure_errors(file, value):
            for path, message in explain(error):
                problems.add((file, *path), message)


def structure_errors(file: str, value: Any) -> list[ValidationError]:
    """What the schema of a file finds wrong, conditions excepted: their reader says it better."""
    kind = kind_of(file)
    return [
        error
        for error in (_validator(kind).iter_errors(value) if kind else ())
        if not any(key in CONDITION_KEYS for key in error.absolute_path)
    ]


def explain(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str]]:
    path = tuple(error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    wanted: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "additionalProperties":
            known = tuple(schema.get("properties", {}))
            for key in instance:
                if key not in known:
                    near = nearest(str(key), known)
                    hint = f"did you mean `{near}`?" if near else f"known here: {', '.join(known)}"
                    yield (*path, key), f"`{key}` is not known here; {hint}"
        case "required":
            missing = [key for key in wanted if key not in instance]
            for key in missing:
                if error.message.startswith(f"'{key}'"):
                    yield path, f"`{key}` is missing"
        case "enum":
            known = tuple(str(value) for value in wanted if value is not None)
            near = nearest(str(instance), known)
            hint = f"did you mean `{near}`?" if near else f"one of {', '.join(known[:20])}"
            yield path, f"`{instance}` is not possible here; {hint}"
        case "type":
            names = wanted if isinstance(wanted, str) else " or ".join(wanted)
            belongs = _ARTICLES.get(names, names)
            if names == "string" and "description" in schema:
                belongs = schema["description"]
            yield path, f"{_shown(instance)} stands where {belongs} belongs"
        case "pattern":
            described = schema.get("description", f"text like {wanted}")
            yield path, f"`{instance}` is not {described}"
        case "oneOf" if (misspelt := _misspelt(error)) is not None:
            for place, message in explain(misspelt):
                yield (*path, *place), message
        case "oneOf":
            described = schema.get("description", "one of the shapes known here")
            yield path, f"{_shown(instance)} is not {described}"
        case "minItems" | "minLength":
            yield path, "at least one is needed here"
        case _:
            yield path, error.message


def _misspelt(error: ValidationError) -> ValidationError | None:
    """Of several possible shapes, the text within the right one that is none of those known."""
    inner = [
        e for e in error.context or () if e.validator == "enum" and isinstance(e.instance, str)
    ]
    return max(inner, key=lambda e: len(e.path), default=None)


_ARTICLES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "boolean": "true or false",
    "string or integer": "a text or a whole number",
    "string or null": "a text or null",
}


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"`{value}`"
