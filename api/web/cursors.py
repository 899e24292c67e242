"""Where the next page begins, in words that only this service makes and only for these filters."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping

from api.canonical import canonical_json
from api.web.faults import Fault
from api.web.problems import Refused

Hash = Callable[[bytes], bytes]

_INDEX, _MAC = 8, 16


def cursor(below: int, filters: Mapping[str, str], keyed: Hash) -> str:
    """The cursor for what lies below an index, under these filters."""
    index = below.to_bytes(_INDEX, "big")
    return base64.urlsafe_b64encode(index + _mac(index, filters, keyed)).decode()


def below_of(text: str, filters: Mapping[str, str], keyed: Hash) -> int:
    """What the cursor says. Raises Refused with 400 for one made up or of other filters."""
    try:
        data = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        data = b""
    index, mac = data[:_INDEX], data[_INDEX:]
    if len(data) != _INDEX + _MAC or not hmac.compare_digest(mac, _mac(index, filters, keyed)):
        raise Refused(400, Fault("cursor"))
    return int.from_bytes(index, "big")


def _mac(index: bytes, filters: Mapping[str, str], keyed: Hash) -> bytes:
    return keyed(index + canonical_json(filters))[:_MAC]
