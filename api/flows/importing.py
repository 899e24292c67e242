"""History from CSV: earlier shipments by the day, or public figures by the month.

A file replaces what was imported before, so that importing it again changes nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates

from api.errors import LodestoneError
from api.flows.footprint import (
    ALL,
    Footprint,
    Movement,
    added,
    grams_of,
    receivers_text,
    shown_name,
)
from api.flows.recording import FlowsWriter
from api.flows.traces import Note, Traces
from api.iso import COUNTRIES
from api.shipment import Form, Identifier, Party, Role
from api.store.database import Database

PUBLIC_FIGURES = Path(__file__).with_name("public_figures.csv")
"""Monthly exports as customs and the press gave them; each row says from where."""

Series = Literal["imported", "public"]

_MATERIAL = re.compile(r"[a-z][a-z0-9-]{0,79}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_MOST_PROBLEMS = 100


class FileRefused(LodestoneError):
    """A file with mistakes: nothing of it was imported."""

    status = 422
    kind = "file_refused"

    def __init__(self, problems: list[str]) -> None:
        shown = problems[:_MOST_PROBLEMS]
        more = len(problems) - len(shown)
        super().__init__("\n".join([*shown, *([f"and {more} more"] if more else [])]))


@dataclass(frozen=True)
class Imported:
    """How much was imported."""

    series: Series
    rows: int
    mass_kg: Decimal


@dataclass(frozen=True)
class _Row:
    day: date
    movements: tuple[Movement, ...]
    notes: tuple[tuple[int, Note], ...] = ()


def import_shipments(
    database: Database, text: str, materials: Collection[str], traces: Traces, name: str
) -> Imported:
    """Replaces the earlier shipments by those of a CSV file, all or nothing.

    Raises FileRefused naming `name`, line and column of every mistake, and CannotDecide.
    """
    rows = [_shipment(row, traces) for row in _read(text, _ShipmentSchema(materials), name)]
    return _replace(database, "imported", rows)


def import_figures(database: Database, text: str, name: str) -> Imported:
    """Replaces the public figures by those of a CSV file, all or nothing.

    Raises FileRefused naming `name`, line and column of every mistake, and CannotDecide.
    """
    return _replace(database, "public", [_figure(row) for row in _read(text, _FIGURES, name)])


def _replace(database: Database, series: Series, rows: Sequence[_Row]) -> Imported:
    writer = FlowsWriter(database.dialect)
    with database.writing() as connection:
        writer.replace(
            connection,
            series,
            added(Footprint(row.day, (series,), row.movements, ()) for row in rows),
            [(row.day, row.movements[0]) for row in rows] if series == "imported" else [],
        )
        writer.note(connection, {key: note for row in rows for key, note in row.notes})
    grams = sum(row.movements[0].grams for row in rows)
    return Imported(series, len(rows), Decimal(grams) / 1000)


def _read(text: str, schema: Schema, name: str) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey=_TOO_MANY)
    columns = reader.fieldnames or ()
    if missing := [c for c, field in schema.fields.items() if field.required and c not in columns]:
        raise FileRefused([f"{name}:1: column `{column}` is missing" for column in missing])
    problems, rows = list[str](), list[dict[str, Any]]()
    try:
        for raw in reader:
            try:
                rows.append(schema.load({c: v for c, v in raw.items() if v or c == _TOO_MANY}))
            except ValidationError as error:
                problems += [
                    f"{name}:{reader.line_num}: {column}: {' '.join(map(str, said))}"
                    for column, said in error.messages_dict.items()
                ]
    except csv.Error as error:
        problems.append(f"{name}:{reader.line_num}: {error}")
    if not rows and not problems:
        problems.append(f"{name}:1: there are no rows: what was imported before stays")
    if problems:
        raise FileRefused(problems)
    return rows


_TOO_MANY = "beyond the last column"


def _shipment(row: Mapping[str, Any], traces: Traces) -> _Row:
    exporter, consignee = (
        Party(
            role=role,
            name=row[role],
            country=row.get(f"{role}_country"),
            identifiers=(row[f"{role}_identifier"],) if f"{role}_identifier" in row else None,
        )
        for role in _ROLES
    )
    day, material, destination = row["day"], row["material"], row["destination"]
    movement = Movement(
        material,
        row.get("form", ""),
        shown_name(exporter.name),
        receivers_text((traces.identities(consignee),)),
        destination,
        grams_of(row["mass_kg"]),
        int(row.get("value_cny", 0)),
    )
    notes = traces.left_by_history(exporter, consignee, material, destination, day)
    return _Row(day, _with_all(movement), tuple(notes))


_ROLES: tuple[Role, Role] = ("exporter", "consignee")


def _figure(row: Mapping[str, Any]) -> _Row:
    form, destination = row.get("form", ""), row.get("destination", "")
    grams = grams_of(row["mass_kg"])
    movement = Movement(row["material"], form, "", "", destination, grams, 0)
    return _Row(row["month"], _with_all(movement))


def _with_all(movement: Movement) -> tuple[Movement, ...]:
    return movement, movement._replace(material=ALL)


class _Said:
    """Says what belongs there."""

    wanted = ""

    def make_error(self, key: str, **_: Any) -> ValidationError:
        return ValidationError("is missing" if key == "required" else f"{self.wanted} belongs here")


class _Day(_Said, fields.Date):
    """YYYY-MM-DD and nothing else."""

    ending = ""
    wanted = "a day, YYYY-MM-DD,"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        try:
            if _DAY.fullmatch(value + self.ending):
                return date.fromisoformat(value + self.ending)
        except ValueError:
            pass
        raise self.make_error("invalid")


class _Month(_Day):
    """YYYY-MM, as its first day."""

    ending = "-01"
    wanted = "a month, YYYY-MM,"


class _Number(_Said, fields.Decimal):
    """Digits, with a point before at most six more."""

    wanted = "a number without sign or spaces"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        if not _NUMBER.fullmatch(value):
            raise self.make_error("invalid")
        return Decimal(value)


class _Identifier(_Said, fields.String):
    """type=value."""

    wanted = "type=value"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Identifier:  # type: ignore[override]
        kind, sign, number = value.partition("=")
        if not (sign and kind and number):
            raise self.make_error("invalid")
        return Identifier(type=kind, value=number)


def _one_of(known: Collection[str], what: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in known:
            raise ValidationError(f"`{value[:60]}` is not {what}")

    return check


_country = _one_of(COUNTRIES, "a country (ISO 3166-1, two letters)")
_form = _one_of(get_args(Form), f"a form ({', '.join(get_args(Form))})")


class _RowSchema(Schema):
    class Meta:
        unknown = RAISE

    form = fields.String(validate=_form)
    mass_kg = _Number(required=True)


class _ShipmentSchema(_RowSchema):
    """An earlier shipment."""

    day = _Day(required=True)
    material = fields.String(required=True)
    exporter = fields.String(required=True, validate=validate.Length(1, 10_000))
    exporter_country = fields.String(validate=_country)
    exporter_identifier = _Identifier()
    consignee = fields.String(required=True, validate=validate.Length(1, 10_000))
    consignee_identifier = _Identifier()
    destination = fields.String(required=True, validate=_country)
    value_cny = _Number()

    def __init__(self, materials: Collection[str]) -> None:
        super().__init__()
        self._known = _one_of(materials, "a material of this rule set")

    @validates("material")
    def _material(self, value: str, **_: Any) -> None:
        self._known(value)


class _FigureSchema(_RowSchema):
    """The mass of a month, of all exporters; to all countries where none is named."""

    month = _Month(required=True)
    material = fields.String(required=True, validate=validate.Regexp(_MATERIAL))
    destination = fields.String(validate=_country)
    source = fields.String()
    note = fields.String()


_FIGURES = _FigureSchema()
