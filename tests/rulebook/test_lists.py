"""The lists of parties: carried whole, in force and asleep on the right days, refused when wrong."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.rulebook.model import Instrument, RuleSet
from api.rulebook.read import read_directory
from tests.conftest import ROOT
from tests.rulebook.conftest import edit, problems

CONTROL = {
    "mofcom-2025-01": 28,
    "mofcom-2025-13": 15,
    "mofcom-2025-21": 16,
    "mofcom-2025-22": 12,
    "mofcom-2025-35": 8,
    "mofcom-2025-51": 3,
    "mofcom-2026-11": 20,
    "mofcom-2026-20": 7,
    "mofcom-2026-23": 10,
    "mofcom-2026-27": 20,
    "mofcom-2026-30": 14,
}
WATCH = {"mofcom-2026-12": 20, "mofcom-2026-28": 20}
UNRELIABLE = {
    "uel-2023-02-16": 2,
    "uel-2024-05-20": 3,
    "uel-2025-1": 10,
    "uel-2025-2": 7,
    "uel-2025-3": 4,
    "uel-2025-4": 2,
    "uel-2025-5": 10,
    "uel-2025-7": 11,
    "uel-2025-8": 6,
    "uel-2025-9": 3,
    "uel-2025-10": 14,
}
BY_LIST = {"control": CONTROL, "watch": WATCH, "unreliable": UNRELIABLE}

STATEMENTS = {
    "mofcom-statement-2025-05-14",
    "mofcom-statement-2025-08-12",
    "mofcom-statement-2025-11-05",
}


def state(instrument: Instrument, day: str) -> str:
    """What an answer would say of the instrument on the day."""
    on = date.fromisoformat(day)
    if not instrument.in_force.on(on):
        return "not yet"
    if instrument.doubt_on(on, None):
        return "doubtful"
    asleep = [s for s in instrument.suspended if s.period.on(on)]
    assert len(asleep) <= 1, "one measure a day"
    assert instrument.on(on) == (not asleep)
    if not asleep:
        return "active"
    return "stopped" if asleep[0].stopped else "suspended"


def of(rule_set: RuleSet, list_: str) -> dict[str, int]:
    return {
        name: sum(party.instrument == name for party in rule_set.parties)
        for name, instrument in rule_set.instruments.items()
        if instrument.list == list_
    }


# --- carried whole ---


@pytest.mark.parametrize("list_", BY_LIST)
def test_every_announcement_lists_as_many_as_it_names(rule_set: RuleSet, list_: str) -> None:
    assert of(rule_set, list_) == BY_LIST[list_]


def test_265_listings_name_208_entities_of_13_countries(rule_set: RuleSet) -> None:
    assert len(rule_set.parties) == 265
    assert len({party.entity for party in rule_set.parties}) == 208
    assert Counter(party.country for party in rule_set.parties) == {
        "US": 154,
        "JP": 80,
        "TW": 8,
        "CZ": 5,
        "DE": 4,
        "FR": 3,
        "BE": 2,
        "CA": 2,
        "IT": 2,
        "PL": 2,
        "BG": 1,
        "LT": 1,
        "NL": 1,
    }


def test_a_name_read_in_one_source_is_marked_so(rule_set: RuleSet) -> None:
    assert Counter(party.verified for party in rule_set.parties) == {"double": 191, "single": 74}


def test_every_party_has_an_english_and_a_chinese_name() -> None:
    for file in sorted((ROOT / "rules" / "cn" / "lists").glob("*.yaml")):
        for party in yaml.safe_load(file.read_text(encoding="utf-8"))["parties"]:
            english, chinese = party["names"]["en"], party["names"]["zh"]
            assert all(name.isprintable() for name in (*english, *chinese))
            assert english[0].isascii(), party["id"]
            assert any("\u4e00" <= c <= "\u9fff" for c in chinese[0]), party["id"]


def test_an_entity_is_called_the_same_on_every_list(rule_set: RuleSet) -> None:
    seen: dict[str, Any] = {}
    for party in rule_set.parties:
        same = (party.names, party.hints, party.country, party.full_name_only)
        assert seen.setdefault(party.entity, same) == same, party.id
    names = {name: party.entity for party in rule_set.parties for name in party.names}
    for party in rule_set.parties:
        assert {names[name] for name in party.names} == {party.entity}, party.id


def test_names_close_to_ordinary_words_count_only_in_full(rule_set: RuleSet) -> None:
    assert {party.entity for party in rule_set.parties if party.full_name_only} == {
        "ironmountain-solutions",
        "usa-rare-earth-inc",
    }


def test_abbreviations_of_ours_are_no_published_names(rule_set: RuleSet) -> None:
    parties = {party.id: party for party in rule_set.parties}
    assert parties["mofcom-2025-13-13"].hints == ("GA-ASI",)
    assert parties["uel-2024-05-20-01"].hints == ("GA-ASI",)
    assert parties["mofcom-2026-30-10"].hints == ("Wroclaw University of Science and Technology",)
    assert all(not set(party.names) & set(party.hints) for party in rule_set.parties)


def test_parties_stand_in_the_order_of_their_announcement(rule_set: RuleSet) -> None:
    for name, count in (CONTROL | WATCH | UNRELIABLE).items():
        listed = [party.id for party in rule_set.parties if party.instrument == name]
        assert listed == [f"{name}-{n:02}" for n in range(1, count + 1)]


def test_only_three_announcements_are_known_to_bind_foreign_persons(rule_set: RuleSet) -> None:
    binding = {
        name
        for name in CONTROL | WATCH | UNRELIABLE
        if "transfer" in rule_set.instruments[name].clauses
    }
    assert binding == {"mofcom-2026-11", "mofcom-2026-20", "mofcom-2026-23"}


# --- in force, suspended, stopped, doubtful ---

_NO_21 = {
    "2025-04-03": "not yet",
    "2025-04-04": "active",
    "2025-05-13": "active",
    "2025-05-14": "suspended",
    "2025-08-11": "suspended",
    "2025-08-12": "suspended",
    "2025-11-09": "suspended",
    "2025-11-10": "suspended",
    "2026-11-10": "suspended",
    "2026-11-11": "doubtful",
    "2027-01-11": "doubtful",
}
_NO_22 = {
    "2025-04-09": "not yet",
    "2025-04-10": "active",
    "2025-05-13": "active",
    "2025-05-14": "suspended",
    "2025-08-11": "suspended",
    "2025-08-12": "stopped",
    "2026-11-10": "stopped",
    "2026-11-11": "stopped",
}
_NO_13 = {
    "2025-03-03": "not yet",
    "2025-03-04": "active",
    "2025-08-12": "active",
    "2025-11-09": "active",
    "2025-11-10": "stopped",
    "2026-11-10": "stopped",
    "2026-11-11": "stopped",
}
_NO_1 = {"2025-01-01": "not yet", "2025-01-02": "active"} | dict.fromkeys(
    ("2025-05-14", "2025-08-12", "2025-11-10", "2026-11-10", "2026-11-11"), "active"
)
STATES = {
    "mofcom-2025-01": _NO_1,
    "mofcom-2025-13": _NO_13,
    "mofcom-2025-21": _NO_21,
    "mofcom-2025-22": _NO_22,
    "uel-2025-5": _NO_13,
    "uel-2025-7": _NO_21,
    "uel-2025-8": _NO_22,
}


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [(name, day, expected) for name, days in STATES.items() for day, expected in days.items()],
)
def test_measures_sleep_and_wake_on_their_days(
    rule_set: RuleSet, name: str, day: str, expected: str
) -> None:
    assert state(rule_set.instruments[name], day) == expected


def test_195_listings_are_active_43_stopped_and_27_doubtful_in_november_2026(
    rule_set: RuleSet,
) -> None:
    assert Counter(
        state(rule_set.instruments[party.instrument], "2026-11-23") for party in rule_set.parties
    ) == {"active": 195, "stopped": 43, "doubtful": 27}


@pytest.mark.parametrize("name", ["mofcom-2025-21", "uel-2025-7"])
def test_a_doubtful_list_applies_or_sleeps_as_it_is_read(rule_set: RuleSet, name: str) -> None:
    instrument, day = rule_set.instruments[name], date(2026, 11, 11)
    assert instrument.on(day, "1", doubtful_applies=True)
    assert not instrument.on(day, "1", doubtful_applies=False)
    doubt = instrument.doubt_on(day, "1")
    assert doubt is not None
    assert doubt.sources
    assert set(doubt.question) == set(doubt.confirm) == {"en", "zh", "fr"}


def test_only_the_spokesperson_put_lists_to_sleep(rule_set: RuleSet) -> None:
    by = {
        suspension.by
        for name in CONTROL | WATCH | UNRELIABLE
        for suspension in rule_set.instruments[name].suspended
    }
    assert by == STATEMENTS
    for name in STATEMENTS:
        assert rule_set.instruments[name].list == "none"


# --- mistakes ---

LEIDOS = "lists/mofcom-2025-13.yaml"


# ruff: noqa: E501
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (LEIDOS, '"Skydio, Inc."', '"LEIDOS"', "`LEIDOS` is a name of mofcom-2025-13-01 already"),
        (LEIDOS, '"斯凯迪奥公司"', '"莱多斯公司"', "is a name of mofcom-2025-13-01 already"),
        (LEIDOS, "id: mofcom-2025-13-05", "id: mofcom-2025-13-04", f"stands in {LEIDOS} already"),
        (LEIDOS, '"Skydio, Inc."', '""', "at least one is needed here"),
        (LEIDOS, '"Skydio, Inc."', '"  "', "it has no letter"),
        (LEIDOS, '"Skydio, Inc."', '"2025"', "`2025` is no name: it has no letter"),
        (LEIDOS, '"GA-ASI"', '"--"', "`--` is no name: it has no letter"),
        (LEIDOS, '"Skydio, Inc."', '"Leidos Corp."', "`Leidos Corp.` is a name of mofcom-2025-13-01 already (`Leidos`)"),
        (LEIDOS, '"Skydio, Inc."', '"Skydio, Inc.", "SKYDIO,  INC."', "`SKYDIO,  INC.` is a name of this party already"),
        (LEIDOS, '"Skydio, Inc."', '"Co., Ltd."', "`Co., Ltd.` is only a legal form"),
        (LEIDOS, '"斯凯迪奥公司"', '"有限公司"', "`有限公司` is only a legal form"),
        (LEIDOS, '"Skydio, Inc."', '"Technology"', "`Technology` is only the common word `technology`"),
        (LEIDOS, '"Skydio, Inc."', '"Technologies Ltd."', "`Technologies Ltd.` is only the common word `technology`"),
        (LEIDOS, "entity: skydio-inc", "entity: leidos", "`leidos` is the entity of mofcom-2025-13-01 in this list already"),
        (LEIDOS, '{en: ["Skydio, Inc."], zh: ["斯凯迪奥公司"]}', "{}", "a listed party needs a name"),
        (LEIDOS, "instrument: mofcom-2025-13", "instrument: mofcom-2025-130", "did you mean `mofcom-2025-13`?"),
        (LEIDOS, "instrument: mofcom-2025-13", "instrument: mofcom-2025-72", "`mofcom-2025-72` lists no parties: its `list` is `none`"),
        (LEIDOS, "instrument: mofcom-2025-13", "instrument: mofcom-2025-22", "the list of `mofcom-2025-22` is lists/mofcom-2025-22.yaml"),
        (LEIDOS, "country: US", "country: US\n    from: 2025-06-01\n    until: 2025-05-01", "ends on 2025-05-01, before it begins on 2025-06-01"),
        (LEIDOS, "country: US", "country: US\n    until: 2025-03-03", "ends on 2025-03-03, before it begins on 2025-03-04"),
        (LEIDOS, "country: US", "country: US\n    from: 2025-03-03", "before mofcom-2025-13 is in force (2025-03-04)"),
        (LEIDOS, "country: US", "country: US\n    from: 2026-02-30", "2026-02-30 is not a day of the calendar"),
        (LEIDOS, "country: US", "country: US\n    full_name: true", "did you mean `full_name_only`?"),
        (LEIDOS, "country: US", "country: USA", "`USA` is not a country code, e.g. DE"),
        (LEIDOS, "country: US", "country: UK", "`UK` is no country code of ISO 3166-1"),
        (LEIDOS, "verified: double", "verified: twice", "`twice` is not possible here"),
        ("instruments/mofcom-2025-13.yaml", "kind: stopped", "kind: stoped", "did you mean `stopped`?"),
        ("instruments/mofcom-2025-13.yaml", "kind: stopped", "kind: stopped\n    until: 2026-11-10", "what is stopped has no end"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_list_is_named_with_its_line(
    rules: Path, file: str, old: str, new: str, says: str
) -> None:
    line = edit(rules, file, old, new)
    found = [p for p in problems(rules) if says in p]
    assert len(found) == 1, problems(rules)
    name, at, column = found[0].split(":")[:3]
    assert name == file
    assert line <= int(at) <= line + new.count("\n")
    assert int(column) >= 1


def test_names_that_only_sound_alike_are_two(rules: Path) -> None:
    edit(rules, LEIDOS, '"斯凯迪奥公司"', '"斯凯迪奥公司", "立方公司"')
    edit(rules, LEIDOS, '"莱多斯公司"', '"莱多斯公司", "丽芳公司"')
    names = {name for party in read_directory(rules)[0].parties for name in party.names}
    assert {"立方公司", "丽芳公司"} <= names


def test_one_mistake_is_one_complaint(rules: Path) -> None:
    edit(rules, LEIDOS, "country: US", "country: USA")
    assert len(problems(rules)) == 1


def test_all_mistakes_of_a_list_come_at_once_even_of_an_unknown_instrument(rules: Path) -> None:
    edit(rules, LEIDOS, "instrument: mofcom-2025-13", "instrument: mofcom-2025-130")
    edit(rules, LEIDOS, '"Leidos"', '"..."')
    edit(rules, LEIDOS, '"Sourcemap, Inc."', '"Skydio, Inc."')
    edit(rules, LEIDOS, "entity: red-six-solutions", "entiti: red-six-solutions")
    edit(rules, LEIDOS, "country: US", "country: XX")
    edit(rules, LEIDOS, "hints: [", "from: 2025-06-01\n    until: 2025-05-01\n    hints: [")
    found = "\n".join(problems(rules))
    for said in ("mofcom-2025-130", "`...`", "`Skydio, Inc.`", "`entiti`", "`XX`", "2025-05-01"):
        assert said in found


def test_a_list_that_is_missing_or_empty_is_no_empty_list(rules: Path) -> None:
    (rules / LEIDOS).unlink()
    empty = rules / "lists" / "uel-2025-3.yaml"
    empty.write_text("instrument: uel-2025-3\nparties: []\n", encoding="utf-8")
    assert problems(rules) == [
        "instruments/mofcom-2025-13.yaml:11:1: the parties it lists are missing: "
        f"there is no {LEIDOS}",
        "lists/uel-2025-3.yaml:2:1: at least one is needed here",
    ]


def test_a_party_may_be_listed_later_and_for_a_time(rules: Path) -> None:
    edit(rules, LEIDOS, "country: US", "country: US\n    from: 2025-06-01\n    until: 2025-07-31")
    leidos, *others = [
        p for p in read_directory(rules)[0].parties if p.id.startswith("mofcom-2025-13-")
    ]
    assert not leidos.period.on(date(2025, 5, 31))
    assert leidos.period.on(date(2025, 7, 31))
    assert not leidos.period.on(date(2025, 8, 1))
    assert all(party.period.on(date(2025, 5, 31)) for party in others)


def test_lists_need_to_know_how_names_are_compared(rules: Path) -> None:
    (rules / "screening.yaml").unlink()
    assert problems(rules) == ["screening.yaml:1:1: the file is missing, and lists need it"]
