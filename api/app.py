"""The object graph, top to bottom."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import yaml
from flask import Flask

from api import __version__
from api.alerts.outbox import Outbox
from api.alerts.secret import webhook_secret
from api.cache import SharedCache
from api.checking import RuleFiles, read_checked, rule_set_directories
from api.deciding import Deciding
from api.disclosure.reading import read_disclosure
from api.flows.confirming import Confirmations
from api.flows.history import Histories
from api.flows.importing import PUBLIC_FIGURES, import_figures
from api.flows.statistics import Flows
from api.grouping import yield_thread
from api.instants import Clock, now
from api.keys import KeyRing, ensure_keys
from api.ledger.append import Ledger
from api.ledger.log import DecisionLog
from api.ledger.read import Decisions
from api.ledger.search import Search
from api.ledger.secret import Hashing
from api.ledger.signing import ensure_log_key, log_keys, own, read_log_key
from api.logs import log
from api.lookups import CachedClassification, LookUps
from api.registry import Registry
from api.rendering import Answers
from api.replay.record import Records
from api.rulebook.read import RuleFileError
from api.settings import Settings
from api.store.database import Database
from api.store.versions import NothingToPublish, Published, Versions
from api.web import (
    controls,
    docs,
    evaluations,
    health,
    problems,
    rule_sets,
    screenings,
    search,
    statistics,
)
from api.web import log as log_resource
from api.web.disclosable import disclosable_paths
from api.web.requests import MAX_BODY_BYTES
from api.web.services import Services


def first_start(settings: Settings, clock: Clock = now) -> list[Published]:
    """Keys, tables, and rule sets published as version 1 where there are none yet: gives those.

    Rule files that do not check are not published: the service then says so and decides nothing.
    Raises NewerDatabase, CannotDecide when the database is away, and RuleFileError when what
    `disclosure.yaml` says cannot be followed: nothing is shown until it can.
    """
    read_disclosure(settings.rules_directory, disclosable_paths())
    settings.home.mkdir(parents=True, exist_ok=True)
    ignore = settings.home / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    published = list[Published]()
    with (settings.home / "start.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_keys(settings.home)
        webhook_secret(settings.home)
        database = Database(settings.database_url)
        database.create()
        log_key = ensure_log_key(settings.log_key_file)
        own(database, log_key)
        log_keys(database, KeyRing(settings.home).fingerprints, log_key, clock())
        versions = Versions(database)
        known = {version.rule_set for version in versions.newest()}
        if not known:
            import_figures(database, PUBLIC_FIGURES.read_text("utf-8"), PUBLIC_FIGURES.name)
        for directory in rule_set_directories(settings.rules_directory):
            if directory.name in known:
                continue
            try:
                rule_set, content = read_checked(directory)
            except RuleFileError as error:
                log("rule_files_do_not_check", level=logging.ERROR, problems=str(error))
                continue
            try:
                first = versions.publish(
                    rule_set.id, content, "lodestone", "first start", clock(), only_first=True
                )
            except NothingToPublish:
                continue  # another host has started at the same time
            published.append(first)
            log("published", version=f"{first.rule_set}@{first.number}")
        database.close()
    return published


def create_app(
    settings: Settings,
    clock: Clock = now,
    let_others_join: Callable[[], None] = yield_thread,
) -> Flask:
    """The application over what `first_start` made.

    `let_others_join` gives way to requests that are here already, for a bounded moment.
    """
    database = Database(settings.database_url)
    versions = Versions(database)
    cache = SharedCache(settings.redis_url)
    app = Flask("lodestone", static_folder=None)
    app.config.update(
        API_TITLE="Lodestone",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
    )
    app.extensions["lodestone"] = Services(
        settings=settings,
        clock=clock,
        keys=KeyRing(settings.home),
        versions=versions,
        registry=Registry(versions, settings.refresh_seconds),
        deciding=Deciding(
            LookUps(CachedClassification(cache), Histories(database)),
            Answers(),
            Ledger(database),
            let_others_join,
        ),
        decisions=Decisions(database),
        records=Records(database),
        log=DecisionLog(database, partial(read_log_key, settings.log_key_file)),
        cache=cache,
        confirmations=Confirmations(database),
        flows=Flows(database),
        outbox=Outbox(database, settings.alert_webhooks),
        rule_files=RuleFiles(settings.rules_directory),
        search=Search(database),
        hashing=Hashing(database),
        disclosure=read_disclosure(settings.rules_directory, disclosable_paths()),
    )
    problems.register(app)
    api = problems.ProblemApi(app, spec_kwargs=_description())
    for resource in (
        evaluations,
        search,
        controls,
        screenings,
        statistics,
        rule_sets,
        log_resource,
    ):
        api.register_blueprint(resource.blueprint)
    for page in (health, docs):
        app.register_blueprint(page.blueprint)
    app.extensions["openapi"] = api.spec
    return app


def _description() -> dict[str, Any]:
    key = {"type": "http", "scheme": "bearer", "description": "a key from keys/*.key"}
    return {
        "info": {
            "description": "May this shipment go? Export-control decisions for restricted metals."
        },
        "components": {"securitySchemes": {"key": key}},
        "security": [{"key": []}],
    }


def openapi_yaml(app: Flask) -> str:
    """The API's description as the running service gives it."""
    return yaml.safe_dump(app.extensions["openapi"].to_dict(), sort_keys=False, allow_unicode=True)
