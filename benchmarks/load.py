"""A bounded load generator for loopback: keep-alive connections, requests prepared beforehand."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def answered(self) -> int | None:
        """The status once a whole answer is here, else None."""
        self.received += self.socket.recv(65_536)
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        length = int(lower[at : lower.find(b"\r\n", at) if b"\r\n" in lower[at:] else None])
        if len(body) < length:
            return None
        self.received = body[length:]
        return int(head[9:12])


def requests_a_second(
    port: int, requests: Sequence[bytes], status: int, seconds: float, connections: int = 32
) -> float:
    """Answers a second with all connections busy. Raises AssertionError for another status."""
    selector = selectors.DefaultSelector()
    opened = [_Connection(port) for _ in range(connections)]
    sent = 0
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.socket.sendall(requests[sent % len(requests)])
        sent += 1
    count = 0
    started = time.perf_counter()
    until = started + seconds
    while (present := time.perf_counter()) < until:
        for key, _ in selector.select(0.5):
            got = key.data.answered()
            if got is None:
                continue
            if got != status:
                raise AssertionError(f"answered {got}, not {status}")
            count += 1
            key.data.socket.sendall(requests[sent % len(requests)])
            sent += 1
    elapsed = present - started
    for connection in opened:
        connection.socket.close()
    return count / elapsed
