"""One alert over HTTP, signed after the Standard Webhooks specification."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from urllib.error import URLError
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from standardwebhooks import Webhook

Post = Callable[[str, bytes, Mapping[str, str], float], int]


def headers_of(secret: str, alert: str, payload: bytes, now: datetime) -> dict[str, str]:
    """The headers of an attempt to send the alert (its id) at `now`."""
    now = now.astimezone(UTC)  # the library takes any instant's digits for UTC
    return {
        "content-type": "application/json",
        "user-agent": "lodestone",
        "webhook-id": alert,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(alert, now, payload.decode()),
    }


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
    """Posts and gives the status, whatever it is; redirects are not followed.

    `seconds` bound each wait for the network. Raises OSError or HTTPException for no answer.
    """
    request = Request(url, body, dict(headers), method="POST")  # noqa: S310 - http and https only
    with _opener().open(request, timeout=seconds) as response:
        return int(response.status)


def why(error: Exception) -> str:
    """Why there was no answer, without the URL."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return cause if isinstance(cause, str) else type(cause).__name__


# Made at first use, after gevent has replaced parts of `ssl`. Not with requests: it keeps the class
# it found when imported, and every https attempt of a worker would end in a RecursionError.
@cache
def _opener() -> OpenerDirector:
    opener = OpenerDirector()
    # Nothing here follows redirects or makes errors of statuses.
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
    ):
        opener.add_handler(handler)
    return opener
