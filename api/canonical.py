"""One way to write a value as bytes, so that its digest means the same everywhere.

Canonical JSON: UTF-8, object keys sorted by code point, no white space, numbers in the shortest
fixed notation (never an exponent, no trailing zeros), dates as ISO 8601. Decimals keep every digit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


def fixed_notation(number: Decimal) -> str:
    """The shortest decimal text without an exponent: `1E+2` is `100`, `0.10` is `0.1`, `-0` is `0`.

    Raises ValueError for NaN and infinities.
    """
    if not number.is_finite():
        raise ValueError(f"not a finite number: {number}")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _write(value: Any, out: list[str]) -> None:
    if value is None:
        out.append("null")
    elif value is True:
        out.append("true")
    elif value is False:
        out.append("false")
    elif isinstance(value, str):
        out.append(json.dumps(value, ensure_ascii=False))
    elif isinstance(value, int):
        out.append(str(value))
    elif isinstance(value, Decimal):
        out.append(fixed_notation(value))
    elif isinstance(value, date) and not isinstance(value, datetime):
        out.append(f'"{value.isoformat()}"')
    elif isinstance(value, Mapping):
        out.append("{")
        for position, key in enumerate(sorted(value)):
            out.append("," if position else "")
            out.append(json.dumps(key, ensure_ascii=False))
            out.append(":")
            _write(value[key], out)
        out.append("}")
    elif isinstance(value, (list, tuple)):
        out.append("[")
        for position, item in enumerate(value):
            out.append("," if position else "")
            _write(item, out)
        out.append("]")
    else:
        raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_json(value: Any) -> bytes:
    """The canonical bytes of a JSON-like value (str, int, Decimal, bool, None, date, list, dict).

    Raises TypeError for anything else, binary floats included, and ValueError for NaN.
    """
    out: list[str] = []
    _write(value, out)
    return "".join(out).encode()


def read_json(text: str | bytes) -> Any:
    """JSON as Python values with exact decimals.

    Raises ValueError when malformed, not finite, or when a key stands twice in one object. A number
    too large even for a decimal is infinite.
    """
    return json.loads(
        text, parse_float=_exact, parse_constant=_refuse, object_pairs_hook=_once_each
    )


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a number")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n]))
        raise ValueError(f"`{twice}` stands twice in one object")
    return found


def digest(data: bytes) -> str:
    """`sha256:` and the hexadecimal SHA-256 of the bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
