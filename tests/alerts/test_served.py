"""A served shipment with a red flag reaches the security desk, also after it was down."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from tests.alerts.receiver import Receiver, status, wait_until
from tests.conftest import Server, propose


def post(server: Server, consignee: str) -> dict[str, Any]:
    request = propose()
    request["parties"][1]["name"] = consignee
    asked = urllib.request.Request(
        f"{server.url}/v1/evaluations",
        json.dumps(request).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {server.key()}"},
    )
    with urllib.request.urlopen(asked, timeout=10) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def metric(server: Server, name: str) -> float:
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as response:
        lines = response.read().decode().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


def test_a_red_flag_is_heard_of_within_seconds(
    serve: Callable[..., Server], receive: Callable[..., Receiver]
) -> None:
    desk = receive()
    server = serve(LODESTONE_ALERT_WEBHOOKS=desk.url)
    post(server, "Rhein GmbH")
    answer = post(server, "General Dynamics")

    wait_until(lambda: bool(desk.received), 10)

    (received,) = desk.received
    assert received.is_genuine((server.home / "keys" / "webhook.secret").read_text().strip())
    told = json.loads(received.body)
    assert told["type"] == "red_flag.high"
    assert told["data"]["decision"] == answer["id"]
    assert told["data"]["rule"] == "party-on-control-list"
    assert "General Dynamics" in told["data"]["message"]


def test_none_is_lost_when_the_desk_is_down(
    serve: Callable[..., Server], receive: Callable[..., Receiver]
) -> None:
    desk = receive(status(503))
    server = serve(LODESTONE_ALERT_WEBHOOKS=desk.url)
    decisions = {post(server, "General Dynamics")["id"] for _ in range(3)}
    wait_until(lambda: len(desk.received) >= 3, 10)
    assert metric(server, "lodestone_alerts_pending") == 3

    desk.answer = status(204)

    wait_until(lambda: metric(server, "lodestone_alerts_pending") == 0, 20)
    assert {json.loads(r.body)["data"]["decision"] for r in desk.received} == decisions
