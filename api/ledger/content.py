"""What a decision's entry in the log commits to: all that is stored of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import msgspec
import orjson

from api.canonical import read_json
from api.log.commitments import Content, names_in
from api.store.logbook import NewEntry, new_entry

RECORDED = (
    "id", "reference", "evaluated_at", "as_of", "outcome", "disposition", "rule_set",
    "version", "digest", "actor", "language",
)  # fmt: skip
"""The columns of a decision that are committed to as one document, in this order."""

DOCUMENTS = ("exporter", "request", "screening", "history", "facts", "words")
"""The columns that are documents of their own, after that one."""

DEFLATED = frozenset(("facts", "words"))
"""Of these the stored bytes: a name in them is not committed to apart."""


def content_of_decision(columns: Mapping[str, Any]) -> Content:
    """By the columns of a decision."""
    return Content(documents_of(columns), names_in(names_of(columns["request"])))


def entry_of_decision(columns: Mapping[str, Any]) -> NewEntry:
    """The entry in the log, by the columns of a decision."""
    return new_entry(
        "decision",
        columns["id"],
        columns["evaluated_at"],
        columns["actor"],
        content_of_decision(columns),
        columns["digest"],
        columns["outcome"],
    )


def documents_of(columns: Mapping[str, Any]) -> tuple[bytes, ...]:
    """The documents of a decision, by its columns."""
    record = orjson.dumps([columns[name] for name in RECORDED])
    _, *others = DOCUMENTS
    return (record, orjson.dumps(columns["exporter"]), *(columns[name] for name in others))


class _Who(msgspec.Struct):
    """A party or an owner: all that is read of it."""

    name: str | None = None
    address: str | None = None
    website: str | None = None
    owners: list[_Who] | None = None


class _Named(msgspec.Struct):
    """A request of the usual form: all that is read of it."""

    submitted_by: str | None = None
    parties: list[_Who] | None = None


_decode = msgspec.json.Decoder(_Named).decode


def names_of(request: bytes) -> Iterable[bytes]:
    """Who and where, as it may stand in the request and in what was made of it."""
    named = _named(request)
    texts = [] if named.submitted_by is None else [named.submitted_by]
    _add(texts, named.parties)
    return _as_written(texts, request)


def _named(request: bytes) -> _Named:
    """Without names, where it is no request at all."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode(request)
    with suppress(msgspec.ValidationError, ValueError, RecursionError):
        # Takes what the other does not: half characters, long numbers.
        return msgspec.convert(read_json(request), _Named)
    return _Named()


def _add(texts: list[str], people: Iterable[_Who] | None) -> None:
    for who in people or ():
        texts += [text for text in (who.name, who.address, who.website) if text is not None]
        if who.owners:
            _add(texts, who.owners)


def _as_written(texts: Iterable[str], request: bytes) -> Iterator[bytes]:
    """In JSON: plain, and where the request escapes its letters, that way too."""
    escaped = b"\\u" in request
    for text in texts:
        yield from written(text, escaped)


@lru_cache(20_000)
def written(text: str, escaped: bool) -> tuple[bytes, ...]:
    """How a text may stand in JSON, between the quotes."""
    plain = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    if not escaped:
        return (plain,)
    ascii_only = json.dumps(text)[1:-1]
    return plain, ascii_only.encode(), _upper(ascii_only).encode()


def _upper(ascii_only: str) -> str:
    """With the digits of its escapes in capitals, as some write them."""
    first, *rest = ascii_only.split("\\u")
    return "".join((first, *(f"\\u{part[:4].upper()}{part[4:]}" for part in rest)))
