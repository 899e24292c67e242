"""Marshmallow fields that take JSON types as they are and say plainly what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import Schema, ValidationError, fields

from api.web.faults import Fault
from api.web.values import MOST_ITEMS, SHORT, number_fault, text_fault

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class _Plain:
    """Says `required`, `null` and wrong types in our words."""

    wanted = "text"

    def make_error(self, key: str, **_: Any) -> ValidationError:
        kind = key if key in ("required", "null") else self.wanted
        return ValidationError(Fault(kind))


class Text(_Plain, fields.String):
    """A text, at most so long, that passes a further check."""

    def __init__(
        self, most: int = SHORT, check: Callable[[str], Fault | None] | None = None, **more: Any
    ) -> None:
        super().__init__(**more)
        self.most, self.check = most, check
        self.metadata = {"maxLength": most, **self.metadata}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        fault = text_fault(value, self.most) or (self.check(value) if self.check else None)
        if fault:
            raise ValidationError(fault)
        return value


class Choice(_Plain, fields.String):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...], **more: Any) -> None:
        super().__init__(**more)
        self.choices = choices
        self.metadata = {**self.metadata, "enum": list(choices)}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if value not in self.choices:
            raise ValidationError(Fault("choice", value=value, choices=", ".join(self.choices)))
        return value


class Number(_Plain, fields.Decimal):
    """An exact number, given as a JSON number or a decimal text."""

    wanted = "number"

    def __init__(self, least: Decimal, most: Decimal, *, zero: bool = True, **more: Any) -> None:
        super().__init__(**more)
        self.least, self.most, self.zero = least, most, zero
        self.metadata = {**self.metadata, "minimum": float(least), "maximum": float(most)}
        if not zero:
            self.metadata["exclusiveMinimum"] = True

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        return self.read(value)

    def read(self, value: Any) -> Decimal:
        """The number. Raises ValidationError."""
        if value is None:
            raise self.make_error("null")
        if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
            raise self.make_error("invalid")
        try:
            number = Decimal(value)
        except (InvalidOperation, ValueError):
            raise self.make_error("invalid") from None
        fault = number_fault(number, self.least, self.most, zero=self.zero)
        if fault:
            raise ValidationError(fault)
        return number


class Whole(_Plain, fields.Integer):
    """A whole number."""

    def __init__(self, least: int, most: int, **more: Any) -> None:
        super().__init__(**more)
        self.least, self.most = least, most
        self.metadata = {**self.metadata, "minimum": least, "maximum": most}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._fault()
        if not self.least <= value <= self.most:
            raise self._fault()
        return value

    def _fault(self) -> ValidationError:
        return ValidationError(Fault("whole", least=self.least, most=self.most))


class Flag(_Plain, fields.Boolean):
    """true or false."""

    wanted = "boolean"

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Day(_Plain, fields.Date):
    """A day of the calendar, YYYY-MM-DD."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ValidationError(Fault("date", value=value))


class Many(_Plain, fields.List[Any]):
    """A list of so many items."""

    wanted = "list"

    def __init__(self, item: Any, least: int = 0, most: int = MOST_ITEMS, **more: Any) -> None:
        super().__init__(item, **more)
        self.least, self.most = least, most
        self.metadata = {**self.metadata, "minItems": least, "maxItems": most}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **words: Any
    ) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not self.least <= len(value) <= self.most:
            raise ValidationError(
                Fault("items", value=len(value), least=self.least, most=self.most)
            )
        found: list[Any] = super()._deserialize(value, attr, data, **words)
        return found


class Part(_Plain, fields.Nested):
    """An object inside the object."""

    wanted = "object"

    def __init__(self, schema: type[Schema] | Callable[[], Schema], **more: Any) -> None:
        super().__init__(schema, **more)


class Measurements(_Plain, fields.Mapping[Any]):
    """Named measurements: numbers by name."""

    wanted = "object"
    mapping_type = dict

    def __init__(
        self, number: Number, check: Callable[[str], Fault | None], most: int, **more: Any
    ) -> None:
        super().__init__(keys=fields.String(), values=number, **more)
        self.number, self.check, self.most = number, check, most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Decimal]:
        if not isinstance(value, Mapping):
            raise self.make_error("invalid")
        if len(value) > self.most:
            raise ValidationError(Fault("items", value=len(value), least=0, most=self.most))
        found: dict[str, Decimal] = {}
        errors: dict[str, Any] = {}
        for name, raw in value.items():
            fault = self.check(name)
            try:
                if fault:
                    raise ValidationError(fault)
                found[name] = self.number.read(raw)
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors)
        return found
