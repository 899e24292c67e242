"""What single values of a request must be. Both ways of reading a request ask here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from api.invisible import misleads
from api.iso import COUNTRIES, CURRENCIES
from api.rulebook.vocabulary import ELEMENTS
from api.shipment import Dimensions
from api.web.faults import Fault

NAME, TEXT, SHORT, REFERENCE = 10_000, 4_000, 300, 200
LARGEST = Decimal(10) ** 12
DIGITS = 24
# Scales and rounding explain so much; a net mass still further above the gross one is impossible.
NET_OVER_GROSS = Decimal("1.01")
HUNDRED = Decimal(100)
MOST_LINES, MOST_PARTIES, MOST_ITEMS, OWNER_LEVELS = 1000, 100, 100, 10
# Of all parties of a request together, at every level: each is screened.
MOST_OWNERS = 500
MOST_COUNT = 2**31 - 1

_HS_CODE = re.compile(r"(\d{6}|\d{8}|\d{10})", re.ASCII)
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


def text_fault(text: str, most: int) -> Fault | None:
    """A text of 1 to `most` characters without control characters (line breaks and tabs aside).

    Blanks alone are no text, and none shows other letters than it has.
    """
    if not 1 <= len(text) <= most or text.isspace():
        return Fault("length", value=len(text.strip()), most=most)
    if text.isprintable():
        return None
    if any((ord(c) < 32 and c not in "\n\r\t") or 127 <= ord(c) < 160 for c in text):
        return Fault("characters")
    if any(0xD800 <= ord(c) < 0xE000 for c in text):
        return Fault("characters")
    return Fault("misleading") if misleads(text) else None


def number_fault(
    number: Decimal, least: Decimal, most: Decimal, *, zero: bool = True
) -> Fault | None:
    """A finite number of at most DIGITS digits between the ends, and perhaps not zero."""
    if not number.is_finite():
        return Fault("finite", value=number)
    parts = number.as_tuple()
    if len(parts.digits) > DIGITS or abs(int(parts.exponent)) > DIGITS:
        return Fault("digits", most=DIGITS)
    if not least <= number <= most:
        return Fault("range", value=number, least=f"{least:f}", most=f"{most:f}")
    return None if zero or number else Fault("zero")


def description_fault(text: str) -> Fault | None:
    """A description has at least one letter or digit."""
    return None if any(c.isalnum() for c in text) else Fault("says_nothing")


def sizes_fault(sizes: Dimensions) -> tuple[str, Fault] | None:
    """Which size cannot be: a bore as wide as the piece, walls thicker than it."""
    outer, bore, wall = sizes.diameter, sizes.inner_diameter, sizes.wall
    if outer is not None and bore is not None and bore >= outer:
        return "inner_diameter", Fault("bore", value=bore, most=outer)
    if outer is not None and wall is not None and 2 * wall > outer:
        return "wall", Fault("wall", value=wall, most=outer)
    return None


def country_fault(code: str) -> Fault | None:
    """An ISO 3166-1 alpha-2 code."""
    return None if code in COUNTRIES else Fault("country", value=code)


def hs_code_fault(code: str) -> Fault | None:
    """6, 8 or 10 digits."""
    return None if _HS_CODE.fullmatch(code) else Fault("hs_code", value=code)


def currency_fault(code: str) -> Fault | None:
    """An ISO 4217 code."""
    return None if code in CURRENCIES else Fault("currency", value=code)


def element_fault(symbol: str) -> Fault | None:
    """The symbol of a chemical element."""
    return None if symbol in ELEMENTS else Fault("element", value=symbol)


def property_fault(name: str) -> Fault | None:
    """The name of a measurement."""
    return None if _PROPERTY.fullmatch(name) else Fault("property_name", value=name)


def sum_fault(shares: Iterable[Decimal], kind: str) -> Fault | None:
    """Shares of one whole add up to 100 % at most."""
    total = sum(shares, Decimal(0))
    return Fault(kind, value=total) if total > HUNDRED else None


def first_repeated(values: Iterable[object]) -> tuple[int, object] | None:
    """Position and value of the first that stands twice."""
    seen: set[object] = set()
    for position, value in enumerate(values):
        if value in seen:
            return position, value
        seen.add(value)
    return None
