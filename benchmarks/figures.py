"""A figure, how it is timed and how it is printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A ratio, and the aim it has to meet; without an aim it only informs."""

    name: str
    ratio: float
    aim: float | None = None
    at_most: bool = True
    note: str = ""

    @property
    def short(self) -> bool:
        """Whether the aim is missed."""
        if self.aim is None:
            return False
        return self.ratio > self.aim if self.at_most else self.ratio < self.aim

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        aim = f"{sign} {self.aim:g}" if self.aim is not None else "-"
        verdict = "short" if self.short else "ok"
        return f"{self.name:<58} {self.ratio:>9.3f}  {aim:>8}  {verdict:<5}  {self.note}".rstrip()


def microseconds(
    calls: Mapping[str, Callable[[], object]], rounds: int = 7, budget_seconds: float = 0.15
) -> dict[str, float]:
    """The median time of each call, taken in turns so that noise falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    repeats: dict[str, int] = {}
    for name, call in calls.items():
        call()
        started = time.perf_counter()
        call()
        once = max(time.perf_counter() - started, 1e-7)
        repeats[name] = max(3, int(budget_seconds / once))
    for _ in range(rounds):
        for name, call in calls.items():
            started = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((time.perf_counter() - started) / repeats[name] * 1e6)
    return {name: statistics.median(found) for name, found in times.items()}
