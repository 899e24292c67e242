"""Reads `disclosure.yaml`: every mistake with its line, before anything is shown by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from api.disclosure.masking import Disclosure, segments
from api.disclosure.schema import DISCLOSURE
from api.rulebook.problems import Problem, Problems
from api.rulebook.read import RuleFileError
from api.rulebook.source import Source
from api.rulebook.structure import explain
from api.rulebook.vocabulary import nearest

_DEFAULT = Path(__file__).with_name("default.yaml")
NAME = "disclosure.yaml"


def read_disclosure(rules_directory: Path, known: Collection[str]) -> Disclosure:
    """What `disclosure.yaml` in the directory says, or the default where there is none.

    `known` are the paths that a field may have. Raises RuleFileError with everything that is wrong.
    """
    file = rules_directory / NAME
    problems, source = Problems(), Source()
    source.add(NAME, (file if file.is_file() else _DEFAULT).read_bytes(), problems)
    content = source.content.get(NAME)
    if not problems:
        for error in _validator().iter_errors(content):
            for path, message in explain(error):
                problems.add((NAME, *path), message)
    if not problems:
        _check_paths(content, known, problems)
    if problems:
        located = [source.locate(problem) for problem in problems]
        raise RuleFileError(tuple(sorted(located, key=_place)))
    assert isinstance(content, dict)  # else the schema has said so
    return Disclosure({role: tuple(paths) for role, paths in content.items()})


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(DISCLOSURE)


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line or 0, problem.column or 0


def _check_paths(content: Any, known: Collection[str], problems: Problems) -> None:
    fields: Mapping[tuple[str, ...], str] = {segments(path): path for path in known}
    for role, paths in content.items():
        for number, path in enumerate(paths):
            # An item by its number is one of all items.
            general = tuple("*" if part.isdigit() else part for part in segments(path))
            if not any(_leads_to(general, field) for field in fields):
                near = nearest(path, tuple(known))
                hint = f"; did you mean `{near}`?" if near else ""
                problems.add(
                    (NAME, role, number), f"`{path}` is no field of request or answer{hint}"
                )


def _leads_to(path: tuple[str, ...], field: tuple[str, ...]) -> bool:
    return len(path) == len(field) and all(
        known in ("*", part) or part == "*" for part, known in zip(path, field, strict=True)
    )
