"""The JSON Schema of `disclosure.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.rulebook.schema_parts import mapping

MASKED_ROLES = ("officer", "auditor", "admin")

_PATHS = {
    "type": "array",
    "items": {
        "type": "string",
        "pattern": r"^(/[A-Za-z0-9_.*-]+)+$",
        "description": "a path such as /parties/*/address",
    },
    "description": "fields of the request or the answer that the role sees as hashes",
}

DISCLOSURE: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What of a decision is masked for whom",
    **mapping(MASKED_ROLES, dict.fromkeys(MASKED_ROLES, _PATHS)),
}
