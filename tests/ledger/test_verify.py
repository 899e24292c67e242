"""Whatever is altered by hand in the database is named by what does not match."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from api.app import create_app, first_start
from api.instants import now, rfc3339
from api.ledger.content import entry_of_decision
from api.ledger.erasing import NotErasable, Order, erase
from api.ledger.log import DecisionLog
from api.ledger.signing import read_log_key
from api.ledger.verify import verify_growth, verify_log
from api.log.checkpoint import Checkpoint, read_checkpoint
from api.log.errors import Mismatch
from api.log.hashing import leaf_hash
from api.log.keys import VerifierKey
from api.log.tree import HashReader, appended
from api.store.database import Database
from api.store.logbook import Logbook, StoredHashes
from api.store.tables import DECISIONS, LOG_ENTRIES, LOG_HASHES
from tests.conftest import Api, propose, settings_for

GOODS = {"description": "Copper cathode", "hs_code": "7403111100", "net_mass_kg": 100}
FIRST = 7  # decisions come after the keys and the first version
COUNT = 20


class Log:
    """A log with some decisions in it, and ways to alter it past every guard."""

    def __init__(self, api: Api, ids: list[str]) -> None:
        self.api = api
        self.ids = ids
        self.file = api.settings.home / "lodestone.db"
        self.database = Database(api.settings.database_url)

    @property
    def key(self) -> VerifierKey:
        return read_log_key(self.api.settings.log_key_file).verifier

    def checkpoint(self) -> Checkpoint:
        note = self.api.get("/v1/log/checkpoint").data
        return read_checkpoint(note, self.key).checkpoint

    def findings(self, *kept: Checkpoint) -> list[str]:
        return [str(finding) for finding in verify_log(self.database, self.key, kept)]

    def alter(self, *statements: str) -> None:
        with sqlite3.connect(self.file) as connection:
            triggers = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for (name,) in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                assert connection.execute(statement).rowcount != 0


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home with a log in it, which is copied for each test."""
    settings = settings_for(tmp_path_factory.mktemp("recorded") / "home")
    first_start(settings)
    api = Api(create_app(settings), settings)
    ids = [api.post(propose(GOODS, reference=f"SO-{n}")).json["id"] for n in range(COUNT)]
    api.app.extensions["lodestone"].decisions._database.close()
    return settings.home, ids


@pytest.fixture
def log(recorded: tuple[Path, list[str]], tmp_path: Path) -> Log:
    home, ids = recorded
    shutil.copytree(home, tmp_path / "home")
    settings = settings_for(tmp_path / "home")
    return Log(Api(create_app(settings), settings), ids)


def test_nothing_is_found_where_nothing_was_altered(log: Log) -> None:
    kept = log.checkpoint()
    assert kept.size == FIRST + COUNT
    assert log.findings(kept) == []


@pytest.mark.parametrize(
    "column",
    [
        "reference", "exporter", "evaluated_at", "as_of", "outcome", "disposition", "rule_set",
        "digest", "actor", "language", "request", "screening", "history", "leaf", "id",
    ],
)  # fmt: skip
def test_one_letter_of_a_stored_decision_names_its_entry(log: Log, column: str) -> None:
    log.alter(
        f"UPDATE decisions SET {column} = cast(replace(cast({column} AS TEXT),"
        f" substr(cast({column} AS TEXT), -2, 1), '~') AS BLOB)"
        f' WHERE "index" = {FIRST + 3}'
        if column in ("request", "screening", "history")
        else f"UPDATE decisions SET {column} = substr({column}, 2) || 'x'"
        f' WHERE "index" = {FIRST + 3}'
    )
    (finding,) = [found for found in log.findings() if "entry" in found][:1]
    assert finding.startswith(f"entry {FIRST + 3} (decision {log.ids[3]})")


@pytest.mark.parametrize("column", ["facts", "words"])
def test_a_byte_of_what_is_stored_deflated_names_its_entry(log: Log, column: str) -> None:
    log.alter(
        f"UPDATE decisions SET {column} = cast(substr({column}, 1, length({column}) - 1) || x'00'"
        f' AS BLOB) WHERE "index" = {FIRST + 3}'
    )
    assert log.findings()[0].startswith(f"entry {FIRST + 3} (decision {log.ids[3]})")


