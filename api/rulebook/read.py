"""From rule-file content to a `RuleSet`, or to the list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any
from zoneinfo import ZoneInfo

from api.canonical import canonical_json, digest
from api.errors import LodestoneError
from api.rulebook.model import RuleSet
from api.rulebook.problems import Path, Problem, Problems
from api.rulebook.read_goods import read_goods
from api.rulebook.read_instruments import read_instruments
from api.rulebook.read_lists import read_parties, read_screening
from api.rulebook.read_policy import read_rules
from api.rulebook.read_trade import read_trade
from api.rulebook.reading import Content, Reading, case_conditions, goods_conditions
from api.rulebook.schemas import NEEDED_FILES
from api.rulebook.source import Source
from api.rulebook.structure import check_structure


class RuleFileError(LodestoneError):
    """The rule files do not check; every mistake is in `problems`."""

    status = 422
    title = "The rule files do not check"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_directory(directory: FilePath) -> tuple[RuleSet, Content]:
    """The rule set whose files lie in the directory, and its content.

    Raises RuleFileError with every mistake of every file, each with line and column.
    """
    problems = Problems()
    if not (directory / "ruleset.yaml").is_file():
        problems.add((directory.name,), "no rule set: there is no ruleset.yaml in it")
        raise RuleFileError(tuple(problems))
    source = Source.read(directory, problems)
    rule_set = _read(source.content, problems)
    if problems or rule_set is None:
        found = sorted(
            {source.locate(problem) for problem in problems},
            key=lambda p: (str(p.path[0]), p.line or 0, p.column or 0, p.message),
        )
        raise RuleFileError(tuple(found))
    return rule_set, source.content


def read_content(content: Content) -> RuleSet:
    """The rule set of published content. Raises RuleFileError when it does not check."""
    problems = Problems()
    rule_set = _read(content, problems)
    if problems or rule_set is None:
        raise RuleFileError(tuple(problems))
    return rule_set


def _read(content: Content, problems: Problems) -> RuleSet | None:
    missing = [name for name in NEEDED_FILES if name not in content]
    if missing:
        for name in missing:
            problems.add((name,), "the file is missing")
        return None
    check_structure(content, problems)
    sound, broken = _without_broken(content, problems)
    if sound is None:
        return None
    reading = Reading(sound, problems, broken)
    goods = read_goods(reading)
    instruments = read_instruments(reading, goods)
    head = sound["ruleset.yaml"]
    return RuleSet(
        id=head["id"],
        title=head["title"],
        time_zone=_time_zone(reading, head["time_zone"]),
        known_from=reading.day(head["known_from"], ("ruleset.yaml", "known_from")),
        instruments=instruments,
        rules=read_rules(reading, instruments),
        goods=goods,
        parties=read_parties(reading, instruments),
        screening=read_screening(reading),
        trade=read_trade(reading, goods),
        digest=digest(canonical_json(sound)),
    )


def _time_zone(reading: Reading, name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        reading.problems.add(("ruleset.yaml", "time_zone"), f"no time zone is called `{name}`")
    return name


_LISTS = ("rules", "entries", "parties", "materials", "forms", "designations", "customs_codes")


def _without_broken(
    content: Content, problems: Problems
) -> tuple[dict[str, Any] | None, frozenset[str]]:
    """What can still be read, so that all mistakes come at once, and the names that are left out.

    A broken item of a list is left out as None, a file that is broken elsewhere as a whole; without
    a sound head nothing can be read.
    """
    sound: dict[str, Any] = dict(content)
    names: set[str] = set()
    for problem in tuple(problems):
        file, *where = problem.path
        name = str(file)
        if name not in sound:
            continue
        if len(where) >= 2 and where[0] in _LISTS and isinstance(where[1], int):
            key, position = str(where[0]), where[1]
            items = list(sound[name][key])
            item, items[position] = items[position], None
            if isinstance(item, Mapping):
                names.update(value for value in item.values() if isinstance(value, str))
                _check_conditions(item, (name, key, position), problems)
            sound[name] = {**sound[name], key: items}
        elif name in NEEDED_FILES:
            return None, frozenset()
        else:
            names.add(FilePath(name).stem)
            del sound[name]
    return sound, frozenset(names)


def _check_conditions(item: Mapping[str, Any], path: Path, problems: Problems) -> None:
    """What can be said of the conditions of an item that is broken elsewhere."""
    goods, case = goods_conditions(problems), case_conditions(problems)
    for key, reader in (("when", case), ("meets", goods), ("made_of", goods), ("means", goods)):
        if isinstance(item.get(key), Mapping):
            reader.read(item[key], (*path, key))
