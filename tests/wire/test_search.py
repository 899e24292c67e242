"""Searching and exporting: filters, pages, roles, masks, and files a stranger can check."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.ledger.export import COLUMNS, Exported, Format, archive
from api.log.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from api.log.keys import SigningKey, parse_verifier_key
from tests.conftest import Api, propose

TRIOXIDE = {
    "description": "Antimony trioxide, 99.99 %",
    "hs_code": "2825800010",
    "purity_pct": 99.99,
    "value": {"amount": "12000.00", "currency": "USD"},
    "origin": "CN",
}


@pytest.fixture
def api(request: pytest.FixtureRequest, new_api: Callable[..., Api], redis_url: str) -> Api:
    """An application over SQLite, where the test asks for no other database."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return new_api(redis_url=redis_url)
    url = request.getfixturevalue("postgres_url")
    return new_api(redis_url=redis_url, database_url=url)


on_both = pytest.mark.parametrize("api", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def three(api: Api) -> list[Any]:
    """A denied one of the erp, an allowed one of an officer, and a denied one of the erp."""
    owner = {"name": "Donau Holding AG", "country": "AT", "share_pct": 60}
    first = propose(TRIOXIDE, to="US", reference="SO-1", submitted_by="Jane Doe")
    first["parties"][1] |= {"address": "1 Long Road", "owners": [owner]}
    made = [
        api.post(first),
        api.post(propose(reference="SO-2", to="FR"), holder="officer"),
        api.post(propose(TRIOXIDE, reference="SO-3", to="MX", end_user="JP")),
    ]
    assert [answer.status_code for answer in made] == [201] * 3
    return [answer.json for answer in made]


def found(api: Api, query: str = "", holder: str = "officer") -> list[str]:
    answer = api.get(f"/v1/decisions{query}", holder=holder)
    assert answer.status_code == 200, answer.json
    return [row["reference"] for row in answer.json["decisions"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "SO-3 SO-2 SO-1"),
        ("?reference=SO-2", "SO-2"),
        ("?exporter=HUNAN%20metals%20co.", "SO-3 SO-2 SO-1"),
        ("?party=rhein%20gmbh&country=US", "SO-1"),
        ("?party=Donau%20Holding%20AG", "SO-1"),
        ("?exporter=Rhein%20GmbH", ""),
        ("?country=AT", "SO-1"),
        ("?country=JP", "SO-3"),
        ("?material=antimony", "SO-3 SO-1"),
        ("?entry=mofcom-gac-2024-33/1.3", "SO-3 SO-1"),
        ("?entry=mofcom-gac-2024-33/9.9", ""),
        ("?rule=listed-item-leaves-china", "SO-3 SO-1"),
        ("?outcome=allow", "SO-2"),
        ("?outcome=deny&disposition=not_controlled", ""),
        ("?disposition=not_controlled", "SO-2"),
        ("?rule_set=cn", "SO-3 SO-2 SO-1"),
        ("?rule_set=cn@1&material=antimony&country=MX", "SO-3"),
        ("?rule_set=cn@2", ""),
        ("?actor=officer", "SO-2"),
        ("?officer=officer", "SO-2"),
        ("?actor=erp&outcome=deny", "SO-3 SO-1"),
        ("?from=2020-01-01&until=2020-12-31", ""),
        ("?from=2020-01-01", "SO-3 SO-2 SO-1"),
        ("?until=2020-01-01T00:00:00%2B08:00", ""),
    ],
)
def test_filters_must_all_hold(api: Api, three: list[Any], query: str, expected: str) -> None:
    assert found(api, query) == expected.split()


@on_both
def test_a_row_says_what_the_answer_says(api: Api, three: list[Any]) -> None:
    row = api.get("/v1/decisions?reference=SO-3").json["decisions"][0]
    said = three[2]
    for name in ("id", "reference", "outcome", "disposition", "as_of", "evaluated_at"):
        assert row[name] == said[name]
    assert row["index"] == said["log"]["index"] == 9
    assert (row["rule_set"], row["actor"], row["exporter"]) == ("cn@1", "erp", "Hunan Metals Co")


def test_the_moment_itself_is_in_both_ends(api: Api, three: list[Any]) -> None:
    moment = three[1]["evaluated_at"]
    assert "SO-2" in found(api, f"?from={moment}&until={moment}")
    assert "SO-2" in found(api, f"?from={moment[:10]}&until={moment[:10]}")


