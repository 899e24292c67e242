"""Identifiers of parties: registration numbers, LEI, websites."""

from __future__ import annotations

from collections.abc import Iterable

Identifier = tuple[str, str]
"""A type, e.g. `lei`, and a value."""

_SITES = ("website", "url", "domain")


def comparable(identifiers: Iterable[Identifier]) -> set[Identifier]:
    """Types in one case, values in letters and digits alone, websites by host."""
    return {key for key in map(_comparable, identifiers) if key[1]}


def _comparable(identifier: Identifier) -> Identifier:
    kind = identifier[0].strip().casefold()
    value = identifier[1].strip().casefold()
    if kind in _SITES:
        value = value.removeprefix("https://").removeprefix("http://")
        return kind, value.partition("/")[0].removeprefix("www.").rstrip(".")
    return kind, "".join([c for c in value if c.isalnum()])
