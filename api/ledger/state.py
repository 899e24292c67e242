"""Size and root of the log, from the leaves as they are recorded."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from api.ledger.export import LogState
from api.log.hashing import node_hash
from api.store.database import Database
from api.store.tables import DECISIONS as D

_READ = 10_000


def log_state(database: Database) -> LogState:
    """The root of RFC 9162 over every leaf. Takes a second or two a million decisions."""
    whole: list[tuple[int, bytes]] = []  # roots of complete subtrees, with how many leaves each has
    size = 0
    query = select(D.c.leaf).order_by(D.c.index).limit(_READ)
    with database.reading() as connection:
        while leaves := connection.execute(query.where(D.c.index >= size)).scalars().all():
            for leaf in leaves:
                node = (1, bytes.fromhex(leaf))
                while whole and whole[-1][0] == node[0]:
                    count, left = whole.pop()
                    node = (2 * count, node_hash(left, node[1]))
                whole.append(node)
            size += len(leaves)
    if not whole:
        return LogState(0, hashlib.sha256().hexdigest())
    _, root = whole.pop()
    while whole:
        root = node_hash(whole.pop()[1], root)
    return LogState(size, root.hex())
