"""Owners of parties: how many and how deep a chain is taken, and no one above himself in it.

What a request holds is counted before it is read, for a chain without end would be read without
end. Both ways of reading a request ask here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.shipment import Owner
from api.web.faults import Fault
from api.web.values import MOST_OWNERS, OWNER_LEVELS

# Ways of writing one legal form. Others tell companies apart: "Acme AG" may own "Acme GmbH", and
# so may "Acme Holding" own "Acme Trading", which screening takes for alike.
_FORMS = {
    "ltd": "limited",
    "corp": "corporation",
    "co": "company",
    "inc": "incorporated",
    "pte": "private",
    "pvt": "private",
    "pty": "proprietary",
}


def given_fault(parties: object) -> tuple[int | None, Fault] | None:
    """What is wrong with the owners of parties as given: the party, None for all, and what."""
    total = 0
    for position, party in enumerate(parties if isinstance(parties, list) else ()):
        for level, owners in _levels(party):
            if level > OWNER_LEVELS:
                return position, Fault("too_deep", most=OWNER_LEVELS)
            total += len(owners)
            if total > MOST_OWNERS:
                return None, Fault("owners", most=MOST_OWNERS)
    return None


def _levels(party: object) -> Iterator[tuple[int, list[Any]]]:
    """The owners of each level of a party as given, from 1 on, one level beyond what is taken."""
    above = [party]
    for level in range(1, OWNER_LEVELS + 2):
        lists = [who.get("owners") for who in above if isinstance(who, Mapping)]
        above = [owner for owners in lists if isinstance(owners, list) for owner in owners]
        if not above:
            return
        yield level, above


def too_many(owners_of_parties: Iterable[tuple[Owner, ...] | None]) -> bool:
    """Whether chains of owners are longer than are read, or all owners more."""
    total = 0
    for owners in owners_of_parties:
        level, above = 0, owners or ()
        while above:
            level, total = level + 1, total + len(above)
            if level > OWNER_LEVELS or total > MOST_OWNERS:
                return True
            above = tuple(below for owner in above for below in owner.owners or ())
    return False


def owner_circle(owners: tuple[Owner, ...] | None, above: tuple[str, ...]) -> str | None:
    """The first owner who stands above himself in a chain of owners, however he is written."""
    return _circle(owners, frozenset(map(_same, above))) if owners else None


def _circle(owners: tuple[Owner, ...] | None, above: frozenset[str]) -> str | None:
    for owner in owners or ():
        same = _same(owner.name)
        if same in above:
            return owner.name
        found = _circle(owner.owners, above | {same})
        if found:
            return found
    return None


def _same(name: str) -> str:
    """A name without what spelling adds: case, width, accents, punctuation, ways of one form."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    letters = [
        c if c.isalnum() else "" if unicodedata.combining(c) or c in ".'’" else " " for c in folded
    ]
    words = "".join(letters).split()
    return " ".join(_FORMS.get(word, word) for word in words) or folded
