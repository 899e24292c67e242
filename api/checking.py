"""Are rule files fit to be published: free of mistakes, and inside the engine's fence?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from api.decide.engine import beyond_the_fence
from api.decide.matching import pattern_of
from api.rulebook.model import RuleSet
from api.rulebook.problems import Problem
from api.rulebook.read import RuleFileError, read_directory
from api.rulebook.reading import Content


def read_checked(directory: Path) -> tuple[RuleSet, Content]:
    """The rule set in the directory. Raises RuleFileError with everything that is wrong."""
    rule_set, content = read_directory(directory)
    problems = [
        Problem((f"policy: rule {rule.id}",), reason)
        for rule in rule_set.rules
        if (reason := beyond_the_fence(pattern_of(rule))) is not None
    ]
    if problems:
        raise RuleFileError(tuple(problems))
    return rule_set, content


def rule_set_directories(rules_directory: Path) -> list[Path]:
    """The folders under the rules directory that hold a rule set."""
    if not rules_directory.is_dir():
        return []
    return sorted(f.parent for f in rules_directory.glob("*/ruleset.yaml"))


@dataclass(frozen=True)
class FilesState:
    """The rule files of one rule set beside what is published."""

    digest: str | None
    problems: tuple[str, ...]


class RuleFiles:
    """Looks at rule files again only when they change."""

    def __init__(self, rules_directory: Path) -> None:
        self._rules_directory = rules_directory
        self._known: dict[Path, tuple[object, FilesState]] = {}

    def states(self) -> dict[str, FilesState]:
        """The state of every rule set's files, by folder name."""
        return {d.name: self._state(d) for d in rule_set_directories(self._rules_directory)}

    def _state(self, directory: Path) -> FilesState:
        signature = tuple(
            (str(f), f.stat().st_mtime_ns, f.stat().st_size)
            for f in sorted(directory.rglob("*.yaml"))
        )
        known = self._known.get(directory)
        if known is not None and known[0] == signature:
            return known[1]
        try:
            rule_set, _ = read_checked(directory)
            state = FilesState(rule_set.digest, ())
        except RuleFileError as error:
            state = FilesState(None, tuple(str(problem) for problem in error.problems))
        self._known[directory] = (signature, state)
        return state
