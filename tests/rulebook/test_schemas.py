"""The published JSON Schemas are those the loader uses, and every rule file names its own."""

from __future__ import annotations

import json

from api.disclosure.schema import DISCLOSURE
from api.rulebook.schemas import SCHEMAS, kind_of
from tests.conftest import ROOT


def test_published_schemas_are_current() -> None:
    for kind, schema in {**SCHEMAS, "disclosure": DISCLOSURE}.items():
        file = ROOT / "rules" / "schema" / f"{kind}.schema.json"
        assert json.loads(file.read_text(encoding="utf-8")) == schema, "run: make docs"


def test_every_rule_file_names_its_schema_in_its_first_line() -> None:
    root = ROOT / "rules" / "cn"
    for file in root.rglob("*.yaml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (file.parent / schema).resolve().is_file()
        assert (file.parent / schema).name.startswith(
            str(kind_of(file.relative_to(root).as_posix()))
        )
