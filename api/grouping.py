"""Work of concurrent requests, done together: whoever comes first does it for all who wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Done = TypeVar("Done")


def yield_thread() -> None:
    """Gives way to other threads once."""
    time.sleep(0)


class _Waiting(Generic[Asked, Done]):
    """One request that waits, and what came of it."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.done: Done | Exception | None = None


class Together(Generic[Asked, Done]):
    """Does in groups what costs as much for many as for one. Safe to share between threads."""

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Done | Exception]],
        most: int,
        let_others_join: Callable[[], None] = yield_thread,
    ) -> None:
        """`work` does it for at most `most` and gives, in order, what came of each.

        `let_others_join` gives way to concurrent requests for a bounded moment.
        """
        self._work = work
        self._most = most
        self._let_others_join = let_others_join
        self._waiting: deque[_Waiting[Asked, Done]] = deque()
        self._working = threading.Lock()

    def do(self, asked: Asked) -> Done:
        """Has it done. Raises what the work raised, or gave for this one."""
        entry = _Waiting[Asked, Done](asked)
        self._waiting.append(entry)
        with self._working:
            if entry.done is None:
                self._let_others_join()
            while entry.done is None:
                self._do_group()
        if isinstance(entry.done, Exception):
            raise entry.done
        return entry.done

    def _do_group(self) -> None:
        group: list[_Waiting[Asked, Done]] = []
        while self._waiting and len(group) < self._most:
            group.append(self._waiting.popleft())
        try:
            outcomes = self._work([entry.asked for entry in group])
        except Exception as error:
            for entry in group:
                entry.done = error
            return
        for entry, outcome in zip(group, outcomes, strict=True):
            entry.done = outcome
