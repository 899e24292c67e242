"""How numbers and bytes stand in the texts of C2SP: in one way only, so that no byte is free."""

from __future__ import annotations

import base64
import binascii
import re

from api.log.errors import Malformed

LARGEST_NUMBER = 2**63 - 1
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def write_base64(data: bytes) -> str:
    """Standard base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def read_base64(text: str, what: str, length: int | None = None) -> bytes:
    """The bytes; `what` names them in the error.

    Raises Malformed for another alphabet, missing padding, stray bits or another length.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"{what} is not base64: `{text}`") from None
    if write_base64(data) != text:
        raise Malformed(f"{what} is not base64 in its shortest form: `{text}`")
    if length is not None and len(data) != length:
        raise Malformed(f"{what} has {len(data)} bytes, not {length}")
    return data


def read_number(text: str, what: str) -> int:
    """A whole number without leading zeros. Raises Malformed for anything else."""
    if not _NUMBER.fullmatch(text) or int(text) > LARGEST_NUMBER:
        raise Malformed(f"{what} is not a number from 0 to {LARGEST_NUMBER}: `{text}`")
    return int(text)


def read_utf8(data: bytes, what: str) -> str:
    """The text. Raises Malformed when it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"{what} is not UTF-8 at byte {error.start}") from None
