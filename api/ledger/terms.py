"""What a decision can be found by. Pure.

Each of it is a term: a kind and a value. Names of parties stand in the index only as keyed hashes
of what spelling leaves the same, so that the index by itself names nobody and a name can be taken
out of it; all else stands as it is, so that neighbours in the alphabet are neighbours on disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from api.decide.decision import Evaluation
from api.decide.naming import words_of
from api.shipment import Party, Shipment, with_owners

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
    return " ".join(words_of(name)) or name.strip().casefold()


def terms_of(
    shipment: Shipment, evaluation: Evaluation, rule_set: str, version: int, actor: str
) -> tuple[Term, ...]:
    """All that a decision is found by.

    A material is one that a line bears on or that an entry it meets names; an entry one that a
    line meets or may meet, by its id and by its code; a rule one that fired.
    """
    return (
        Term("reference", shipment.reference),
        Term("actor", actor),
        *terms_of_shipment(shipment),
        *_of_evaluation(evaluation, rule_set, version),
    )


def terms_of_shipment(shipment: Shipment) -> tuple[Term, ...]:
    """Countries and names: what a decision is found by whatever it comes to."""
    route = shipment.route
    countries = {route.destination, route.origin, route.departure, *(route.transit or ())}
    countries.update([line.origin for line in shipment.lines])
    countries.discard(None)
    return (
        *[Term("country", country) for country in countries if country],
        *_of_parties(shipment.parties),
    )


def terms_of_control(match: str, entry: str, code: str | None) -> tuple[Term, ...]:
    """Those of a control entry that a line was held against, if it meets or may meet it."""
    return tuple(Term("entry", name) for name in (entry, code) if name and match in _MET)


# Many shipments are of the same parties, or decided alike.


@lru_cache(5_000)
def _of_parties(parties: tuple[Party, ...]) -> tuple[Term, ...]:
    people = [who for party in parties for who in with_owners(party)]
    found = [
        *(Term("country", who.country) for who in people if who.country),
        *(Term("party", who.name) for who in people),
        *(Term("exporter", party.name) for party in parties if party.role == "exporter"),
    ]
    return tuple(dict.fromkeys(found))


@lru_cache(2_000)
def _of_evaluation(evaluation: Evaluation, rule_set: str, version: int) -> tuple[Term, ...]:
    controls = [control for line in evaluation.lines for control in line.controls]
    met = [control.entry for control in controls if control.match in _MET]
    found = [
        Term("rule_set", rule_set),
        Term("rule_set", f"{rule_set}@{version}"),
        Term("outcome", evaluation.disposition.outcome),
        Term("disposition", evaluation.disposition.name),
        *(Term("material", name) for name in evaluation.materials),
        *(Term("material", entry.material) for entry in met),
        *(term for c in controls for term in terms_of_control(c.match, c.entry.id, c.entry.code)),
        *(Term("rule", reason.rule.id) for reason in evaluation.reasons),
    ]
    return tuple(dict.fromkeys(found))
