"""What single values of a request must be. Both ways of reading a request ask here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from api.rulebook.vocabulary import ELEMENTS
from api.web.faults import Fault

NAME, TEXT, SHORT, REFERENCE = 10_000, 4_000, 300, 200
LARGEST = Decimal(10) ** 12
DIGITS = 24
HUNDRED = Decimal(100)
MOST_LINES, MOST_PARTIES, MOST_ITEMS, OWNER_LEVELS = 1000, 100, 100, 10
MOST_COUNT = 2**31 - 1

COUNTRIES = frozenset(
    (
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
        "BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ "
        "DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP "
        "GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG "
        "KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
        "MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
        "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL "
        "SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM "
        "US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
    ).split()
)

_HS_CODE = re.compile(r"(\d{6}|\d{8}|\d{10})", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


def text_fault(text: str, most: int) -> Fault | None:
    """A text of 1 to `most` characters without control characters (line breaks and tabs aside)."""
    if not 1 <= len(text) <= most:
        return Fault("length", value=len(text), most=most)
    if text.isprintable():
        return None
    if any((ord(c) < 32 and c not in "\n\r\t") or 127 <= ord(c) < 160 for c in text):
        return Fault("characters")
    if any(0xD800 <= ord(c) < 0xE000 for c in text):
        return Fault("characters")
    return None


def number_fault(number: Decimal, least: Decimal, most: Decimal) -> Fault | None:
    """A finite number of at most DIGITS digits between the ends."""
    if not number.is_finite():
        return Fault("finite", value=number)
    parts = number.as_tuple()
    if len(parts.digits) > DIGITS or abs(int(parts.exponent)) > DIGITS:
        return Fault("digits", most=DIGITS)
    if not least <= number <= most:
        return Fault("range", value=number, least=f"{least:f}", most=f"{most:f}")
    return None


def country_fault(code: str) -> Fault | None:
    """An ISO 3166-1 alpha-2 code."""
    return None if code in COUNTRIES else Fault("country", value=code)


def hs_code_fault(code: str) -> Fault | None:
    """6, 8 or 10 digits."""
    return None if _HS_CODE.fullmatch(code) else Fault("hs_code", value=code)


def currency_fault(code: str) -> Fault | None:
    """Three capital letters."""
    return None if _CURRENCY.fullmatch(code) else Fault("currency", value=code)


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
