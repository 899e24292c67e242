"""Shared parts: the real rule set, an application over a fresh home, and a real server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from api.app import create_app, first_start
from api.checking import read_checked
from api.decide.evaluate import Evaluator
from api.embedded_redis import EmbeddedRedis
from api.rulebook.model import RuleSet, RuleSetVersion
from api.settings import Settings
from api.store.database import Database
from tests.postgres import Postgres

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "lodestone", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lodestone")


@pytest.fixture(scope="session")
def rule_set() -> RuleSet:
    return read_checked(ROOT / "rules" / "cn")[0]


@pytest.fixture(scope="session")
def evaluator(rule_set: RuleSet) -> Evaluator:
    """The real rules; every evaluation is held against the oracle."""
    return Evaluator(RuleSetVersion(rule_set, 1), check_every=1)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    redis = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    yield redis.start()
    redis.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    server = Postgres(free_port())
    yield server
    server.remove()


@pytest.fixture
def postgres(postgres_server: Postgres) -> Postgres:
    """One server for all tests; it runs, also after a test that stopped it."""
    postgres_server.start()
    return postgres_server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database of the server."""
    with postgres.new_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/lodestone.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


on_sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the kind of database, or is not there in the other."""

on_postgresql_only = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.create()
    yield database
    database.close()


@dataclass
class Api:
    """An application and the keys to it."""

    app: Flask
    settings: Settings

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def key(self, holder: str = "erp") -> dict[str, str]:
        text = (self.settings.home / "keys" / f"{holder}.key").read_text().strip()
        return {"Authorization": f"Bearer {text}"}

    def post(self, body: Any, query: str = "", holder: str = "erp", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/v1/evaluations{query}", json=body, headers=self.key(holder) | named
        )

    def get(self, path: str, holder: str = "officer", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=self.key(holder) | named)


def settings_for(home: Path, **changes: Any) -> Settings:
    found = Settings.from_environment(
        {"LODESTONE_HOME": str(home), "LODESTONE_RULES": str(ROOT / "rules")}
    )
    return replace(found, **changes)


@pytest.fixture(scope="session")
def started_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a service that was started once, on SQLite."""
    home = tmp_path_factory.mktemp("started") / "home"
    first_start(settings_for(home))
    return home


@pytest.fixture
def new_api(tmp_path: Path, started_home: Path) -> Callable[..., Api]:
    """Makes applications over one fresh home."""

    def make(**changes: Any) -> Api:
        found = settings_for(tmp_path / "home", refresh_seconds=0.0, **changes)
        own = changes.keys() & {"database_url", "rules_directory", "log_key_file"}
        if not own and not found.home.exists():
            # To publish the rules anew for every test would take most of its time.
            shutil.copytree(started_home, found.home)
        first_start(found)
        return Api(create_app(found), found)

    return make


@pytest.fixture
def api(new_api: Callable[..., Api], redis_url: str) -> Api:
    return new_api(redis_url=redis_url)


@pytest.fixture
def shipment() -> Callable[..., dict[str, Any]]:
    return propose


def propose(
    line: dict[str, Any] | None = None,
    *,
    to: str = "DE",
    day: str = "2026-11-23",
    use: str = "civil",
    end_user: str | None = None,
    departure: str = "CN",
    qualifications: tuple[str, ...] | None = ("state_trading:antimony", "state_trading:tungsten"),
    **more: Any,
) -> dict[str, Any]:
    """A civil shipment from China by a qualified exporter, unless said otherwise."""
    exporter: dict[str, Any] = {"role": "exporter", "name": "Hunan Metals Co", "country": "CN"}
    if qualifications is not None:
        exporter["qualifications"] = list(qualifications)
    parties = [exporter, {"role": "consignee", "name": "Rhein GmbH", "country": to}]
    if end_user is not None:
        parties.append({"role": "end_user", "name": "Lakeshore Inc", "country": end_user})
    goods = line or {"description": "Copper cathode", "hs_code": "7403111100"}
    return {
        "reference": "SO-1",
        "export_date": day,
        "route": {"departure": departure, "destination": to},
        "end_use": {"category": use},
        "parties": parties,
        "lines": [{"line": 1, "net_mass_kg": 1000, **goods}],
        **more,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Server:
    """A real `lodestone serve`."""

    process: subprocess.Popen[bytes]
    url: str
    home: Path

    def key(self, holder: str = "erp") -> str:
        return (self.home / "keys" / f"{holder}.key").read_text().strip()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers on free ports; whatever is left at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**environment: str) -> Server:
        port = free_port()
        home = Path(environment.get("LODESTONE_HOME", tmp_path / "served"))
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            cwd=ROOT,
            env=os.environ | {"LODESTONE_HOME": str(home), "PORT": str(port)} | environment,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        server = Server(process, f"http://127.0.0.1:{port}", home)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{server.url}/healthz", timeout=1)
                return server
            except OSError:
                assert process.poll() is None, "the server ended at start"
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
