"""Shared parts: a copy of the real rule files to break, and what is then said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.checking import read_checked
from api.rulebook.read import RuleFileError
from tests.conftest import ROOT


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "rules" / "cn", tmp_path / "cn")
    return tmp_path / "cn"


def problems(rules: Path) -> list[str]:
    with pytest.raises(RuleFileError) as raised:
        read_checked(rules)
    return [str(problem) for problem in raised.value.problems]


def edit(rules: Path, file: str, old: str, new: str) -> int:
    """Replaces text once and returns the line it stood on."""
    path = rules / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1
