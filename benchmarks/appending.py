"""Decisions appended with their log entries, beside the same rows alone in one group commit."""

from __future__ import annotations

import itertools
import tempfile
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from api.ledger.content import entry_of_decision
from api.store.database import Database
from api.store.logbook import Logbook, NewEntry
from api.store.prepared import Prepared
from api.store.tables import DECISIONS as D
from benchmarks.figures import Figure
from benchmarks.throughput import request_body

_GROUP = 32
_GROUPS = 40
_ROUNDS = 45  # so many that SQLite copies its log into the file a dozen times in between
_AIM = 0.8

_NUMBERS = itertools.count()
_Row = tuple[dict[str, Any], NewEntry]


def _row() -> _Row:
    """A decision of usual size, with its entry, as it is before it is appended."""
    columns: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "reference": "SO-1",
        "exporter": "Hunan Qingfeng Antimony Co., Ltd",
        "evaluated_at": "2026-11-23T08:00:00.000Z",
        "as_of": "2026-11-23",
        "outcome": "deny",
        "disposition": "licence_required",
        "rule_set": "cn",
        "version": 1,
        "digest": f"sha256:{0:064}",
        "actor": "erp",
        "language": "en",
        "request": request_body(next(_NUMBERS)),
        "facts": zlib.compress(request_body(1) * 2),
        "words": zlib.compress(request_body(2) * 3),
        "screening": b'[{"party":0,"name":"Hunan Qingfeng Antimony Co., Ltd","hits":[]}]',
        "history": b"{}",
    }
    return columns, entry_of_decision(columns)


def figures() -> Iterator[Figure]:
    """Rounds of both in turns on one database, as long as a service would: all rounds together."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/log.db")
        database.create()
        decisions = Prepared(D.insert(), database.dialect, D.c.keys())
        logbook = Logbook(database.dialect)
        alone = itertools.count(10_000_000)  # far from those that are logged

        def insert(connection: Connection, group: Sequence[_Row]) -> None:
            rows = [{**columns, "index": next(alone), "leaf": "0" * 64} for columns, _ in group]
            decisions.run(connection, rows)

        def append(connection: Connection, group: Sequence[_Row]) -> None:
            places = logbook.append(connection, [entry for _, entry in group])
            decisions.run(
                connection,
                [
                    {**columns, "index": place.index, "leaf": place.leaf.hex()}
                    for (columns, _), place in zip(group, places, strict=True)
                ],
            )

        times = [(_seconds(database, insert), _seconds(database, append)) for _ in range(_ROUNDS)]
        database.close()
    plain, logged = (
        _GROUP * _GROUPS * _ROUNDS / sum(column) for column in zip(*times, strict=True)
    )
    ratio = logged / plain
    note = f"{logged:.0f}/s beside {plain:.0f}/s, SQLite, {_GROUP} a commit"
    yield Figure("append with the log beside a plain insert", ratio, _AIM, at_most=False, note=note)


def _seconds(database: Database, write: Callable[[Connection, Sequence[_Row]], None]) -> float:
    groups = [[_row() for _ in range(_GROUP)] for _ in range(_GROUPS)]
    started = time.perf_counter()
    for group in groups:
        with database.writing() as connection:
            write(connection, group)
    return time.perf_counter() - started
