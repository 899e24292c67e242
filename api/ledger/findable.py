"""The search index held against the decisions: whether each is found by what is recorded of it.

Nothing is decided again. What that alone would tell is not checked: the materials of lines and the
rules that fired; and of a decision from which something was erased, its names and entries.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, func, or_, select

from api.ledger.indexing import BLOCK, STRETCH, places, signed
from api.ledger.terms import Kind, Term, TermKeys, terms_of_control, terms_of_shipment
from api.replay.again import Unreadable, shipment_of
from api.store.tables import DECISION_STRETCHES as S
from api.store.tables import DECISION_TERMS as T

_TERMS_A_QUERY = 1_000
_OF_COLUMNS: tuple[Kind, ...] = ("reference", "actor", "rule_set", "outcome", "disposition")
_OF_NAMES: tuple[Kind, ...] = ("party", "exporter")
_OF_WORDS: tuple[Kind, ...] = ("entry",)


def misfiled(
    connection: Connection,
    keys: TermKeys,
    decisions: Mapping[int, Mapping[str, Any]],
    erased: Collection[int],
) -> Iterator[tuple[int, str]]:
    """The index of each decision that the search index does not have as it is, and why.

    `decisions` are the columns of some that follow each other, by index; `erased` those from which
    something was erased.
    """
    if not decisions:
        return
    wanted: dict[bytes, int] = {}  # as many bits as there are decisions, from the first block on
    told: dict[Kind, int] = {}  # of which decisions all terms of a kind are known
    kinds: dict[bytes, Kind] = {}
    first = min(decisions) // BLOCK
    for index, columns in decisions.items():
        bit = 1 << index - first * BLOCK
        for kind, values in _terms(columns, index in erased).items():
            told[kind] = told.get(kind, 0) | bit
            for value in values:
                key = keys.of(Term(kind, value))
                kinds[key] = kind
                wanted[key] = wanted.get(key, 0) | bit
    stored = _stored(connection, list(wanted), first, max(decisions) // BLOCK)
    lacking: dict[int, set[str]] = {}
    beside: dict[int, set[str]] = {}
    for key, bits in wanted.items():
        kind, there = kinds[key], stored.get(key, 0)
        for found, odd in ((lacking, bits & ~there), (beside, there & ~bits & told[kind])):
            for index in _indexes(first, odd):
                found.setdefault(index, set()).add(kind)
    for index in _out_of_time(connection, decisions):
        lacking.setdefault(index, set()).add("time")
    for index in sorted(lacking.keys() | beside.keys()):
        if index in lacking:
            yield index, f"it cannot be found by its {', '.join(sorted(lacking[index]))}"
        if index in beside:
            yield index, f"it is found by another {', '.join(sorted(beside[index]))}"


def knows_beyond(connection: Connection, size: int) -> bool:
    """Whether the search index has decisions that a log of `size` entries cannot have."""
    block, within = divmod(size, BLOCK)
    beyond = signed(((1 << BLOCK) - 1) >> within << within)
    rows = select(func.count()).where(
        or_(T.c.block > block, (T.c.block == block) & (T.c.bits.bitwise_and(beyond) != 0))
    )
    stretches = select(func.count()).where(S.c.stretch * STRETCH >= size)
    return any(connection.execute(query).scalar() for query in (rows, stretches))


def _terms(columns: Mapping[str, Any], erased: bool) -> Mapping[Kind, set[str]]:
    """What it is found by, of every kind of which all can be told."""
    kinds: set[Kind] = {*_OF_COLUMNS}
    rule_set = columns["rule_set"]
    terms = [
        *(Term(kind, columns[kind]) for kind in _OF_COLUMNS),
        Term("rule_set", f"{rule_set}@{columns['version']}"),
    ]
    try:
        terms += terms_of_shipment(shipment_of(columns["request"]))
        kinds.update(("country", *(() if erased else _OF_NAMES)))
    except Unreadable:
        pass  # one that this version would no longer take; that it is unaltered was seen before
    if not erased:
        terms += _of_words(columns["words"])
        kinds.update(_OF_WORDS)
    found: dict[Kind, set[str]] = {kind: set() for kind in kinds}
    for term in terms:
        if term.kind in kinds:
            found[term.kind].add(term.value)
    return found


def _of_words(deflated: bytes) -> Iterator[Term]:
    words = json.loads(b"{%b}" % zlib.decompress(deflated))
    for line in words["lines"]:
        for control in line["controls"]:
            yield from terms_of_control(control["match"], control["entry"], control["code"])


def _stored(
    connection: Connection, terms: list[bytes], first: int, last: int
) -> Mapping[bytes, int]:
    """The bits of each term, from the first block on."""
    found: dict[bytes, int] = {}
    for start in range(0, len(terms), _TERMS_A_QUERY):
        rows = connection.execute(
            select(T.c.term, T.c.block, T.c.bits).where(
                T.c.term.in_(terms[start : start + _TERMS_A_QUERY]), T.c.block.between(first, last)
            )
        )
        for term, block, bits in rows:
            key = bytes(term)
            at = (block - first) * BLOCK
            found[key] = found.get(key, 0) | (bits & (1 << BLOCK) - 1) << at
    return found


def _indexes(first: int, bits: int) -> Iterator[int]:
    block = first
    while bits:
        yield from places(block, bits & (1 << BLOCK) - 1)
        bits >>= BLOCK
        block += 1


def _out_of_time(
    connection: Connection, decisions: Mapping[int, Mapping[str, Any]]
) -> Iterator[int]:
    """Those made outside of the times of their stretch."""
    among = S.c.stretch.between(min(decisions) // STRETCH, max(decisions) // STRETCH)
    times = {row.stretch: row for row in connection.execute(select(S).where(among))}
    for index, columns in decisions.items():
        row = times.get(index // STRETCH)
        if row is None or not row.earliest <= columns["evaluated_at"] <= row.latest:
            yield index
