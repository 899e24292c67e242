"""Rule files broken at random are refused with reasons, or read; nothing else ever happens."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from api.canonical import canonical_json, read_json
from api.rulebook.problems import Problem
from api.rulebook.read import RuleFileError, read_content, read_directory
from tests.conftest import ROOT

_ODD: tuple[Any, ...] = (None, True, 0, -1, 10**40, "", "x", "2026-02-30", [], {}, [None], {"a": 1})


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += _places(item, (*path, key))
    if isinstance(value, list):
        for position, item in enumerate(value):
            found += _places(item, (*path, position))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_broken_content_is_refused_or_read(seed: int) -> None:
    make = random.Random(seed)
    _, content = read_directory(ROOT / "rules" / "cn")
    good = read_json(canonical_json(content))
    places = _places(good)
    for _ in range(12):
        broken = copy.deepcopy(good)
        *steps, last = make.choice(places)
        inner = broken
        for step in steps:
            inner = inner[step]
        if make.random() < 0.3:
            del inner[last]
        else:
            inner[last] = make.choice(_ODD)
        problems: tuple[Problem, ...] | None = None
        try:
            read_content(broken)
        except RuleFileError as error:
            problems = error.problems
        assert problems is None or all(problem.message for problem in problems)
