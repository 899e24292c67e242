"""A log of varied decisions over either database, and hands that alter it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text, update

from api.store.database import Database
from api.store.tables import DECISIONS, RULE_SET_VERSIONS
from tests.conftest import ROOT, Api, propose

LANGUAGES = ("en", "zh", "fr")


@pytest.fixture
def new_api(new_api: Callable[..., Api], database_url: str) -> Callable[..., Api]:
    return partial(new_api, database_url=database_url)


@pytest.fixture
def stored(api: Api) -> Database:
    return Database(api.settings.database_url)


def scenarios() -> list[dict[str, Any]]:
    """The requests of tests/scenarios/cn.yaml."""
    file = yaml.safe_load((ROOT / "tests" / "scenarios" / "cn.yaml").read_text(encoding="utf-8"))
    found = []
    for number, case in enumerate(file["cases"]):
        goods = file["goods"][case["goods"]] | case.get("with", {})
        options = {k: v for k, v in case.items() if k in ("to", "use", "end_user", "departure")}
        if "qualifications" in case:
            options["qualifications"] = tuple(case["qualifications"])
        request = propose(
            {k: v for k, v in goods.items() if v is not None},
            day=str(case.get("day", "2026-11-23")),
            reference=f"SO-{number}",
            **options,
        )
        found.append(request)
    return found


def decide(api: Api, body: Any, query: str = "", **headers: str) -> str:
    """The id of a recorded decision."""
    response = api.post(body, query, **headers)
    assert response.status_code == 201, response.json
    found: str = response.json["id"]
    return found


def replay(api: Api, decision: str, holder: str = "auditor") -> Any:
    return api.client.post(f"/v1/decisions/{decision}/replay", headers=api.key(holder))


def unlock(database: Database, table: str) -> None:
    """What somebody does who has the database to himself."""
    with database.writing() as connection:
        if database.dialect.name == "sqlite":
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuse_update"))
        else:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))


def alter(database: Database, decision: str, **columns: Any) -> None:
    """Changes a stored decision by hand."""
    unlock(database, "decisions")
    with database.writing() as connection:
        connection.execute(update(DECISIONS).where(DECISIONS.c.id == decision).values(**columns))


def alter_rules(database: Database, number: int, before: str, after: str) -> None:
    """Changes a published version by hand."""
    unlock(database, "rule_set_versions")
    with database.writing() as connection:
        (content,) = connection.execute(
            RULE_SET_VERSIONS.select()
            .with_only_columns(RULE_SET_VERSIONS.c.content)
            .where(RULE_SET_VERSIONS.c.number == number)
        ).one()
        assert before in content
        connection.execute(
            update(RULE_SET_VERSIONS)
            .where(RULE_SET_VERSIONS.c.number == number)
            .values(content=content.replace(before, after, 1))
        )


def edited_rules(folder: Path, file: str, before: str, after: str) -> Path:
    """The rules with one edit."""
    rules = folder / "rules"
    shutil.copytree(ROOT / "rules", rules)
    path = rules / "cn" / file
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after), encoding="utf-8")
    return rules
