"""Decisions as they were recorded."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import msgspec
from sqlalchemy import RowMapping, select

from api.decide.history import History
from api.errors import NotFound
from api.ledger.answer import answer_of, content_of
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
    history: History
    answer: bytes


ANSWER_COLUMNS = (
    D.c.id,
    D.c.reference,
    D.c.words,
    D.c.screening,
    D.c.evaluated_at,
    D.c.index,
    D.c.leaf,
)
"""What an answer is put together from."""

_OTHERS = (
    D.c.rule_set,
    D.c.version,
    D.c.as_of,
    D.c.actor,
    D.c.language,
    D.c.request,
    D.c.facts,
    D.c.history,
)


def stored_answer(row: RowMapping) -> bytes:
    """The answer of a row with the answer columns, byte for byte as it was given."""
    words = zlib.decompress(row["words"])
    content = content_of(row["id"], row["reference"], words, row["screening"], row["evaluated_at"])
    return answer_of(content, row["index"], row["leaf"])


_history = msgspec.json.Decoder(History).decode


class Decisions:
    """Finds recorded decisions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, decision_id: str) -> StoredDecision:
        """The decision of this id. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(*ANSWER_COLUMNS, *_OTHERS).where(D.c.id == decision_id)
            ).first()
        if row is None:
            raise NotFound(decision_id)
        return StoredDecision(
            id=row.id,
            rule_set=row.rule_set,
            version=row.version,
            as_of=row.as_of,
            actor=row.actor,
            language=row.language,
            request=row.request,
            facts=zlib.decompress(row.facts),
            history=_history(row.history),
            answer=stored_answer(row._mapping),
        )
