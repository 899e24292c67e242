"""POST /v1/evaluations beside the same server's /healthz, and where its time goes."""

from __future__ import annotations

import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from api.app import first_start
from api.cache import SharedCache
from api.decide.evaluate import Evaluator
from api.decide.explain import facts_for_record, render
from api.deciding import Deciding, Proposal
from api.flows.history import Histories
from api.instants import now
from api.ledger.append import Ledger
from api.ledger.identity import new_id
from api.lookups import CachedClassification, LookUps
from api.registry import Registry
from api.rendering import Answers
from api.settings import Settings
from api.store.database import Database
from api.store.versions import Versions
from api.web import fast
from benchmarks.figures import Figure, microseconds
from benchmarks.load import requests_a_second

ROOT = Path(__file__).parent.parent
SECONDS = 3.0
ROUNDS = 5
_AIM = 0.34
"""With red flags, history and flows: 15 % less than the 0.40 of deciding by the law alone."""

DAY = date(2026, 11, 23)


def request_body(number: int) -> bytes:
    """A usual request of three lines and three parties; goods repeat, the rest does not."""
    body: dict[str, Any] = orjson.loads(
        (ROOT / "fixtures" / "antimony-trioxide-to-united-states.json").read_bytes()
    )
    body["reference"] = f"SO-{number:08d}"
    goods = body["lines"][0]
    body["lines"] = [
        goods
        | {
            "line": 1,
            "net_mass_kg": 1000 + number,
            "gross_mass_kg": 1020 + number,
            "value": {"amount": f"{23.5 * (1000 + number):.2f}", "currency": "USD"},
        },
        goods
        | {
            "line": 2,
            "purity_pct": 99.5,
            "hs_code": "2825800090",
            "description": "Antimony trioxide",
        },
        {"line": 3, "description": f"Copper cathode lot {number % 50}", "hs_code": "7403111100"},
    ]
    return orjson.dumps(body)


def _http(method: str, path: str, key: str = "", body: bytes = b"") -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def beside_static() -> Iterator[Figure]:
    """Interleaved rounds against one server; the median of the ratios."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "LODESTONE_HOME": home, "LODESTONE_WORKERS": "2"},
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port)
            key = (Path(home) / "keys" / "erp.key").read_text().strip()
            static = [_http("GET", "/healthz")]
            evaluations = [
                _http("POST", "/v1/evaluations", key, request_body(n)) for n in range(5_000)
            ]
            requests_a_second(port, evaluations, 201, 2)
            pairs = [
                (
                    requests_a_second(port, static, 200, SECONDS),
                    requests_a_second(port, evaluations, 201, SECONDS),
                )
                for _ in range(ROUNDS)
            ]
        finally:
            server.terminate()
            server.wait(20)
    ratio = statistics.median(evaluated / still for still, evaluated in pairs)
    still, evaluated = (statistics.median(column) for column in zip(*pairs, strict=True))
    note = f"{evaluated:.0f}/s beside {still:.0f}/s, 2 workers, 32 connections"
    yield Figure("POST /v1/evaluations beside /healthz", ratio, _AIM, at_most=False, note=note)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def where_time_goes() -> Iterator[Figure]:
    """Each step of one request by itself, as a share of their sum."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings.from_environment(
            {"LODESTONE_HOME": home, "LODESTONE_RULES": str(ROOT / "rules")}
        )
        first_start(settings)
        database = Database(settings.database_url)
        evaluator = Registry(Versions(database), 60).current("cn")
        unremembered = Evaluator(evaluator.version, check_every=1)
        look_ups = LookUps(CachedClassification(SharedCache(None)), Histories(database))
        deciding = Deciding(look_ups, Answers(), Ledger(database))
        numbers = itertools.count(1)

        def proposal() -> Proposal:
            body = request_body(next(numbers))
            shipment = fast.load(body)
            assert shipment is not None
            asked_at = now()
            return Proposal(new_id(asked_at), shipment, evaluator, DAY, asked_at, "erp", "en", body)

        usual = proposal()
        found = look_ups.of([usual]).of(0)
        evaluation = evaluator.evaluate(usual.shipment, DAY, found.looked_up)
        answer = render(evaluation, evaluator.version, usual.shipment, "en")
        proposals = iter([proposal() for _ in range(3_000)])
        times = microseconds(
            {
                "read and validate": lambda: fast.load(usual.body),
                "look up goods, parties, history": lambda: look_ups.of([usual]).of(0),
                "match, fold, outlook": lambda: evaluator.evaluate(
                    usual.shipment, DAY, found.looked_up
                ),
                "the same, not remembered": lambda: unremembered.evaluate(
                    usual.shipment, DAY, found.looked_up
                ),
                "render": lambda: render(evaluation, evaluator.version, usual.shipment, "en"),
                "write JSON": lambda: (orjson.dumps(answer), facts_for_record(evaluation)),
                "all but reading, alone, with fsync": lambda: deciding.decide(next(proposals)),
            }
        )
        database.close()
    total = times["read and validate"] + times["all but reading, alone, with fsync"]
    for name, spent in times.items():
        yield Figure(f"  share of one request: {name}", spent / total, note=f"{spent:.0f} us")


def figures() -> Iterator[Figure]:
    """All of them."""
    yield from beside_static()
    yield from where_time_goes()
