"""Stand-ins for values of the wrong shape, so that the rest of the files can be read as well.

What is read of repaired content is never used: it only serves to name all mistakes at once.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema.exceptions import ValidationError

from api.rulebook.problems import Path
from api.rulebook.structure import structure_errors

_ROUNDS = 6
_TEXTS = ("x", "x/x", "2000-01-01", "0000000000", "0000", "CN", "x:y", "x.y")


@dataclass
class Repaired:
    """Content of the right structure, where it was mended, and the names that were lost there."""

    content: dict[str, Any]
    places: set[Path] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def caused(self, path: Path) -> bool:
        """Whether a problem at the path may come from the repair."""
        return any(path[: len(place)] == place for place in self.places)


def repair(content: Mapping[str, Any]) -> Repaired | None:
    """The content with every misshapen value replaced; None where that does not help."""
    mended = Repaired(copy.deepcopy(dict(content)))
    for _ in range(_ROUNDS):
        errors = [
            (file, error)
            for file, value in mended.content.items()
            for error in structure_errors(file, value)
        ]
        if not errors:
            return mended
        for file, error in errors:
            _mend(mended, file, error)
    return None


def _mend(mended: Repaired, file: str, error: ValidationError) -> None:
    path: Path = (file, *error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    instance: Any = error.instance
    wanted: Any = error.validator_value
    if error.validator == "additionalProperties":
        for key in [k for k in instance if k not in schema.get("properties", {})]:
            _lose(mended, instance.pop(key, None), (*path, key))
    elif error.validator == "required":
        for key in wanted:
            if key not in instance:
                instance[key] = stand_in(schema["properties"][key])
                mended.places.add((*path, key))
    else:
        _lose(mended, instance, path)
        _put(mended.content, path, stand_in(schema))


def _lose(mended: Repaired, value: Any, path: Path) -> None:
    mended.places.add(path)
    if isinstance(value, str):
        mended.names.add(value)
    elif isinstance(value, Mapping):
        mended.names.update(v for v in value.values() if isinstance(v, str))


def _put(content: dict[str, Any], path: Path, value: Any) -> None:
    inner: Any = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value


def stand_in(schema: Mapping[str, Any]) -> Any:
    """A least value of the schema's shape."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "oneOf" in schema:
        return stand_in(schema["oneOf"][0])
    kind = schema.get("type")
    match kind if isinstance(kind, str) else (kind or ["object"])[0]:
        case "array":
            return [stand_in(schema["items"]) for _ in range(schema.get("minItems", 0))]
        case "string":
            pattern = schema.get("pattern", "")
            return next((text for text in _TEXTS if re.search(pattern, text)), "x")
        case "number" | "integer":
            return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
        case "boolean":
            return False
        case _:
            required = schema.get("required", ())
            return {key: stand_in(schema["properties"][key]) for key in required}
