"""The same rules in other engines: zen-engine (a decision table), Cedar and Rego.

Each is given the branches of the rules, and answers with the ids of the rules that hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import cedarpy
import regopy
import zen

from api.decide.engine import Pattern
from api.decide.normal_form import Branch, Leaf, branches_of
from api.rulebook.conditions import Scalar

Match = Callable[[Mapping[str, Scalar]], set[str]]
_SCALE = 10_000
_SIGNS = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<"}


def _name(fact: str) -> str:
    return fact.replace(".", "_")


def _rows(patterns: Sequence[Pattern], kind: str) -> list[tuple[str, Branch]]:
    return [(p.name, b) for p in patterns if p.kind == kind for b in branches_of(p.when)]


def _whole(value: Scalar) -> str | bool | int:
    """Cedar knows whole numbers only; every engine gets the same ones."""
    return int(value * _SCALE) if isinstance(value, Decimal) else value


def _input(facts: Mapping[str, Scalar]) -> dict[str, str | bool | int]:
    return {_name(fact): _whole(value) for fact, value in facts.items()}


def _literal(leaf: Leaf) -> str:
    assert leaf.value is not None
    return json.dumps(_whole(leaf.value), ensure_ascii=False)


def zen_table(patterns: Sequence[Pattern], kind: str) -> Match:
    """One decision table: a column a fact, a row a branch, every matching row collected."""
    rows = _rows(patterns, kind)
    facts = list(dict.fromkeys(leaf.fact for _, branch in rows for leaf in branch))

    def cell(leaf: Leaf) -> str:
        match leaf.comparison:
            case "known":
                return "$ != null"
            case "unknown":
                return "$ == null"
            case "equal":
                return f"$ == {_literal(leaf)}"
            case "unequal":
                return f"$ != null and $ != {_literal(leaf)}"
            case comparison:
                return f"$ != null and $ {_SIGNS[comparison]} {_literal(leaf)}"

    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": f"i{n}", "name": f, "field": _name(f)} for n, f in enumerate(facts)],
        "outputs": [{"id": "o", "name": "rule", "field": "rule"}],
        "rules": [
            {
                "_id": f"r{n}",
                "o": json.dumps(name),
                **{
                    f"i{facts.index(fact)}": " and ".join(
                        cell(leaf) for leaf in branch if leaf.fact == fact
                    )
                    for fact in dict.fromkeys(leaf.fact for leaf in branch)
                },
            }
            for n, (name, branch) in enumerate(rows)
        ],
    }
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in"},
            {"id": "t", "type": "decisionTableNode", "name": "t", "content": table},
            {"id": "out", "type": "outputNode", "name": "out"},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "t"},
            {"id": "b", "sourceId": "t", "targetId": "out"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    return lambda facts: {row["rule"] for row in decision.evaluate(_input(facts))["result"]}


def cedar(patterns: Sequence[Pattern], kind: str) -> Match:
    """A permit policy a branch; the ids of those that hold are in the diagnostics."""
    rows = _rows(patterns, kind)

    def test(leaf: Leaf) -> str:
        name = _name(leaf.fact)
        match leaf.comparison:
            case "known":
                return f"context has {name}"
            case "unknown":
                return f"!(context has {name})"
            case "equal":
                return f"context has {name} && context.{name} == {_literal(leaf)}"
            case "unequal":
                return f"context has {name} && context.{name} != {_literal(leaf)}"
            case comparison:
                sign = _SIGNS[comparison]
                return f"context has {name} && context.{name} {sign} {_literal(leaf)}"

    text = "\n".join(
        f"permit(principal, action, resource) when {{ {' && '.join(map(test, branch))} }};"
        for _, branch in rows
    )
    names = {f"policy{n}": name for n, (name, _) in enumerate(rows)}
    policies = cedarpy.PolicySet.from_str(text)

    def match(facts: Mapping[str, Scalar]) -> set[str]:
        found = cedarpy.is_authorized(_request(_input(facts)), policies, [])
        return {names[policy] for policy in found.diagnostics.reasons}

    return match


def _request(context: Mapping[str, object]) -> dict[str, object]:
    return {
        "principal": 'User::"e"',
        "action": 'Action::"ship"',
        "resource": 'Goods::"g"',
        "context": dict(context),
    }


def rego(patterns: Sequence[Pattern], kind: str) -> Match:
    """A partial set rule a branch."""
    rows = _rows(patterns, kind)

    def test(leaf: Leaf) -> str:
        name = f"input.{_name(leaf.fact)}"
        match leaf.comparison:
            case "known":
                return f"is_{_kind(leaf.fact, rows)}({name})"
            case "unknown":
                return f"not is_{_kind(leaf.fact, rows)}({name})"
            case "equal":
                return f"{name} == {_literal(leaf)}"
            case "unequal":
                return f"{name} != {_literal(leaf)}"
            case comparison:
                return f"{name} {_SIGNS[comparison]} {_literal(leaf)}"

    rules = "\n".join(
        f'fired["{name}"] {{ {"; ".join(map(test, branch))} }}' for name, branch in rows
    )
    interpreter = regopy.Interpreter()
    interpreter.add_module("rules", f"package rules\n{rules}\n")

    def match(facts: Mapping[str, Scalar]) -> set[str]:
        interpreter.set_input(_input(facts))
        answer = json.loads(str(interpreter.query("x = data.rules.fired")))
        return set(answer["bindings"]["x"])

    return match


def _kind(fact: str, rows: Sequence[tuple[str, Branch]]) -> str:
    values = (
        leaf.value
        for _, branch in rows
        for leaf in branch
        if leaf.fact == fact and leaf.value is not None
    )
    first = next(values, "")
    if isinstance(first, bool):
        return "boolean"
    return "number" if isinstance(first, Decimal) else "string"
