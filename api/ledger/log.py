"""The decision log as others read it: checkpoints, tiles, entries and proofs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, select

from api.errors import NotFound
from api.log.cache import HashCache
from api.log.checkpoint import Checkpoint, checkpoint_in, sign_checkpoint
from api.log.errors import HashesMissing, OutOfRange
from api.log.keys import SigningKey
from api.log.prooffile import write_proof
from api.log.tiles import TilePath, entry_bundle
from api.log.tree import HashReader, consistency_proof, inclusion_proof, root, tile
from api.store.database import Database
from api.store.logbook import StoredHashes, log_size
from api.store.tables import DECISIONS, LOG_CHECKPOINTS, LOG_ENTRIES

_E, _C = LOG_ENTRIES.c, LOG_CHECKPOINTS.c


@dataclass(frozen=True)
class Head:
    """A tree: how many entries, and the root over them."""

    size: int
    root: bytes


class DecisionLog:
    """Reads the log and signs its checkpoints. Safe to share between threads."""

    def __init__(self, database: Database, key: Callable[[], SigningKey]) -> None:
        """`key` reads the signing key, when it is first needed."""
        self._database = database
        self._key = lru_cache(1)(key)
        self._cache = HashCache()

    def checkpoint(self) -> bytes:
        """The signed note of the log as it is. What was given out is kept. Raises CannotDecide."""
        with self._database.reading() as connection:
            size = log_size(connection)
            known = _given_out(connection, size)
            if known is not None:
                return known
            found = root(self._reader(connection), size)
        key = self._key()
        note = sign_checkpoint(Checkpoint(key.name, size, found), key)
        with self._database.writing() as connection:
            known = _given_out(connection, size)
            if known is None:
                connection.execute(LOG_CHECKPOINTS.insert().values(size=size, note=note))
        return known or note

    def tile(self, path: TilePath) -> bytes:
        """A hash tile, or an entry bundle.

        Raises OutOfRange past the end of the log, HashesMissing when it is not stored as far.
        """
        with self._database.reading() as connection:
            if not path.within(log_size(connection)):
                raise OutOfRange(f"the log does not reach as far as `{path}`")
            if path.level is not None:
                return tile(StoredHashes(connection), path.level, path.index, path.width)
            last = path.start + path.width - 1
            entries = connection.execute(
                select(_E.entry).where(_E.index.between(path.start, last)).order_by(_E.index)
            ).scalars()
            found = entries.all()
            if len(found) != path.width:
                raise HashesMissing(
                    f"the log is damaged: of the entries {path.start} to {last}, {len(found)} are "
                    "stored"
                )
            return entry_bundle(found)

    def inclusion(self, index: int, size: int | None) -> tuple[Head, list[bytes]]:
        """The proof that an entry is in the tree of `size`, or of all entries.

        Raises OutOfRange.
        """
        with self._database.reading() as connection:
            size = _within(connection, size)
            reader = self._reader(connection)
            return Head(size, root(reader, size)), inclusion_proof(reader, index, size)

    def consistency(self, old: int, new: int | None) -> tuple[Head, list[bytes]]:
        """The proof that the tree of `new` entries, or of all, begins with that of `old`.

        Raises OutOfRange.
        """
        with self._database.reading() as connection:
            new = _within(connection, new)
            reader = self._reader(connection)
            return Head(new, root(reader, new)), consistency_proof(reader, old, new)

    def proof(self, kind: str, entry_id: str) -> bytes:
        """The proof file of an entry, by its kind and id. Raises NotFound."""
        checkpoint = self.checkpoint()
        size = checkpoint_in(checkpoint).size
        with self._database.reading() as connection:
            wanted = (_E.id == entry_id) & (_E.kind == kind)
            if kind == "decision":  # which has no index of its own in the log
                place = select(DECISIONS.c.index).where(DECISIONS.c.id == entry_id)
                wanted &= _E.index == place.scalar_subquery()
            row = connection.execute(
                select(_E.index.label("place"), _E.entry).where(wanted)
            ).first()
            if row is None or row.place >= size:
                raise NotFound(entry_id)
            path = inclusion_proof(self._reader(connection), row.place, size)
        return write_proof(row.entry, row.place, path, checkpoint)

    def _reader(self, connection: Connection) -> HashReader:
        return self._cache.over(StoredHashes(connection))


def _within(connection: Connection, size: int | None) -> int:
    there = log_size(connection)
    if size is not None and size > there:
        raise OutOfRange(f"the log has {there} entries, not {size}")
    return there if size is None else size


def _given_out(connection: Connection, size: int) -> bytes | None:
    return connection.execute(select(_C.note).where(_C.size == size)).scalar()