def test_pages_go_on_where_the_last_ended(api: Api, three: list[Any]) -> None:
    first = api.get("/v1/decisions?rule_set=cn&limit=2").json
    api.post(propose(reference="SO-4"))
    second = api.get(f"/v1/decisions?rule_set=cn&limit=2&cursor={first['next']}").json
    assert [row["reference"] for row in first["decisions"]] == ["SO-3", "SO-2"]
    assert [row["reference"] for row in second["decisions"]] == ["SO-1"]
    assert second["next"] is None


def test_a_cursor_made_up_or_of_other_filters_is_refused(api: Api, three: list[Any]) -> None:
    cursor = api.get("/v1/decisions?rule_set=cn&limit=1").json["next"]
    other = "B" if cursor[5] == "A" else "A"
    for query in (
        f"limit=1&cursor={cursor}",
        f"rule_set=cn@1&cursor={cursor}",
        f"rule_set=cn&cursor={cursor[:5]}{other}{cursor[6:]}",
        f"rule_set=cn&cursor={cursor[:-1]}",
        f"rule_set=cn&cursor={'A' * 32}",
        "rule_set=cn&cursor=",
        "rule_set=cn&cursor=é",
    ):
        assert api.get(f"/v1/decisions?{query}").status_code == 400, query
    assert api.get(f"/v1/decisions?rule_set=cn&cursor={cursor}", holder="erp").status_code == 400
    assert api.get(f"/v1/decisions?rule_set=cn&limit=9&cursor={cursor}").status_code == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=red", "colour"),
        ("country=us", "country"),
        ("country=XX", "country"),
        ("outcome=maybe", "outcome"),
        ("disposition=ALLOW", "disposition"),
        ("rule_set=cn@x", "rule_set"),
        ("from=yesterday", "from"),
        ("until=2026-02-30", "until"),
        ("from=9999-12-31T23:59:59-23:59", "from"),
        ("from=2026-11-23T08:00:00", "from"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=1e2", "limit"),
        ("party=", "party"),
        ("reference=%00", "reference"),
        ("country=US&country=DE", "country"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_with_its_name(api: Api, query: str, name: str) -> None:
    for path in ("/v1/decisions", "/v1/decisions/export"):
        refused = api.get(f"{path}?{query}")
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json["errors"]] == [f"?{name}"]


@on_both
def test_an_erp_finds_its_own_decisions_only(api: Api, three: list[Any]) -> None:
    assert found(api, holder="erp") == ["SO-3", "SO-1"]
    assert found(api, "?actor=officer", holder="erp") == []
    for holder in ("officer", "approver", "auditor", "admin"):
        assert len(found(api, holder=holder)) == 3
    assert len(export(api, "ndjson", holder="erp")[0].splitlines()) == 2
    assert api.client.get("/v1/decisions").status_code == 401
    assert api.client.get("/v1/decisions/export").status_code == 401


# --- export ---


def export(
    api: Api, format_: str, query: str = "", holder: str = "officer"
) -> tuple[bytes, dict[str, Any]]:
    """The data and the manifest."""
    answer = api.get(f"/v1/decisions/export?format={format_}{query}", holder=holder)
    assert answer.status_code == 200, answer.json
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert file.testzip() is None
        assert file.namelist() == [f"decisions.{format_}", "checkpoint", "manifest.json"]
        return file.read(f"decisions.{format_}"), json.loads(file.read("manifest.json"))


@on_both
def test_every_format_says_the_same_and_its_manifest_is_true(api: Api, three: list[Any]) -> None:
    for query, rows in (("", 3), ("&material=antimony&outcome=deny", 2), ("&country=ZA", 0)):
        lines, manifest = export(api, "ndjson", query)
        told = [json.loads(line) for line in lines.splitlines()]
        assert len(told) == rows
        parquet, of_parquet = export(api, "parquet", query)
        table = pq.read_table(io.BytesIO(parquet)).to_pylist()
        assert [
            row | {name: json.loads(row[name]) for name in ("request", "answer")} for row in table
        ] == told
        text_, of_csv = export(api, "csv", query)
        read = list(csv.DictReader(io.StringIO(text_.decode(), newline="")))
        assert read == [{name: str(row[name]) for name in COLUMNS} for row in told]
        for data, said in ((lines, manifest), (parquet, of_parquet), (text_, of_csv)):
            assert said["rows"] == rows
            assert said["sha256"] == hashlib.sha256(data).hexdigest()
            assert said["log"]["size"] == 10
            assert said["log"] == manifest["log"]
    assert manifest["filters"] == {"country": "ZA"}


def test_an_export_has_the_whole_answers(api: Api, three: list[Any]) -> None:
    told = [json.loads(line) for line in export(api, "ndjson")[0].splitlines()]
    assert [line["answer"] for line in told] == three[::-1]
    assert told[2]["request"]["parties"][1]["address"] == "1 Long Road"


def test_the_manifest_has_the_root_of_the_signed_checkpoint(api: Api, three: list[Any]) -> None:
    data = api.get("/v1/decisions/export?format=csv").data
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        note, manifest = file.read("checkpoint"), json.loads(file.read("manifest.json"))
    key = parse_verifier_key((api.settings.home / "log.pub").read_text())
    head = read_checkpoint(note, key).checkpoint
    assert head.size == three[-1]["log"]["index"] + 1
    assert manifest["log"] == {
        "origin": key.name,
        "size": head.size,
        "root": head.root.hex(),
    }


def test_what_is_appended_meanwhile_is_not_in_it(api: Api, three: list[Any]) -> None:
    answer = api.client.get(
        "/v1/decisions/export?format=ndjson", headers=api.key("officer"), buffered=False
    )
    api.post(propose(reference="SO-late"))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.response))) as file:
        assert len(file.read("decisions.ndjson").splitlines()) == 3


