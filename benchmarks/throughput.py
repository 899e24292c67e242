"""POST /v1/evaluations beside the same server's /healthz, and where its time goes."""

from __future__ import annotations

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

from api.cache import SharedCache
from api.checking import read_checked
from api.decide.evaluate import Evaluator
from api.decide.explain import facts_for_record, render
from api.instants import now
from api.ledger.append import Ledger, NewDecision
from api.ledger.identity import new_id
from api.lookups import CachedClassification
from api.rendering import Answers
from api.rulebook.model import RuleSetVersion
from api.store.database import Database
from api.web import fast
from benchmarks.figures import Figure, microseconds
from benchmarks.load import requests_a_second

ROOT = Path(__file__).parent.parent
SECONDS = 3.0
ROUNDS = 5


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
    yield Figure("POST /v1/evaluations beside /healthz", ratio, 0.40, at_most=False, note=note)


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
    rule_set, _ = read_checked(ROOT / "rules" / "cn")
    evaluator = Evaluator(RuleSetVersion(rule_set, 1))
    unremembered = Evaluator(RuleSetVersion(rule_set, 1), check_every=1)
    classification = CachedClassification(SharedCache(None))
    body = request_body(1)
    shipment = fast.load(body)
    assert shipment is not None
    day = date(2026, 11, 23)
    look = classification.of(evaluator, shipment)
    evaluation = evaluator.evaluate(shipment, day, look)
    answer = render(evaluation, evaluator.version, shipment, "en")
    said = Answers().say(evaluation, evaluator.version, shipment, "en")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/log.db")
        database.create()
        ledger = Ledger(database)

        def record() -> None:
            ledger.append(
                NewDecision(
                    id=new_id(now()), reference="r", exporter="e", evaluated_at="t", as_of=day,
                    outcome="deny", disposition="review", rule_set="cn", version=1, digest="d",
                    actor="erp", language="en", request=body, facts=said.deflated_facts,
                    words=said.words,
                    deflated_words=said.deflated_words,
                )
            )  # fmt: skip

        times = microseconds(
            {
                "read and validate": lambda: fast.load(body),
                "look up classifications": lambda: classification.of(evaluator, shipment),
                "match, fold, outlook": lambda: evaluator.evaluate(shipment, day, look),
                "the same, not remembered": lambda: unremembered.evaluate(shipment, day, look),
                "render": lambda: render(evaluation, evaluator.version, shipment, "en"),
                "write JSON": lambda: (orjson.dumps(answer), facts_for_record(evaluation)),
                "record alone, with fsync": record,
            }
        )
        database.close()
    total = sum(times.values())
    for name, spent in times.items():
        yield Figure(f"  share of one request: {name}", spent / total, note=f"{spent:.0f} us")


def figures() -> Iterator[Figure]:
    """All of them."""
    yield from beside_static()
    yield from where_time_goes()
