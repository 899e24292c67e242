"""A cache in Redis that may be slow, full, corrupt or gone: then it is a miss, never an error."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Mapping, Sequence

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.metrics import CACHE_DEGRADED

TIMEOUT_SECONDS = 0.05
LIFETIME_SECONDS = 24 * 3600
_FAILURES_TO_OPEN = 3
_LONGEST_PAUSE_SECONDS = 30.0
_CHECK = 8  # bytes of digest before each value


class Breaker:
    """Stops asking what keeps failing, and asks again after a pause that grows."""

    def __init__(self) -> None:
        self._failures = 0
        self._closed_from = 0.0

    def allows(self) -> bool:
        """Whether it is worth asking now."""
        return time.monotonic() >= self._closed_from

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        beyond = self._failures - _FAILURES_TO_OPEN
        if beyond >= 0:
            pause = min(2.0 ** min(beyond, 10), _LONGEST_PAUSE_SECONDS)
            self._closed_from = time.monotonic() + pause * random.uniform(0.5, 1)  # noqa: S311


class SharedCache:
    """Bytes by key in Redis, shared by workers and hosts."""

    def __init__(self, url: str | None) -> None:
        self._breaker = Breaker()
        self._redis = (
            redis.Redis.from_url(
                url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            if url
            else None
        )

    def get(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """The values that are there and whole."""
        if self._redis is None or not keys or not self._breaker.allows():
            return {}
        try:
            values = self._redis.mget(keys)
        except (redis.RedisError, OSError) as error:
            self._note_failure(error)
            return {}
        self._breaker.succeeded()
        whole = {}
        for key, value in zip(keys, values, strict=False):
            if isinstance(value, bytes) and value[:_CHECK] == _check(key, value[_CHECK:]):
                whole[key] = value[_CHECK:]
            elif value is not None:
                CACHE_DEGRADED.labels("corrupt").inc()
        return whole

    def put(self, values: Mapping[str, bytes]) -> None:
        """Keeps the values for a day, if Redis takes them."""
        if self._redis is None or not values or not self._breaker.allows():
            return
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for key, value in values.items():
                    pipeline.set(key, _check(key, value) + value, ex=LIFETIME_SECONDS)
                pipeline.execute()
        except (redis.RedisError, OSError) as error:
            self._note_failure(error)
            return
        self._breaker.succeeded()

    def answers(self) -> bool:
        """Whether Redis answers now, for /readyz."""
        if self._redis is None:
            return False
        try:
            return bool(self._redis.ping())
        except (redis.RedisError, OSError):
            return False

    def _note_failure(self, error: Exception) -> None:
        self._breaker.failed()
        CACHE_DEGRADED.labels(type(error).__name__).inc()


def _check(key: str, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_CHECK, key=key.encode()[:64]).digest()
