"""What the service counts, for Prometheus. Works across worker processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

DECISIONS = Counter("lodestone_decisions", "Decisions recorded", ["outcome", "disposition"])
DRY_RUNS = Counter("lodestone_dry_runs", "Evaluations not recorded", ["disposition"])
REFUSED = Counter("lodestone_refused_requests", "Requests refused", ["status"])
SECONDS = Histogram(
    "lodestone_evaluation_seconds",
    "From request to answer",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
LOOKUPS = Counter("lodestone_lookups", "Look-ups by where they were answered", ["answered_by"])
REPLAYS = Counter("lodestone_replays", "Decisions replayed, by how they came out", ["came_out"])
CACHE_DEGRADED = Counter("lodestone_cache_degraded", "Times Redis failed a look-up", ["why"])


@cache
def decisions_counter(outcome: str, disposition: str) -> Counter:
    """The count of decisions of this kind, found faster than by its labels."""
    return DECISIONS.labels(outcome, disposition)


class _Gauges(Collector):
    """Figures that are asked for, not counted: by name, what they are and the value."""

    def __init__(self, gauges: Mapping[str, tuple[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (meaning, value) in self._gauges.items():
            yield GaugeMetricFamily(name, meaning, value)


def exposition(shared: bool, gauges: Mapping[str, tuple[str, float]]) -> bytes:
    """The text Prometheus reads; `shared` gathers every worker's figures."""
    registry = CollectorRegistry()
    registry.register(_Gauges(gauges))
    if not shared:
        return generate_latest(REGISTRY) + generate_latest(registry)
    multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry)
