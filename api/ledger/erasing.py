"""Texts erased from a decision on lawful order: the proofs of it stay valid, the order is logged.

What is erased is gone from the decision, its alerts and its notes, with the salts that could prove
a guess. Not reached: backups, exports and alerts that were sent, and the sums of flows, which name
companies. A text shorter than three bytes is not committed to apart and cannot be erased alone.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, select, update

from api.alerts.outbox import OUTBOX
from api.canonical import canonical_json
from api.errors import LodestoneError, NotFound
from api.flows.tables import TRACES
from api.instants import rfc3339
from api.ledger.content import DEFLATED, DOCUMENTS, documents_of, names_of, written
from api.ledger.identity import new_id
from api.ledger.indexing import DecisionIndex
from api.ledger.terms import Kind, Term
from api.log.commitments import (
    MOST_NAMES,
    PLACEHOLDERS,
    SALT_BYTES,
    SHORTEST_NAME,
    Content,
    Opening,
    blanked,
    commitments,
    salts_in,
)
from api.store.database import Database
from api.store.logbook import Logbook, new_entry
from api.store.migrations.refusing import allowing_updates
from api.store.tables import DECISIONS, ERASURES, LOG_ENTRIES, LOG_ERASED

_FOUND_BY: tuple[Kind, ...] = ("party", "exporter")
_FIRST_NAME = 1 + len(DOCUMENTS)


class NotErasable(LodestoneError):
    """The text is not there, or cannot be erased alone."""

    status = 422


@dataclass(frozen=True)
class Order:
    """What is to be erased: texts of a decision's request, by JSON pointer, and on what basis."""

    decision_id: str
    pointers: tuple[str, ...]
    actor: str
    basis: str


def erase(database: Database, order: Order, now: datetime) -> str:
    """Erases the texts wherever the decision has them, and logs the order; gives its id.

    Raises NotFound, NotErasable and CannotDecide; then nothing is erased.
    """
    logbook = Logbook(database.dialect)
    with database.writing() as connection:
        row = connection.execute(
            select(DECISIONS).where(DECISIONS.c.id == order.decision_id)
        ).first()
        if row is None:
            raise NotFound(order.decision_id)
        columns = dict(row._mapping)
        index = columns["index"]
        opening = openings(connection, index, index)[index]
        texts = [_at(columns["request"], pointer) for pointer in order.pointers]
        erasing = _Erasing(columns, opening, texts)
        with allowing_updates(connection, "decisions"):
            connection.execute(
                update(DECISIONS).where(DECISIONS.c.index == index).values(erasing.left)
            )
        connection.execute(LOG_ERASED.insert(), erasing.rows(index))
        with allowing_updates(connection, "log_entries"):
            connection.execute(
                update(LOG_ENTRIES).where(LOG_ENTRIES.c.index == index).values(salts=erasing.salts)
            )
        _forget(connection, erasing.replaced)
        DecisionIndex(database.dialect).remove(
            connection, [(index, Term(kind, text)) for text in texts for kind in _FOUND_BY]
        )
        record = {
            "id": new_id(now),
            "decision_id": order.decision_id,
            "actor": order.actor,
            "basis": order.basis,
            "erased_at": rfc3339(now),
            "pointers": orjson.dumps(order.pointers).decode(),
            "left": orjson.dumps(digests_of(columns | erasing.left)).decode(),
        }
        connection.execute(ERASURES.insert(), record)
        logbook.append(
            connection,
            [new_entry("erasure", record["id"], record["erased_at"], order.actor, erasure(record))],
        )
    return record["id"]


def erasure(record: Mapping[str, Any]) -> Content:
    """What the log's entry of an erasure commits to, by its columns."""
    return Content((canonical_json(dict(record)),))


