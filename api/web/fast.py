"""The usual request, read in one pass: a `Shipment`, or None on any doubt.

Shadows `schemas.ShipmentSchema`: it may decline what the schema takes, never take what the schema
declines (tests/properties/test_fast_path.py). The schema names the faults.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec

from api.iso import COUNTRIES
from api.shipment import (
    Documents,
    EndUse,
    Line,
    Owner,
    Party,
    Route,
    Shipment,
    TransportMode,
)
from api.web.owners import owner_circle, too_many
from api.web.values import (
    HUNDRED,
    LARGEST,
    MOST_COUNT,
    MOST_ITEMS,
    MOST_LINES,
    MOST_PARTIES,
    NAME,
    NET_OVER_GROSS,
    REFERENCE,
    TEXT,
    currency_fault,
    description_fault,
    element_fault,
    hs_code_fault,
    number_fault,
    property_fault,
    sizes_fault,
    text_fault,
)

_decode = msgspec.json.Decoder(Shipment).decode
_encode = msgspec.json.Encoder().encode
_ZERO = Decimal(0)


class Doubtful(Exception):
    """The schema must decide."""


def load(body: bytes) -> Shipment | None:
    """The shipment in the JSON body, if there is no doubt about it."""
    try:
        shipment = _decode(body)
        _check(shipment)
        # A key that stands twice would be lost: then what is read has fewer colons than the body.
        _doubt(b"\\u" in body or body.count(b":") != _encode(shipment).count(b":"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Doubtful):
        return None
    return shipment


class _Outline(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """A shipment of which lines and parties are not read yet."""

    reference: str
    route: Route
    parties: tuple[msgspec.Raw, ...]
    lines: tuple[msgspec.Raw, ...]
    export_date: date | None = None
    end_use: EndUse | None = None
    licences: tuple[str, ...] | None = None
    transport_mode: TransportMode | None = None
    trade_mode: str | None = None
    documents: Documents | None = None
    submitted_by: str | None = None


_decode_outline = msgspec.json.Decoder(_Outline).decode
_decode_line = msgspec.json.Decoder(Line).decode
_decode_party = msgspec.json.Decoder(Party).decode


def load_by_pieces(
    body: bytes,
    line_of: Callable[[bytes], Line],
    party_of: Callable[[bytes], Party],
) -> Shipment | None:
    """What `load` gives, where `line_of` and `party_of` give what `line` and `party` do.

    They are asked with the JSON of one line or party, may remember, and raise Doubtful.
    """
    try:
        outline = _decode_outline(body)
        _doubt(b"\\u" in body or body.count(b":") != _encode(outline).count(b":"))
        lines = tuple([line_of(bytes(raw)) for raw in outline.lines])
        parties = tuple([party_of(bytes(raw)) for raw in outline.parties])
        shipment = Shipment(
            reference=outline.reference,
            route=outline.route,
            parties=parties,
            lines=lines,
            export_date=outline.export_date,
            end_use=outline.end_use,
            licences=outline.licences,
            transport_mode=outline.transport_mode,
            trade_mode=outline.trade_mode,
            documents=outline.documents,
            submitted_by=outline.submitted_by,
        )
        _check_whole(shipment)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Doubtful):
        return None
    return shipment


def line(text: bytes) -> Line:
    """The line in the JSON. Raises Doubtful on any doubt about it."""
    try:
        found = _decode_line(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Doubtful from error
    _check_line(found)
    _doubt(text.count(b":") != _encode(found).count(b":"))
    return found


def party(text: bytes) -> Party:
    """The party in the JSON. Raises Doubtful on any doubt about it."""
    try:
        found = _decode_party(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Doubtful from error
    _check_party(found)
    _doubt(text.count(b":") != _encode(found).count(b":"))
    return found


def _text(value: str | None, most: int) -> None:
    # Printable and short is the usual case; everything else takes the longer look.
    usual = value is None or (
        0 < len(value) <= most and value.isprintable() and not value.isspace()
    )
    if value is not None and not usual:
        _doubt(text_fault(value, most) is not None)


def _number(value: Decimal | None, most: Decimal = LARGEST, least: Decimal = _ZERO) -> None:
    if value is None:
        return
    digits = str(value)
    # Short and without exponent or sign is the usual case; everything else takes the longer look.
    if not (len(digits) <= 20 and digits.replace(".", "0").isdigit() and least <= value <= most):
        _doubt(number_fault(value, least, most) is not None)


def _country(code: str | None) -> None:
    _doubt(code is not None and code not in COUNTRIES)


def _doubt(found: bool) -> None:
    if found:
        raise Doubtful


def _check(shipment: Shipment) -> None:
    _check_whole(shipment)
    for party in shipment.parties:
        _check_party(party)
    for line in shipment.lines:
        _check_line(line)


def _check_whole(shipment: Shipment) -> None:
    """All but what its parties and lines are."""
    _text(shipment.reference, REFERENCE)
    route = shipment.route
    for code in (route.destination, route.origin, route.departure, *(route.transit or ())):
        _country(code)
    if shipment.end_use is not None:
        _text(shipment.end_use.description, TEXT)
    roles = [party.role for party in shipment.parties]
    _doubt(
        len(route.transit or ()) > MOST_ITEMS
        or not 1 <= len(shipment.parties) <= MOST_PARTIES
        or not 1 <= len(shipment.lines) <= MOST_LINES
        or roles.count("exporter") != 1
        or not ("consignee" in roles or "end_user" in roles)
        or len({line.line for line in shipment.lines}) != len(shipment.lines)
        or too_many(party.owners for party in shipment.parties)
        or len(shipment.licences or ()) > MOST_ITEMS
    )
    for licence in shipment.licences or ():
        _text(licence, 100)
    _text(shipment.trade_mode, 20)
    _text(shipment.submitted_by, 200)
    if shipment.documents is not None:
        _text(shipment.documents.bill_of_lading_description, TEXT)
        _text(shipment.documents.invoice_description, TEXT)


def _check_party(party: Party) -> None:
    _text(party.name, NAME)
    _country(party.country)
    _text(party.address, TEXT)
    _text(party.business, 100)
    _text(party.website, 300)
    _doubt(
        len(party.identifiers or ()) > MOST_ITEMS or len(party.qualifications or ()) > MOST_ITEMS
    )
    for identifier in party.identifiers or ():
        _text(identifier.type, 50)
        _text(identifier.value, 100)
    for qualification in party.qualifications or ():
        _text(qualification, 100)
    _doubt(owner_circle(party.owners, (party.name,)) is not None)
    _check_owners(party.owners)


def _check_owners(owners: tuple[Owner, ...] | None) -> None:
    if not owners:
        return
    _doubt(len(owners) > MOST_ITEMS)
    for owner in owners:
        _text(owner.name, NAME)
        _country(owner.country)
        _number(owner.share_pct, HUNDRED)
        _check_owners(owner.owners)
    _doubt(sum((o.share_pct for o in owners if o.share_pct is not None), _ZERO) > HUNDRED)


def _check_line(line: Line) -> None:
    description, hs_code = line.description, line.hs_code
    _text(description, TEXT)
    _doubt(
        not 1 <= line.line <= MOST_COUNT
        or (description is None and hs_code is None)
        or (description is not None and description_fault(description) is not None)
        or (hs_code is not None and hs_code_fault(hs_code) is not None)
    )
    if line.composition:
        elements = {part.element for part in line.composition}
        for part in line.composition:
            _number(part.mass_pct, HUNDRED)
        _doubt(
            len(line.composition) > MOST_ITEMS
            or len(elements) != len(line.composition)
            or any(map(element_fault, elements))
            or sum([part.mass_pct for part in line.composition]) > HUNDRED
        )
    _number(line.net_mass_kg)
    _number(line.gross_mass_kg)
    _number(line.purity_pct, HUNDRED)
    _number(line.particle_size_um)
    _number(line.volume_m3)
    for positive in (line.purity_pct, line.particle_size_um, line.volume_m3):
        _doubt(positive is not None and not positive)
    if line.net_mass_kg is not None and line.gross_mass_kg is not None:
        _doubt(line.net_mass_kg > NET_OVER_GROSS * line.gross_mass_kg)
    if line.dimensions_mm is not None:
        sizes = line.dimensions_mm
        for size in (sizes.length, sizes.width, sizes.height, sizes.diameter, sizes.wall):
            _number(size)
            _doubt(size == 0)
        _number(sizes.inner_diameter)
        _doubt(sizes_fault(sizes) is not None)
    if line.properties:
        _doubt(len(line.properties) > 50)
        for name, value in line.properties.items():
            _doubt(property_fault(name) is not None)
            _number(value, LARGEST, -LARGEST)
    _doubt(line.packages is not None and not 0 <= line.packages <= MOST_COUNT)
    if line.quantity is not None:
        _number(line.quantity.value)
        _text(line.quantity.unit, 30)
    if line.value is not None:
        _number(line.value.amount)
        _doubt(currency_fault(line.value.currency) is not None)
    if line.origin is not None:
        _country(line.origin)
    if line.declared_code is not None:
        _text(line.declared_code, 40)
    if line.model is not None:
        _text(line.model, 200)
    if line.content:
        _doubt(len(line.content) > MOST_ITEMS)
        for foreign in line.content:
            _country(foreign.origin)
            _text(foreign.material, 100)
            _number(foreign.value_pct, HUNDRED)
        _doubt(sum((foreign.value_pct for foreign in line.content), _ZERO) > HUNDRED)
