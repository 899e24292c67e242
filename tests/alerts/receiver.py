"""A security desk's receiver on the loopback, and the clock and alerts to try it with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from api.alerts.outbox import Alert, red_flag

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def sent_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)

    def is_genuine(self, secret: str = SECRET) -> bool:
        """By the library; for a clock far from the present, which it refuses, by its signature."""
        webhook = Webhook(secret)
        if abs((self.sent_at - datetime.now(UTC)).total_seconds()) < 240:
            webhook.verify(self.body, self.headers)
            return True
        signature = webhook.sign(self.id, self.sent_at, self.body.decode())
        return self.headers["webhook-signature"] == signature


Answer = Callable[[BaseHTTPRequestHandler, Received], None]


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _: Received) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


accept = status(204)


def close(handler: BaseHTTPRequestHandler, _: Received) -> None:
    handler.connection.close()
    handler.close_connection = True


class Receiver:
    """Counts every request, then answers as `answer` says."""

    def __init__(self, answer: Answer = accept) -> None:
        self.answer = answer
        self.received: list[Received] = []
        self._port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/hook?desk=1"

    @property
    def ids(self) -> list[str]:
        return [received.id for received in self.received]

    def up(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(headers, body)
                receiver.received.append(received)
                with suppress(OSError):
                    receiver.answer(self, received)

            do_GET = do_POST  # noqa: N815 - what a followed redirect would come as

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self) -> None:
        """Refuses connections until it is up again at the same port."""
        self._server.shutdown()
        self._server.socket.close()


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def alerts(count: int) -> list[Alert]:
    return [red_flag(datetime.now(UTC), {"line": n, "why": "红旗"}) for n in range(count)]


def wait_until(check: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)
