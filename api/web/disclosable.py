"""The fields of a request or an answer that may be masked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from marshmallow import Schema, fields

from api.disclosure.paths import paths_of
from api.shipment import Shipment
from api.web.answers import RecordedDecisionSchema

_LAST = ("/masked",)


@cache
def disclosable_paths() -> frozenset[str]:
    """Every path, `*` for items."""
    found = {*paths_of(Shipment), *_of_schema(RecordedDecisionSchema(), "")}
    return frozenset(found.difference(_LAST))


def _of_schema(schema: Schema, path: str) -> Iterator[str]:
    for name, field in schema.fields.items():
        yield from _of_field(field, f"{path}/{field.data_key or name}")


def _of_field(field: Any, path: str) -> Iterator[str]:
    yield path
    if isinstance(field, fields.Nested):
        yield from _of_schema(field.schema, path)
    elif isinstance(field, fields.List):
        yield from _of_field(field.inner, f"{path}/*")
    elif isinstance(field, fields.Dict):
        yield f"{path}/*"
