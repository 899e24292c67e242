"""From rule-file content to a `RuleSet`, or to the list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any
from zoneinfo import ZoneInfo

import re2

from api.canonical import canonical_json, digest
from api.disposition import Disposition
from api.errors import LodestoneError
from api.rulebook.conditions import ALWAYS, Condition, ConditionReader, tests_of
from api.rulebook.messages import placeholders
from api.rulebook.model import (
    LANGUAGES,
    Basis,
    Clause,
    Containing,
    ControlEntry,
    CustomsCode,
    Designation,
    Doubt,
    Goods,
    Instrument,
    Material,
    Period,
    Purpose,
    Rule,
    RuleSet,
    Suspension,
    TakenBack,
)
from api.rulebook.problems import Path, Problem, Problems
from api.rulebook.source import Source
from api.rulebook.structure import check_structure
from api.rulebook.vocabulary import CASE_FACTS, GOODS_FACTS, case_fact, goods_fact, nearest

Content = Mapping[str, Any]
"""Rule files by name, as JSON-like data: what a version publishes and its digest covers."""


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
    if "ruleset.yaml" not in content or "goods.yaml" not in content:
        for name in ("ruleset.yaml", "goods.yaml"):
            if name not in content:
                problems.add((name,), "the file is missing")
        return None
    check_structure(content, problems)
    sound, broken = _without_broken(content, problems)
    if sound is None:
        return None
    return _Reader(sound, problems, broken).rule_set()


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
        elif name in ("ruleset.yaml", "goods.yaml"):
            return None, frozenset()
        else:
            names.add(FilePath(name).stem)
            del sound[name]
    return sound, frozenset(names)


def _check_conditions(item: Mapping[str, Any], path: Path, problems: Problems) -> None:
    """What can be said of the conditions of an item that is broken elsewhere."""
    goods = ConditionReader(goods_fact, (*GOODS_FACTS, "machinable_into"), problems)
    case = ConditionReader(case_fact, tuple(CASE_FACTS), problems)
    for key, reader in (("when", case), ("meets", goods), ("made_of", goods), ("means", goods)):
        if isinstance(item.get(key), Mapping):
            reader.read(item[key], (*path, key))


_LISTS = ("rules", "entries", "materials", "forms", "designations", "customs_codes")


def _sound(items: Iterable[Any] | None) -> Iterator[tuple[int, Any]]:
    """The items of a list that are not left out, with their positions."""
    return ((number, item) for number, item in enumerate(items or ()) if item is not None)


class _Reader:
    """One reading of content that has the right structure; notes what its meaning gets wrong."""

    def __init__(self, content: Content, problems: Problems, broken: frozenset[str]) -> None:
        self._content = content
        self._problems = problems
        self._broken = broken
        self._seen: dict[str, Path] = {}
        self._goods_conditions = ConditionReader(
            goods_fact, (*GOODS_FACTS, "machinable_into"), problems
        )
        self._case_conditions = ConditionReader(case_fact, tuple(CASE_FACTS), problems)

    def rule_set(self) -> RuleSet:
        head = self._content["ruleset.yaml"]
        goods = self._goods()
        instruments = {
            instrument.id: instrument
            for file in self._content
            if file.startswith("instruments/")
            for instrument in [self._instrument(file, goods)]
        }
        for file in self._content:
            if file.startswith("instruments/"):
                self._check_suspended_by(file, instruments)
        rules = tuple(
            self._rule(raw, (file, "rules", number), instruments)
            for file in self._content
            if file.startswith("policy/")
            for number, raw in _sound(self._content[file]["rules"])
        )
        return RuleSet(
            id=head["id"],
            title=head["title"],
            time_zone=self._time_zone(head["time_zone"], ("ruleset.yaml", "time_zone")),
            known_from=self._day(head["known_from"], ("ruleset.yaml", "known_from")),
            instruments=instruments,
            rules=rules,
            goods=goods,
            digest=digest(canonical_json(self._content)),
        )

    # --- small readers ---

    def _unique(self, kind: str, name: str, path: Path) -> str:
        key = f"{kind} {name}"
        if key in self._seen:
            first = self._seen[key]
            self._problems.add(path, f"{kind} `{name}` stands in {first[0]} already")
        self._seen.setdefault(key, path)
        return name

    def _time_zone(self, name: str, path: Path) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self._problems.add(path, f"no time zone is called `{name}`")
        return name

    def _day(self, text: str, path: Path) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._problems.add(path, f"{text} is not a day of the calendar")
            return date.min

    def _period(self, raw: Mapping[str, Any], path: Path) -> Period:
        first = self._day(raw["from"], (*path, "from"))
        last = self._day(raw["until"], (*path, "until")) if "until" in raw else None
        if last is not None and last < first:
            self._problems.add((*path, "until"), f"ends on {last}, before it begins on {first}")
        return Period(first, last)

    def _words(self, raw: Mapping[str, list[str]] | None) -> tuple[str, ...]:
        words = (word for language in LANGUAGES for word in (raw or {}).get(language, ()))
        return tuple(dict.fromkeys(words))

    def _goods_condition(self, raw: Any, path: Path) -> Condition:
        return self._goods_conditions.read(raw, path)

    # --- goods ---

    def _goods(self) -> Goods:
        raw = self._content["goods.yaml"]
        materials = {
            item["id"]: Material(
                self._unique("material", item["id"], ("goods.yaml", "materials", n, "id")),
                item.get("element"),
                self._words(item["names"]),
                frozenset(item.get("members", ())),
            )
            for n, item in _sound(raw["materials"])
        }
        forms = {item["id"]: self._words(item["words"]) for _, item in _sound(raw["forms"])}
        codes = {
            item["hs"]: CustomsCode(
                hs=self._unique(
                    "customs code", item["hs"], ("goods.yaml", "customs_codes", n, "hs")
                ),
                title=item["title"],
                material=self._material(
                    item.get("material"), materials, ("goods.yaml", "customs_codes", n, "material")
                ),
                form=item.get("form"),
                means=self._goods_condition(
                    item.get("means", {}), ("goods.yaml", "customs_codes", n, "means")
                ),
                denied_by=self._words(item.get("denied_by")),
                verified=item["verified"],
            )
            for n, item in _sound(raw.get("customs_codes"))
        }
        return Goods(
            materials=materials,
            form_words=forms,
            negation=TakenBack(
                *(self._around(raw, "negations", key) for key in ("before", "after", "not_after"))
            ),
            purpose=Purpose(*(self._around(raw, "purposes", key) for key in ("before", "after"))),
            designations=tuple(
                self._designation(item, ("goods.yaml", "designations", n))
                for n, item in _sound(raw.get("designations"))
            ),
            customs_codes=codes,
        )

    def _designation(self, raw: Mapping[str, Any], path: Path) -> Designation:
        try:
            re2.compile(raw["pattern"])
        except re2.error as error:
            self._problems.add((*path, "pattern"), f"not a regular expression: {error}")
        return Designation(raw["pattern"], raw["stands_for"])

    def _around(self, raw: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
        return self._words({k: v.get(place, []) for k, v in raw.get(key, {}).items()})

    def _material(
        self, name: str | None, materials: Mapping[str, Material], path: Path
    ) -> str | None:
        if name is not None and name not in materials and name not in self._broken:
            near = nearest(name, tuple(materials))
            hint = f"; did you mean `{near}`?" if near else ""
            self._problems.add(path, f"goods.yaml names no material `{name}`{hint}")
        return name

    # --- instruments ---

    def _instrument(self, file: str, goods: Goods) -> Instrument:
        raw = self._content[file]
        name = self._unique("instrument", raw["id"], (file, "id"))
        if file != f"instruments/{name}.yaml":
            self._problems.add((file, "id"), f"the file of `{name}` is instruments/{name}.yaml")
        in_force = self._period(raw["in_force"], (file, "in_force"))
        clauses = {
            item["id"]: Clause(
                id=self._unique(f"clause of {name}", item["id"], (file, "clauses", n, "id")),
                effect=item["effect"],
                in_force=self._period(item["in_force"], (file, "clauses", n, "in_force"))
                if "in_force" in item
                else in_force,
                verified=item["verified"],
            )
            for n, item in enumerate(raw.get("clauses", ()))
        }
        containing = raw.get("containing")
        limits = None
        if containing is not None:
            limits = Containing(
                Decimal(containing["counts_from_pct"]), Decimal(containing["ignored_up_to_pct"])
            )
            if limits.ignored_up_to_pct >= limits.counts_from_pct:
                self._problems.add(
                    (file, "containing"), "ignored_up_to_pct must lie below counts_from_pct"
                )
        for n, material in enumerate(raw.get("content_materials", ())):
            self._material(material, goods.materials, (file, "content_materials", n))
        return Instrument(
            id=name,
            title=raw["title"],
            short=raw["short"],
            authority=tuple(raw["authority"]),
            in_force=in_force,
            list=raw["list"],
            verified=raw["verified"],
            sources=tuple(raw["sources"]),
            clauses=clauses,
            suspended=tuple(
                Suspension(
                    clauses=self._clauses(item, clauses, (file, "suspended", n)),
                    period=self._period(item, (file, "suspended", n)),
                    by=item["by"],
                )
                for n, item in enumerate(raw.get("suspended", ()))
            ),
            doubts=tuple(
                Doubt(
                    clauses=self._clauses(item, clauses, (file, "doubt", n)),
                    period=self._period(item, (file, "doubt", n)),
                    question=item["question"],
                    confirm=item["confirm"],
                    sources=tuple(item["sources"]),
                )
                for n, item in enumerate(raw.get("doubt", ()))
            ),
            containing=limits,
            content_materials=frozenset(raw.get("content_materials", ())),
            entries=tuple(
                self._entry(item, (file, "entries", n), name, limits, goods)
                for n, item in _sound(raw.get("entries"))
                if item.get("active", True)
            ),
        )

    def _clauses(
        self, raw: Mapping[str, Any], clauses: Mapping[str, Clause], path: Path
    ) -> frozenset[str] | None:
        if raw["clauses"] == "all":
            return None
        for n, clause in enumerate(raw["clauses"]):
            if clause not in clauses:
                self._problems.add(
                    (*path, "clauses", n), f"the instrument has no clause `{clause}` above"
                )
        return frozenset(raw["clauses"])

    def _check_suspended_by(self, file: str, instruments: Mapping[str, Instrument]) -> None:
        for n, item in enumerate(self._content[file].get("suspended", ())):
            self._known_instrument(item["by"], instruments, (file, "suspended", n, "by"))

    def _known_instrument(
        self, name: str, instruments: Mapping[str, Instrument], path: Path
    ) -> Instrument | None:
        if name not in instruments and name not in self._broken:
            near = nearest(name, tuple(instruments))
            hint = f"; did you mean `{near}`?" if near else ""
            self._problems.add(path, f"no instrument is called `{name}`{hint}")
        return instruments.get(name)

    def _entry(
        self,
        raw: Mapping[str, Any],
        path: Path,
        instrument: str,
        limits: Containing | None,
        goods: Goods,
    ) -> ControlEntry:
        self._unique("entry", raw["id"], (*path, "id"))
        if raw["id"].partition("/")[0] != instrument:
            self._problems.add(
                (*path, "id"), f"an entry of {instrument} begins with `{instrument}/`"
            )
        self._material(raw["material"], goods.materials, (*path, "material"))
        contains = raw.get("contains", {}).get("element", [])
        if contains and limits is None:
            self._problems.add(
                (*path, "contains"),
                "the instrument says no limits: give it `containing: {counts_from_pct, "
                "ignored_up_to_pct}`",
            )
        return ControlEntry(
            id=raw["id"],
            instrument=instrument,
            code=raw.get("code"),
            number=raw.get("number"),
            part=raw.get("part"),
            qualification=raw.get("qualification"),
            material=raw["material"],
            form=raw["form"],
            forms=frozenset((raw["form"], *raw.get("also", ()))),
            title=raw["title"],
            codes=tuple(raw.get("hs", ())),
            shared_codes=tuple(raw.get("shared_hs", ())),
            asks_on=tuple(raw.get("asks_on", ())),
            names=self._words(raw.get("names")),
            not_names=self._words(raw.get("not_names")),
            made_of=self._goods_condition(raw["made_of"], (*path, "made_of"))
            if "made_of" in raw
            else None,
            contains=(contains,) if isinstance(contains, str) else tuple(contains),
            meets=self._goods_condition(raw["meets"], (*path, "meets"))
            if "meets" in raw
            else ALWAYS,
            verified=raw["verified"],
            notes=tuple(raw.get("notes", ())),
        )

    # --- policy ---

    def _rule(
        self, raw: Mapping[str, Any], path: Path, instruments: Mapping[str, Instrument]
    ) -> Rule:
        self._unique("rule", raw["id"], (*path, "id"))
        kind = raw["for"]
        when = self._case_conditions.read(raw["when"], (*path, "when"))
        for test in tests_of(when):
            only_for = CASE_FACTS[test.fact].only_for
            if only_for not in (None, kind):
                self._problems.add(
                    (*path, "when", test.fact),
                    f"`{test.fact}` is known only to rules for a {only_for}",
                )
        basis = self._basis(raw["basis"], (*path, "basis"), kind, instruments)
        for key in ("because", "remedy"):
            for language, text in raw.get(key, {}).items():
                self._check_placeholders(text, kind, (*path, key, language))
        return Rule(
            id=raw["id"],
            basis=basis,
            applies_to=kind,
            when=when,
            then=Disposition[raw["then"]],
            because=raw["because"],
            remedy=raw.get("remedy"),
            asks=tuple(raw.get("asks", ())),
        )

    def _basis(
        self,
        raw: Mapping[str, Any],
        path: Path,
        kind: str,
        instruments: Mapping[str, Instrument],
    ) -> Basis:
        clause = str(raw["clause"]) if "clause" in raw else None
        if raw["instrument"] == "entry":
            if kind != "line" or clause is not None:
                self._problems.add(path, "`instrument: entry` is for line rules, without a clause")
            return Basis(None, None)
        instrument = self._known_instrument(raw["instrument"], instruments, (*path, "instrument"))
        if instrument is not None and clause is not None and clause not in instrument.clauses:
            near = nearest(clause, tuple(instrument.clauses))
            hint = f"; did you mean `{near}`?" if near else ""
            self._problems.add((*path, "clause"), f"{instrument.id} has no clause `{clause}`{hint}")
        return Basis(raw["instrument"], clause)

    def _check_placeholders(self, text: str, kind: str, path: Path) -> None:
        try:
            names = placeholders(text)
        except ValueError as error:
            self._problems.add(path, str(error))
            return
        for name in names:
            fact = CASE_FACTS.get(name)
            allowed = name in EXTRA_PLACEHOLDERS if fact is None else fact.only_for in (None, kind)
            if not allowed:
                near = nearest(name, (*CASE_FACTS, *EXTRA_PLACEHOLDERS))
                hint = f"; did you mean {{{near}}}?" if near else ""
                self._problems.add(path, f"nothing fills {{{name}}}{hint}")


EXTRA_PLACEHOLDERS = (
    "entry.title",
    "entry.label",
    "entry.because",
    "entry.missing",
    "instrument.short",
    "instrument.title",
    "line.number",
    "line.code_means",
)
"""What a message may name besides the facts: words for people, in the reader's language."""