def digests_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each document of a decision, as it is stored."""
    names = ("record", *DOCUMENTS)
    return {
        name: sha256(document).hexdigest()
        for name, document in zip(names, documents_of(columns), strict=True)
    }


def openings(connection: Connection, first: int, last: int) -> dict[int, Opening]:
    """What opens the commitments of the entries from `first` to `last`."""
    erased: dict[int, list[RowMapping]] = {}
    rows = connection.execute(select(LOG_ERASED).where(LOG_ERASED.c.index.between(first, last)))
    for row in rows.mappings():
        erased.setdefault(row["index"], []).append(row)
    found: dict[int, Opening] = {}
    among = LOG_ENTRIES.c.index.between(first, last)
    for index, salts in connection.execute(
        select(LOG_ENTRIES.c.index, LOG_ENTRIES.c.salts).where(among)
    ):
        gone = erased.get(index, ())
        found[index] = Opening(
            salts_in(salts),
            {row["part"]: row["commitment"] for row in gone},
            {row["part"]: row["marker"] for row in gone if row["marker"] is not None},
        )
    return found


class _Erasing:
    """What a decision is left as, and what of its commitments can no longer be opened."""

    def __init__(self, columns: Mapping[str, Any], opening: Opening, texts: Sequence[str]) -> None:
        documents = documents_of(columns)
        found = set(names_of(columns["request"])) - set(opening.markers.values())
        if len(found) + len(opening.markers) > MOST_NAMES:
            raise NotErasable(f"the decision names more than {MOST_NAMES}")
        names = opening.names(len(documents), found)
        wanted = {form for text in texts for form in written(text, b"\\u" in columns["request"])}
        self._markers = {
            number: f"erased {secrets.token_hex(8)}".encode()
            for number, name in enumerate(names)
            if name in wanted
        }
        self.replaced = {names[number]: marker for number, marker in self._markers.items()}
        """What stands in place of each text."""
        self._commitments = commitments(Content(documents, names), opening.salts)
        self._erased = dict(opening.erased)
        self._rewritten = list[int]()

        def without(document: bytes) -> bytes:
            return _restored(blanked(document, names), names, self._markers)

        self.left: dict[str, Any] = {}
        exporter = orjson.loads(without(orjson.dumps(columns["exporter"])))
        if exporter != columns["exporter"]:
            self.left["exporter"] = exporter
        for part, name in enumerate(DOCUMENTS, 1):
            before = columns[name]
            if name not in DEFLATED:
                after = without(before)
            else:
                plain = zlib.decompress(before)
                left = without(plain)
                after = before if left == plain else zlib.compress(left)
                if after != before:
                    self._rewritten.append(part)
            if after != before:
                self.left[name] = after
        self.salts = b"".join(
            bytes(SALT_BYTES) if self._gone(number) else salt
            for number, salt in enumerate(opening.salts)
        )

    def rows(self, index: int) -> list[dict[str, Any]]:
        """Of the parts that can no longer be opened."""
        return [
            {
                "index": index,
                "part": part,
                "commitment": self._commitments[part],
                "marker": self._markers.get(part - _FIRST_NAME),
            }
            for part in (
                *(part for part in self._rewritten if part not in self._erased),
                *(_FIRST_NAME + number for number in self._markers),
            )
        ]

    def _gone(self, part: int) -> bool:
        return (
            part in self._erased or part in self._rewritten or part - _FIRST_NAME in self._markers
        )


def _restored(document: bytes, names: Sequence[bytes], markers: Mapping[int, bytes]) -> bytes:
    """The document with its names again, but for those that have a marker."""
    for number, name in enumerate(names):
        document = document.replace(PLACEHOLDERS[number], markers.get(number, name))
    return document


def _at(request: bytes, pointer: str) -> str:
    """The text at a JSON pointer (RFC 6901) of the request."""
    value: Any = orjson.loads(request)
    for step in pointer.removeprefix("/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            raise NotErasable(f"{pointer}: the request has nothing there")
    if not isinstance(value, str) or len(value.encode()) < SHORTEST_NAME:
        raise NotErasable(f"{pointer}: only a text of {SHORTEST_NAME} bytes and more is erasable")
    if not any(form in set(names_of(request)) for form in written(value, False)):
        raise NotErasable(
            f"{pointer}: names, addresses, websites and submitted_by are erasable, not this"
        )
    return value


def _forget(connection: Connection, replaced: Mapping[bytes, bytes]) -> None:
    """In alerts and in the notes of flows."""

    def without(text: bytes) -> bytes:
        for name, marker in replaced.items():
            text = text.replace(name, marker)
        return text

    _rewrite(connection, OUTBOX.c.number, OUTBOX.c.payload, without)
    _rewrite(connection, TRACES.c.key, TRACES.c.note, lambda note: without(note.encode()).decode())


def _rewrite(connection: Connection, key: Any, column: Any, without: Callable[[Any], Any]) -> None:
    changed = [
        (number, after)
        for number, before in connection.execute(select(key, column))
        if (after := without(before)) != before
    ]
    for number, after in changed:
        connection.execute(update(column.table).where(key == number).values({column.name: after}))
