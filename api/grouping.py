"""Work of concurrent requests, done together: whoever comes first does it for all who come soon."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Done = TypeVar("Done")

_PATIENCE_SECONDS = 0.002


def yield_thread() -> None:
    """Gives way to other threads once."""
    time.sleep(0)


class _Waiting(Generic[Asked, Done]):
    """One request that waits: until it is done, or until it is its turn to do the work."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.woken = threading.Event()
        self.done: Done | Exception | None = None


class Together(Generic[Asked, Done]):
    """Does in groups what costs as much for many as for one. Safe to share between threads.

    As many as came last time are expected again, but not waited for longer than 2 ms: who comes
    alone waits for nobody.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Done | Exception]],
        most: int,
        let_others_join: Callable[[], None] = yield_thread,
    ) -> None:
        """`work` does it for at most `most` and gives, in order, what came of each.

        `let_others_join` gives way to requests that are here already, for a bounded moment.
        """
        self._work = work
        self._most = most
        self._let_others_join = let_others_join
        self._waiting: deque[_Waiting[Asked, Done]] = deque()
        self._expected = 1
        self._enough = threading.Event()
        self._led = False
        self._turn = threading.Lock()

    def do(self, asked: Asked) -> Done:
        """Has it done. Raises what the work raised, or gave for this one."""
        entry: _Waiting[Asked, Done] = _Waiting(asked)
        with self._turn:
            self._waiting.append(entry)
            leads, self._led = not self._led, True
            if len(self._waiting) >= self._expected:
                self._enough.set()
        if not leads:
            entry.woken.wait()
        if entry.done is None:
            self._lead()
        if isinstance(entry.done, Exception):
            raise entry.done
        assert entry.done is not None  # the leader's own is among the first
        return entry.done

    def _lead(self) -> None:
        """Does one group, and has the first of those who came meanwhile do the next."""
        try:
            self._let_others_join()
            self._enough.wait(_PATIENCE_SECONDS)
        finally:
            with self._turn:
                group = [
                    self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))
                ]
                self._expected = len(group)
            try:
                self._do(group)
            finally:
                with self._turn:
                    self._led = bool(self._waiting)
                    if len(self._waiting) < self._expected:
                        self._enough.clear()
                    if self._led:
                        self._waiting[0].woken.set()

    def _do(self, group: Sequence[_Waiting[Asked, Done]]) -> None:
        outcomes: Sequence[Done | Exception] = ()
        failed: Exception = RuntimeError("the request that worked for this one was ended")
        try:
            outcomes = self._work([entry.asked for entry in group])
        except Exception as error:
            failed = error
        finally:
            for number, entry in enumerate(group):
                entry.done = outcomes[number] if number < len(outcomes) else failed
                entry.woken.set()