def test_one_byte_of_the_file_names_the_entry(log: Log) -> None:
    log.database.close()
    with sqlite3.connect(log.file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = log.file.read_bytes()
    at = whole.index(b"SO-11", whole.index(b'"reference"'))
    while whole[at - 14 : at - 2] != b'"reference":':  # as it stands in the stored request
        at = whole.index(b"SO-11", at + 1)
    log.file.write_bytes(whole[:at] + b"SO-12" + whole[at + 5 :])
    (finding,) = log.findings()
    assert finding == (
        f"entry {FIRST + 11} (decision {log.ids[11]}): content does not match: "
        "the stored decision is not what was committed to"
    )


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            'UPDATE log_entries SET entry = cast(replace(cast(entry AS TEXT), "allow", "deny")'
            f' AS BLOB) WHERE "index" = {FIRST + 2}',
            f"entry {FIRST + 2} (decision",
        ),
        (
            f"UPDATE log_entries SET leaf = x'{'00' * 32}' WHERE \"index\" = 9",
            "entry 9 (decision",
        ),
        (
            f"UPDATE log_hashes SET hash = x'{'00' * 32}' WHERE level = 1 AND \"index\" = 0",
            "hash 0 of level 1 is another",
        ),
        (
            f"UPDATE log_entries SET salts = x'{'00' * 96}' WHERE \"index\" = {FIRST}",
            f"entry {FIRST} (decision",
        ),
        ("UPDATE rule_set_versions SET note = 'other'", "(publication cn@1): content"),
        ("UPDATE rule_set_versions SET content = content || ' '", "(publication cn@1): content"),
        ("UPDATE rule_set_versions SET approver = 'x'", "(publication cn@1): content"),
        ("DELETE FROM rule_set_versions", "(publication cn@1): content"),
        (
            "UPDATE log_checkpoints SET note = cast(replace(cast(note AS TEXT), '27', '26')"
            " AS BLOB)",
            "checkpoint of 27: signature",
        ),
        (
            f'DELETE FROM decisions WHERE "index" = {FIRST + 1}',
            f"entry {FIRST + 1} (decision",
        ),
        (
            'UPDATE decisions SET "index" = 999 WHERE "index" = 12',
            "entry 12 (decision",
        ),
        (f'DELETE FROM log_entries WHERE "index" = {FIRST + 4}', f"entry {FIRST + 4}: order"),
        ("INSERT INTO decisions SELECT 500, 'made up', reference, exporter, evaluated_at, as_of,"
         " 'allow', disposition, rule_set, version, digest, actor, language, request, facts,"
         ' words, screening, history, leaf FROM decisions WHERE "index" = 8',
         "decision made up: order"),
    ],
)  # fmt: skip
def test_what_is_altered_elsewhere_is_named(log: Log, statement: str, named: str) -> None:
    log.checkpoint()
    log.alter(statement)
    assert any(named in finding for finding in log.findings()), log.findings()


