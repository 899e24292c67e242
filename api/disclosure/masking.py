"""Masks values, never what is stored: `masked:` and a keyed hash stand where they stood.

A path is followed in the request and in the answer. A text that is masked in the request is masked
too where the answer or a list quotes it, as messages do with names. What can be worked out from
other fields (a price a kilogram, say) is only masked where its own path is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.canonical import canonical_json

Hash = Callable[[bytes], bytes]

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_SHORTEST_WITHIN = 4
_QUOTING_COLUMNS = ("reference", "exporter")
# Members whose texts are the service's own: a clerk named "deny" hides no outcome.
_NEVER_QUOTING = frozenset(
    "id outcome disposition rule rule_set entry code match severity basis looked_at as_of from "
    "evaluated_at log state list instrument entity verified decision".split()
)


def segments(path: str) -> tuple[str, ...]:
    """The parts of a path."""
    return tuple(path.split("/")[1:])


@dataclass(frozen=True)
class Disclosed:
    """A decision as a role sees it; the answer says what is masked of it and of the request."""

    request: Any
    answer: Any
    row: Mapping[str, Any]
    answer_differs: bool
    """Whether anything of the answer itself is masked."""


class Masks:
    """The masks of one role."""

    def __init__(self, paths: tuple[str, ...], keyed: Hash) -> None:
        self._paths, self._keyed = paths, keyed

    @property
    def paths(self) -> tuple[str, ...]:
        """What is masked where it is there."""
        return self._paths

    def __bool__(self) -> bool:
        return bool(self._paths)

    def apply(self, request: Any, answer: Any, row: Mapping[str, Any]) -> Disclosed:
        """The decision with what the role may not see masked; JSON values, numbers exact."""
        quoted: dict[str, str] = {}
        masked: list[str] = []
        given = answer
        for path in self._paths:
            parts = segments(path)
            before = [*_values(request, parts), *_of_earlier(answer, parts)]
            request, in_request = self._masked(request, parts)
            answer, in_answer = self._masked(answer, parts)
            if in_request or in_answer:
                masked.append(path)
            for value in before:
                for text in _texts(value):
                    quoted.setdefault(text, self._hashed(text))
        if quoted:
            # The longest first: a name may begin as another one does. A short one is only known
            # where it stands alone.
            names = sorted((n for n in quoted if len(n) >= _SHORTEST_WITHIN), key=len, reverse=True)
            within = re.compile("|".join(map(re.escape, names)) or r"(?!)")

            def hide(text: str) -> str:
                whole = quoted.get(text)
                return whole or within.sub(lambda match: quoted[match[0]], text)

            answer = _each_text(answer, hide)
            row = {k: hide(v) if k in _QUOTING_COLUMNS else v for k, v in row.items()}
        differs = answer != given
        if answer is not None and masked:
            answer = {**answer, "masked": masked}
        return Disclosed(request, answer, row, differs)

    def value(self, path: str, value: str) -> str:
        """A text that is that of a field, such as `/parties/*/name`, wherever else it is shown."""
        return self._hashed(value) if value and self._covers(segments(path)) else value

    def difference(self, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """A difference of a replay: where it is, and what the values are only by their hashes.

        They are told of facts and of words as much as of fields. The service's own words are shown,
        unless their path is masked.
        """
        if not self._paths:
            return found
        parts = segments(found["pointer"])
        own = parts and parts[-1] in _NEVER_QUOTING and not self._covers(parts[1:])
        return {
            name: value
            if name == "pointer" or (own and not isinstance(value, dict | list))
            else self._hashed(value)
            for name, value in found.items()
        }

    def _covers(self, field: tuple[str, ...]) -> bool:
        """Whether the field, or what it is part of, is masked; `*` may be any item."""
        return any(
            len(parts) <= len(field)
            and all(a == b or "*" in (a, b) for a, b in zip(parts, field, strict=False))
            for parts in map(segments, self._paths)
        )

    def _masked(self, value: Any, parts: tuple[str, ...]) -> tuple[Any, bool]:
        """The value with what lies at the end of the path masked, and whether anything does."""
        if not parts:
            return (self._hashed(value), True) if value is not None else (None, False)
        first, rest = parts[0], parts[1:]
        if isinstance(value, dict):
            keys = list(value) if first == "*" else [first] if first in value else []
            done = {key: self._masked(value[key], rest) for key in keys}
            hit = any(was for _, was in done.values())
            return ({**value, **{key: new for key, (new, _) in done.items()}}, hit)
        if isinstance(value, list):
            all_done = [
                self._masked(item, rest) if first in ("*", str(number)) else (item, False)
                for number, item in enumerate(value)
            ]
            return [new for new, _ in all_done], any(was for _, was in all_done)
        return value, False

    def _hashed(self, value: Any) -> str:
        digest = self._keyed(canonical_json(_plain(value)))[:16]
        return "masked:" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Disclosure:
    """Which paths are masked for which role."""

    def __init__(self, paths: Mapping[str, tuple[str, ...]]) -> None:
        self._paths = paths

    def masks(self, role: str, keyed: Hash) -> Masks:
        """The masks of a role. Who is not named sees what is his own, unmasked."""
        return Masks(self._paths.get(role, ()), keyed)


def _plain(value: Any) -> Any:
    """The value so that what is equal is written alike: 470000 and "470000.00", say."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _values(value: Any, parts: tuple[str, ...]) -> Iterator[Any]:
    if not parts:
        yield value
    elif isinstance(value, dict):
        for key in value if parts[0] == "*" else [parts[0]] if parts[0] in value else ():
            yield from _values(value[key], parts[1:])
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if parts[0] in ("*", str(number)):
                yield from _values(item, parts[1:])


def _of_earlier(answer: Any, parts: tuple[str, ...]) -> Iterator[Any]:
    """What an answer tells of the same field of an earlier shipment, and of this one beside it."""
    for reason in answer["reasons"] if answer is not None else ():
        if "earlier" in reason and parts == ("reference",):
            yield reason["earlier"]["reference"]
        for difference in reason.get("differences", ()):
            # One of the two may end first: a difference may be of all end users at once.
            pairs = zip(segments(difference["field"]), parts, strict=False)
            if all(part in ("*", name) or part.isdigit() for name, part in pairs):
                yield from (difference["before"], difference["after"])


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {
            key: member if key in _NEVER_QUOTING else _each_text(member, change)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    return value
