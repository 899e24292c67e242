"""The request on the wire: strict, typed, every fault named. Loads into `api.shipment` values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, get_args

import msgspec
from marshmallow import RAISE, Schema, ValidationError, post_load, pre_load, validates_schema

from api import shipment as domain
from api.rulebook.values import Language
from api.web.faults import Fault
from api.web.fields import Choice, Day, Flag, Many, Measurements, Number, Part, Text, Whole
from api.web.owners import given_fault, owner_circle
from api.web.values import (
    HUNDRED,
    LARGEST,
    MOST_COUNT,
    MOST_LINES,
    MOST_OWNERS,
    MOST_PARTIES,
    NAME,
    NET_OVER_GROSS,
    OWNER_LEVELS,
    REFERENCE,
    TEXT,
    country_fault,
    currency_fault,
    description_fault,
    element_fault,
    first_repeated,
    hs_code_fault,
    property_fault,
    sizes_fault,
    sum_fault,
)

ZERO = Decimal(0)


def _amount(**more: Any) -> Number:
    return Number(ZERO, LARGEST, **({"allow_none": True} | more))


def _size(**more: Any) -> Number:
    """What cannot be zero: a form filled in with nothing is not a measurement."""
    return Number(ZERO, LARGEST, zero=False, **({"allow_none": True} | more))


def _percent(**more: Any) -> Number:
    return Number(ZERO, HUNDRED, **({"allow_none": True} | more))


def _text(most: int, **more: Any) -> Text:
    return Text(most, **({"allow_none": True} | more))


def _country(**more: Any) -> Text:
    return Text(2, country_fault, **({"allow_none": True} | more))


class Strict(Schema):
    """Refuses unknown fields, and loads into a domain value."""

    struct: ClassVar[type[msgspec.Struct]]
    error_messages = {  # noqa: RUF012  # as marshmallow declares it
        "unknown": Fault("unknown_field"),
        "type": Fault("object"),
    }

    class Meta:
        unknown = RAISE

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> msgspec.Struct:
        return self.struct(
            **{name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        )


class IdentifierSchema(Strict):
    struct = domain.Identifier
    type = _text(50, required=True, allow_none=False)
    value = _text(100, required=True, allow_none=False)


class OwnerSchema(Strict):
    struct = domain.Owner
    name = _text(NAME, required=True, allow_none=False)
    country = _country()
    share_pct = _percent()
    owners = Many(Part(lambda: OwnerSchema()), allow_none=True)

    @validates_schema(skip_on_field_errors=False)
    def _shares(self, data: Mapping[str, Any], **_: Any) -> None:
        _check_shares(_loaded(data, "owners"))


class PartySchema(Strict):
    struct = domain.Party
    role = Choice(get_args(domain.Role), required=True)
    name = _text(NAME, required=True, allow_none=False)
    country = _country()
    address = _text(TEXT)
    identifiers = Many(Part(IdentifierSchema), allow_none=True)
    business = _text(100)
    website = _text(300)
    customer_since = Day(allow_none=True)
    qualifications = Many(Text(100), allow_none=True)
    owners = Many(Part(OwnerSchema), allow_none=True)

    @validates_schema(skip_on_field_errors=False)
    def _shares(self, data: Mapping[str, Any], **_: Any) -> None:
        owners = _loaded(data, "owners")
        _check_shares(owners)
        name = data.get("name")
        circle = owner_circle(owners, (name,) if isinstance(name, str) else ())
        if circle:
            raise ValidationError({"owners": [Fault("circle", value=circle)]})


class ComponentSchema(Strict):
    struct = domain.Component
    element = Text(2, element_fault, required=True)
    mass_pct = _percent(required=True, allow_none=False)


class MoneySchema(Strict):
    struct = domain.Money
    amount = _amount(required=True, allow_none=False)
    currency = Text(3, currency_fault, required=True)


class QuantitySchema(Strict):
    struct = domain.Quantity
    value = _amount(required=True, allow_none=False)
    unit = Text(30, required=True)


class DimensionsSchema(Strict):
    struct = domain.Dimensions
    length = _size()
    width = _size()
    height = _size()
    diameter = _size()
    inner_diameter = _amount()
    wall = _size()

    @validates_schema
    def _possible(self, data: Mapping[str, Any], **_: Any) -> None:
        found = sizes_fault(domain.Dimensions(**data))
        if found:
            raise ValidationError({found[0]: [found[1]]})


class ContentSchema(Strict):
    struct = domain.ForeignContent
    origin = _country(required=True, allow_none=False)
    material = Text(100, required=True)
    value_pct = _percent(required=True, allow_none=False)


class LineSchema(Strict):
    struct = domain.Line
    line = Whole(1, MOST_COUNT, required=True)
    description = Text(TEXT, description_fault, allow_none=True)
    hs_code = Text(40, hs_code_fault, allow_none=True)
    form = Choice(get_args(domain.Form), allow_none=True)
    composition = Many(Part(ComponentSchema), allow_none=True)
    purity_pct = _percent(zero=False)
    particle_size_um = _size()
    net_mass_kg = _amount()
    gross_mass_kg = _amount()
    volume_m3 = _size()
    dimensions_mm = Part(DimensionsSchema, allow_none=True)
    properties = Measurements(Number(-LARGEST, LARGEST), property_fault, 50, allow_none=True)
    crystal = Choice(get_args(domain.Crystal), allow_none=True)
    packages = Whole(0, MOST_COUNT, allow_none=True)
    quantity = Part(QuantitySchema, allow_none=True)
    value = Part(MoneySchema, allow_none=True)
    origin = _country()
    declared_code = _text(40)
    model = _text(200)
    content = Many(Part(ContentSchema), allow_none=True)
    sample = Flag(allow_none=True)

    @validates_schema(skip_on_field_errors=False)
    def _whole_line(self, data: Mapping[str, Any], **_: Any) -> None:
        errors: dict[str, Any] = {}
        composition = _loaded(data, "composition")
        if composition:
            fault = sum_fault((c.mass_pct for c in composition), "composition_sum")
            repeated = first_repeated(c.element for c in composition)
            if fault:
                errors["composition"] = [fault]
            elif repeated:
                position, element = repeated
                errors["composition"] = {position: {"element": [Fault("twice", value=element)]}}
        content = _loaded(data, "content")
        if content and (fault := sum_fault((c.value_pct for c in content), "share_sum")):
            errors["content"] = [fault]
        net, gross = data.get("net_mass_kg"), data.get("gross_mass_kg")
        if net is not None and gross is not None and net > NET_OVER_GROSS * gross:
            errors["net_mass_kg"] = [Fault("net_above_gross", value=net, most=gross)]
        if errors:
            raise ValidationError(errors)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _named(self, _: Mapping[str, Any], original: Any, **__: Any) -> None:
        if isinstance(original, dict) and all(
            original.get(name) is None for name in ("description", "hs_code")
        ):
            raise ValidationError({"description": [Fault("no_goods")]})


class RouteSchema(Strict):
    struct = domain.Route
    origin = _country()
    departure = _country()
    transit = Many(Text(2, country_fault), allow_none=True)
    destination = _country(required=True, allow_none=False)


class EndUseSchema(Strict):
    struct = domain.EndUse
    category = Choice(get_args(domain.EndUseCategory), allow_none=True)
    description = _text(TEXT)


class DocumentsSchema(Strict):
    struct = domain.Documents
    bill_of_lading_description = _text(TEXT)
    invoice_description = _text(TEXT)
    amended_after_release = Flag(allow_none=True)


_PARTIES = {
    "description": f"Their owners are read {OWNER_LEVELS} levels deep, and {MOST_OWNERS} of them "
    "at most, of all parties and levels together."
}


class WithParties(Strict):
    """A request with parties, of which the owners are counted before anything is read."""

    @pre_load
    def _owners(self, data: Any, **_: Any) -> Any:
        fault = given_fault(data.get("parties")) if isinstance(data, Mapping) else None
        if fault:
            position, what = fault
            whole = position is None
            raise ValidationError({"parties": [what] if whole else {position: {"owners": [what]}}})
        return data


class ShipmentSchema(WithParties):
    """A proposed shipment."""

    struct = domain.Shipment
    reference = _text(REFERENCE, required=True, allow_none=False)
    export_date = Day(allow_none=True)
    route = Part(RouteSchema, required=True)
    end_use = Part(EndUseSchema, allow_none=True)
    parties = Many(Part(PartySchema), 1, MOST_PARTIES, required=True, metadata=_PARTIES)
    lines = Many(Part(LineSchema), 1, MOST_LINES, required=True)
    licences = Many(Text(100), allow_none=True)
    transport_mode = Choice(get_args(domain.TransportMode), allow_none=True)
    trade_mode = _text(20)
    documents = Part(DocumentsSchema, allow_none=True)
    submitted_by = _text(200)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _whole_shipment(self, _: Mapping[str, Any], original: Any, **__: Any) -> None:
        """Over the request as given, so that a fault elsewhere hides nothing."""
        errors: dict[str, Any] = {}
        parties = _objects(original, "parties")
        roles = [p.get("role") for p in parties if isinstance(p.get("role"), str)]
        if parties:
            faults = []
            if "exporter" not in roles:
                faults.append(Fault("no_exporter"))
            elif roles.count("exporter") > 1:
                faults.append(Fault("exporters", value=roles.count("exporter")))
            if not {"consignee", "end_user"} & set(roles):
                faults.append(Fault("no_receiver"))
            if faults:
                errors["parties"] = faults
        lines = _objects(original, "lines")
        numbers = [n for item in lines if type(n := item.get("line")) is int]
        repeated = first_repeated(numbers)
        if repeated is not None and len(numbers) == len(lines):
            position, number = repeated
            errors["lines"] = {position: {"line": [Fault("twice", value=number)]}}
        if errors:
            raise ValidationError(errors)


class ToScreen(msgspec.Struct, frozen=True):
    """Whom to screen, as of which day."""

    parties: tuple[domain.Party, ...]
    as_of: date | None = None


class PartyToScreenSchema(PartySchema):
    """A party whose role does not matter."""

    role = Choice(get_args(domain.Role), load_default="consignee")


class ToScreenSchema(WithParties):
    """Parties to screen against the lists."""

    struct = ToScreen
    parties = Many(Part(PartyToScreenSchema), 1, MOST_PARTIES, required=True, metadata=_PARTIES)
    as_of = Day(allow_none=True)


def _objects(original: Any, name: str) -> list[dict[str, Any]]:
    found = original.get(name) if isinstance(original, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _loaded(data: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    """The items of a list if all of them loaded; those that did not are named already."""
    items = tuple(data.get(name) or ())
    return items if all(isinstance(item, msgspec.Struct) for item in items) else ()


def _check_shares(owners: tuple[domain.Owner, ...] | None) -> None:
    shares = (owner.share_pct for owner in owners or () if owner.share_pct is not None)
    fault = sum_fault(shares, "share_sum")
    if fault:
        raise ValidationError({"owners": [fault]})


def pointers(messages: Any, path: str = "") -> Iterator[tuple[str, Fault]]:
    """Every fault with its JSON pointer (RFC 6901)."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from pointers(inner, path + step)
    elif isinstance(messages, list):
        for message in messages:
            if isinstance(message, (dict, list)):
                yield from pointers(message, path)
            else:
                yield path, message if isinstance(message, Fault) else Fault("object")


def in_words(messages: Any, language: Language) -> list[dict[str, str]]:
    """The faults as the `errors` of a problem."""
    return [
        {"pointer": pointer, "message": fault.say(language)}
        for pointer, fault in pointers(messages)
    ]
