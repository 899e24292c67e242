"""Cosignatures: a witness's timestamped signature of a checkpoint (C2SP tlog-cosignature, Ed25519).

As a note signature it is 8 bytes of time, seconds since 1970 UTC, and 64 bytes of Ed25519.
"""

from __future__ import annotations

from api.log.errors import Malformed
from api.log.text import LARGEST_NUMBER

_TIME_BYTES = 8


def cosigned_message(checkpoint_text: bytes, time: int) -> bytes:
    """What a witness signs. Raises Malformed for a time outside 0 to 2**63 - 1."""
    if not 0 <= time <= LARGEST_NUMBER:
        raise Malformed(f"the time of a cosignature is 0 to {LARGEST_NUMBER} seconds, not {time}")
    return b"cosignature/v1\ntime %d\n%b" % (time, checkpoint_text)


def join_cosignature(time: int, signature: bytes) -> bytes:
    """The note signature of a cosignature."""
    return time.to_bytes(_TIME_BYTES, "big") + signature


def split_cosignature(cosignature: bytes) -> tuple[int, bytes]:
    """Its time and its Ed25519 signature."""
    return int.from_bytes(cosignature[:_TIME_BYTES], "big"), cosignature[_TIME_BYTES:]