def test_an_unknown_format_is_refused(api: Api) -> None:
    refused = api.get("/v1/decisions/export?format=xls")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "?format"


def test_it_opens_with_the_usual_tools(api: Api, three: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "export.zip"
    file.write_bytes(api.get("/v1/decisions/export?format=csv").data)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(file), str(tmp_path)], check=True)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    data = (tmp_path / manifest["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == manifest["sha256"]


NOTE = sign_checkpoint(
    Checkpoint("log.example", 9, bytes(32)), SigningKey("log.example", bytes(32))
)


def row(index: int, **more: Any) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS, "x") | {"index": index} | more


def written(decisions: Any, format_: Format) -> Iterator[bytes]:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    return archive(decisions, format_, {}, NOTE, moment)


def data_of(pieces: Iterator[bytes], name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as file:
        return file.read(name)


NASTY = st.text(
    st.sampled_from("=+-@\t\r\n\",;' ＝＋－＠a1é中\u2028\x00|") | st.characters(codec="utf-8"),
    max_size=12,
)


@given(st.lists(NASTY, min_size=1, max_size=5))
def test_no_cell_begins_a_formula_and_every_text_is_kept(texts: list[str]) -> None:
    made = [Exported(row(n, reference=value), b"{}", b"{}") for n, value in enumerate(texts)]
    data = data_of(written(made, "csv"), "decisions.csv").decode()
    read = list(csv.reader(io.StringIO(data, newline="")))
    cells = [line[2] for line in read[1:]]
    for cell, value in zip(cells, texts, strict=True):
        assert cell in (value, f"'{value}")
        assert not cell.lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_the_signed_checkpoint_is_in_it() -> None:
    assert data_of(written([], "csv"), "checkpoint") == NOTE


@pytest.mark.parametrize("format_", ["csv", "ndjson", "parquet"])
def test_one_that_breaks_off_cannot_be_taken_for_a_whole(format_: Format) -> None:
    def breaking() -> Iterator[Exported]:
        for number in range(30_000):
            yield Exported(row(number, reference=str(number) * 50), b"{}", b"{}")
        raise OSError("the database is away")

    received: list[bytes] = []
    with pytest.raises(OSError, match="away"):
        received.extend(written(breaking(), format_))
    assert len(received) > 1, "it broke off in the middle"
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(received)))


