"""Appending from several processes at once: one log, no gap, each once."""

from __future__ import annotations

import multiprocessing
import zlib
from datetime import date

import pytest
from sqlalchemy import select

from api.errors import IdempotencyConflict
from api.flows.footprint import Footprint
from api.ledger.append import IdempotencyKey, Ledger, NewDecision, Recorded
from api.ledger.read import Decisions
from api.log.commitments import Content
from api.log.envelope import parse_envelope
from api.log.hashing import leaf_hash
from api.store.database import Database
from api.store.logbook import seal
from api.store.tables import DECISIONS, IDEMPOTENCY, LOG_ENTRIES


def decision(name: str, key: IdempotencyKey | None = None) -> NewDecision:
    words = b'"outcome":"deny"'
    columns = {
        "id": name,
        "reference": "r",
        "exporter": "e",
        "evaluated_at": "2026-11-23T00:00:00.000Z",
        "as_of": "2026-11-23",
        "outcome": "deny",
        "disposition": "review",
        "rule_set": "cn",
        "version": 1,
        "digest": f"sha256:{0:064}",
        "actor": "erp",
        "language": "en",
        "request": b"{}",
        "facts": zlib.compress(b"[]"),
        "words": zlib.compress(words),
        "screening": b"[]",
        "history": b"{}",
    }
    footprint = Footprint(date(2026, 11, 23), ("proposed", "denied"), (), ())
    return NewDecision(columns, words, seal(Content((b"all of it",))), footprint, (), key)


def append(ledger: Ledger, new: NewDecision) -> Recorded:
    (outcome,) = ledger.append([new])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def append_many(url: str, process: int, count: int) -> None:
    ledger = Ledger(Database(url))
    for n in range(count):
        ledger.append([decision(f"{process}-{n}")])


def test_processes_append_to_one_log_without_gap(database: Database, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=append_many, args=(database_url, p, 50)) for p in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with database.reading() as connection:
        rows = connection.execute(select(DECISIONS.c.index, DECISIONS.c.id)).all()
    assert sorted(row.index for row in rows) == list(range(200))
    assert len({row.id for row in rows}) == 200


def test_the_answer_ends_with_its_place_in_the_log(database: Database) -> None:
    recorded = append(Ledger(database), decision("a"))
    content = (
        b'{"id":"a","reference":"r","outcome":"deny","screening":[],'
        b'"evaluated_at":"2026-11-23T00:00:00.000Z"}'
    )
    with database.reading() as connection:
        (entry,) = connection.execute(select(LOG_ENTRIES.c.entry)).scalars()
    leaf = leaf_hash(entry).hex()
    assert recorded.answer == content[:-1] + b',"log":{"index":0,"leaf":"%b"}}' % leaf.encode()
    assert parse_envelope(entry).id == "a"
    assert Decisions(database).get("a").answer == recorded.answer


def test_a_failed_group_leaves_nothing_half_written(database: Database) -> None:
    ledger = Ledger(database)
    append(ledger, decision("a", IdempotencyKey("k", "1")))
    with pytest.raises(Exception, match="does not take it"):
        append(ledger, decision("a", IdempotencyKey("other", "2")))  # the id stands already
    with pytest.raises(IdempotencyConflict):
        append(ledger, decision("b", IdempotencyKey("k", "2")))
    assert append(ledger, decision("c", IdempotencyKey("k", "1"))).repeated
    with database.reading() as connection:
        assert len(connection.execute(select(DECISIONS.c.id)).all()) == 1
        assert len(connection.execute(select(IDEMPOTENCY.c.key)).all()) == 1
    assert append(ledger, decision("d")).answer.count(b'"index":1') == 1
