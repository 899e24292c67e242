"""What durable_rules hangs, crashes or errs on is refused, or never reaches it."""

from __future__ import annotations

import sys
import threading
from decimal import Decimal

import pytest

from api.decide.engine import EngineError, Pattern, RuleTable, beyond_the_fence
from api.decide.oracle import holds
from api.rulebook.conditions import All, Any, Condition, Not, Test


def is_(fact: str, value: str | bool | Decimal) -> Test:
    return Test(fact, "is", value)


def table(*conditions: Condition) -> RuleTable:
    return RuleTable([Pattern(f"r{n}", "line", c) for n, c in enumerate(conditions)])


def test_a_case_that_no_rule_is_for_is_answered() -> None:
    assert table(is_("a", "x")).match("line", {"a": "y"}) == ()
    assert table(is_("a", "x")).match("shipment", {"a": "x"}) == ()
    assert table().match("line", {"a": "x"}) == ()


def test_a_rule_about_absence_alone_does_not_hang() -> None:
    rules = table(Test("a", "known", False), Not(is_("a", "x")))
    assert rules.match("line", {}) == ("r0", "r1")
    assert rules.match("line", {"a": "x"}) == ()


def test_a_comparison_with_an_absent_fact_fails_and_its_negation_holds() -> None:
    more = Test("n", "more_than", Decimal(5))
    assert table(more, Not(more)).match("line", {}) == ("r1",)


def test_thousands_of_values_of_one_fact_register() -> None:
    rules = table(*(is_("a", f"v{n}") for n in range(3_000)))
    assert rules.match("line", {"a": "v2999"}) == ("r2999",)


def test_hundreds_of_rules_that_all_fire_at_once_overflow_nothing() -> None:
    rules = table(*(Any((is_("a", "x"), Test("n", "at_least", Decimal(n)))) for n in range(500)))
    assert len(rules.match("line", {"a": "x", "n": Decimal(1000)}, afresh=True)) == 500


def test_alternatives_that_both_hold_fire_their_rule_once() -> None:
    assert table(Any((is_("a", "x"), is_("b", "y")))).match("line", {"a": "x", "b": "y"}) == ("r0",)


def test_deep_nesting_is_matched() -> None:
    condition: Condition = is_("a", "x")
    for n in range(11):
        condition = All((Any((condition, is_("b", f"{n}"))), Not(is_("c", f"{n}"))))
    assert table(condition).match("line", {"a": "x", "c": "none"}) == ("r0",)


@pytest.mark.parametrize(
    "condition",
    [
        All(tuple(Any((is_(f"a{n}", "x"), is_(f"b{n}", "x"))) for n in range(12))),
        Not(Test("a", "in", tuple(f"v{n}" for n in range(60)))),
        All(tuple(is_(f"a{n}", "x") for n in range(50))),
    ],
    ids=["too many combinations", "a long negated list", "too many at once"],
)
def test_what_the_engine_cannot_hold_is_refused_with_advice(condition: Condition) -> None:
    reason = beyond_the_fence(Pattern("r", "line", condition))
    assert reason is not None
    assert "split" in reason
    with pytest.raises(EngineError, match="rule r0"):
        table(condition)


@pytest.mark.parametrize(
    ("value", "bound", "above"),
    [
        ("1e-7", "0.0000001", False),
        ("0.00000010000000000000000001", "0.0000001", True),
        ("1e22", "10000000000", True),
        ("-1e22", "0", False),
        ("99.99999999", "99.99999999", False),
        ("99.999999991", "99.99999999", True),
        ("10000000000", "10000000000", False),
    ],
)
def test_numbers_compare_exactly_however_they_are_written(
    value: str, bound: str, above: bool
) -> None:
    rules = table(Test("n", "more_than", Decimal(bound)))
    assert bool(rules.match("line", {"n": Decimal(value)}, afresh=True)) is above


@pytest.mark.parametrize(
    "text", ['"', "\\", "\\u0000", "锑", "a" * 300, "$or", "{}", "5", "true", "\u2028", "é"]
)
def test_any_text_is_only_a_text(text: str) -> None:
    rules = table(is_("a", text), is_("n", Decimal(5)))
    assert rules.match("line", {"a": text}, afresh=True) == ("r0",)
    assert rules.match("line", {"a": text + "x"}, afresh=True) == ()


def test_patterns_are_linear_in_time() -> None:
    rules = table(Test("a", "matches", "(x+x+)+y"))
    assert rules.match("line", {"a": "x" * 5_000}) == ()


def test_threads_share_a_table() -> None:
    conditions = [Any((is_("a", f"{n}"), Test("n", "at_least", Decimal(n)))) for n in range(40)]
    rules = table(*conditions)
    wrong: list[object] = []

    def work(offset: int) -> None:
        for n in range(500):
            facts = {"a": f"{(n + offset) % 50}", "n": Decimal((n * offset) % 45)}
            expected = tuple(f"r{i}" for i, c in enumerate(conditions) if holds(c, facts))
            if rules.match("line", facts, afresh=True) != expected:
                wrong.append(facts)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_tables_that_are_forgotten_or_closed_give_their_memory_back() -> None:
    def resident_kb() -> int:
        with open("/proc/self/status") as status:
            return int(next(line.split()[1] for line in status if line.startswith("VmRSS")))

    def reload(times: int) -> None:
        for n in range(times):
            rules = table(*(is_("a", f"{value}") for value in range(40)))
            rules.match("line", {"a": "7"})
            rules.match("line", {"a": "8"})
            if n % 2:
                rules.close()

    reload(200)
    before = resident_kb()
    reload(1_000)
    assert resident_kb() - before < 20_000
