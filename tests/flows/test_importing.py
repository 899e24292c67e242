"""History from CSV: all or nothing, each mistake named, again the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.conftest import ROOT, Api, on_sqlite_only, propose

HEAD = "day,material,exporter,exporter_country,consignee,destination,mass_kg,form,value_cny\n"


def lodestone(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=ROOT,
        env=os.environ
        | {
            "LODESTONE_HOME": str(settings.home),
            "LODESTONE_DATABASE_URL": settings.database_url,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def load(api: Api, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Imports a file into the home of the application at hand."""

    def run(text: str, *options: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "history.csv"
        file.write_text(text, encoding="utf-8")
        return lodestone(api.settings, "flows", "import", *options, str(file))

    return run


def exported(api: Api, query: str = "") -> dict[str, str]:
    answer = api.get(f"/v1/statistics/flows?series=exported{query}").json
    return {flow["month"]: flow["mass_kg"] for flow in answer["flows"]}


def test_shipments_loaded_count_as_exported_and_once(
    api: Api, load: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    text = HEAD + (
        "2025-10-01,antimony,Hunan Metals,CN,Rhein GmbH,DE,20000,oxide,3000000\n"
        "2025-11-03,antimony,Hunan Metals,CN,Rhein GmbH,DE,10000.5,oxide,\n"
        "2025-11-03,antimony,Hunan Metals,CN,Rhein GmbH,DE,9999.5,oxide,\n"
    )
    for _ in range(2):
        done = load(text)
        assert (done.returncode, done.stderr) == (0, "")
        assert "3 rows, 40000 kg" in done.stdout
        assert exported(api) == {"2025-10": "20000", "2025-11": "20000"}
    empty = load(HEAD)
    assert empty.returncode != 0
    assert "no rows" in empty.stderr
    assert exported(api) == {"2025-10": "20000", "2025-11": "20000"}


@on_sqlite_only
def test_history_loaded_is_history_seen(
    api: Api, load: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    rows = [
        f"{year}-{month:02d}-15,antimony,Hunan Metals Co,CN,Rhein GmbH,{to},{kg},oxide,\n"
        for year, month in [(2025, m) for m in range(9, 13)] + [(2026, m) for m in range(1, 11)]
        for to, kg in (("DE", 20_000), ("MY", 300))
    ]
    load(HEAD + "".join(rows))
    oxide = {"description": "Antimony trioxide 99.8 %", "hs_code": "2825800090", "purity_pct": 99.8}

    def rules(to: str, kg: float, consignee: str = "Rhein GmbH") -> list[str]:
        request = propose(oxide | {"net_mass_kg": kg}, to=to)
        request["parties"][1]["name"] = consignee
        answer: dict[str, Any] = api.post(request, "?dry_run=true").json
        return [reason["rule"] for reason in answer["reasons"] if "severity" in reason]

    assert rules("DE", 20_000) == []
    assert "corridor-ten-times-its-year" in rules("MY", 20_000)
    assert rules("DE", 20_000, "Elbe GmbH") == ["new-buyer-large-order"]


MISTAKES = [
    ("2025-02-30,antimony,X,CN,Y,DE,1,,", "day: a day, YYYY-MM-DD, belongs here"),
    ("2025-02,antimony,X,CN,Y,DE,1,,", "day: a day"),
    ("2025-02-03,antimoni,X,CN,Y,DE,1,,", "`antimoni` is not a material"),
    ("2025-02-03,antimony,,CN,Y,DE,1,,", "exporter"),
    ("2025-02-03,antimony,X,CN,Y,ZZ,1,,", "`ZZ` is not a country"),
    ("2025-02-03,antimony,X,CN,Y,DE,-1,,", "mass_kg: a number"),
    ("2025-02-03,antimony,X,CN,Y,DE,1e9,,", "mass_kg: a number"),
    ("2025-02-03,antimony,X,CN,Y,DE,NaN,,", "mass_kg: a number"),
    ("2025-02-03,antimony,X,CN,Y,DE,1,dust,", "`dust` is not a form"),
    ("2025-02-03,antimony,X,CN,Y,DE,1,,,more", "beyond the last column"),
    ('2025-02-03,antimony,"X,CN,Y,DE,1,,', "consignee"),
]


@on_sqlite_only
def test_every_mistake_is_named_and_nothing_is_imported(
    api: Api, load: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    good = "2025-10-01,antimony,Hunan Metals,CN,Rhein GmbH,DE,20000,oxide,\n"
    load(HEAD + good)
    rows = "".join(f"{row}\n" for row, _ in MISTAKES)
    done = load(HEAD + good.replace("20000", "1") + rows)
    assert done.returncode == 2
    for number, (_, says) in enumerate(MISTAKES, 3):
        said = [line for line in done.stderr.splitlines() if f"history.csv:{number}:" in line]
        assert any(says in line for line in said), (number, said)
    assert exported(api) == {"2025-10": "20000"}


@on_sqlite_only
def test_columns_that_lack_or_are_unknown_are_named(
    load: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    lacking = load("day,material\n")
    assert lacking.returncode == 2
    assert "column `mass_kg` is missing" in lacking.stderr
    unknown = load(HEAD.replace("form", "shape") + "2025-02-03,antimony,X,CN,Y,DE,1,ore,\n")
    assert "shape" in unknown.stderr
    assert load("").returncode == 2


@on_sqlite_only
def test_public_figures_are_replaced_by_others(
    api: Api, load: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = load("month,material,mass_kg\n2026-01,gallium,1500\n", "--public")
    assert done.returncode == 0
    answer = api.get("/v1/statistics/flows?series=public").json
    assert [(f["month"], f["mass_kg"]) for f in answer["flows"]] == [("2026-01", "1500")]
    assert lodestone(api.settings, "flows", "import").returncode == 0
    assert len(api.get("/v1/statistics/flows?series=public").json["flows"]) > 20


@on_sqlite_only
def test_a_file_that_is_none(api: Api, tmp_path: Path) -> None:
    done = lodestone(api.settings, "flows", "import", str(tmp_path / "nothing.csv"))
    assert done.returncode == 1
    assert "nothing.csv" in done.stderr
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    assert "not UTF-8" in lodestone(api.settings, "flows", "import", str(binary)).stderr
