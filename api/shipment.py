"""What an exporter proposes: goods lines, parties by role, and the route.

These are the domain values of the whole service. They are frozen `msgspec` structs, the same shape
as the wire (design.md, "HTTP contract"), so that a request of the usual kind becomes a `Shipment`
in one pass of C code; `web` decides which requests are acceptable. Mass is in kilograms, percents
are of mass unless the name says value, lengths are millimetres; numbers are exact decimals.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Role = Literal[
    "exporter",
    "seller",
    "buyer",
    "payer",
    "consignee",
    "intermediate_consignee",
    "end_user",
    "freight_forwarder",
    "notify_party",
    "bank",
]
Form = Literal[
    "ore",
    "metal",
    "powder",
    "alloy",
    "oxide",
    "compound",
    "wafer",
    "target",
    "magnet",
    "scrap",
    "technology",
    "equipment",
    "assembly",
    "other",
]
EndUseCategory = Literal[
    "civil", "military", "nuclear", "missile", "chemical_biological", "space", "unknown"
]
Crystal = Literal["single", "poly"]
TransportMode = Literal["sea", "air", "road", "rail", "post", "courier"]


class _Value(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """A value of the domain: immutable, compared by content, refusing unknown fields."""


class Identifier(_Value, frozen=True):
    """A registration number of a party, e.g. type `uscc`."""

    type: str
    value: str


class Owner(_Value, frozen=True):
    """A holder of a share of a party; `share_pct` is percent of the capital."""

    name: str
    country: str | None = None
    share_pct: Decimal | None = None
    owners: tuple[Owner, ...] | None = None


class Party(_Value, frozen=True):
    """Somebody involved in the shipment. `country` is ISO 3166-1 alpha-2."""

    role: Role
    name: str
    country: str | None = None
    address: str | None = None
    identifiers: tuple[Identifier, ...] | None = None
    business: str | None = None
    website: str | None = None
    customer_since: date | None = None
    qualifications: tuple[str, ...] | None = None
    owners: tuple[Owner, ...] | None = None


class Component(_Value, frozen=True):
    """A chemical element of the goods and its share of the mass in percent."""

    element: str
    mass_pct: Decimal


class Money(_Value, frozen=True):
    """An amount and its ISO 4217 currency."""

    amount: Decimal
    currency: str


class Quantity(_Value, frozen=True):
    """A declared quantity in a unit of the exporter's choice."""

    value: Decimal
    unit: str


class Dimensions(_Value, frozen=True):
    """Outer sizes of one piece in millimetres."""

    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    diameter: Decimal | None = None
    inner_diameter: Decimal | None = None
    wall: Decimal | None = None


class ForeignContent(_Value, frozen=True):
    """Material of a given origin inside the goods, in percent of the line's value."""

    origin: str
    material: str
    value_pct: Decimal


class Line(_Value, frozen=True):
    """One goods line; `line` is its number as the exporter counts."""

    line: int
    description: str | None = None
    hs_code: str | None = None
    form: Form | None = None
    composition: tuple[Component, ...] | None = None
    purity_pct: Decimal | None = None
    particle_size_um: Decimal | None = None
    net_mass_kg: Decimal | None = None
    gross_mass_kg: Decimal | None = None
    volume_m3: Decimal | None = None
    dimensions_mm: Dimensions | None = None
    properties: dict[str, Decimal] | None = None
    crystal: Crystal | None = None
    packages: int | None = None
    quantity: Quantity | None = None
    value: Money | None = None
    origin: str | None = None
    declared_code: str | None = None
    model: str | None = None
    content: tuple[ForeignContent, ...] | None = None
    sample: bool | None = None


class Route(_Value, frozen=True):
    """The countries the goods pass, ISO 3166-1 alpha-2."""

    destination: str
    origin: str | None = None
    departure: str | None = None
    transit: tuple[str, ...] | None = None


class EndUse(_Value, frozen=True):
    """What the goods are for."""

    category: EndUseCategory | None = None
    description: str | None = None


class Documents(_Value, frozen=True):
    """What other papers of the shipment say."""

    bill_of_lading_description: str | None = None
    invoice_description: str | None = None
    amended_after_release: bool | None = None


class Shipment(_Value, frozen=True):
    """A proposed shipment. `export_date` is a date in the rule set's time zone."""

    reference: str
    route: Route
    parties: tuple[Party, ...]
    lines: tuple[Line, ...]
    export_date: date | None = None
    end_use: EndUse | None = None
    licences: tuple[str, ...] | None = None
    transport_mode: TransportMode | None = None
    trade_mode: str | None = None
    documents: Documents | None = None
    submitted_by: str | None = None

    def by_role(self, role: Role) -> tuple[Party, ...]:
        """The parties in this role, in the order given."""
        return tuple(party for party in self.parties if party.role == role)


def with_owners(party: Party) -> tuple[Party | Owner, ...]:
    """A party and all who own it, directly or not."""
    return (party, *_owners(party.owners)) if party.owners else (party,)


def _owners(owners: tuple[Owner, ...]) -> Iterator[Owner]:
    for owner in owners:
        yield owner
        yield from _owners(owner.owners or ())
