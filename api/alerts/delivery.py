"""Sends the alerts of the outbox to every endpoint, again and again until each has them."""

from __future__ import annotations

import fcntl
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from api.alerts.endpoints import origin
from api.alerts.outbox import Due, Outcome, due, record
from api.alerts.sending import Post, headers_of, post, why
from api.instants import Clock, rfc3339
from api.logs import LOGGER, log
from api.store.database import Database

TIMEOUT_SECONDS = 10.0
WAITS_SECONDS = (1, 5, 30, 120, 600, 3600, *[6 * 3600] * 28)
"""Between one attempt and the next: seven days and more, then it is given up and kept."""

_JITTER = 0.2  # waits are longer by up to this share, never shorter
_POLL_SECONDS = 0.5
_TURN_SECONDS = 2.0
_AT_ONCE = 4  # small servers let five connections wait: more would stall for seconds
_MOST_A_PASS = 256
_GONE = 410
_MARGIN_SECONDS = 0.5


class Dispatcher:
    """Delivers at least once: receivers tell repeats by their webhook-id.

    No transaction is open while it waits for the network.
    """

    def __init__(
        self,
        database: Database,
        endpoints: Sequence[str],
        secret: str,
        clock: Clock,
        lock_file: Path,
        post: Post = post,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """`lock_file` is the same for every process of a home."""
        self._database = database
        self._endpoints = tuple(dict.fromkeys(endpoints))
        self._secret = secret
        self._clock = clock
        self._lock_file = lock_file
        self._post = post
        self._timeout = timeout_seconds
        self._unwritten: dict[str, list[Outcome]] = {}
        self._senders: dict[str, list[threading.Thread]] = {}

    def deliver_due(self) -> int:
        """One pass over all endpoints, side by side; gives how many deliveries succeeded.

        At most 256 alerts an endpoint, and no more to one where some failed. For one process at a
        time. Raises CannotDecide when the database is away, after the other endpoints' turn.
        """
        results: list[int | Exception] = []
        stop = threading.Event()

        def deliver(endpoint: str) -> None:
            try:
                results.append(self._pass(endpoint, stop))
            except Exception as error:
                results.append(error)

        for thread in [_start(deliver, endpoint) for endpoint in self._endpoints]:
            thread.join()
        for result in results:
            if isinstance(result, Exception):
                raise result
        return sum(result for result in results if isinstance(result, int))

    def run(self, stop: threading.Event) -> None:
        """Delivers until `stop` is set, in one process of a home at a time.

        No exception ends it. Returns at once when there are no endpoints.
        """
        while self._endpoints and not stop.is_set():
            try:
                # The kernel lets go of it when this process dies. Not to be held across a fork.
                with self._lock_file.open("a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._work(stop)
            except BlockingIOError:
                pass  # another process delivers
            except Exception:
                _log_failure()
            stop.wait(_TURN_SECONDS)

    def _work(self, stop: threading.Event) -> None:
        """A thread an endpoint, so that none waits for another."""
        threads: dict[str, threading.Thread] = {}
        while not stop.is_set():
            for endpoint in self._endpoints:
                if endpoint not in threads or not threads[endpoint].is_alive():
                    threads[endpoint] = _start(self._attend, endpoint, stop)
            stop.wait(_TURN_SECONDS)
        _join(list(threads.values()), self._timeout + _MARGIN_SECONDS)

    def _attend(self, endpoint: str, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._pass(endpoint, stop)
                stop.wait(_POLL_SECONDS)
            except Exception:
                _log_failure(endpoint=origin(endpoint))
                stop.wait(_TURN_SECONDS)

    def _pass(self, endpoint: str, stop: threading.Event) -> int:
        delivered = 0
        for _ in range(_MOST_A_PASS // _AT_ONCE):
            outcomes = self._deliver_some(endpoint)
            succeeded = sum(outcome.delivered_at is not None for outcome in outcomes)
            delivered += succeeded
            if not outcomes or succeeded < len(outcomes) or stop.is_set():
                break
        return delivered

    def _deliver_some(self, endpoint: str) -> list[Outcome]:
        """Sends what is due, a few at once, and notes what came of it."""
        if endpoint in self._unwritten:  # the database was away: not to be sent again for that
            self._write(endpoint)
        hanging = [sender for sender in self._senders.get(endpoint, ()) if sender.is_alive()]
        with self._database.reading() as connection:
            alerts = due(connection, endpoint, self._milliseconds(), _AT_ONCE - len(hanging))
        if not alerts:
            return []
        answers: dict[int, int | str] = {}
        senders = [_start(self._send, endpoint, alert, answers) for alert in alerts]
        # The socket's timeout bounds each wait; a receiver that drips never reaches it.
        _join(senders, self._timeout + _MARGIN_SECONDS)
        self._senders[endpoint] = hanging + senders
        outcomes = [self._outcome(alert, answers.get(alert.number)) for alert in alerts]
        _log_failed(endpoint, alerts, outcomes)
        self._unwritten[endpoint] = outcomes
        self._write(endpoint)
        return outcomes

    def _send(self, endpoint: str, alert: Due, answers: dict[int, int | str]) -> None:
        try:
            headers = headers_of(self._secret, alert.id, alert.payload, self._clock())
            answers[alert.number] = self._post(endpoint, alert.payload, headers, self._timeout)
        except Exception as error:
            answers[alert.number] = why(error)

    def _outcome(self, alert: Due, answer: int | str | None) -> Outcome:
        """`answer` is a status, why there was none, or None when it took too long."""
        attempts = alert.attempts + 1
        if isinstance(answer, int) and 200 <= answer < 300:
            return Outcome(alert.number, attempts, None, rfc3339(self._clock()), None)
        error = f"HTTP {answer}" if isinstance(answer, int) else answer or "no answer in time"
        next_attempt_at = None
        if answer != _GONE and attempts <= len(WAITS_SECONDS):
            wait = WAITS_SECONDS[attempts - 1] * random.uniform(1, 1 + _JITTER)  # noqa: S311
            next_attempt_at = self._milliseconds() + int(wait * 1000)
        return Outcome(alert.number, attempts, next_attempt_at, None, error)

    def _write(self, endpoint: str) -> None:
        with self._database.writing() as connection:
            record(connection, endpoint, self._unwritten[endpoint])
        del self._unwritten[endpoint]

    def _milliseconds(self) -> int:
        return int(self._clock().timestamp() * 1000)


def _start(target: Callable[..., None], *arguments: object) -> threading.Thread:
    # Daemons: a receiver that hangs must not keep a process from ending.
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def _join(threads: Sequence[threading.Thread], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _log_failed(endpoint: str, alerts: Sequence[Due], outcomes: Sequence[Outcome]) -> None:
    failed = [outcome.last_error for outcome in outcomes if outcome.last_error]
    if failed:
        log(
            "alerts_not_taken",
            level=logging.WARNING,
            endpoint=origin(endpoint),
            alerts=len(failed),
            why=failed[0],
        )
    for alert, outcome in zip(alerts, outcomes, strict=True):
        if outcome.delivered_at is None and outcome.next_attempt_at is None:
            log(
                "alert_undelivered",
                level=logging.ERROR,
                endpoint=origin(endpoint),
                alert=alert.id,
                attempts=outcome.attempts,
                why=outcome.last_error,
            )


def _log_failure(**fields: object) -> None:
    LOGGER.exception("alerts_failed", extra={"fields": fields})
