"""Decisions as they were recorded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from api.errors import NotFound
from api.store.database import Database
from api.store.tables import DECISIONS as D


@dataclass(frozen=True)
class StoredDecision:
    """What is on disk of one decision."""

    id: str
    rule_set: str
    version: int
    as_of: str
    actor: str
    language: str
    request: bytes
    facts: bytes
    answer: bytes


_COLUMNS = (D.c.id, D.c.rule_set, D.c.version, D.c.as_of, D.c.actor, D.c.language)


class Decisions:
    """Finds recorded decisions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, decision_id: str) -> StoredDecision:
        """The decision of this id. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(*_COLUMNS, D.c.request, D.c.facts, D.c.answer).where(D.c.id == decision_id)
            ).first()
        if row is None:
            raise NotFound(f"no decision has the id `{decision_id}`")
        return StoredDecision(**row._mapping)