def test_an_entry_removed_and_the_tree_rebuilt_is_exposed_by_an_old_checkpoint(log: Log) -> None:
    """Everything that stands in the database is made to agree; the auditor's copy does not."""
    kept = log.checkpoint()
    assert kept.size == FIRST + COUNT
    gone = FIRST + 5
    log.alter(
        "DELETE FROM log_checkpoints",
        "DELETE FROM log_hashes",
        f'DELETE FROM decisions WHERE "index" = {gone}',
        f'DELETE FROM log_entries WHERE "index" = {gone}',
        *(
            f'UPDATE {table} SET "index" = "index" - 1 WHERE "index" = {index}'
            for index in range(gone + 1, FIRST + COUNT)
            for table in ("log_entries", "decisions")
        ),
    )
    with log.database.writing() as connection:
        entries = connection.execute(
            select(LOG_ENTRIES.c.entry).order_by(LOG_ENTRIES.c.index)
        ).scalars()
        reader: HashReader = StoredHashes(connection)
        for level, index, value in appended(reader, 0, [leaf_hash(entry) for entry in entries]):
            if level:
                connection.execute(LOG_HASHES.insert().values(level=level, index=index, hash=value))
    # It agrees with itself but for what decisions are found by, which can be made again too.
    assert all("search does not match" in finding for finding in log.findings())
    log.api.post(propose(GOODS, reference="one more"))
    log.api.post(propose(GOODS, reference="and one"))
    (finding,) = [found for found in log.findings(kept) if "search does not" not in found]
    assert finding.startswith(f"kept checkpoint of {kept.size}: root does not match")
    with log.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM decisions")).scalar() == COUNT + 1


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM decision_terms WHERE term = CAST('rSO-3' AS BLOB)",
         f"entry {FIRST + 3} (decision {{3}}): search does not match: it cannot be found by its"
         " reference"),
        ("UPDATE decision_terms SET bits = 0 WHERE term = CAST('cDE' AS BLOB)",
         "it cannot be found by its country"),
        ("DELETE FROM decision_terms WHERE substr(term, 1, 1) = CAST('x' AS BLOB)",
         "it cannot be found by its exporter"),
        ("UPDATE decision_terms SET bits = bits | 1024 WHERE term = CAST('rSO-4' AS BLOB)",
         f"entry {FIRST + 3} (decision {{3}}): search does not match: it is found by another"
         " reference"),
        ("UPDATE decision_stretches SET earliest = '2020-01-01T00:00:00.000Z',"
         " latest = '2020-01-02T00:00:00.000Z'", "it cannot be found by its time"),
        ("INSERT INTO decision_stretches VALUES (3, 'a', 'b')", "search index: search"),
        ("UPDATE decision_terms SET bits = bits | (1 << 40)", "search index: search"),
        ("INSERT INTO log_hashes VALUES (1, 9, x'00')", "hashes of level 1: order"),
        ("INSERT INTO idempotency VALUES ('erp', 'k', 'd', 99)", "idempotency key k of erp: retry"),
        ("INSERT INTO idempotency VALUES ('x', 'k', 'd', 9)", "idempotency key k of x: retry"),
        ("INSERT INTO idempotency VALUES ('erp', 'k', 'd', 9), ('erp', 'l', 'd', 9)",
         "entry 9: retry"),
        ("INSERT INTO movements VALUES ('nobody', 0, '*', 'metal', 'e', 'c', 'DE', 'd', 1, 1)",
         "decision nobody: movements"),
    ],
)  # fmt: skip
def test_what_leads_to_other_decisions_is_named(log: Log, statement: str, named: str) -> None:
    log.alter(statement)
    found = log.findings()
    assert any(named.format(*log.ids) in finding for finding in found), found


def test_a_log_of_which_nothing_is_left_is_not_unaltered(log: Log) -> None:
    log.alter("DELETE FROM log_entries", "DELETE FROM decisions")
    assert "log: order does not match" in log.findings()[0]


@pytest.mark.parametrize(("days", "count"), [(0.9, 0), (30, 1)])
def test_a_decision_made_up_for_an_earlier_day_is_named(log: Log, days: float, count: int) -> None:
    with log.database.writing() as connection:
        row = connection.execute(select(DECISIONS).where(DECISIONS.c.index == FIRST + 2)).one()
        columns = dict(row._mapping)
        columns |= {"id": "made up", "evaluated_at": rfc3339(now() - timedelta(days=days))}
        (place,) = Logbook(log.database.dialect).append(connection, [entry_of_decision(columns)])
        columns |= {"index": place.index, "leaf": place.leaf.hex()}
        connection.execute(DECISIONS.insert(), columns)
    found = [finding for finding in log.findings() if "more than a day before" in finding]
    assert len(found) == count
    assert all("(decision made up): order does not match" in finding for finding in found)


def test_what_is_written_meanwhile_is_no_finding(log: Log) -> None:
    log.checkpoint()
    findings = verify_log(
        log.database, log.key, (), lambda _: log.api.post(propose(GOODS)) and log.checkpoint()
    )
    assert list(findings) == []


@pytest.mark.parametrize(
    "statement",
    [
        f'DELETE FROM log_entries WHERE "index" = {FIRST + 4}',
        'DELETE FROM log_entries WHERE "index" = 0',
        'UPDATE log_entries SET entry = (SELECT entry FROM log_entries WHERE "index" = 8)'
        ' WHERE "index" = 9',
        "DELETE FROM log_entries",
    ],
)
def test_a_log_that_did_not_only_grow_is_seen_by_its_entries(log: Log, statement: str) -> None:
    kept = log.checkpoint()
    assert verify_growth(log.database, kept) == (kept.size, kept.root)
    log.alter(statement)
    with pytest.raises(Mismatch):
        verify_growth(log.database, kept)


