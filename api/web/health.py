"""Is it alive, can it decide, and what has it counted?"""

from __future__ import annotations

import os

import orjson
from flask import Blueprint, Response

from api.errors import LodestoneError
from api.metrics import exposition
from api.web.services import services

blueprint = Blueprint("health", __name__)

_ALIVE = orjson.dumps({"status": "alive"})


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response(_ALIVE, mimetype="application/json")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when it can decide; what is degraded; how rule files differ from what is published."""
    name = services().settings.default_rule_set
    published: dict[str, object] = {}
    why: str | None = None
    try:
        for version in services().versions.newest():
            published[version.rule_set] = {"version": version.number, "digest": version.digest}
        deciding = services().registry.current(name).version
        published[name] = {
            "version": deciding.number,
            "digest": deciding.rule_set.digest,
        }
    except LodestoneError as error:
        why = str(error)
    files = {}
    for rule_set, state in services().rule_files.states().items():
        in_force = published.get(rule_set)
        digest = in_force.get("digest") if isinstance(in_force, dict) else None
        kind = "invalid" if state.problems else "published"
        if not state.problems and state.digest != digest:
            kind = "unpublished"
        files[rule_set] = {"state": kind, "problems": list(state.problems)}
    body = {
        "status": "ready" if why is None else "not ready",
        "why": why,
        "rule_sets": published,
        "rule_files": files,
        "redis": "answers" if services().cache.answers() else "degraded",
    }
    return Response(orjson.dumps(body), 200 if why is None else 503, mimetype="application/json")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts, for Prometheus."""
    try:
        waiting, given_up = services().outbox.counts()
        gauges = {
            "lodestone_alerts_pending": ("Deliveries of alerts still to be made", waiting),
            "lodestone_alerts_undelivered": ("Deliveries of alerts given up", given_up),
        }
    except LodestoneError:
        gauges = {}  # the database is away: what this process counts is still told
    return Response(
        exposition("PROMETHEUS_MULTIPROC_DIR" in os.environ, gauges),
        mimetype="text/plain; version=0.0.4",
    )
