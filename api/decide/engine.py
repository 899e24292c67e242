"""Matching by `durable_rules`, inside the fence in which it can be trusted.

The fence (durable_rules 2.0.28 hangs, crashes or errs outside it;
tests/decide/test_engine_fence.py shows each): every pattern is a flat conjunction that begins with
an equality which every case meets; a catch-all rule, so that every fact is handled and its state
can be deleted; integers only (texts are interned, decimals ranked among the constants, patterns
answered beforehand); absence as a fact of its own; few patterns a rule set (its matching stack
holds 64); one fact a session, deleted afterwards; direct calls without callbacks.

Branches of rules are indexed by the values their facts must have, as one bit a branch: a case is
put only to what it could meet, so cost follows the candidates and not the size of the rule set.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import durable_rules_engine as durable
import orjson
import re2

from api.decide.normal_form import Branch, Leaf, TooLarge, branches_of
from api.errors import LodestoneError
from api.rulebook.conditions import Condition, Scalar

Facts = Mapping[str, Scalar]

PATTERNS_A_SHARD = 48  # the engine's matching stack holds 64 and is not checked in time
MAX_SHARDS = 2_000
REMEMBERED_CASES = 50_000
_INDEXED_FACTS = 8
_HANDLED = 0

_OPERATORS = {
    "unequal": "$neq",
    "at_least": "$gte",
    "more_than": "$gt",
    "at_most": "$lte",
    "less_than": "$lt",
}


class EngineError(LodestoneError):
    """The engine could not answer. Nothing is decided."""

    status = 503


@dataclass(frozen=True)
class Pattern:
    """What the engine needs of a rule: its name, the kind of case it is for, and its condition."""

    name: str
    kind: str
    when: Condition


def beyond_the_fence(pattern: Pattern) -> str | None:
    """Why the engine cannot be trusted with this rule, or None. Asked when rules are checked."""
    try:
        branches_of(pattern.when)
    except TooLarge as error:
        return str(error)
    return None


class RuleTable:
    """Rules compiled once, matched many times. Safe to share between threads."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Raises EngineError naming the first rule beyond the fence."""
        self._names = [pattern.name for pattern in patterns]
        self._branches: list[tuple[int, Branch]] = []
        self._kinds: dict[str, int] = {}
        for number, pattern in enumerate(patterns):
            try:
                branches = branches_of(pattern.when)
            except TooLarge as error:
                raise EngineError(f"rule {pattern.name}: {error}") from error
            for branch in branches:
                bit = 1 << len(self._branches)
                self._kinds[pattern.kind] = self._kinds.get(pattern.kind, 0) | bit
                self._branches.append((number, branch))
        self._index = _index([branch for _, branch in self._branches])
        self._shards: OrderedDict[int, tuple[_Shard, ...]] = OrderedDict()
        self._remembered: OrderedDict[tuple[_Shard, tuple[int, ...]], frozenset[int]] = (
            OrderedDict()
        )
        self._lock = threading.Lock()

    def match(self, kind: str, facts: Facts, *, afresh: bool = False) -> tuple[str, ...]:
        """The names of the rules that this case meets, in the order of the rules.

        Answers are remembered, the engine being a pure function of rules and facts; `afresh` asks
        it all the same. Raises EngineError when it gives no answer.
        """
        with self._lock:
            fired: set[int] = set()
            for shard in self._candidates(kind, facts):
                case = shard.encode(facts)
                met = None if afresh else self._remembered.get((shard, case))
                if met is None:
                    met = shard.match(case)
                    self._remembered[shard, case] = met
                    if len(self._remembered) > REMEMBERED_CASES:
                        self._remembered.popitem(last=False)
                fired |= met
        return tuple(self._names[number] for number in sorted(fired))

    def close(self) -> None:
        """Frees the compiled rules, which the engine keeps otherwise."""
        with self._lock:
            for shards in self._shards.values():
                for shard in shards:
                    shard.close()
            self._shards.clear()
            self._remembered.clear()

    def _candidates(self, kind: str, facts: Facts) -> tuple[_Shard, ...]:
        mask = self._kinds.get(kind, 0)
        for fact, masks, others in self._index:
            mask &= masks.get(facts.get(fact), others)
        if not mask:
            return ()
        shards = self._shards.get(mask)
        if shards is None:
            members = [self._branches[n] for n in range(mask.bit_length()) if mask >> n & 1]
            shards = tuple(
                _Shard(members[start : start + PATTERNS_A_SHARD])
                for start in range(0, len(members), PATTERNS_A_SHARD)
            )
            self._shards[mask] = shards
            if len(self._shards) > MAX_SHARDS:
                _, dropped = self._shards.popitem(last=False)
                self._remembered.clear()
                for shard in dropped:
                    shard.close()
        return shards


def _index(branches: Sequence[Branch]) -> list[tuple[str, dict[Scalar | None, int], int]]:
    """For the facts that most branches pin to a value: branches by value, and for any other."""
    pinned = [
        {leaf.fact: leaf.value for leaf in branch if leaf.comparison == "equal"}
        for branch in branches
    ]
    often = Counter(fact for values in pinned for fact in values)
    index = []
    for fact, _ in sorted(often.items(), key=lambda item: (-item[1], item[0]))[:_INDEXED_FACTS]:
        others = sum(1 << n for n, values in enumerate(pinned) if fact not in values)
        masks: dict[Scalar | None, int] = {}
        for n, values in enumerate(pinned):
            if fact in values:
                masks[values[fact]] = masks.get(values[fact], others) | 1 << n
        index.append((fact, masks, others))
    return index


