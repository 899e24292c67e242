"""A text is erased where it stands and nowhere else; what cannot be erased so is refused."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auditing import ALTERED, DONE
from api.cli import main
from api.instants import now, rfc3339
from api.ledger.content import content_of_decision
from api.ledger.erasing import NotErasable, Order, digests_of, erase, erasure, openings
from api.ledger.identity import new_id
from api.ledger.signing import read_log_key
from api.ledger.texts import Texts, with_strings
from api.ledger.verify import verify_log
from api.log.commitments import commitments
from api.store.database import Database
from api.store.logbook import Logbook, new_entry
from api.store.tables import DECISIONS, ERASURES, LOG_ERASED
from tests.conftest import Api, propose

GOODS = {"description": "Copper cathode", "hs_code": "7403111100", "net_mass_kg": 200}
ANTIMONY = {"description": "Antimony trioxide", "hs_code": "2825800010", "net_mass_kg": 200}


class Ledger:
    def __init__(self, api: Api) -> None:
        self.api = api
        self.file = api.settings.home / "lodestone.db"
        self.database = Database(api.settings.database_url)

    def decide(
        self, goods: dict[str, Any] = GOODS, to: str = "DE", receiver: Any = None, **more: Any
    ) -> str:
        request = propose(goods, to=to, **more)
        request["parties"][1] |= receiver or {}
        answer = self.api.post(request)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def erase(self, decision: str, *pointers: str, back: int = 0, basis: str = "order 17") -> str:
        order = Order(decision, pointers, "data protection", basis)
        return erase(self.database, order, now() - timedelta(seconds=back))

    def findings(self) -> list[str]:
        key = read_log_key(self.api.settings.log_key_file).verifier
        return [str(finding) for finding in verify_log(self.database, key)]

    def documents(self, decision: str) -> dict[str, bytes]:
        names = ("exporter", "request", "screening", "history", "facts", "words")
        with closing(sqlite3.connect(self.file)) as connection:
            row = connection.execute(
                f"SELECT {', '.join(names)} FROM decisions WHERE id = ?", (decision,)
            ).fetchone()
        found = dict(zip(names, row, strict=True))
        found |= {name: zlib.decompress(found[name]) for name in ("facts", "words")}
        return found | {"exporter": found["exporter"].encode()}

    def all_stored(self) -> list[Any]:
        with closing(sqlite3.connect(self.file)) as connection:
            tables = ("decisions", "traces", "log_erased", "erasures", "log_entries")
            return [connection.execute(f"SELECT * FROM {t}").fetchall() for t in tables]

    def must_still_serve(self, decision: str) -> None:
        for path in (f"/v1/decisions/{decision}", f"/v1/decisions/{decision}?evidence=true"):
            assert self.api.get(path, "officer").status_code == 200
        for role in ("officer", "auditor"):
            assert self.api.get("/v1/decisions", role).status_code == 200
            done = self.api.get("/v1/decisions/export?format=ndjson", role)
            assert done.status_code == 200
            assert done.data
        assert self.findings() == []


@pytest.fixture
def ledger(api: Api) -> Iterator[Ledger]:
    found = Ledger(api)
    yield found
    found.database.close()


@pytest.mark.parametrize(
    ("reference", "given", "pointer"),
    [
        ("ACME-2026-17", {"name": "ACME"}, "/parties/1/name"),
        ("SO-1", {"name": "name"}, "/parties/1/name"),
        ("SO-1", {"name": "Max", "address": "Maxim Hall 1"}, "/parties/1/name"),
        ("SO-1", {"name": "erased"}, "/parties/1/name"),
        ("SO-1", {"name": "Line"}, "/parties/1/name"),
    ],
)
def test_a_common_text_is_erased_where_it_is_a_name(
    ledger: Ledger, reference: str, given: dict[str, str], pointer: str
) -> None:
    decision = ledger.decide(reference=reference, receiver=given)
    ledger.erase(decision, pointer)
    request = json.loads(ledger.documents(decision)["request"])
    assert request["parties"][1]["name"] != given["name"]
    assert request["parties"][1].get("address") == given.get("address")
    assert request["reference"] == reference
    assert request["lines"][0]["net_mass_kg"] == 200
    ledger.must_still_serve(decision)


@pytest.mark.parametrize("clerk", ["200", "4711", "a1b", "ada"])
def test_a_clerk_s_number_is_erased_and_no_other_number(ledger: Ledger, clerk: str) -> None:
    others = [ledger.decide(ANTIMONY, "US", reference=f"O-{n}") for n in range(3)]
    decision = ledger.decide(submitted_by=clerk)
    before = [ledger.documents(other) for other in others]
    ledger.erase(decision, "/submitted_by")
    request = json.loads(ledger.documents(decision)["request"])
    assert request["submitted_by"].startswith("erased ")
    assert request["lines"][0]["net_mass_kg"] == 200
    assert [ledger.documents(other) for other in others] == before
    ledger.must_still_serve(decision)
    ledger.decide(ANTIMONY, "US", reference="O-9")  # the notes can still be read


@pytest.mark.parametrize("name", ["consignee", "2026-11-23", "civil"])
def test_a_word_that_is_also_a_code_is_refused_and_nothing_changes(
    ledger: Ledger, name: str
) -> None:
    decision = ledger.decide(receiver={"name": name}, export_date="2026-11-23")
    before = ledger.all_stored()
    with pytest.raises(NotErasable):
        ledger.erase(decision, "/parties/1/name")
    assert ledger.all_stored() == before
    ledger.must_still_serve(decision)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        (r'"Zaphod \/ Beeblebrox KG"', b"Beeblebrox"),
        (r'"O\u0027Neil \u0026 Sons"', b"Neil"),
        (r'"M\u00fcller S\u00D6hne"', b"ller"),
        (r'"M\u00fcller Nör"', b"ller"),
        (r'"\u005aaphod Quux"', b"aphod"),
        (r'"\u004F\u006Eeword"', b"eword"),
        (r'"Emoji \ud83d\ude00 Oy"', b"Emoji"),
        (r'"  Lead Space Oy "', b"Lead Space"),
        (r'"Jörg \"J\" O\u0027Hara"', b"Hara"),
    ],
)
def test_a_name_is_erased_however_json_spells_it(ledger: Ledger, written: str, word: bytes) -> None:
    request = propose(GOODS)
    request["parties"][1] |= {"name": "@@"}
    request["lines"][0]["description"] = "Copper for ##"
    body = json.dumps(request).replace('"@@"', written).replace("##", written.strip('"').strip())
    answer = ledger.api.client.post(
        "/v1/evaluations",
        data=body.encode(),
        headers=ledger.api.key("erp"),
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.json
    decision = json.loads(answer.data)["id"]
    ledger.erase(decision, "/parties/1/name")
    for name, document in ledger.documents(decision).items():
        assert word not in document, name
    ledger.must_still_serve(decision)


def test_what_another_name_has_in_it_is_named(ledger: Ledger) -> None:
    receiver = {"name": "Max Muster", "address": "c/o Max Muster, Am Hang 3"}
    decision = ledger.decide(receiver=receiver)
    with pytest.raises(NotErasable, match="/parties/1/address"):
        ledger.erase(decision, "/parties/1/name")
    ledger.erase(decision, "/parties/1/name", "/parties/1/address")
    assert b"Muster" not in ledger.documents(decision)["request"]
    ledger.must_still_serve(decision)


def test_a_reference_that_tells_the_name_is_named(ledger: Ledger) -> None:
    decision = ledger.decide(reference="for Max Muster", receiver={"name": "Max Muster"})
    with pytest.raises(NotErasable, match="for Max Muster"):
        ledger.erase(decision, "/parties/1/name")
    with pytest.raises(NotErasable, match="basis"):
        ledger.erase(ledger.decide(submitted_by="Max M"), "/submitted_by", basis="for Max M")
    ledger.must_still_serve(decision)


def test_several_at_once_one_after_another_and_none_twice(ledger: Ledger) -> None:
    receiver = {"name": "Max Muster", "address": "Am Hang 3", "website": "https://max.example"}
    decision = ledger.decide(receiver=receiver, submitted_by="Max Muster")
    ledger.erase(decision, "/parties/1/name", "/submitted_by", "/parties/1/website")
    ledger.erase(decision, "/parties/1/address", back=5)  # a clock that went back
    for pointer in ("/parties/1/name", "/submitted_by", "/parties/1/address"):
        with pytest.raises(NotErasable, match="already erased"):
            ledger.erase(decision, pointer)
    with pytest.raises(NotErasable, match="basis"):
        ledger.erase(decision, "/parties/0/name", basis=" ")
    ledger.erase(decision, "/parties/0/name")
    assert b"Hunan" not in ledger.documents(decision)["exporter"]
    ledger.must_still_serve(decision)


def test_what_the_decision_recalls_of_the_name_goes_too(ledger: Ledger) -> None:
    """A key of flows in its history; and the earlier name, quoted by a later decision."""
    first = ledger.decide(ANTIMONY, "US", receiver={"name": "Zoltan Fibbleworth"})
    ledger.decide(ANTIMONY, reference="x", receiver={"name": "Zoltan Fibbleworth"})
    third = ledger.decide(ANTIMONY, receiver={"name": "Zoltan Fibbleworth"})
    quoting = ledger.decide(ANTIMONY, "US", receiver={"name": "Other Receiver"})
    for decision in (first, third):
        ledger.erase(decision, "/parties/1/name")
        for document in ledger.documents(decision).values():
            assert b"fibbleworth" not in document.lower()
    pointers = [
        f"/history/retry/differences/{n}/before"
        for n, found in enumerate(
            json.loads(ledger.documents(quoting)["history"])["retry"]["differences"]
        )
        if found.get("before") and "Fibbleworth" in found["before"]
    ]
    assert pointers
    ledger.erase(quoting, *pointers)
    for document in ledger.documents(quoting).values():
        assert b"fibbleworth" not in document.lower()
    ledger.must_still_serve(quoting)


def test_alerts_of_other_decisions_are_left(ledger: Ledger) -> None:
    decision = ledger.decide(submitted_by="Acme")

    def put(number: int, of: str) -> None:
        payload = {"type": "t", "data": {"decision": of, "exporter": "Acme", "message": "by Acme"}}
        with sqlite3.connect(ledger.file) as connection:
            connection.execute(
                "INSERT INTO alert_outbox VALUES (?, ?, 't', 't', ?)",
                (number, str(number), orjson.dumps(payload)),
            )

    put(901, decision)
    put(902, "another")
    ledger.erase(decision, "/submitted_by")
    with closing(sqlite3.connect(ledger.file)) as connection:
        own, other = connection.execute(
            "SELECT payload FROM alert_outbox WHERE number > 900 ORDER BY number"
        ).fetchall()
    assert b"Acme" not in own[0]
    assert other[0].count(b"Acme") == 2


# --- somebody who can write in the database, and has no key ---


def test_an_order_covers_no_more_than_it_says(ledger: Ledger) -> None:
    decision = ledger.decide(submitted_by="Petra Klerk", receiver={"name": "Max Muster"})
    ledger.erase(decision, "/submitted_by")
    assert ledger.findings() == []
    with ledger.database.writing() as connection:
        index = connection.execute(DECISIONS.select().where(DECISIONS.c.id == decision)).one().index
        connection.execute(
            LOG_ERASED.insert(), {"index": index, "part": 2, "commitment": b"0" * 32}
        )
    (finding,) = ledger.findings()
    assert decision in finding


@pytest.mark.parametrize("record_too", [True, False])
def test_a_made_up_order_covers_no_change_of_the_record(ledger: Ledger, record_too: bool) -> None:
    """Every part is said to be erased, by an order that is made to fit."""
    decision = ledger.decide(submitted_by="Petra Klerk")
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER decisions_refuse_update")
        columns = dict(
            connection.execute(DECISIONS.select().where(DECISIONS.c.id == decision)).one()._mapping
        )
        index = columns["index"]
        columns |= {"reference": "SO-FAKE", "disposition": "review"}
        connection.execute(DECISIONS.update().where(DECISIONS.c.index == index).values(columns))
        original = {**columns, "reference": "SO-1", "disposition": "not_controlled"}
        salts = openings(connection, index, index)[index].salts
        found = commitments(content_of_decision(original), salts)
        parts = {part: value for part, value in enumerate(found[:7]) if record_too or part}
        for part, value in parts.items():
            connection.execute(
                LOG_ERASED.insert(), {"index": index, "part": part, "commitment": value}
            )
        left = {
            "documents": digests_of(columns),
            "parts": {str(part): [value.hex(), None] for part, value in parts.items()},
        }
        record = {
            "id": new_id(now()),
            "decision_id": decision,
            "actor": "x",
            "basis": "y",
            "erased_at": rfc3339(now()),
            "pointers": '["/submitted_by"]',
            "left": orjson.dumps(left).decode(),
        }
        connection.execute(ERASURES.insert(), record)
        entry = new_entry("erasure", record["id"], record["erased_at"], "x", erasure(record))
        Logbook(ledger.database.dialect).append(
            connection,
            [entry],
        )
    assert any(decision in finding for finding in ledger.findings())


def lodestone(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


def test_verify_lists_what_was_erased(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LODESTONE_HOME", str(ledger.api.settings.home))
    decision = ledger.decide(submitted_by="Petra Klerk")
    order = ledger.erase(decision, "/submitted_by")
    assert lodestone("log", "verify") == DONE
    out = capsys.readouterr().out
    assert f"(decision {decision})" in out
    assert order in out
    with sqlite3.connect(ledger.file) as connection:
        connection.execute("DROP TRIGGER log_erased_refuse_update")
        connection.execute("UPDATE log_erased SET part = part + 1")
    assert lodestone("log", "verify") == ALTERED


def test_a_replay_counts_what_differs_as_parts_were_erased_apart(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LODESTONE_HOME", str(ledger.api.settings.home))
    ledger.decide()
    hit = ledger.decide(to="US", receiver={"name": "Lockheed Martin Corporation", "country": "US"})
    ledger.erase(hit, "/parties/1/name")
    assert lodestone("replay", "--all", "--jobs", "1") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "2 replayed, 1 the same, 1 different as parts were erased, 0 different"


# --- what must always hold of replacing ---

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(("Max", "for Max M")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON, st.booleans(), st.text(st.characters(codec="utf-8"), min_size=1) | st.just("Max"))
def test_a_document_stays_json_with_its_keys_numbers_and_other_strings(
    value: Any, as_ascii: bool, text: str
) -> None:
    try:
        document = json.dumps(value, ensure_ascii=as_ascii).encode()
    except UnicodeEncodeError:
        document = json.dumps(value).encode()
    texts = Texts([text])
    after = with_strings(document, lambda _, found, __: texts.instead(found, lambda _: "gone"))

    def expected(part: Any) -> Any:
        if isinstance(part, str):
            return texts.instead(part, lambda _: "gone")
        if isinstance(part, list):
            return [expected(item) for item in part]
        if isinstance(part, dict):
            return {key: expected(item) for key, item in part.items()}
        return part

    assert json.loads(after) == expected(json.loads(document))
    if not any(texts.stand_in(found) for found in _strings(json.loads(document))):
        assert after == document


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
