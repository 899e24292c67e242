"""From rule-file content to a `RuleSet`, or to the list of everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path as FilePath
from zoneinfo import ZoneInfo, available_timezones

from api.canonical import canonical_json, digest
from api.errors import LodestoneError
from api.rulebook.model import RuleSet
from api.rulebook.problems import Problem, Problems
from api.rulebook.read_goods import check_stands_for, read_goods
from api.rulebook.read_instruments import read_instruments
from api.rulebook.read_lists import read_parties, read_screening
from api.rulebook.read_policy import read_rules
from api.rulebook.read_trade import read_trade
from api.rulebook.reading import Content, Reading
from api.rulebook.repair import repair
from api.rulebook.schemas import NEEDED_FILES, kind_of
from api.rulebook.source import Source
from api.rulebook.structure import check_structure


class RuleFileError(LodestoneError):
    """The rule files do not check; every mistake is in `problems`."""

    status = 422

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_directory(directory: FilePath) -> tuple[RuleSet, Content]:
    """The rule set whose files lie in the directory, and its content.

    Raises RuleFileError with every mistake of every file, each with line and column.
    """
    problems = Problems()
    if not (directory / "ruleset.yaml").is_file():
        problems.add((directory.name,), f"no rule set: there is no ruleset.yaml in {directory}")
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
    mended = repair({name: content[name] for name in content if kind_of(name)})
    if mended is None:
        return None
    found = Problems()
    rule_set = _meaning(Reading(mended.content, found, frozenset(mended.names)))
    problems.extend(problem for problem in found if not mended.caused(problem.path))
    return rule_set


def _meaning(reading: Reading) -> RuleSet:
    goods = read_goods(reading)
    instruments = read_instruments(reading, goods)
    check_stands_for(reading, goods, instruments.values())
    screening = read_screening(reading)
    parties = read_parties(reading, instruments, screening)
    head = reading.content["ruleset.yaml"]
    return RuleSet(
        id=head["id"],
        title=head["title"],
        time_zone=_time_zone(reading, head["time_zone"]),
        known_from=reading.day(head["known_from"], ("ruleset.yaml", "known_from")),
        instruments=instruments,
        rules=read_rules(reading, instruments, goods, parties),
        goods=goods,
        parties=parties,
        screening=screening,
        trade=read_trade(reading, goods),
        digest=digest(canonical_json(reading.content)),
    )


def _time_zone(reading: Reading, name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        reading.known("time zone", name, available_timezones(), ("ruleset.yaml", "time_zone"))
    return name
