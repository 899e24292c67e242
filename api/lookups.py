"""Classification and screening looked up before they are computed.

Classification in this process, then in Redis; screening, which takes less than asking Redis, in
this process. Keys begin with the digest of the rule set, so nothing stale can be served; they end
with exactly what is read of a line or a party.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from api import __version__
from api.cache import SharedCache
from api.decide.bearing import Bearing
from api.decide.classify import Classification, LineClassification, Match
from api.decide.evaluate import Evaluator
from api.decide.facts import LookedUp
from api.decide.goods import Clue
from api.decide.parties import ScreenedParty
from api.flows.history import Histories
from api.flows.traces import Past, traces_of
from api.metrics import LOOKUPS
from api.shipment import Line, Party, Shipment

_REMEMBERED = 20_000
_IN_MEMORY, _IN_REDIS, _COMPUTED = map(LOOKUPS.labels, ("memory", "redis", "computed"))
_encode = msgspec.json.Encoder(decimal_format="string").encode


class _StoredEntry(msgspec.Struct, array_like=True):
    entry: str
    match: Match
    clues: tuple[tuple[str, str, str, str], ...]
    asks: tuple[str, ...]
    borderline: bool
    content_value_pct: Decimal | None


class _Stored(msgspec.Struct, array_like=True):
    entries: tuple[_StoredEntry, ...]
    code_contradiction: tuple[tuple[str, str, str, str], ...] | None
    said_purity_pct: Decimal | None
    says_nothing: bool
    bearing: Bearing
    form: str
    words_key: str


_decode = msgspec.json.Decoder(_Stored).decode


class CachedClassification:
    """The answers of evaluators' `classify`, kept. Safe to share between threads."""

    def __init__(self, shared: SharedCache) -> None:
        self._shared = shared
        self._memory: OrderedDict[tuple[str, bytes], LineClassification] = OrderedDict()

    def of(self, evaluator: Evaluator, shipment: Shipment) -> tuple[LineClassification, ...]:
        """Those of the lines of this shipment, with one question to Redis at most."""
        digest = evaluator.version.rule_set.digest
        goods = {line.line: _goods_of(line) for line in shipment.lines}
        found: dict[bytes, LineClassification] = {}
        missing: dict[str, tuple[bytes, Line]] = {}
        for line in shipment.lines:
            key = goods[line.line]
            kept = self._memory.get((digest, key))
            if kept is not None:
                found[key] = kept
            else:
                name = f"lodestone:{__version__}:{digest}:{hashlib.sha256(key).hexdigest()}"
                missing[name] = (key, line)
        if found:
            _IN_MEMORY.inc(len(found))
        if missing:
            found |= self._from_afar(evaluator, missing)
        return tuple(found[goods[line.line]] for line in shipment.lines)

    def _from_afar(
        self, evaluator: Evaluator, missing: dict[str, tuple[bytes, Line]]
    ) -> dict[bytes, LineClassification]:
        found: dict[bytes, LineClassification] = {}
        computed: dict[str, bytes] = {}
        stored = self._shared.get(list(missing))
        for name, (key, line) in missing.items():
            kept = _revive(stored[name], evaluator) if name in stored else None
            if kept is None:
                kept = evaluator.classify(line)
                computed[name] = _encode(_store(kept))
            found[key] = kept
            self._remember((evaluator.version.rule_set.digest, key), kept)
        _IN_REDIS.inc(len(missing) - len(computed))
        _COMPUTED.inc(len(computed))
        self._shared.put(computed)
        return found

    def _remember(self, key: tuple[str, bytes], value: LineClassification) -> None:
        self._memory[key] = value
        if len(self._memory) > _REMEMBERED:
            self._memory.popitem(last=False)


class LookUps:
    """All that deciding needs besides the shipment and the rules."""

    def __init__(self, classification: CachedClassification, histories: Histories) -> None:
        self._classification = classification
        self._screening = CachedScreening()
        self._histories = histories

    def of(self, evaluator: Evaluator, shipment: Shipment, day: date) -> tuple[LookedUp, Past]:
        """Looked up for a shipment of the day. Raises CannotDecide when the database is away."""
        found = LookedUp(
            self._classification.of(evaluator, shipment), self._screening.of(evaluator, shipment)
        )
        past = self._histories.of(shipment, found, day, traces_of(evaluator), evaluator.classify)
        return replace(found, history=past.history), past


class CachedScreening:
    """The answers of evaluators' `screen`, kept. Safe to share between threads."""

    def __init__(self) -> None:
        self._memory: OrderedDict[tuple[object, ...], ScreenedParty] = OrderedDict()

    def of(self, evaluator: Evaluator, shipment: Shipment) -> tuple[ScreenedParty, ...]:
        """Those of the parties of this shipment."""
        return tuple(self._screened(evaluator, party) for party in shipment.parties)

    def _screened(self, evaluator: Evaluator, party: Party) -> ScreenedParty:
        key = (
            evaluator.version.rule_set.digest,
            party.name,
            party.country,
            party.business,
            party.identifiers,
            party.owners,
        )
        kept = self._memory.get(key)
        if kept is None:
            kept = self._memory[key] = evaluator.screen(party)
            if len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)
        return kept


def _goods_of(line: Line) -> bytes:
    """Everything classification reads of a line, and nothing else."""
    return _encode(
        (
            line.description,
            line.model,
            line.hs_code,
            line.form,
            line.composition,
            line.purity_pct,
            line.particle_size_um,
            line.dimensions_mm,
            sorted(line.properties.items()) if line.properties else None,
            line.crystal,
            line.declared_code,
            line.content,
        )
    )


def _store(found: LineClassification) -> _Stored:
    contradiction = found.code_contradiction
    return _Stored(
        tuple(
            _StoredEntry(
                c.entry.id,
                c.match,
                tuple(map(_flat, c.clues)),
                c.asks,
                c.borderline,
                c.content_value_pct,
            )
            for c in found.entries
        ),
        tuple(map(_flat, contradiction)) if contradiction is not None else None,
        found.said_purity_pct,
        found.says_nothing,
        found.bearing,
        found.form,
        found.words_key,
    )


def _revive(value: bytes, evaluator: Evaluator) -> LineClassification | None:
    """The stored classification, or None when it is not one of this rule set."""
    entries = evaluator.version.rule_set.entries
    try:
        stored = _decode(value)
        return LineClassification(
            tuple(
                Classification(
                    entries[s.entry],
                    s.match,
                    tuple(map(_clue, s.clues)),
                    s.asks,
                    s.borderline,
                    s.content_value_pct,
                )
                for s in stored.entries
            ),
            tuple(map(_clue, stored.code_contradiction))
            if stored.code_contradiction is not None
            else None,
            stored.said_purity_pct,
            stored.says_nothing,
            stored.bearing,
            stored.form,
            stored.words_key,
        )
    except (msgspec.DecodeError, KeyError):
        return None


def _flat(clue: Clue) -> tuple[str, str, str, str]:
    return (clue.kind, clue.fact, clue.value, clue.bound)


def _clue(parts: tuple[Any, ...]) -> Clue:
    return Clue(*parts)