class _Shard:
    """A few branches in one engine rule set. Not thread-safe; its table's lock guards it."""

    _serial = itertools.count()

    def __init__(self, branches: Sequence[tuple[int, Branch]]) -> None:
        self._rules = [number for number, _ in branches]
        tests = [leaf for _, branch in branches for leaf in branch]
        self._facts = tuple(dict.fromkeys(leaf.fact for leaf in tests if not _is_pattern(leaf)))
        self._patterns = tuple(
            dict.fromkeys((leaf.fact, str(leaf.value)) for leaf in tests if _is_pattern(leaf))
        )
        self._regexes = [re2.compile(pattern) for _, pattern in self._patterns]
        texts = dict.fromkeys((t.fact, t.value) for t in tests if isinstance(t.value, str))
        self._texts = {text: number for number, text in enumerate(texts, start=1)}
        self._constants = {
            fact: sorted({t.value for t in tests if t.fact == fact and type(t.value) is Decimal})
            for fact in self._facts
        }
        rules: dict[str, Any] = {
            str(n): {"all": [{"m": {"$and": [{"kind": 1}, *self._tests(branch)]}}]}
            for n, (_, branch) in enumerate(branches)
        }
        rules["handled"] = {"all": [{"m": {"kind": 1}}]}
        self._definition = orjson.dumps(rules).decode()
        self._sessions = itertools.count(1)
        self._open()

    def _open(self) -> None:
        name = f"lodestone-{next(self._serial)}"
        try:
            self._handle = durable.create_ruleset(name, self._definition)
        except Exception as error:
            raise EngineError(f"the engine refuses the rules: {error}") from error
        # The engine keeps what is dropped but not freed.
        self._free = weakref.finalize(self, durable.delete_ruleset, self._handle)
        self._free.atexit = False

    def close(self) -> None:
        self._free()

    def encode(self, facts: Facts) -> tuple[int, ...]:
        """The case as integers: value and presence of each fact, then a yes or no a pattern."""
        case: list[int] = []
        for fact in self._facts:
            value = facts.get(fact)
            case.append(0 if value is None else self._number(fact, value))
            case.append(value is not None)
        for (fact, _), regex in zip(self._patterns, self._regexes, strict=True):
            text = facts.get(fact)
            case.append(-1 if not isinstance(text, str) else regex.search(text) is not None)
        return tuple(map(int, case))

    def _number(self, fact: str, value: Scalar) -> int:
        if isinstance(value, str):
            return self._texts.get((fact, value), 0)
        return int(value) if isinstance(value, bool) else _rank(value, self._constants[fact])

    def _tests(self, branch: Branch) -> list[dict[str, Any]]:
        tests: dict[str, dict[str, Any]] = {}
        for leaf in branch:
            for test in self._engine_tests(leaf):
                tests[str(test)] = test
        return list(tests.values())

    def _engine_tests(self, leaf: Leaf) -> list[dict[str, Any]]:
        if _is_pattern(leaf):
            number = self._patterns.index((leaf.fact, str(leaf.value)))
            return [{f"p{number}": int(leaf.comparison == "matches")}]
        position = self._facts.index(leaf.fact)
        present = {f"k{position}": int(leaf.comparison != "unknown")}
        if leaf.value is None:
            return [present]
        compare: dict[str, Any] = {f"f{position}": self._number(leaf.fact, leaf.value)}
        if leaf.comparison != "equal":
            compare = {_OPERATORS[leaf.comparison]: compare}
        return [present, compare]

    def match(self, case: tuple[int, ...]) -> frozenset[int]:
        """The numbers of the rules that fire on this case. Raises EngineError."""
        session = str(next(self._sessions))
        fact: dict[str, Any] = {"id": session, "sid": session, "kind": 1}
        pairs = 2 * len(self._facts)
        for position in range(len(self._facts)):
            fact[f"f{position}"] = case[2 * position]
            fact[f"k{position}"] = case[2 * position + 1]
        for number in range(len(self._patterns)):
            fact[f"p{number}"] = case[pairs + number]
        fired: set[str] = set()
        try:
            code, state = durable.assert_facts(self._handle, f"[{orjson.dumps(fact).decode()}]")
            if code == _HANDLED:
                action = durable.start_action_for_state(self._handle, state)
                message = action[1] if action else None
                while message:
                    fired.add(message[2 : message.index('"', 2)])
                    message = durable.complete_and_start_action(self._handle, state)
                durable.delete_state(self._handle, session)
        except Exception as error:
            # Whether the session's state exists is unknown, and deleting one that does not
            # corrupts memory: start again with a new engine rule set.
            self.close()
            self._open()
            raise EngineError(f"the engine failed: {error}") from error
        if "handled" not in fired:
            raise EngineError(f"the engine did not handle a case (code {code})")
        fired.discard("handled")
        return frozenset(self._rules[int(number)] for number in fired)


def _is_pattern(leaf: Leaf) -> bool:
    return leaf.comparison in ("matches", "matches_not")


def _rank(number: Decimal, constants: Sequence[Decimal]) -> int:
    """Where a number stands among the constants it is compared with: odd on one, even between.

    That keeps every comparison exact, and numbers that no rule tells apart are one.
    """
    place = bisect_left(constants, number)
    return 2 * place + (place < len(constants) and constants[place] == number)
