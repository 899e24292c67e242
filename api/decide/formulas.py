"""Elements that a text writes as symbols: formulas, alloy designations, contents and purities.

A symbol by itself may be any abbreviation: watts and widths (W), an adapter for Europe (Eu), the
word "In". It counts beside other symbols, a form, a content or a purity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal

from api.rulebook.vocabulary import ELEMENTS

_NUMBER = r"\d+(?:[.,]\d+)?"
_SYMBOL = r"[A-Z][a-z]?"
_DASH = r"[-‐‑–/.·]"
_JOINED = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_NUMBER})?{_SYMBOL}(?:{_NUMBER})?"
    rf"(?:{_DASH}?(?:{_NUMBER})?{_SYMBOL}(?:{_NUMBER})?){{1,7}}(?![A-Za-z0-9])"
)
_BRACKETED = re.compile(r"\(((?:[A-Z][a-z]?[,.]?){2,4})\)(?=\d|[A-Z])")
_MIXTURE = re.compile(
    rf"(?<![A-Za-z0-9.])(?:{_NUMBER}{_SYMBOL}[ ,/-]*|{_SYMBOL}[ -]?{_NUMBER}%?[ ,/-]*){{2,8}}"
)
_SHARE_FIRST = re.compile(rf"({_NUMBER})({_SYMBOL})()")
_SHARE_LAST = re.compile(rf"()({_SYMBOL})[ -]?({_NUMBER})")
_JOINED_PART = re.compile(rf"({_NUMBER})?({_SYMBOL})({_NUMBER})?")
_LEAST_SUM = Decimal(90)
_NON_METALS = frozenset("H B C N O F Si P S Cl As Se Br Te I".split())
_BORIDE_OR_CARBIDE = frozenset("B C Si".split())


@dataclass(frozen=True)
class Formula:
    """Symbols written together, e.g. Sb2O3, Sn42Bi58, GdFe, W-Ni-Fe or 93W-4.9Ni-2.1Fe."""

    text: str
    elements: frozenset[str]
    shares: Mapping[str, Decimal] | None = None
    """Percent by element, where the figures add up to the whole."""

    @property
    def form(self) -> str | None:
        """What its elements make of it: an oxide, another compound, or an alloy."""
        others = self.elements & _NON_METALS
        if self.elements - {"O"} and "O" in others:
            return "oxide" if len(self.elements) == 2 else "compound"
        if others - _BORIDE_OR_CARBIDE:
            return "compound"
        return None if others else "alloy"


def formulas_in(text: str, form_words: Set[str]) -> Iterator[Formula]:
    """Every formula or alloy designation in the text."""
    spelt = _BRACKETED.sub(lambda found: re.sub("[,.]", "", found[1]), text)
    for found in _JOINED.finditer(spelt):
        parts = _JOINED_PART.findall(found[0])
        elements = frozenset(symbol for _, symbol, _ in parts)
        if elements <= ELEMENTS and len(elements) > 1 and _is_formula(found, parts, form_words):
            yield Formula(found[0], elements, _shares(parts))
    for found in _MIXTURE.finditer(spelt):
        order = _SHARE_FIRST if found[0][0].isdigit() else _SHARE_LAST
        shares = _shares(order.findall(found[0]))
        if shares is not None and len(shares) > 1 and shares.keys() <= ELEMENTS:
            yield Formula(found[0].strip(" ,/-"), frozenset(shares), shares)


def _shares(parts: list[tuple[str, str, str]]) -> dict[str, Decimal] | None:
    """The figures before or after each symbol, if they are percents of the whole."""
    shares = {symbol: Decimal((a or b or "0").replace(",", ".")) for a, symbol, b in parts}
    return shares if all(shares.values()) and _LEAST_SUM <= sum(shares.values()) <= 101 else None


def _is_formula(
    found: re.Match[str], parts: list[tuple[str, str, str]], form_words: Set[str]
) -> bool:
    """Whether joined symbols mean elements: "PIN", "12V-5W" and "W/O" are no compounds."""
    written = found[0]
    if any(len(symbol) > 1 for _, symbol, _ in parts):
        return True
    if parts[0][0]:
        return False
    plain = written.isalnum()
    if plain and any(after for _, _, after in parts):
        return True
    return not plain and "/" not in written and _form_follows(found, form_words)


def _form_follows(found: re.Match[str], form_words: Set[str]) -> bool:
    following = _WORD.match(found.string, found.end())
    return following is not None and _is_form(following[1], form_words)


_WORD = re.compile(r"\s+([^\W\d_]+)")
_TOKEN = re.compile(rf"[A-Za-z]+|{_NUMBER}N?|[^\sA-Za-z0-9]+")
_PURITY = re.compile(r"\dN\d?")
_FIGURE = re.compile(_NUMBER)
_PURE = Decimal(90)
_MOSTLY = Decimal(50)
_IN_ANY_CASE = frozenset(("sb", "SB", "dy", "DY", "tb", "TB", "lu", "LU", "ge", "ga"))
_HOLDING = frozenset(("with", "containing", "含", "掺", "avec", "contenant"))
_MASSES = frozenset(("g", "kg", "kgs", "MT", "吨", "公斤", "千克"))
_UNMISTAKABLE = frozenset(
    e for e in ELEMENTS if len(e) > 1 and e not in ("In", "As", "At", "No", "He", "Am", "Be")
)
_UNITS = frozenset("mm cm m in inch kg g v a w hz pcs x × * - /".split())


def symbols_in(text: str, form_words: Set[str]) -> Iterator[str]:
    """Symbols that stand for goods: beside a form, a content or a purity.

    "Sb ingot", "7N Ga", "Dy 2.1 %", "Te 99.999" and "W 99 rods", but not "W 1500 mm".
    """
    if text.strip() in ELEMENTS:
        yield text.strip()
    tokens = [*_TOKEN.findall(text), "", "", ""]
    for token, following, third in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token in _IN_ANY_CASE and _is_form(following, form_words):
            yield token.capitalize()
        elif token in ELEMENTS:
            if _tells_goods(token, following, third, form_words):
                yield token
        elif following in ELEMENTS and (
            _PURITY.fullmatch(token)
            or (following in _UNMISTAKABLE and (token in _MASSES or token.casefold() in _HOLDING))
        ):
            yield following


def _tells_goods(symbol: str, following: str, third: str, form_words: Set[str]) -> bool:
    if _is_form(following, form_words) or _PURITY.fullmatch(following):
        return True
    if not _FIGURE.fullmatch(following):
        return False
    mostly = _decimal(following) >= _MOSTLY and _is_form(third, form_words)
    return mostly or _is_content(symbol, following, third)


def _decimal(figure: str) -> Decimal:
    return Decimal(figure.replace(",", "."))


def _is_content(symbol: str, figure: str, following: str) -> bool:
    value = _decimal(figure)
    if value > 100:
        return False
    if following.startswith("%") or following.casefold() in ("wt", "pct", "percent"):
        return True
    exact = len(symbol) > 1 or not figure.isdigit()
    return exact and value >= _PURE and following.casefold() not in _UNITS


def _is_form(word: str, form_words: Set[str]) -> bool:
    if word.isascii():
        return word.casefold().removesuffix("s") in form_words
    return any(word.startswith(form) for form in form_words if not form.isascii())


_PERCENT = re.compile(r"(?<![\d.,])(\d{2,3}(?:[.,]\d+)?)\s*%")
_NINES = re.compile(r"(?<![A-Za-z0-9.])([2-9])N([1-9])?(?![A-Za-z0-9])")


def purities_in(text: str) -> Iterator[Decimal]:
    """Percents of 90 and more, and counts of nines ("4N5" is 99.995 %)."""
    for figure in _PERCENT.findall(text):
        percent = _decimal(figure)
        if _PURE <= percent <= 100:
            yield percent
    for nines, last in _NINES.findall(text):
        digits = "9" * int(nines) + last
        yield Decimal(f"{digits[:2]}.{digits[2:]}" if len(digits) > 2 else digits)


def by_elements(names: Iterable[str]) -> Mapping[frozenset[str], tuple[str, ...]]:
    """Those of the names that are formulas, by their elements: "Ga-As" is GaAs."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for name in names:
        whole = _JOINED.fullmatch(name)
        parts = _JOINED_PART.findall(name) if whole else []
        elements = frozenset(symbol for _, symbol, _ in parts)
        if len(elements) > 1 and elements <= ELEMENTS:
            found[elements] = (*found.get(elements, ()), name)
    return found
