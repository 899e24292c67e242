"""What a decision's entry in the log commits to: all that is stored of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from api.log.commitments import Content, names_in
from api.shipment import Owner, Party, Shipment

RECORDED = (
    "id", "reference", "exporter", "evaluated_at", "as_of", "outcome", "disposition", "rule_set",
    "version", "digest", "actor", "language",
)  # fmt: skip
"""The columns of a decision that are committed to as one document, in this order."""

DOCUMENTS = ("request", "screening", "history", "facts", "words")
"""The columns that are documents of their own, after that one; the last two are deflated."""


def content_of_decision(row: Mapping[str, Any], shipment: Shipment) -> Content:
    """By the columns of a decision, and the shipment that its request is."""
    record = orjson.dumps([row[name] for name in RECORDED])
    documents = (record, *(row[name] for name in DOCUMENTS))
    return Content(documents, names_in(_as_written(_names(shipment), row["request"])))


def _names(shipment: Shipment) -> Iterator[str]:
    """Who and where: the texts that may name a person."""
    if shipment.submitted_by:
        yield shipment.submitted_by
    for party in shipment.parties:
        yield from _of(party)


def _of(who: Party | Owner) -> Iterator[str]:
    yield who.name
    if isinstance(who, Party):
        for text in (who.address, who.website):
            if text:
                yield text
    for owner in who.owners or ():
        yield from _of(owner)


def _as_written(names: Iterable[str], request: bytes) -> Iterator[bytes]:
    """As they stand in JSON: plain, and where the request escapes its letters, that way too."""
    escaped = b"\\u" in request
    for name in names:
        yield orjson.dumps(name)[1:-1]
        if escaped:
            ascii_only = json.dumps(name)[1:-1]
            yield ascii_only.encode()
            yield _upper(ascii_only).encode()


def _upper(escaped: str) -> str:
    """With the digits of its escapes in capitals, as some write them."""
    first, *rest = escaped.split("\\u")
    return "".join((first, *(f"\\u{part[:4].upper()}{part[4:]}" for part in rest)))