@pytest.mark.parametrize("format_", ["csv", "ndjson", "parquet"])
def test_memory_does_not_grow_with_what_is_exported(format_: Format) -> None:
    def peak(count: int) -> tuple[int, int]:
        def made() -> Iterator[Exported]:
            for number in range(count):
                # No two alike, so that nothing of it is deflated away.
                noise = hashlib.sha512(b"%d" % number).hexdigest() * 8
                yield Exported(row(number, reference=noise[:150]), b"{}", b'"%b"' % noise.encode())

        tracemalloc.start()
        size = sum(map(len, written(made(), format_)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, size

    peak(10)
    few, _ = peak(20_000)
    many, size = peak(80_000)
    assert many < few * 1.5
    assert size > 5_000_000


def test_at_most_a_page_is_read_ahead(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        api.post(propose(reference=f"SO-{number}"))
    monkeypatch.setattr("api.web.search._ROWS_HELD", 2)
    told = [json.loads(line) for line in export(api, "ndjson")[0].splitlines()]
    assert [line["reference"] for line in told] == [f"SO-{n}" for n in range(5, -1, -1)]


# --- masks ---


def test_an_auditor_sees_hashes_that_match(api: Api, three: list[Any]) -> None:
    again = propose(TRIOXIDE, to="US", reference="SO-4", submitted_by="Jane Doe")
    again["parties"][1]["address"] = "2 Short Street"
    api.post(again)
    data, manifest = export(api, "ndjson", "&country=US", holder="auditor")
    assert b"Jane Doe" not in data
    assert b"Long Road" not in data
    assert b"12000" not in data
    second, first = (json.loads(line) for line in data.splitlines())
    assert first["request"]["submitted_by"] == second["request"]["submitted_by"]
    assert first["request"]["lines"][0]["value"] == second["request"]["lines"][0]["value"]
    addresses = [line["request"]["parties"][1]["address"] for line in (first, second)]
    assert addresses[0] != addresses[1]
    assert all(address.startswith("masked:") for address in addresses)
    assert "/lines/*/value" in manifest["masked"]
    assert "/lines/*/value" in first["answer"]["masked"]
    assert b"Jane Doe" in export(api, "ndjson", "&country=US")[0]


@pytest.fixture
def strict(api: Api, three: list[Any], tmp_path: Path) -> Api:
    """The same service, with parties and references masked for auditors."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "disclosure.yaml").write_text(
        "officer: []\nadmin: []\nauditor: [/parties/*/name, /reference]\n"
    )
    settings = replace(api.settings, rules_directory=tmp_path / "rules")
    return Api(create_app(settings), settings)


def test_names_are_masked_in_lists_answers_and_files_alike(strict: Api, three: list[Any]) -> None:
    listed = strict.get("/v1/decisions", holder="auditor")
    assert b"Hunan" not in listed.data
    assert b"SO-1" not in listed.data
    assert listed.json["masked"] == ["/parties/*/name", "/reference"]
    oldest = listed.json["decisions"][-1]
    answer = strict.get(f"/v1/decisions/{oldest['id']}", holder="auditor").json
    assert answer["reference"] == oldest["reference"]
    assert answer["screening"][0]["name"] == oldest["exporter"]
    assert answer["masked"] == ["/parties/*/name", "/reference"]
    assert answer["log"] == three[0]["log"]
    for format_ in ("csv", "ndjson", "parquet"):
        data = export(strict, format_, holder="auditor")[0]
        assert b"Hunan" not in data
        assert b"SO-1" not in data
    lines = export(strict, "ndjson", holder="auditor")[0].splitlines()
    assert json.loads(lines[-1])["exporter"] == oldest["exporter"]


def test_statistics_and_replays_are_masked_as_well(strict: Api, three: list[Any]) -> None:
    path = "/v1/statistics/flows?series=proposed&group_by=exporter&exporter=hunan%20metals%20co"
    flows = strict.get(path, holder="auditor")
    listed = strict.get("/v1/decisions", holder="auditor").json["decisions"]
    assert flows.json["flows"]
    assert {flow["group"]["exporter"] for flow in flows.json["flows"]} <= {
        row["exporter"] for row in listed
    }
    assert b"Hunan" in strict.get(path).data
    with sqlite3.connect(strict.settings.home / "lodestone.db") as connection:
        connection.execute("DROP TRIGGER decisions_refuse_update")
        connection.execute(
            "UPDATE decisions SET reference = 'SO-9', exporter = 'Other Metals', outcome = 'allow',"
            " screening = CAST('[]' AS BLOB)"
        )
    replay = f"/v1/decisions/{three[0]['id']}/replay"
    shown = strict.client.post(replay, headers=strict.key("auditor"))
    for name in (b"SO-", b"Hunan", b"Other Metals", b"Rhein"):
        assert name not in shown.data
    told = {difference["pointer"]: difference for difference in shown.json["differences"]}
    assert told["/answer/reference"]["recorded"].startswith("masked:")
    assert told["/record/outcome"] == {
        "pointer": "/record/outcome", "recorded": "allow", "replayed": "deny",
    }  # fmt: skip
    assert b"Hunan" in strict.client.post(replay, headers=strict.key("officer")).data


def test_what_is_stored_is_not_masked(strict: Api, three: list[Any]) -> None:
    strict.get("/v1/decisions", holder="auditor")
    answer = strict.get(f"/v1/decisions/{three[0]['id']}", holder="officer")
    assert answer.json == three[0]
    assert "masked" not in answer.json
