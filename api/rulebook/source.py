"""Rule files as plain data that remembers where each value stood.

YAML 1.2 by PyYAML's C parser with the resolvers of the 1.2 core schema (so `NO` is Norway, not
false), numbers as exact decimals. The content is
JSON-like throughout: a date is its ISO 8601 text.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import yaml

from api.rulebook.problems import Path, Problem, Problems

MAX_FILE_BYTES = 2 * 1024 * 1024
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class _Loader(yaml.CSafeLoader):
    """Composes nodes only; every plain scalar is resolved by `_scalar`."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # as PyYAML declares it


class Source:
    """The files of one rule set: their content, and line and column of each value in it."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self._places: dict[Path, tuple[int, int]] = {}

    def locate(self, problem: Problem) -> Problem:
        """The problem with the line and column of the nearest value that has one."""
        path = problem.path
        while path and path not in self._places:
            path = path[:-1]
        line, column = self._places.get(path, (1, 1))
        return Problem(problem.path, problem.message, line, column)

    @classmethod
    def read(cls, directory: FilePath, problems: Problems) -> Source:
        """Every `*.yaml` below the directory, tests excepted. Unreadable files become problems."""
        source = cls()
        for file in sorted(directory.rglob("*.yaml")):
            name = file.relative_to(directory).as_posix()
            if name.startswith("tests/"):
                continue
            source.add(name, file.read_bytes(), problems)
        return source

    def add(self, name: str, data: bytes, problems: Problems) -> None:
        """One file's bytes under its name."""
        self._places[(name,)] = (1, 1)
        if len(data) > MAX_FILE_BYTES:
            problems.add((name,), f"a rule file has at most {MAX_FILE_BYTES} bytes")
            return
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            problems.add((name,), f"not UTF-8 at byte {error.start}")
            return
        try:
            node = yaml.compose(text, Loader=_Loader)
            if node is not None:
                self.content[name] = self._plain(node, (name,), problems, set())
        except RecursionError:
            problems.add((name,), "the file nests too deeply")
            return
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._places[(name, "")] = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            problems.add((name, ""), f"not YAML: {error.problem or error.context}")
            return
        except yaml.YAMLError as error:
            problems.add((name,), f"not YAML: {error}")
            return
        if node is None:
            problems.add((name,), "the file is empty")

    def _plain(self, node: yaml.Node, path: Path, problems: Problems, seen: set[int]) -> Any:
        self._places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in seen:
            problems.add(path, "anchors and aliases are not used in rule files; write it out")
            return None
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            mapping: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                if key in mapping:
                    self._places[(*path, key)] = (
                        key_node.start_mark.line + 1,
                        key_node.start_mark.column + 1,
                    )
                    problems.add((*path, key), f"`{key}` stands here twice")
                    continue
                mapping[key] = self._plain(value_node, (*path, key), problems, seen)
                self._places[(*path, key)] = (
                    key_node.start_mark.line + 1,
                    key_node.start_mark.column + 1,
                )
            return mapping
        if isinstance(node, yaml.SequenceNode):
            return [
                self._plain(item, (*path, number), problems, seen)
                for number, item in enumerate(node.value)
            ]
        assert isinstance(node, yaml.ScalarNode)  # the only other kind
        return self._scalar(node, path, problems)

    def _scalar(self, node: yaml.ScalarNode, path: Path, problems: Problems) -> Any:
        text = str(node.value)
        if node.style:  # quoted or block text is text
            return text
        if text in ("", "~", "null", "Null", "NULL"):
            return None
        if text in ("true", "True", "TRUE"):
            return True
        if text in ("false", "False", "FALSE"):
            return False
        if _DATE.fullmatch(text):
            try:
                date.fromisoformat(text)
            except ValueError:
                problems.add(path, f"{text} is not a day of the calendar")
            return text
        if _INT.fullmatch(text):
            return int(text) if len(text) <= 30 else text
        if _FLOAT.fullmatch(text):
            return Decimal(text) if len(text) <= 60 else text
        return text
