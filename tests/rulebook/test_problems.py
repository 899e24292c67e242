"""Mistakes in rule files: all of them at once, each with file, line, column and the right name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from api.rulebook.read import read_content, read_directory
from tests.conftest import ROOT
from tests.rulebook.conftest import edit, problems

US, SB = "policy/united-states.yaml", "instruments/mofcom-gac-2024-33.yaml"
W, DY = "instruments/mofcom-gac-2025-10.yaml", "instruments/mofcom-gac-2025-18.yaml"
GOODS = "goods.yaml"


# ruff: noqa: E501
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (US, "entry.material: [gallium", "entry.materiel: [gallium", "did you mean `entry.material`?"),
        (US, "destination.country: [US, PR, GU, VI, AS, MP]", "destination.country: {at_leest: 5}", "at_least"),
        (US, "destination.country: [US, PR, GU, VI, AS, MP]", "destination.country: {at_least: 5}", "compares numbers"),
        (US, "end_use.military: true", 'end_use.military: "yes"', "boolean fact"),
        (US, "entry.match: listed", "entry.match: lisetd", "did you mean `listed`?"),
        (US, "then: prohibited", "then: prohibitted", "did you mean `prohibited`?"),
        (US, 'clause: "1"', 'clause: "9"', "no clause `9`"),
        (US, "instrument: mofcom-2024-46", "instrument: mofcom-2024-64", "did you mean `mofcom-2024-46`?"),
        (US, "{entry.title} is one", "{entry.titel} is one", "did you mean {entry.title}?"),
        (US, "because:", "becuase:", "did you mean `because`?"),
        (US, "id: us-end-use-unknown", "id: us-military", "stands in policy/united-states.yaml already"),
        (SB, "in_force: {from: 2024-09-15}", "in_force: {from: 2024-09-31}", "calendar"),
        (SB, "{from: 2024-09-15}", "{from: 2024-09-15, until: 2024-01-01}", "before it begins"),
        (SB, "material: antimony", "material: antinomy", "did you mean `antimony`?"),
        (SB, "at_least: 99.99", "at_least: pure", "number fact"),
        (SB, "form: ore", "form: rock", "not possible here"),
        (SB, "authority: [MOFCOM, GAC]", "authority: &a [MOFCOM, GAC]\nissuer: *a", "anchors"),
        (SB, "issued: 2024-08-15", "issued: 2024-08-15\nissued: 2024-08-16", "twice"),
        (SB, "list: dual_use", "list: [dual_use", "not YAML"),
        (SB, '"2617101000"', '"261710100"', "a customs code"),
        (US, "entry.material: [gallium", "entry.material: [galium", "did you mean `gallium`?"),
        (US, "destination.country: [US, PR, GU, VI, AS, MP]", "destination.country: [US, XX]", "is never `XX`"),
        (SB, "at_least: 99.99}", "at_least: 999.99}", "lies between 0 and 100"),
        (SB, "issued: 2024-08-15", "issued: 20240815", "a day, YYYY-MM-DD"),
        (GOODS, "stands_for: [organoantimony]", "stands_for: [organoantimoni]", "did you mean `organoantimony`?"),
        (GOODS, "stands_for: [AlNiCo]", "stands_for: [AlNiCoo]", "did you mean `AlNiCo`?"),
        (GOODS, "throughout: [tungsten]", "throughout: [tungstn]", "did you mean `tungsten`?"),
        (GOODS, "elements: [W, C]", "elements: [Ww, C]", "did you mean `W`?"),
        (DY, "contains: {element: Dy}", "contains: {element: Dyy}", "did you mean `Dy`?"),
        (DY, "contains: {element: Dy}", "contains: {element: [Tb, Dyy]}", "did you mean `Dy`?"),
        (DY, "made_of: {content.Dy", "made_of: {content.Dyy", "did you mean `content.Dy`?"),
        (US, "destination.country: [US, PR, GU, VI, AS, MP]", "destination.country: JPN", "did you mean `JP`?"),
        (US, "destination.country: [US, PR, GU, VI, AS, MP]", "destination.country: CHN", "did you mean `CN`?"),
        ("ruleset.yaml", "Asia/Shanghai", "Asia/Shangai", "did you mean `Asia/Shanghai`?"),
        (W, "- cylinder: {diameter_mm", "- cylinder: {diametre_mm", "did you mean `diameter_mm`?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_the_right_name(
    rules: Path, file: str, old: str, new: str, says: str
) -> None:
    line = edit(rules, file, old, new)
    found = [p for p in problems(rules) if says in p]
    assert found
    name, at, column = found[0].split(":")[:3]
    assert name == file
    assert line <= int(at) <= line + 2
    assert int(column) >= 1


def test_a_misspelt_key_is_pointed_at(rules: Path) -> None:
    edit(rules, W, "- cylinder: {diameter_mm", "- cylindr: {diameter_mm")
    line = next(
        n
        for n, text in enumerate((rules / W).read_text(encoding="utf-8").splitlines(), 1)
        if "cylindr:" in text
    )
    assert problems(rules) == [
        f"{W}:{line}:11: `cylindr` is not known here; did you mean `cylinder`?"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (GOODS, "L(Y)?SO", "L(Y?SO"),
        (
            US,
            "destination.country: [US, PR, GU, VI, AS, MP]",
            'destination.country: {matches: "(A"}',
        ),
    ],
)
def test_a_wrong_expression_is_told_once_and_plainly(
    rules: Path, capfd: pytest.CaptureFixture[str], file: str, old: str, new: str
) -> None:
    edit(rules, file, old, new)
    (found,) = problems(rules)
    assert "not a regular expression: missing )" in found
    assert "b'" not in found
    assert capfd.readouterr().err == ""


def test_all_mistakes_of_all_files_come_at_once(rules: Path) -> None:
    edit(rules, US, "then: prohibited", "then: prohibitted")
    edit(rules, SB, "form: ore", "form: rock")
    edit(rules, "goods.yaml", "id: gallium", "idd: gallium")
    edit(rules, US, "end_use.military: true", "end_use.militaire: true")
    edit(rules, US, "entry.material: [gallium", "entry.materiel: [gallium")
    edit(rules, "policy/japan.yaml", "instrument: mofcom-2026-01", "instrument: mofcom-2026-10")
    edit(rules, "instruments/mofcom-gac-2025-18.yaml", "authority:", "autority:")
    found = problems(rules)
    assert {problem.split(":")[0] for problem in found} == {
        US,
        SB,
        "goods.yaml",
        "policy/japan.yaml",
        "instruments/mofcom-gac-2025-18.yaml",
    }
    assert sum(problem.startswith(US) for problem in found) == 3
    # What is broken itself is not complained of where it is named.
    assert not any("no instrument is called `mofcom-gac-2025-18`" in p for p in found)
    assert not any("no material `gallium`" in p for p in found)


def test_a_broken_place_hides_no_other_mistake_near_it(rules: Path) -> None:
    edit(rules, SB, "in_force: {from: 2024-09-15}", "in_force: {from: 15.9.2024}")
    edit(
        rules, SB, "    material: antimony\n    form: ore", "    material: antimny\n    form: oree"
    )
    edit(
        rules,
        SB,
        "meets: {purity_pct: {at_least: 99.99}}",
        "meets: {purity_pcnt: {at_leest: 99.99}}",
    )
    edit(rules, US, "then: prohibited", "then: prohibitted")
    edit(rules, US, "{entry.title} is one", "{entry.titel} is one")
    found = "\n".join(problems(rules))
    for word in ("15.9.2024", "antimny", "oree", "purity_pcnt", "at_leest", "prohibitted", "titel"):
        assert word in found
    assert len(problems(rules)) == 7


def test_files_that_are_not_rule_files_are_named(rules: Path) -> None:
    (rules / "stray.yaml").write_text("a: 1")
    (rules / "policy" / "empty.yaml").write_text("")
    (rules / "policy" / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (rules / "policy" / "deep.yaml").write_text("a: " + "[" * 5_000)
    assert len(problems(rules)) >= 4


def test_a_directory_without_a_rule_set_says_so(tmp_path: Path) -> None:
    assert "no ruleset.yaml" in problems(tmp_path)[0]


def test_yaml_is_1_2_so_norway_is_a_country(rules: Path) -> None:
    edit(rules, US, "destination.country: [US, PR, GU, VI, AS, MP]", "destination.country: NO")
    rule_set, _ = read_directory(rules)
    assert any("NO" in str(rule.when) for rule in rule_set.rules)


def test_content_reads_back_with_the_same_digest(rules: Path) -> None:
    rule_set, content = read_directory(rules)
    again = read_content(content)
    assert again == rule_set
    assert again.digest == rule_set.digest


def test_a_comment_changes_no_digest_and_a_limit_does(rules: Path) -> None:
    before = read_directory(rules)[0].digest
    edit(rules, SB, "issued:", "# a comment\nissued:")
    assert read_directory(rules)[0].digest == before
    edit(rules, SB, "at_least: 99.99}", "at_least: 99.98}")
    assert read_directory(rules)[0].digest != before


def test_the_reference_is_carried_whole(rule_set: object) -> None:
    """As many entries as the instruments print, codes quoted, doubt and marks kept."""
    counts = {}
    for file in sorted((ROOT / "rules" / "cn" / "instruments").glob("*.yaml")):
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        counts[data["id"]] = len(data.get("entries", []))
        for entry in data.get("entries", []):
            assert set(entry["title"]) == {"en", "zh", "fr"}
            assert entry["verified"] in ("double", "single", "memory")
    assert counts["mofcom-gac-2023-23"] == 14
    assert counts["mofcom-gac-2024-33"] == 13
    assert counts["mofcom-gac-2025-10"] == 24
    assert counts["mofcom-gac-2025-18"] == 38
    assert counts["mofcom-gac-2025-57"] == 39
