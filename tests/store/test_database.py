"""Transactions alone among all, all or nothing; a database that comes back is used again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from api.errors import CannotDecide
from api.store.database import Database
from tests.conftest import on_postgresql_only
from tests.postgres import Postgres


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    """Another process would have its own, too."""
    database = Database(database_url)
    yield database
    database.close()


def notes(database: Database) -> list[str]:
    with database.cursor() as cursor:
        cursor.execute("SELECT note FROM traces ORDER BY key")
        return [row[0] for row in cursor.fetchall()]


def note(database: Database, key: int) -> None:
    with database.writing() as connection:
        connection.execute(text(f"INSERT INTO traces VALUES ({key}, 'n{key}')"))


def test_one_writer_waits_for_the_other_and_sees_what_it_wrote(
    database: Database, other: Database
) -> None:
    seen = list[int]()
    entered = threading.Event()

    def write() -> None:
        entered.set()
        with other.writing() as connection:
            seen.append(connection.execute(text("SELECT count(*) FROM traces")).scalar_one())

    with database.writing() as connection:
        thread = threading.Thread(target=write)
        thread.start()
        assert entered.wait(5)
        time.sleep(0.2)
        assert seen == []
        connection.execute(text("INSERT INTO traces VALUES (1, 'n1')"))
    thread.join(10)
    assert seen == [1]


def test_readers_do_not_wait_and_see_nothing_half_written(
    database: Database, other: Database
) -> None:
    note(database, 1)
    with database.writing() as connection:
        connection.execute(text("INSERT INTO traces VALUES (2, 'n2')"))
        assert notes(other) == ["n1"]
    assert notes(other) == ["n1", "n2"]


def test_what_fails_is_undone_and_keeps_nobody_out(database: Database, other: Database) -> None:
    note(database, 1)

    def fail() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO traces VALUES (2, 'n2')"))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    with pytest.raises(CannotDecide, match="does not take it"):
        note(database, 1)
    note(other, 3)
    note(database, 4)
    assert notes(database) == ["n1", "n3", "n4"]


def test_a_cursor_that_failed_is_not_used_again(database: Database) -> None:
    with pytest.raises(CannotDecide, match="does not answer"), database.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    note(database, 1)
    assert notes(database) == ["n1"]


@on_postgresql_only
def test_durability_and_isolation_are_not_left_to_the_servers_settings(
    database: Database, database_url: str
) -> None:
    name = database_url.rpartition("/")[2]
    with database.reading() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        connection.execute(
            text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
        )
    fresh = Database(database_url)
    with fresh.writing() as connection:
        for setting, wanted in (
            ("synchronous_commit", "on"),
            ("transaction_isolation", "read committed"),
        ):
            assert connection.execute(text(f"SHOW {setting}")).scalar() == wanted
    fresh.close()


@on_postgresql_only
def test_a_server_that_was_killed_is_used_again_when_it_is_back(
    database: Database, postgres: Postgres
) -> None:
    note(database, 1)
    assert notes(database) == ["n1"]

    def lose() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO traces VALUES (2, 'n2')"))
            postgres.kill()

    with pytest.raises(CannotDecide):
        lose()
    for _ in range(3):
        with pytest.raises(CannotDecide):
            note(database, 3)
        with pytest.raises(CannotDecide):
            notes(database)
        with pytest.raises(CannotDecide), database.reading():
            pass
    postgres.start()
    note(database, 4)
    assert notes(database) == ["n1", "n4"]


@on_postgresql_only
def test_a_server_restarted_in_between_is_not_noticed(
    database: Database, postgres: Postgres
) -> None:
    note(database, 1)
    assert notes(database) == ["n1"]
    time.sleep(1.1)  # as between requests at night
    postgres.kill()
    postgres.start()
    assert notes(database) == ["n1"]
    note(database, 2)
    assert notes(database) == ["n1", "n2"]
