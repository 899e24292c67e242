"""The tables, revision by revision: what is in `versions` runs once on every database.

Published revisions are never edited; a change of the tables is a further one.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from api.errors import NewerDatabase


def upgrade(connection: Connection) -> None:
    """Runs the revisions that the database lacks, in the transaction at hand.

    Raises NewerDatabase for one with a revision that this code does not know, and SQLAlchemyError.
    """
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "api.store:migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise NewerDatabase(revision)
    command.upgrade(config, "head")
