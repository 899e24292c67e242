"""A start brings any database up to date, whoever made it, and leaves a newer one alone."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text

import api.alerts.outbox
import api.flows.tables  # noqa: F401 - those of both
from api.errors import CannotDecide, NewerDatabase
from api.store.database import Database
from api.store.tables import DECISIONS, METADATA, RULE_SET_VERSIONS

VERSION = {
    "rule_set": "cn",
    "number": 1,
    "digest": "d",
    "content": "{}",
    "author": "a",
    "note": "n",
    "published_at": "t",
}


def difference(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    found: list[object] = compare_metadata(
        MigrationContext.configure(connection, opts=options), METADATA
    )
    return found


def revision(database: Database) -> str | None:
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.reading() as connection:
        assert difference(connection) == []
        assert len(inspect(connection).get_table_names()) == len(METADATA.tables) + 1


def test_a_difference_would_be_seen(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("DROP TABLE traces"))
        connection.execute(text("ALTER TABLE idempotency DROP COLUMN body_digest"))
        connection.execute(text("DROP INDEX alert_deliveries_undelivered"))
    with database.reading() as connection:
        assert len(difference(connection)) == 3


def test_a_database_made_before_migrations_is_brought_up_to_date(database_url: str) -> None:
    database = Database(database_url)
    _make_as_before_migrations(database)
    database.create()
    database.create()
    with database.reading() as connection:
        assert difference(connection) == []
    assert revision(database) == "0006"
    database.close()


def test_what_was_decided_before_there_was_a_log_is_left_as_it_is(database_url: str) -> None:
    database = Database(database_url)
    _make_as_before_migrations(database)
    with database.writing() as connection:
        connection.execute(RULE_SET_VERSIONS.insert(), VERSION)
    with pytest.raises(CannotDecide, match=r"before 0\.1\.0"):
        database.create()
    with database.reading() as connection:
        assert connection.execute(select(RULE_SET_VERSIONS.c.content)).scalar() == "{}"
    assert revision(database) is None
    database.close()


def _make_as_before_migrations(database: Database) -> None:
    later = ("alert_deliveries", "erasures", "log_")
    some = [table for name, table in METADATA.tables.items() if not name.startswith(later)]
    with database.writing() as connection:
        METADATA.create_all(connection, some)


# As the service made it before there were migrations.
OLD = """
CREATE TABLE rule_set_versions (
    rule_set VARCHAR(80) NOT NULL, number INTEGER NOT NULL, digest VARCHAR(80) NOT NULL,
    content TEXT NOT NULL, author VARCHAR(200) NOT NULL, approver VARCHAR(200), note TEXT NOT NULL,
    published_at VARCHAR(30) NOT NULL, PRIMARY KEY (rule_set, number)
);
CREATE TABLE decisions (
    "index" INTEGER NOT NULL, id VARCHAR(36) NOT NULL, reference VARCHAR(200) NOT NULL,
    exporter TEXT NOT NULL, evaluated_at VARCHAR(30) NOT NULL, as_of VARCHAR(10) NOT NULL,
    outcome VARCHAR(10) NOT NULL, disposition VARCHAR(30) NOT NULL, rule_set VARCHAR(80) NOT NULL,
    version INTEGER NOT NULL, digest VARCHAR(80) NOT NULL, actor VARCHAR(80) NOT NULL,
    language VARCHAR(2) NOT NULL, request BLOB NOT NULL, facts BLOB NOT NULL, words BLOB NOT NULL,
    screening BLOB NOT NULL, history BLOB NOT NULL, leaf VARCHAR(64) NOT NULL,
    PRIMARY KEY ("index"), UNIQUE (id)
);
"""


def test_a_file_of_an_early_version_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "lodestone.db"
    with sqlite3.connect(file) as early:
        early.executescript(OLD)
    database = Database(f"sqlite:///{file}")
    database.create()
    with database.reading() as connection:
        assert difference(connection) == []
    with database.writing() as connection:
        connection.execute(RULE_SET_VERSIONS.insert(), VERSION)
    with pytest.raises(Exception, match="takes no DELETE"), database.writing() as connection:
        connection.execute(RULE_SET_VERSIONS.delete())


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match=r"revision `9999`.*newer"):
        database.create()
    assert revision(database) == "9999"


def create(url: str) -> None:
    Database(url).create()


def test_processes_that_start_at_once_make_one_database(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=create, args=(database_url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    database = Database(database_url)
    with database.reading() as connection:
        assert difference(connection) == []
        assert connection.execute(select(DECISIONS.c.index)).all() == []
    database.close()


def test_a_migration_that_fails_leaves_nothing_half_done(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("no")

    database = Database(database_url)
    with monkeypatch.context() as patch:
        patch.setattr("api.store.migrations.refusing.refuse_changes", fail)
        with pytest.raises(RuntimeError):
            database.create()
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == []
    database.create()
    assert revision(database) == "0006"
    database.close()
