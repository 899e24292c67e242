"""Appending from several processes at once: one log, no gap, each once."""

from __future__ import annotations

import multiprocessing
import zlib
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from api.errors import IdempotencyConflict
from api.flows.footprint import Footprint
from api.ledger.answer import leaf_hash
from api.ledger.append import IdempotencyKey, Ledger, NewDecision, Recorded
from api.ledger.read import Decisions
from api.store.database import Database
from api.store.tables import DECISIONS, IDEMPOTENCY


def decision(name: str, key: IdempotencyKey | None = None) -> NewDecision:
    return NewDecision(
        id=name,
        reference="r",
        exporter="e",
        evaluated_at="2026-11-23T00:00:00.000Z",
        as_of=date(2026, 11, 23),
        outcome="deny",
        disposition="review",
        rule_set="cn",
        version=1,
        digest="sha256:0",
        actor="erp",
        language="en",
        request=b"{}",
        facts=zlib.compress(b"[]"),
        words=b'"outcome":"deny"',
        deflated_words=zlib.compress(b'"outcome":"deny"'),
        screening=b"[]",
        history=b"{}",
        footprint=Footprint(date(2026, 11, 23), ("proposed", "denied"), (), ()),
        idempotency=key,
    )


def append(ledger: Ledger, new: NewDecision) -> Recorded:
    (outcome,) = ledger.append([new])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def append_many(file: Path, process: int, count: int) -> None:
    ledger = Ledger(Database(file))
    for n in range(count):
        ledger.append([decision(f"{process}-{n}")])


def test_processes_append_to_one_log_without_gap(tmp_path: Path) -> None:
    file = tmp_path / "log.db"
    Database(file).create()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=append_many, args=(file, p, 50)) for p in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with Database(file).reading() as connection:
        rows = connection.execute(select(DECISIONS.c.index, DECISIONS.c.id)).all()
    assert sorted(row.index for row in rows) == list(range(200))
    assert len({row.id for row in rows}) == 200


def test_the_answer_ends_with_its_place_in_the_log(tmp_path: Path) -> None:
    database = Database(tmp_path / "log.db")
    database.create()
    recorded = append(Ledger(database), decision("a"))
    content = (
        b'{"id":"a","reference":"r","outcome":"deny","screening":[],'
        b'"evaluated_at":"2026-11-23T00:00:00.000Z"}'
    )
    leaf = leaf_hash(content)
    assert recorded.answer == content[:-1] + b',"log":{"index":0,"leaf":"%b"}}' % leaf.encode()
    assert Decisions(database).get("a").answer == recorded.answer


def test_a_failed_group_leaves_nothing_half_written(tmp_path: Path) -> None:
    database = Database(tmp_path / "log.db")
    database.create()
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
