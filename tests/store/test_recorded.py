"""What was recorded refuses to be changed, and says so."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.errors import CannotDecide
from api.flows.tables import CONFIRMATIONS
from api.ledger.append import Ledger
from api.store.database import Database
from api.store.tables import IDEMPOTENCY
from tests.conftest import on_postgresql_only, on_sqlite_only
from tests.ledger.test_append import decision

WHY = "what was recorded is never changed"


@pytest.fixture(autouse=True)
def recorded(database: Database) -> None:
    Ledger(database).append([decision("a"), decision("b")])
    with database.writing() as connection:
        connection.execute(
            IDEMPOTENCY.insert(),
            {"actor": "a", "key": "k", "body_digest": "d", "decision_index": 1},
        )
        connection.execute(
            text("INSERT INTO movements VALUES ('a', 0, '*', 'metal', 'e', 'c', 'DE', 'd', 1, 1)")
        )
        connection.execute(
            CONFIRMATIONS.insert(),
            {"decision_id": "a", "kind": "shipped", "day": "d", "actor": "a", "at": "t"},
        )


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        found = connection.execute(text('SELECT "index", id, outcome FROM decisions ORDER BY 1'))
        return [tuple(row) for row in found]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE decisions SET outcome = 'allow'", "decisions takes no UPDATE"),
        ("UPDATE decisions SET outcome = outcome WHERE id = 'b'", "decisions takes no UPDATE"),
        ("DELETE FROM decisions WHERE id = 'b'", "decisions takes no DELETE"),
        ("UPDATE confirmations SET kind = 'cancelled'", "confirmations takes no UPDATE"),
        ("DELETE FROM confirmations", "confirmations takes no DELETE"),
        ("UPDATE idempotency SET decision_index = 0", "idempotency takes no UPDATE"),
        ("DELETE FROM movements", "movements takes no DELETE"),
    ],
)
def test_changes_are_refused(database: Database, statement: str, says: str) -> None:
    before = rows(database)
    with pytest.raises(CannotDecide, match=f"{says}: {WHY}"), database.writing() as connection:
        connection.execute(text(statement))
    assert rows(database) == before
    Ledger(database).append([decision("c")])
    assert len(rows(database)) == 3


@on_sqlite_only
@pytest.mark.parametrize("key", ["index", "id"])
def test_a_row_is_not_replaced_under_either_of_its_keys(database: Database, key: str) -> None:
    before = rows(database)
    with database.reading() as connection:
        names = [row[1] for row in connection.execute(text("PRAGMA table_info(decisions)"))]
    other = {"index": "9", "id": "'z'"} | {key: f'"{key}"'}
    columns = ", ".join(other.get(name, f'"{name}"') for name in names)
    statement = f"REPLACE INTO decisions SELECT {columns} FROM decisions WHERE id = 'b'"
    with (
        pytest.raises(CannotDecide, match=f"decisions takes no REPLACE: {WHY}"),
        database.writing() as connection,
    ):
        connection.execute(text(statement))
    assert rows(database) == before


@on_postgresql_only
def test_a_table_is_not_emptied(database: Database) -> None:
    with (
        pytest.raises(CannotDecide, match=f"decisions takes no TRUNCATE: {WHY}"),
        database.writing() as connection,
    ):
        connection.execute(text("TRUNCATE decisions"))
    assert len(rows(database)) == 2
