"""What is wrong with rule files: collected, never raised one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Where a value stands in a rule set's content: file name first, then keys and list positions."""


@dataclass(frozen=True)
class Problem:
    """One mistake, where it stands and what to write instead."""

    path: Path
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        file = str(self.path[0]) if self.path else "rule set"
        if self.line is None:
            return f"{file}: {self.message}"
        return f"{file}:{self.line}:{self.column}: {self.message}"


class Problems:
    """The mistakes found so far in one reading of a rule set."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, path: Path, message: str) -> None:
        self._found.append(Problem(path, message))

    def extend(self, problems: Iterable[Problem]) -> None:
        self._found.extend(problems)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)
