"""What the parties of a shipment come to: the same for every shipment of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from api.decide.naming import words_of
from api.decide.parties import ScreenedParty
from api.rulebook.trade import Trade
from api.shipment import Owner, Party, Role

# "Dallas, TX 75201": states, the capital and the territories that have such codes.
_US_ADDRESS = re.compile(
    r"\b(?:A[KLRSZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOPST]|N[CDEHJMVY]|O[HKR]"
    r"|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])[\s,.]+\d{5}(?:-\d{4})?\W*\Z"
)


class Involved(msgspec.Struct, frozen=True, eq=False):
    """All that is read of the parties, but for their names.

    `read` is what the law reads of them, as a key; `named` are the roles that somebody is named
    for; `seats` are countries, each with the roles of those who sit there and what tells.
    """

    read: tuple[object, ...]
    exporter_country: str | None
    military_user: bool
    named: frozenset[Role]
    business: Mapping[Role, str]
    seats: Mapping[str, Mapping[Role, str]]


def involved(parties: Sequence[Party], screened: Sequence[ScreenedParty], trade: Trade) -> Involved:
    """Of the parties of one shipment; `screened` in their order."""
    both = list(zip(parties, screened, strict=True))
    users = "end_user" if any(p.role == "end_user" for p in parties) else "consignee"
    business: dict[Role, str] = {}
    seats: dict[str, dict[Role, str]] = {}
    for party, found in both:
        if found.business is not None:
            business.setdefault(party.role, found.business)
        for country, basis in _seats(party, trade):
            whole = trade.territories.get(country, country)
            seats.setdefault(whole, {}).setdefault(party.role, basis)
    return Involved(
        tuple(
            (
                p.role,
                p.country,
                p.business,
                p.qualifications,
                (p.name, id(found)) if found.has_hits else found.business,
            )
            for p, found in both
        ),
        next((p.country for p in parties if p.role == "exporter"), None),
        any(p.role == users and found.business == "military" for p, found in both),
        frozenset(p.role for p, found in both if not found.nobody),
        business,
        seats,
    )


def _seats(who: Party | Owner, trade: Trade) -> Iterator[tuple[str, str]]:
    """Where a party and all behind it sit, and what tells."""
    if who.country is not None:
        yield who.country, "country_given"
    if isinstance(who, Party) and who.address:
        country = _country_of(who.address, trade)
        if country is not None and country != who.country:
            yield country, "address_read"
    for owner in who.owners or ():
        yield from _seats(owner, trade)


def _country_of(address: str, trade: Trade) -> str | None:
    """The restricted country that an address ends with, or begins with in Chinese."""
    plain = " " + _plain(address[-1_000:])
    for country, names in trade.address_names.items():
        for name in map(_plain, names):
            if plain.endswith(f" {name}") or (not name.isascii() and plain.startswith(f" {name}")):
                return country
    return "US" if _US_ADDRESS.search(address) else None


@lru_cache(2_000)
def _plain(text: str) -> str:
    return " ".join(words_of(text[:1_000]))
