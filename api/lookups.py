"""Classification and screening looked up before they are computed.

Classification in this process, then in Redis; screening, which takes less than asking Redis, in
this process. Keys begin with the digest of the rule set, so nothing stale can be served; they end
with exactly what is read of a line or a party.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from api import __version__
from api.cache import SharedCache
from api.decide.bearing import Bearing
from api.decide.classify import Classification, LineClassification, Match
from api.decide.evaluate import Evaluator
from api.decide.facts import LookedUp
from api.decide.goods import Clue
from api.decide.parties import ScreenedParty
from api.flows.history import GroupPast, Histories, Question
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


_Key = tuple[str, bytes]  # digest of the rule set, what is read of a line


class Asking(Protocol):
    """What look-ups read of a proposal."""

    @property
    def shipment(self) -> Shipment: ...
    @property
    def evaluator(self) -> Evaluator: ...
    @property
    def day(self) -> date: ...
    @property
    def actor(self) -> str: ...


class CachedClassification:
    """The answers of evaluators' `classify`, kept. Safe to share between threads."""

    def __init__(self, shared: SharedCache) -> None:
        self._shared = shared
        self._memory: OrderedDict[_Key, LineClassification] = OrderedDict()

    def of(self, group: Sequence[Asking]) -> list[tuple[LineClassification, ...]]:
        """Those of the lines of each shipment, with one question to Redis at most."""
        found: dict[_Key, LineClassification] = {}
        missing: dict[_Key, tuple[Evaluator, Line]] = {}
        wanted: list[list[_Key]] = []
        for asking in group:
            evaluator = asking.evaluator
            digest = evaluator.version.rule_set.digest
            keys = [(digest, goods_of(line)) for line in asking.shipment.lines]
            for key, line in zip(keys, asking.shipment.lines, strict=True):
                kept = self._memory.get(key)
                if kept is not None:
                    found[key] = kept
                else:
                    missing[key] = (evaluator, line)
            wanted.append(keys)
        if found:
            _IN_MEMORY.inc(sum(map(len, wanted)) - len(missing))
        if missing:
            found |= self._from_afar(missing)
        return [tuple(found[key] for key in keys) for keys in wanted]

    def _from_afar(
        self, missing: Mapping[_Key, tuple[Evaluator, Line]]
    ) -> dict[_Key, LineClassification]:
        found: dict[_Key, LineClassification] = {}
        computed: dict[str, bytes] = {}
        names = {key: _name_of(key) for key in missing}
        stored = self._shared.get(list(names.values()))
        for key, (evaluator, line) in missing.items():
            name = names[key]
            kept = _revive(stored[name], evaluator) if name in stored else None
            if kept is None:
                kept = evaluator.classify(line)
                computed[name] = _encode(_store(kept))
            found[key] = kept
            self._remember(key, kept)
        _IN_REDIS.inc(len(missing) - len(computed))
        _COMPUTED.inc(len(computed))
        self._shared.put(computed)
        return found

    def _remember(self, key: _Key, value: LineClassification) -> None:
        self._memory[key] = value
        if len(self._memory) > _REMEMBERED:
            self._memory.popitem(last=False)


class Found(msgspec.Struct, frozen=True):
    """What was looked up, and what of the past the notes to be left depend on."""

    looked_up: LookedUp
    past: Past


class FoundTogether:
    """What was looked up for a group that is decided one after another."""

    def __init__(self, goods: Sequence[LookedUp], pasts: GroupPast) -> None:
        self._goods = goods
        self._pasts = pasts
        self.decided = pasts.decided
        """Tells those after it what a decision leaves behind."""

    def of(self, number: int) -> Found:
        """For the one of this number. Raises CannotDecide."""
        past = self._pasts.of(number)
        goods = self._goods[number]
        return Found(LookedUp(goods.lines, goods.parties, past.history), past)


class LookUps:
    """All that deciding needs besides the shipment and the rules."""

    def __init__(self, classification: CachedClassification, histories: Histories) -> None:
        self._classification = classification
        self._screening = CachedScreening()
        self._histories = histories

    def of(self, group: Sequence[Asking], recorded: bool = True) -> FoundTogether:
        """For each of the group, to be recorded or not.

        Raises CannotDecide when the database is away.
        """
        goods = [
            LookedUp(lines, self._screening.of(asking.evaluator, asking.shipment))
            for asking, lines in zip(group, self._classification.of(group), strict=True)
        ]
        pasts = self._histories.of(
            [
                Question(
                    asking.shipment,
                    found,
                    asking.day,
                    asking.actor,
                    traces_of(asking.evaluator),
                    asking.evaluator.classify,
                    recorded,
                )
                for asking, found in zip(group, goods, strict=True)
            ]
        )
        return FoundTogether(goods, pasts)


class CachedScreening:
    """The answers of evaluators' `screen`, kept. Safe to share between threads."""

    def __init__(self) -> None:
        self._memory: OrderedDict[tuple[object, ...], ScreenedParty] = OrderedDict()

    def of(self, evaluator: Evaluator, shipment: Shipment) -> tuple[ScreenedParty, ...]:
        """Those of the parties of this shipment."""
        return tuple(self.one(evaluator, party) for party in shipment.parties)

    def one(self, evaluator: Evaluator, party: Party) -> ScreenedParty:
        """That of one party."""
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


def _name_of(key: _Key) -> str:
    """What Redis knows it by."""
    digest, goods = key
    return f"lodestone:{__version__}:{digest}:{hashlib.sha256(goods).hexdigest()}"


def goods_of(line: Line) -> bytes:
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
