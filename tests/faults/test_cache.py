"""Redis slow, full, corrupt or gone costs time, never an answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from api.cache import SharedCache
from api.embedded_redis import EmbeddedRedis
from tests.conftest import Api, propose


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    embedded = EmbeddedRedis(tmp_path / "redis")
    yield embedded
    embedded.stop()


def ask(api: Api, number: int) -> str:
    answer = api.post(propose({"description": f"Antimony ingots, lot {number}"}))
    assert answer.status_code == 201
    return str(answer.json["disposition"])


def test_values_are_shared_and_read_back(own_redis: EmbeddedRedis) -> None:
    url = own_redis.start()
    SharedCache(url).put({"a": b"1", "b": b"2"})
    assert SharedCache(url).get(["a", "b", "c"]) == {"a": b"1", "b": b"2"}


def test_a_second_worker_finds_what_the_first_computed(
    new_api: Callable[..., Api], own_redis: EmbeddedRedis
) -> None:
    url = own_redis.start()
    assert ask(new_api(redis_url=url), 1) == "licence_required"
    client = redis.Redis.from_url(url)
    keys = client.keys("lodestone:*:sha256:*")
    assert len(keys) == 1
    before = client.info("stats")["keyspace_hits"]
    assert ask(new_api(redis_url=url), 1) == "licence_required"
    assert client.info("stats")["keyspace_hits"] == before + 1


def test_a_killed_redis_changes_no_answer(
    new_api: Callable[..., Api], own_redis: EmbeddedRedis
) -> None:
    api = new_api(redis_url=own_redis.start())
    assert ask(api, 1) == "licence_required"
    assert own_redis._process is not None
    own_redis._process.kill()
    own_redis._process.wait()
    started = time.perf_counter()
    assert {ask(api, n) for n in range(2, 22)} == {"licence_required"}
    assert time.perf_counter() - started < 10
    assert api.client.get("/readyz").json["redis"] == "degraded"
    assert api.client.get("/readyz").status_code == 200
    assert b"lodestone_cache_degraded_total" in api.client.get("/metrics").data


def test_the_breaker_stops_asking_a_redis_that_hangs() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    held: list[socket.socket] = []
    threading.Thread(
        target=lambda: [held.append(listener.accept()[0]) for _ in range(8)], daemon=True
    ).start()
    cache = SharedCache(f"redis://127.0.0.1:{listener.getsockname()[1]}")
    started = time.perf_counter()
    for n in range(200):
        assert cache.get([f"k{n}"]) == {}
    assert time.perf_counter() - started < 3
    listener.close()


def test_a_full_redis_is_read_but_not_written(own_redis: EmbeddedRedis) -> None:
    url = own_redis.start()
    client = redis.Redis.from_url(url)
    cache = SharedCache(url)
    cache.put({"a": b"1"})
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")
    cache.put({"b": b"2"})
    assert cache.get(["a", "b"]) == {"a": b"1"}


@pytest.mark.parametrize("garbage", [b"", b"x", b"\x00" * 50, b'{"entries": []}'])
def test_a_corrupt_value_is_a_miss(
    new_api: Callable[..., Api], own_redis: EmbeddedRedis, garbage: bytes
) -> None:
    url = own_redis.start()
    ask(new_api(redis_url=url), 1)
    client = redis.Redis.from_url(url)
    for key in client.keys("lodestone:*"):
        client.set(key, garbage)
    assert ask(new_api(redis_url=url), 1) == "licence_required"


def test_a_value_of_the_wrong_kind_is_a_miss(own_redis: EmbeddedRedis) -> None:
    url = own_redis.start()
    redis.Redis.from_url(url).rpush("a", "1")
    assert SharedCache(url).get(["a"]) == {}
