"""Published versions of rule sets: numbered, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from api.canonical import canonical_json, digest
from api.errors import LodestoneError, NotFound
from api.instants import rfc3339
from api.log import commitments
from api.rulebook.reading import Content
from api.store.database import Database
from api.store.logbook import Logbook, NewEntry, seal
from api.store.tables import RULE_SET_VERSIONS as T


class NothingToPublish(LodestoneError):
    """The content is that of the newest version, or no version but the first was wanted."""

    status = 409


@dataclass(frozen=True)
class Published:
    """What is known of a version besides its content; `published_at` is RFC 3339 UTC."""

    rule_set: str
    number: int
    digest: str
    author: str
    approver: str | None
    note: str
    published_at: str


class Versions:
    """Publishes and finds versions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._logbook = Logbook(database.dialect)

    def publish(
        self,
        rule_set: str,
        content: Content,
        author: str,
        note: str,
        now: datetime,
        *,
        only_first: bool = False,
    ) -> Published:
        """The next version; with `only_first` none beside earlier ones.

        Raises NothingToPublish, or CannotDecide when the database is away.
        """
        text = canonical_json(content)
        with self._database.writing() as connection:
            newest = connection.execute(
                select(T.c.number, T.c.digest)
                .where(T.c.rule_set == rule_set)
                .order_by(T.c.number.desc())
                .limit(1)
            ).first()
            if newest is not None and only_first:
                raise NothingToPublish(f"{rule_set}@{newest.number} is published")
            if newest is not None and newest.digest == digest(text):
                raise NothingToPublish(f"{rule_set}@{newest.number} has this very content")
            published = Published(
                rule_set=rule_set,
                number=newest.number + 1 if newest is not None else 1,
                digest=digest(text),
                author=author,
                approver=None,
                note=note,
                published_at=rfc3339(now),
            )
            values: dict[str, Any] = {**vars(published), "content": text.decode()}
            connection.execute(T.insert().values(values))
            self._logbook.append(connection, [_entry(published)])
        return published

    def all_of(self, rule_set: str) -> list[Published]:
        """Every version of a rule set, the newest first. Raises NotFound."""
        with self._database.reading() as connection:
            rows = connection.execute(
                _HEAD.where(T.c.rule_set == rule_set).order_by(T.c.number.desc())
            ).all()
        if not rows:
            raise NotFound(rule_set)
        return [Published(**row._mapping) for row in rows]

    def newest(self) -> list[Published]:
        """The newest version of every rule set."""
        latest = select(T.c.rule_set, func.max(T.c.number)).group_by(T.c.rule_set)
        with self._database.reading() as connection:
            numbers = {row[0]: row[1] for row in connection.execute(latest)}
            rows = connection.execute(_HEAD).all()
        found = [Published(**row._mapping) for row in rows]
        return [version for version in found if numbers[version.rule_set] == version.number]

    def newest_number(self, rule_set: str) -> int | None:
        """The number of the newest version, if there is one."""
        with self._database.reading() as connection:
            return connection.execute(
                select(func.max(T.c.number)).where(T.c.rule_set == rule_set)
            ).scalar()

    def content(self, rule_set: str, number: int) -> tuple[Published, str]:
        """A version and its canonical content. Raises NotFound."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(T).where(T.c.rule_set == rule_set, T.c.number == number)
            ).first()
        if row is None:
            raise NotFound(f"{rule_set}@{number}")
        values = dict(row._mapping)
        text = values.pop("content")
        return Published(**values), text


_HEAD = select(*(column for column in T.c if column.name != "content"))


def publication(published: Published) -> commitments.Content:
    """What the log's entry of a publication commits to; its digest is that of the rule set."""
    return commitments.Content((canonical_json(vars(published)),))


def _entry(published: Published) -> NewEntry:
    return NewEntry(
        "publication",
        f"{published.rule_set}@{published.number}",
        published.published_at,
        published.author,
        seal(publication(published)),
        rule_set=published.digest,
    )
