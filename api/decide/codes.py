"""What the declared control code and the customs code say for a control entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.decide.goods import Clue
from api.rulebook.model import ControlEntry, code_key
from api.shipment import Line

FULL_CODE = 10
SUBHEADING = 6
_TARIFF_LINE = 8
_ALL_OTHERS = "90"


def declares(entry: ControlEntry, line: Line) -> bool:
    """Whether the exporter declares the entry's own code, or a finer one."""
    declared, own = code_key(line.declared_code), code_key(entry.code)
    return bool(declared and own and declared.startswith(own))


def identifying(entry: ControlEntry, line: Line) -> Iterator[Clue]:
    """Codes that identify the product by themselves."""
    if declares(entry, line):
        yield Clue("declared_code", value=line.declared_code or "")
    code = line.hs_code or ""
    if code.startswith(entry.codes) and not code.startswith(entry.except_codes):
        yield Clue("customs_code", value=code)


def asking(entry: ControlEntry, line: Line) -> Iterator[Clue]:
    """Codes that only raise the question: shared, or shorter than the printed one."""
    declared, own = code_key(line.declared_code), code_key(entry.code)
    if declared and own.startswith(declared) and own != declared:
        yield Clue("declared_family", value=line.declared_code or "")
    code = line.hs_code
    if code is None:
        return
    printed = (*entry.codes, *entry.shared_codes, *entry.asks_on)
    stem = _stem(code, printed)
    if any(p.startswith(stem) and len(p) > len(stem) and p != code for p in printed):
        yield Clue("short_code", value=code)
    elif any(code.startswith(p) for p in (*entry.shared_codes, *entry.asks_on)):
        yield Clue("shared_code", value=code)


def _stem(code: str, printed: Iterable[str]) -> str:
    """2825800000 is 282580 filled up with zeros, unless it is a code of its own."""
    return code if code in printed else code[:SUBHEADING] + code[SUBHEADING:].rstrip("0")


class Codes:
    """The customs codes that the entries of one rule set print."""

    def __init__(self, entries: tuple[ControlEntry, ...]) -> None:
        listed = [entry for entry in entries if entry.qualification is None]
        self._products = tuple(code for entry in listed for code in entry.codes)
        self._printed = tuple(
            code for e in entries for code in (*e.codes, *e.shared_codes, *e.asks_on)
        )
        self._materials: dict[str, set[str]] = {}
        for entry in listed:
            for code in (*entry.codes, *entry.shared_codes):
                self._materials.setdefault(code, set()).add(entry.material)

    def prints(self, code: str) -> bool:
        """Whether the code is one that an entry prints, or below one."""
        return code.startswith(self._printed)

    def identify(self, line: Line) -> bool:
        """Whether the customs code by itself identifies a listed product."""
        return line.hs_code is not None and line.hs_code.startswith(self._products)

    def leave_no_other(self, entry: ControlEntry, line: Line) -> bool:
        """Whether all printed codes below the declared one are of the entry's material.

        Only of tariff lines (eight digits) or longer codes: a subheading and a line for all others
        (…90) hold what nobody lists.
        """
        code = line.hs_code or ""
        stem = _stem(code, self._materials)
        stem += "0" * (len(stem) % 2)
        tariff_line = stem[SUBHEADING:_TARIFF_LINE]
        if len(stem) < _TARIFF_LINE or tariff_line == _ALL_OTHERS or code in entry.shared_codes:
            return False
        below = [found for known, found in self._materials.items() if known.startswith(stem)]
        return bool(below) and set().union(*below) == {entry.material}
