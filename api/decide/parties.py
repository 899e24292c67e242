"""Parties held against listed ones, by their own names and by those of their owners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from api.decide.business import Businesses
from api.decide.goods import HUNDRED, ZERO
from api.rulebook.parties import ListedParty
from api.screening.screener import Hit
from api.shipment import Identifier, Owner, Party

HALF = Decimal(50)

Through = Literal["name", "owner"]
Screen = Callable[[str, str | None, tuple[Identifier, ...]], tuple[Hit, ...]]
InForce = Callable[[ListedParty], bool]


@dataclass(frozen=True)
class ScreenedOwner:
    """An owner with what it may be, its share of what it owns (None: unknown) and its owners."""

    name: str
    share_pct: Decimal | None
    hits: tuple[Hit, ...]
    owners: tuple[ScreenedOwner, ...]


@dataclass(frozen=True, eq=False)
class ScreenedParty:
    """A party's hits, its line of business and its owners, as far as any of them is a hit.

    Found once, and known by its identity from then on.
    """

    business: str | None = None
    hits: tuple[Hit, ...] = ()
    owners: tuple[ScreenedOwner, ...] = ()
    nobody: bool = False
    """Whether its name only says that there is none yet."""

    @property
    def has_hits(self) -> bool:
        """Whether it or an owner of it may be a listed party."""
        return bool(self.hits or self.owners)


def screen_party(party: Party, screen: Screen, businesses: Businesses) -> ScreenedParty:
    """The party and all its owners against the lists."""
    owners = _screen_owners(party.owners or (), screen)
    return ScreenedParty(
        businesses.of(party),
        screen(party.name, party.country, party.identifiers or ()),
        owners if any(hits_of(owners)) else (),
        businesses.is_nobody(party.name),
    )


def _screen_owners(owners: Iterable[Owner], screen: Screen) -> tuple[ScreenedOwner, ...]:
    return tuple(
        ScreenedOwner(
            owner.name,
            owner.share_pct,
            screen(owner.name, owner.country, ()),
            _screen_owners(owner.owners or (), screen),
        )
        for owner in owners
    )


def hits_of(owners: Iterable[ScreenedOwner]) -> Iterator[tuple[ScreenedOwner, Hit]]:
    """Every hit along the chains of owners."""
    for owner in owners:
        yield from ((owner, hit) for hit in owner.hits)
        yield from hits_of(owner.owners)


@dataclass(frozen=True)
class Share:
    """What listed owners hold: at least, and at most where something is unknown. Percent."""

    least: Decimal
    most: Decimal


@dataclass(frozen=True)
class PartyHit:
    """A party (its position) that may be a listed one, or be owned by one."""

    party: int
    hit: Hit
    through: Through
    owner: str | None = None
    share: Share | None = None


def party_hits(
    position: int, screened: ScreenedParty, in_force: InForce, same_at_least: Decimal
) -> Iterator[PartyHit]:
    """What a party may be, of those listed that are in force."""
    for hit in screened.hits:
        if in_force(hit.listed):
            yield PartyHit(position, hit, "name")
    owned = [(owner, hit) for owner, hit in hits_of(screened.owners) if in_force(hit.listed)]
    share = listed_share(screened.owners, in_force, same_at_least) if owned else None
    for owner, hit in owned:
        yield PartyHit(position, hit, "owner", owner.name, share)


def listed_share(
    owners: Iterable[ScreenedOwner], in_force: InForce, same_at_least: Decimal
) -> Share:
    """The share that listed owners hold together, directly and through others.

    Shares of listed owners add up. An owner of whom listed ones hold half or more counts as one
    itself (No. 61 of 2025, clause 2: subsidiaries held 50 % or more), below that his share counts
    in proportion. A share that is not given is anything from nothing to all that is left.
    """
    owners = tuple(owners)
    left = max(ZERO, HUNDRED - sum((o.share_pct or ZERO for o in owners), ZERO))
    least = most = ZERO
    for owner in owners:
        held = _held(owner, in_force, same_at_least)
        share = owner.share_pct
        least += (share or ZERO) * held.least / HUNDRED
        most += (left if share is None else share) * held.most / HUNDRED
    return Share(least, min(most, HUNDRED))


def _held(owner: ScreenedOwner, in_force: InForce, same_at_least: Decimal) -> Share:
    scores = [hit.score for hit in owner.hits if in_force(hit.listed)]
    if any(score >= same_at_least for score in scores):
        return Share(HUNDRED, HUNDRED)
    below = listed_share(owner.owners, in_force, same_at_least)
    return Share(
        HUNDRED if below.least >= HALF else below.least,
        HUNDRED if scores or below.most >= HALF else below.most,
    )
