"""Replaying a whole log, or a time of it, on several processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from api.errors import CannotDecide
from api.registry import Registry
from api.replay.record import Records, Span
from api.replay.remembering import Remembering
from api.replay.replaying import Replayed, Replayer
from api.store.database import Database
from api.store.versions import Versions

_SPAN = 2_000
_AHEAD = 4  # spans a process that are handed out before they are wanted
_NEVER = float("inf")


@dataclass(frozen=True)
class Progress:
    """How many were replayed since the last one, and those of them to tell of."""

    replayed: int
    told: tuple[Replayed, ...]


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """What a process replays with: its own connections, versions and memory."""

    def __init__(self, database_url: str) -> None:
        database = Database(database_url)
        self._records = Records(database)
        self._replayer = Replayer(Registry(Versions(database), _NEVER), Remembering())

    def replay(self, span: Span) -> Progress:
        """Raises CannotDecide when the database is away."""
        count, different = 0, list[Replayed]()
        for record in self._records.of(span):
            count += 1
            replayed = self._replayer.replay(record)
            if not replayed.same:
                different.append(replayed)
        return Progress(count, tuple(different))


_worker: _Worker | None = None


def _start(database_url: str) -> None:
    global _worker
    _worker = _Worker(database_url)


def _replay(span: Span) -> Progress:
    assert _worker is not None  # made at the process's start
    return _worker.replay(span)


def replay_span(database_url: str, whole: Span, jobs: int) -> Iterator[Progress]:
    """Replays all of it, in no order; tells of what does not come out the same.

    Raises CannotDecide when the database is away.
    """
    if jobs == 1:
        yield from map(_Worker(database_url).replay, _parts(whole))
        return
    # Anew and not forked: no connection or lock of this process is another's.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(database_url,))
    parts = _parts(whole)
    try:
        running = set[Future[Progress]]()
        while True:
            for part in parts:
                running.add(pool.submit(_replay, part))
                if len(running) >= jobs * _AHEAD:
                    break
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    except BrokenProcessPool as error:
        raise CannotDecide("a process of the replay was ended from outside") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _parts(whole: Span) -> Iterator[Span]:
    for first in range(whole.first, whole.last + 1, _SPAN):
        yield whole._replace(first=first, last=min(first + _SPAN - 1, whole.last))