def test_a_bundle_with_entries_missing_is_not_given_out(log: Log) -> None:
    path = f"/v1/log/tile/entries/000.p/{FIRST + COUNT}"
    assert log.api.get(path).status_code == 200
    log.alter(f'DELETE FROM log_entries WHERE "index" IN ({FIRST + 4}, {FIRST + 5})')
    assert log.api.get(path).status_code == 500


# --- erasing ---


def order(decision: str, *pointers: str) -> Order:
    return Order(decision, pointers, "data protection", "order 17 of a court")


@pytest.mark.parametrize(
    "name", ["Erika Mustermann", "李雷", 'Jo "the" Smith \\ Söhne', "Smith & Erika Mustermann GmbH"]
)
def test_an_erased_name_is_gone_and_the_proofs_stay(api: Api, name: str, tmp_path: Path) -> None:
    request = propose(GOODS)
    request["parties"][1] |= {"name": name, "address": f"{name}, Am Hang 3"}
    before = api.post(request).json
    database = Database(api.settings.database_url)
    key = read_log_key(api.settings.log_key_file)
    proof = api.get(f"/v1/decisions/{before['id']}/proof", "auditor").data
    kept = read_checkpoint(api.get("/v1/log/checkpoint").data, key.verifier).checkpoint
    erase(database, order(before["id"], "/parties/1/name", "/parties/1/address"), now())
    answer = api.get(f"/v1/decisions/{before['id']}")
    assert answer.json["outcome"] == before["outcome"]
    assert answer.json["log"] == before["log"]
    found = api.client.get(
        "/v1/decisions", query_string={"party": name}, headers=api.key("officer")
    ).json["decisions"]
    assert before["id"] not in [row["id"] for row in found]
    with database.reading() as connection:
        rows = connection.execute(text("SELECT * FROM decisions")).all()
        assert name not in repr(rows)
    assert list(verify_log(database, key.verifier, [kept])) == []
    assert DecisionLog(database, lambda: key).proof("decision", before["id"])[:400] == proof[:400]
    database.close()


def test_a_replay_of_what_was_erased_raises_no_alarm(api: Api) -> None:
    request = propose(GOODS, to="US")
    request["parties"][1] |= {"name": "Lockheed Martin Corporation", "country": "US"}
    decision = api.post(request).json["id"]
    database = Database(api.settings.database_url)
    erase(database, order(decision, "/parties/1/name"), now())
    database.close()
    before = alarms(api)
    replayed = api.client.post(f"/v1/decisions/{decision}/replay", headers=api.key("auditor")).json
    assert replayed["erased"]
    assert not replayed["same"]
    assert alarms(api) == before


def alarms(api: Api) -> list[str]:
    metrics: str = api.client.get("/metrics").data.decode()
    return [line for line in metrics.splitlines() if 'came_out="different"' in line]


def test_what_was_erased_cannot_be_changed_afterwards_unseen(api: Api) -> None:
    request = propose(GOODS)
    request["parties"][1]["name"] = "Erika Mustermann"
    decision = api.post(request).json["id"]
    database = Database(api.settings.database_url)
    erase(database, order(decision, "/parties/1/name"), now())
    with sqlite3.connect(api.settings.home / "lodestone.db") as connection:
        connection.execute("DROP TRIGGER decisions_refuse_update")
        connection.execute("UPDATE decisions SET screening = replace(screening, 'hits', 'hitz')")
    key = read_log_key(api.settings.log_key_file).verifier
    (finding,) = verify_log(database, key)
    assert decision in finding.where
    assert finding.part == "content"
    database.close()


def test_what_cannot_be_erased_is_said(api: Api) -> None:
    decision = api.post(propose(GOODS)).json["id"]
    database = Database(api.settings.database_url)
    for pointer in ("/parties/9/name", "/lines/0/description", "/parties/1/country", "/"):
        with pytest.raises(NotErasable, match=pointer):
            erase(database, order(decision, pointer), now())
    key = read_log_key(api.settings.log_key_file).verifier
    assert list(verify_log(database, key)) == []
    database.close()
