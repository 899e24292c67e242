"""The server: gunicorn with gevent workers, and the Redis that lives and dies with it."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import socket
import threading
from dataclasses import replace
from typing import IO, Any

import gevent

from api.embedded_redis import EmbeddedRedis, RedisUnavailable
from api.errors import SettingsError
from api.logs import configure, log
from api.settings import Settings

_GRACE_SECONDS = 10
_LONGEST_WAIT_SECONDS = 0.005


def serve(settings: Settings) -> None:
    """Serves until told to stop. Raises SettingsError when the port is taken."""
    configure()
    _refuse_taken_port(settings)
    home = _claim_home(settings)
    master = os.getpid()
    metrics = settings.home / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True, exist_ok=True)
    # Read when prometheus_client is first imported, which is below.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    from api.app import first_start

    first_start(settings)
    redis = None
    if settings.redis_url is None:
        redis = EmbeddedRedis(settings.home)
        try:
            settings = replace(settings, redis_url=redis.start())
        except RedisUnavailable as error:
            log("redis_unavailable", level=logging.WARNING, why=str(error))
    try:
        _gunicorn(settings, home).run()
    finally:
        # A worker that ends comes by here too, and Redis is not its to stop.
        if os.getpid() == master:
            if redis is not None:
                redis.stop()
            home.close()


def _claim_home(settings: Settings) -> IO[str]:
    """Keeps a second service out of this home, for as long as this process lives.

    Raises SettingsError when there is one.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = (settings.home / "service.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise SettingsError(
            f"LODESTONE_HOME: another service is running in {settings.home}"
        ) from error
    return lock


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"PORT: cannot listen on {settings.host}:{settings.port}: {error.strerror}"
            ) from error


def _gunicorn(settings: Settings, home: IO[str]) -> Any:
    from gunicorn.app.base import BaseApplication

    class Service(BaseApplication):
        def load_config(self) -> None:
            for name, value in {
                "bind": f"{settings.host}:{settings.port}",
                "workers": settings.workers,
                "worker_class": "gevent",
                "worker_connections": 1000,
                "keepalive": 30,
                "timeout": 60,
                "graceful_timeout": _GRACE_SECONDS,
                "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108
                "limit_request_line": 8190,
                "control_socket_disable": True,
                # Nothing is read of what proxies add: everybody is believed nothing, which is
                # quicker than looking whom to believe.
                "forwarded_allow_ips": "*",
                "secure_scheme_headers": {},
                "forwarder_headers": "",
                "proc_name": "lodestone",
                # The master's alone: workers may outlive a killed one for a moment.
                "post_fork": lambda _, __: home.close(),
                "post_worker_init": lambda _: _deliver_alerts(settings),
                "child_exit": _child_exit,
                "when_ready": _when_ready,
                "logger_class": _Logger,
            }.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            from api.app import create_app

            return create_app(settings, let_others_join=_let_requests_join)

    return Service()


def _deliver_alerts(settings: Settings) -> None:
    """Sends alerts from this worker, unless another one of this home does."""
    if not settings.alert_webhooks:
        return
    from api.alerts.delivery import Dispatcher
    from api.alerts.secret import webhook_secret
    from api.instants import now
    from api.store.database import Database

    dispatcher = Dispatcher(
        Database(settings.database_url),
        settings.alert_webhooks,
        webhook_secret(settings.home),
        now,
        settings.home / "alerts.lock",
    )
    # It ends with the worker: what is half sent is sent again by the next one.
    threading.Thread(target=dispatcher.run, args=(threading.Event(),), daemon=True).start()


def _let_requests_join() -> None:
    """Until no request is ready to run, so that one group serves all that are; 5 ms at most."""
    with gevent.Timeout(_LONGEST_WAIT_SECONDS, False):
        gevent.idle()


class _Logger:
    """Gunicorn's log calls, into ours."""

    def __init__(self, cfg: Any) -> None:
        self.cfg = cfg  # read at a reload
        self.error_log = self.access_log = logging.getLogger("gunicorn")
        self.error_log.setLevel(logging.WARNING)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.error_log, name)

    def access(self, *_: Any) -> None:
        """No access log: decisions are the record."""

    def reopen_files(self) -> None:
        """Standard error has nothing to reopen."""

    def close_on_exec(self) -> None:
        """Standard error is inherited on purpose."""


def _when_ready(server: Any) -> None:
    log("serving", address=f"http://{server.address[0][0]}:{server.address[0][1]}")


def _child_exit(_: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
