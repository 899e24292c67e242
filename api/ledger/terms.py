"""What a decision can be found by. Pure.

Each of it is a term: a kind and a value. Names of parties stand in the index only as keyed hashes
of what spelling leaves the same, so that the index by itself names nobody and a name can be taken
out of it; all else stands as it is, so that neighbours in the alphabet are neighbours on disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from api.decide.classify import LineClassification
from api.decide.decision import Evaluation
from api.decide.naming import normalise
from api.shipment import Owner, Party, Shipment

Kind = Literal[
    "reference",
    "party",
    "exporter",
    "entry",
    "rule",
    "material",
    "country",
    "rule_set",
    "actor",
    "disposition",
    "outcome",
]

# The first byte of a term. What is written on disk: never changed, never used again.
_MARKS: Mapping[Kind, bytes] = {
    "reference": b"r",
    "party": b"p",
    "exporter": b"x",
    "entry": b"e",
    "rule": b"u",
    "material": b"m",
    "country": b"c",
    "rule_set": b"s",
    "actor": b"a",
    "disposition": b"d",
    "outcome": b"o",
}
KINDS = tuple(_MARKS)
"""Every kind; what few decisions have in common comes before what many do."""

_NAMES: tuple[Kind, ...] = ("party", "exporter")
_MET = ("listed", "possible")


class Term(NamedTuple):
    """One thing a decision is found by; a name as it was given."""

    kind: Kind
    value: str


class TermKeys:
    """Terms as the index has them, under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._hashed = lru_cache(20_000)(self._hash)

    def of(self, term: Term) -> bytes:
        """The bytes of a term."""
        mark = _MARKS[term.kind]
        return mark + (self._hashed(term.value) if term.kind in _NAMES else term.value.encode())

    def _hash(self, name: str) -> bytes:
        plain = _plain(name).encode()
        return hashlib.blake2b(plain, digest_size=16, key=self._secret, person=b"name").digest()


def _plain(name: str) -> str:
    """A name without case, accents, width and punctuation."""
    return " ".join(normalise(name).replace("|", " ").split()) or name.strip().casefold()


def terms_of(
    shipment: Shipment,
    lines: Iterable[LineClassification],
    evaluation: Evaluation,
    rule_set: str,
    version: int,
    actor: str,
) -> tuple[Term, ...]:
    """All that a decision is found by.

    A material is one that a line bears on or that an entry it meets names; an entry one that a
    line meets or may meet, by its id and by its code; a rule one that fired.
    """
    met = [c.entry for line in evaluation.lines for c in line.controls if c.match in _MET]
    disposition = evaluation.disposition
    found = [
        *_of_shipment(shipment),
        *(Term("material", name) for line in lines for name in line.bearing.materials),
        *(Term("material", entry.material) for entry in met),
        *(Term("entry", name) for entry in met for name in (entry.id, entry.code) if name),
        *(Term("rule", reason.rule.id) for reason in evaluation.reasons),
        *_of_record(rule_set, version, actor, disposition.outcome, disposition.name),
    ]
    return tuple(dict.fromkeys(found))


def _of_shipment(shipment: Shipment) -> Iterator[Term]:
    yield Term("reference", shipment.reference)
    route = shipment.route
    people = [who for party in shipment.parties for who in _with_owners(party)]
    countries = (
        *(route.destination, route.origin, route.departure, *(route.transit or ())),
        *(who.country for who in people),
        *(line.origin for line in shipment.lines),
    )
    yield from (Term("country", country) for country in countries if country)
    yield from (Term("party", who.name) for who in people)
    yield from (Term("exporter", party.name) for party in shipment.by_role("exporter"))


def _of_record(
    rule_set: str, version: int, actor: str, outcome: str, disposition: str
) -> Iterator[Term]:
    yield Term("rule_set", rule_set)
    yield Term("rule_set", f"{rule_set}@{version}")
    yield Term("actor", actor)
    yield Term("outcome", outcome)
    yield Term("disposition", disposition)


def _with_owners(who: Party | Owner) -> Iterator[Party | Owner]:
    yield who
    for owner in who.owners or ():
        yield from _with_owners(owner)
