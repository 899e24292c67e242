"""The engine and an evaluator that shares nothing with it agree on random rules and facts.

`LODESTONE_ENGINE_CASES` sets how many cases; a failing run prints its seed, which
`LODESTONE_SEED` repeats.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal

from api.decide.engine import Pattern, RuleTable, beyond_the_fence
from api.decide.oracle import holds
from api.rulebook.conditions import All, Any, Condition, Not, Scalar, Test

_CASES = int(os.environ.get("LODESTONE_ENGINE_CASES", "10000"))
_SEED = int(os.environ.get("LODESTONE_SEED", random.randrange(2**32)))
_TEXTS = ("a", "b", "US", "CN", "5", '"q\\', "锑", "", "x y")
_STEPS = ("0", "0.01", "0.00000001")


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def number(self, steps: tuple[str, ...] = _STEPS) -> Decimal:
        return Decimal(self.random.randint(-3, 3)) + Decimal(self.random.choice(steps))

    def condition(self, depth: int = 0) -> Condition:
        kind = self.random.random()
        if depth < 4 and kind < 0.4:
            parts = tuple(self.condition(depth + 1) for _ in range(self.random.randint(0, 3)))
            return All(parts) if kind < 0.2 else Any(parts)
        if depth < 4 and kind < 0.5:
            return Not(self.condition(depth + 1))
        fact = self.random.choice(("t1", "t2", "n1", "n2", "b1"))
        if self.random.random() < 0.1:
            return Test(fact, "known", self.random.random() < 0.5)
        if fact.startswith("t"):
            return self.text_test(fact)
        if fact.startswith("n"):
            return self.number_test(fact)
        return Test(fact, self.random.choice(("is", "not")), self.random.random() < 0.5)

    def text_test(self, fact: str) -> Condition:
        match self.random.choice(("is", "not", "in", "matches")):
            case "in":
                return Test(fact, "in", tuple(set(self.random.choices(_TEXTS, k=3))))
            case "matches":
                return Test(fact, "matches", self.random.choice(("^a", "S$", "[0-9]", ".")))
            case "not":
                return Test(fact, "not", self.random.choice(_TEXTS))
            case _:
                return Test(fact, "is", self.random.choice(_TEXTS))

    def number_test(self, fact: str) -> Condition:
        low, high = sorted((self.number(), self.number()))
        match self.random.randrange(8):
            case 0:
                return Test(fact, "between", (low, high))
            case 1:
                return Test(fact, "in", tuple({low, high}))
            case 2:
                return Test(fact, "at_least", low)
            case 3:
                return Test(fact, "more_than", low)
            case 4:
                return Test(fact, "at_most", low)
            case 5:
                return Test(fact, "less_than", low)
            case 6:
                return Test(fact, "not", low)
            case _:
                return Test(fact, "is", low)

    def facts(self) -> dict[str, Scalar]:
        found: dict[str, Scalar] = {}
        for fact in ("t1", "t2"):
            if self.random.random() < 0.8:
                found[fact] = self.random.choice(_TEXTS)
        for fact in ("n1", "n2"):
            if self.random.random() < 0.8:
                found[fact] = self.number((*_STEPS, "0.000000005", "1e20", "-1e20"))
        if self.random.random() < 0.8:
            found["b1"] = self.random.random() < 0.5
        return found


def test_the_engine_agrees_with_the_oracle() -> None:
    print(f"seed {_SEED}")
    make = Generator(_SEED)
    agreed = 0
    while agreed < _CASES:
        patterns = [
            Pattern(f"r{n}", make.random.choice(("line", "shipment")), make.condition())
            for n in range(make.random.randint(1, 15))
        ]
        patterns = [p for p in patterns if beyond_the_fence(p) is None]
        table = RuleTable(patterns)
        for _ in range(5):
            kind, facts = make.random.choice(("line", "shipment")), make.facts()
            expected = tuple(p.name for p in patterns if p.kind == kind and holds(p.when, facts))
            assert table.match(kind, facts, afresh=True) == expected, (_SEED, patterns, facts)
            assert table.match(kind, facts) == expected
            agreed += 1
        table.close()
