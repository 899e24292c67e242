"""Which published version decides: loaded once a process, replaced by a newer one."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections import OrderedDict
from functools import lru_cache

from api.canonical import digest, read_json
from api.decide.engine import EngineError
from api.decide.evaluate import Evaluator
from api.errors import CannotDecide, LodestoneError, NotFound
from api.logs import log
from api.rulebook.model import RuleSet, RuleSetVersion
from api.rulebook.read import read_content
from api.store.versions import Versions

_PINNED = 8


class Unloadable(CannotDecide):
    """A published version whose stored content is not what was published, or cannot be read."""


class Registry:
    """Evaluators by rule set and version. Safe to share between threads."""

    def __init__(self, versions: Versions, refresh_seconds: float) -> None:
        self._versions = versions
        self._refresh_seconds = refresh_seconds
        self._current: dict[str, Evaluator] = {}
        self._asked: dict[str, float] = {}
        self._pinned: OrderedDict[tuple[str, int], Evaluator] = OrderedDict()
        self._unloadable: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def current(self, rule_set: str) -> Evaluator:
        """The newest version that loads. Raises NotFound for an unknown rule set, CannotDecide."""
        evaluator = self._current.get(rule_set)
        due = time.monotonic() - self._asked.get(rule_set, 0.0) > self._refresh_seconds
        if evaluator is not None and not due:
            return evaluator
        number = self._versions.newest_number(rule_set)
        if number is None:
            raise NotFound(rule_set)
        if evaluator is None or evaluator.version.number != number:
            evaluator = self._take(rule_set, number, evaluator)
        self._asked[rule_set] = time.monotonic()
        return evaluator

    def pinned(self, rule_set: str, number: int) -> Evaluator:
        """This very version. Raises NotFound, Unloadable, CannotDecide."""
        current = self._current.get(rule_set)
        if current is not None and current.version.number == number:
            return current
        key = (rule_set, number)
        with self._lock:
            evaluator = self._pinned.get(key)
            if evaluator is None:
                evaluator = self._pinned[key] = self._load(rule_set, number)
                if len(self._pinned) > _PINNED:
                    self._pinned.popitem(last=False)
            self._pinned.move_to_end(key)
        return evaluator

    def check(self, rule_set: str, number: int) -> None:
        """Looks whether the stored content is still what was published, loaded or not.

        Raises NotFound, Unloadable, CannotDecide.
        """
        self._content(rule_set, number)

    def _take(self, rule_set: str, number: int, last_good: Evaluator | None) -> Evaluator:
        if (rule_set, number) in self._unloadable and last_good is not None:
            return last_good
        with self._lock:
            try:
                evaluator = self._load(rule_set, number)
            except CannotDecide:
                if last_good is None:
                    raise
                self._unloadable.add((rule_set, number))
                log("version_not_loadable", level=logging.ERROR, version=f"{rule_set}@{number}")
                return last_good
            self._current[rule_set] = evaluator
            _spare_the_collector()
            return evaluator

    def _load(self, rule_set: str, number: int) -> Evaluator:
        text = self._content(rule_set, number)
        try:
            return Evaluator(RuleSetVersion(_read(text), number))
        except (LodestoneError, EngineError, ValueError) as error:
            raise Unloadable(f"{rule_set}@{number} cannot be loaded: {error}") from error

    def _content(self, rule_set: str, number: int) -> str:
        published, text = self._versions.content(rule_set, number)
        if digest(text.encode()) != published.digest:
            raise Unloadable(f"{rule_set}@{number} is not what was published: its digest differs")
        return text


@lru_cache(2)
def _read(text: str) -> RuleSet:
    """The rule set of published content: read once, whoever loads it in this process."""
    return read_content(read_json(text))


def _spare_the_collector() -> None:
    """What stays as long as the rules do need not be looked at over and over, only what left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
