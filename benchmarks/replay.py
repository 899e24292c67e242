"""Replaying a log: every decision decided again from the database and compared byte for byte."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson

from api.app import first_start
from api.cache import SharedCache
from api.deciding import Deciding, Proposal
from api.flows.history import Histories
from api.instants import now
from api.ledger.append import Ledger
from api.ledger.identity import new_id
from api.lookups import CachedClassification, LookUps
from api.registry import Registry
from api.rendering import Answers
from api.replay.many import cores, replay_span
from api.replay.record import Records
from api.rulebook.values import LANGUAGES
from api.settings import Settings
from api.store.database import Database
from api.store.versions import Versions
from api.web import fast
from benchmarks.figures import Figure
from benchmarks.throughput import DAY, ROOT, request_body

_DECISIONS = 30_000
_GROUP = 64
_AIM = 10_000  # decisions a second a core
_SEVERAL = (
    ("Qingfeng Antimony", "US", "Lakeshore Polymers Inc"),
    ("Xikuang Oxide", "DE", "Rheinland Kunststoffe GmbH"),
    ("Yiyang Chemicals", "TH", "Siam Flame Retardants"),
    ("Guilin Metals", "JP", "Nihon Garasu KK"),
    ("Hechi Smelting", "MX", "Plasticos del Norte SA"),
)
_FLAGGED = 200  # one in so many is priced far too low


def figures() -> Iterator[Figure]:
    """Decisions a second a core, all cores at work, from the first span that is done."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings.from_environment(
            {"LODESTONE_HOME": home, "LODESTONE_RULES": str(ROOT / "rules")}
        )
        first_start(settings)
        database = Database(settings.database_url)
        _record(database)
        span, count = Records(database).span(None, None) or (None, 0)
        database.close()
        assert span is not None
        assert count == _DECISIONS
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        progress = replay_span(settings.database_url, span, cores())
        first = next(progress)
        started = time.perf_counter()
        found = list(progress)
        ended = time.perf_counter()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = [replayed.wire() for done in (first, *found) for replayed in done.told]
    assert not told, told[0]
    rate = sum(done.replayed for done in found) / (ended - started) / cores()
    by_processor = count / (spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime)
    note = (
        f"{rate:.0f}/s a core on {cores()} cores; with starting the processes {count} in "
        f"{ended - begun:.1f} s, {by_processor:.0f} a second of processor time"
    )
    yield Figure("replay, decisions a second a core", rate / _AIM, 1, at_most=False, note=note)


def _record(database: Database) -> None:
    """Decisions in three languages, from five exporters to five countries."""
    evaluator = Registry(Versions(database), 60).current("cn")
    look_ups = LookUps(CachedClassification(SharedCache(None)), Histories(database))
    deciding = Deciding(look_ups, Answers(), Ledger(database))

    def proposal(number: int) -> Proposal:
        body = _request(number)
        shipment = fast.load(body)
        assert shipment is not None
        asked_at, language = now(), LANGUAGES[number % len(LANGUAGES)]
        day = shipment.export_date or DAY
        return Proposal(new_id(asked_at), shipment, evaluator, day, asked_at, "erp", language, body)

    with ThreadPoolExecutor(_GROUP) as pool:  # so that many share a commit
        for _ in pool.map(lambda number: deciding.decide(proposal(number)), range(_DECISIONS)):
            pass


def _request(number: int) -> bytes:
    """That of the throughput benchmark, of five exporters who each ship elsewhere."""
    body: dict[str, Any] = orjson.loads(request_body(number))
    kind = number % len(_SEVERAL)
    exporter, country, consignee = _SEVERAL[kind]
    body["route"]["destination"] = country
    body["export_date"] = (DAY - timedelta(days=kind)).isoformat()
    body["parties"][0]["name"] = exporter
    for party in body["parties"][1:]:
        party |= {"name": consignee, "country": country}
    if number % _FLAGGED == 0:
        body["lines"][0]["value"]["amount"] = "100.00"
    return orjson.dumps(body)
