"""One reading of a rule set's content: what all kinds of files need, noting every mistake."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from api.rulebook.conditions import Condition, ConditionReader
from api.rulebook.patterns import pattern_problem
from api.rulebook.problems import Path, Problems
from api.rulebook.values import LANGUAGES, Period
from api.rulebook.vocabulary import CASE_FACTS, ELEMENTS, GOODS_FACTS, Fact, goods_fact, nearest

Content = Mapping[str, Any]
"""Rule files by name, as JSON-like data: what a version publishes and its digest covers."""


class Reading:
    """Content that has the right structure, and the mistakes found in its meaning so far.

    `broken` are names that were left out: what refers to them is no mistake.
    """

    def __init__(self, content: Content, problems: Problems, broken: frozenset[str]) -> None:
        self.content = content
        self.problems = problems
        self._broken = broken
        self._seen: dict[str, Path] = {}
        self._goods_conditions = ConditionReader(
            goods_fact,
            (*GOODS_FACTS, "machinable_into", *(f"content.{e}" for e in sorted(ELEMENTS))),
            problems,
        )

    def files(self, folder: str) -> list[str]:
        """The names of the files in a folder."""
        return [file for file in self.content if file.startswith(f"{folder}/")]

    def unique(self, kind: str, name: str, path: Path) -> str:
        """The name; a mistake when it stood before."""
        key = f"{kind} {name}"
        if key in self._seen:
            first = self._seen[key]
            self.problems.add(path, f"{kind} `{name}` stands in {first[0]} already")
        self._seen.setdefault(key, path)
        return name

    def known(self, kind: str, name: str, names: Collection[str], path: Path) -> bool:
        """Whether the name is among those known; a mistake, with the nearest one, when not."""
        if name in names:
            return True
        if name not in self._broken:
            near = nearest(name, tuple(names))
            hint = f"; did you mean `{near}`?" if near else ""
            self.problems.add(path, f"no {kind} is called `{name}`{hint}")
        return False

    def day(self, text: str, path: Path) -> date:
        """The day; a mistake, and `date.min`, when the calendar has none such."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.problems.add(path, f"{text} is not a day of the calendar")
            return date.min

    def period(self, raw: Mapping[str, Any], path: Path) -> Period:
        """`from` and perhaps `until`; a mistake when they are out of order."""
        first = self.day(raw["from"], (*path, "from"))
        last = self.day(raw["until"], (*path, "until")) if "until" in raw else None
        if last is not None and date.min < last < first:
            self.problems.add((*path, "until"), f"ends on {last}, before it begins on {first}")
        return Period(first, last)

    def words(self, raw: Mapping[str, list[str]] | None) -> tuple[str, ...]:
        """The words of every language, each once."""
        words = (word for language in LANGUAGES for word in (raw or {}).get(language, ()))
        return tuple(dict.fromkeys(words))

    def pattern(self, raw: str, path: Path) -> str:
        """A regular expression (RE2)."""
        problem = pattern_problem(raw)
        if problem is not None:
            self.problems.add(path, problem)
        return raw

    def goods_condition(self, raw: Any, path: Path) -> Condition:
        """A condition over one line's goods."""
        return self._goods_conditions.read(raw, path)

    def case_conditions(self, domains: Mapping[str, Collection[str]]) -> ConditionReader:
        """Reads conditions of rules; `domains` are the values that facts may have here."""

        def look_up(name: str) -> Fact | None:
            fact = CASE_FACTS.get(name)
            if fact is None or name not in domains:
                return fact
            return replace(fact, values=(*domains[name], *self._broken))

        return ConditionReader(look_up, tuple(CASE_FACTS), self.problems)
