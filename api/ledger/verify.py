"""The whole log held against what it was made of: every entry, every hash, every checkpoint.

Nothing stored is trusted: the log's public key and the checkpoints that somebody kept judge it.
Not proven is what is summed and noted over decisions (flows, volumes, traces), and that a request
under an idempotency key was the one that its row has the digest of.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from api.canonical import digest
from api.errors import LodestoneError
from api.flows.confirming import Confirmation, confirmation
from api.flows.tables import CONFIRMATIONS, MOVEMENTS
from api.ledger.content import DEFLATED, documents_of, names_of
from api.ledger.erasing import erasure, openings, why_not_ordered
from api.ledger.findable import knows_beyond, misfiled
from api.ledger.secret import SearchSecret
from api.ledger.signing import key_change
from api.log.checkpoint import Checkpoint, read_checkpoint
from api.log.envelope import Envelope, parse_envelope
from api.log.errors import Malformed, Mismatch
from api.log.hashing import frontier_root, leaf_hash, node_hash
from api.log.keys import VerifierKey
from api.log.tree import BLOCK_HEIGHT
from api.store.database import Database
from api.store.logbook import log_size
from api.store.tables import (
    DECISIONS,
    ERASURES,
    IDEMPOTENCY,
    LOG_CHECKPOINTS,
    LOG_ENTRIES,
    LOG_HASHES,
    RULE_SET_VERSIONS,
)
from api.store.versions import Published, publication

_PAGE = 512  # whole blocks of the search index
_LATE = timedelta(days=1)  # clocks of hosts are set, and groups are written in any order
_E, _H = LOG_ENTRIES.c, LOG_HASHES.c


@dataclass(frozen=True)
class Finding:
    """Something that is not what was logged.

    `part`: entry, content, leaf, order, root, signature, search (what finds it), retry (what a
    request that comes again is answered with), movements. `where` names the entry, or the
    checkpoint, for a person.
    """

    where: str
    part: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.part} does not match: {self.why}"


@dataclass
class Tree:
    """The tree over what was read so far, held against what is stored of it."""

    size: int = 0
    _frontier: list[tuple[int, int, bytes]] = field(default_factory=list)

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Takes a leaf; gives the stored levels' hashes that it completes: level, index, hash."""
        node = (0, self.size, leaf)
        self.size += 1
        while self._frontier and self._frontier[-1][0] == node[0]:
            height, index, left = self._frontier.pop()
            node = (height + 1, index // 2, node_hash(left, node[2]))
            if node[0] % BLOCK_HEIGHT == 0:
                yield node[0] // BLOCK_HEIGHT, node[1], node[2]
        self._frontier.append(node)

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return frontier_root([value for _, _, value in self._frontier])


def verify_log(
    database: Database,
    key: VerifierKey,
    kept: Sequence[Checkpoint] = (),
    progress: Callable[[int], object] = lambda _: None,
) -> Iterator[Finding]:
    """Whatever is not as it was logged, entry by entry; nothing if all is.

    `kept` are checkpoints that were verified and kept elsewhere. `progress` is told the entries
    that were looked at. Raises CannotDecide when the database is away.
    """
    with database.snapshot() as connection:
        size = log_size(connection)
        if size == 0:
            yield Finding("log", "order", "it has no entry; the first keys are always logged")
        heads, wrong = _given_out(connection, key)
        yield from wrong
        checkpoints: dict[int, list[tuple[str, bytes]]] = {}
        for name, head in (*heads, *((f"kept checkpoint of {c.size}", c) for c in kept)):
            checkpoints.setdefault(head.size, []).append((name, head.root))
        tree, keys = Tree(), SearchSecret()
        before: Envelope | None = None
        yield from _roots(tree, checkpoints)
        for start in range(0, size, _PAGE):
            page = _page(connection, LOG_ENTRIES, _E.index, start)
            stored = _hashes_of(connection, start)
            documents = _Documents(connection, start)
            sound: dict[int, Mapping[str, Any]] = {}
            for index in range(start, min(size, start + _PAGE)):
                row = page.get(index)
                where = f"entry {index}"
                if row is None:
                    yield Finding(where, "order", "it is not there")
                    yield from _lost(connection, index)
                    return  # what follows has nothing to stand on
                where = f"entry {index} ({row['kind']} {row['id']})"
                leaf = leaf_hash(row["entry"])
                if leaf != row["leaf"]:
                    yield Finding(where, "leaf", f"the entry hashes to {leaf.hex()}")
                for level, number, value in tree.add(leaf):
                    if stored.get((level, number)) != value:
                        yield Finding(where, "root", f"hash {number} of level {level} is another")
                envelope, found = _entry(row, documents, where)
                if not found and row["kind"] == "decision":
                    sound[index] = documents.decisions[index]
                    found = _back_in_time(envelope, before, where)
                yield from found
                before = envelope
                yield from _roots(tree, checkpoints)
            erased = {index for index in sound if documents.openings[index].erased}
            for index, why in misfiled(connection, keys.keys(connection), sound, erased):
                yield Finding(f"entry {index} (decision {sound[index]['id']})", "search", why)
            progress(min(size, start + _PAGE))
        for beyond in sorted(checkpoints):
            if beyond > size:
                name = checkpoints[beyond][0][0]
                yield Finding(name, "order", f"the log has no more than {size} entries")
        yield from _beyond(connection, size)
        yield from _unlogged(connection)
        yield from _bound_to_others(connection)


def verify_growth(database: Database, since: Checkpoint) -> tuple[int, bytes]:
    """How many entries the log has now, and their root, made of the entries alone.

    `since` is a checkpoint that was verified. Raises Mismatch unless the log begins with the
    entries that it is of, and CannotDecide when the database is away.
    """
    with database.snapshot() as connection:
        size = log_size(connection)
        if size < since.size:
            raise Mismatch("order", f"the log has {size} entries; it had {since.size}")
        tree, wanted = Tree(), {since.size: [("kept checkpoint", since.root)]}
        _refuse(_roots(tree, wanted))
        for start in range(0, size, _PAGE):
            among = _E.index.between(start, start + _PAGE - 1)
            page = select(_E.index, _E.entry).where(among).order_by(_E.index)
            rows = {number: entry for number, entry in connection.execute(page)}  # noqa: C416
            for index in range(start, min(size, start + _PAGE)):
                if index not in rows:
                    raise Mismatch("order", f"entry {index} is not there")
                for _ in tree.add(leaf_hash(rows[index])):
                    pass  # what is stored of the tree says nothing here
                _refuse(_roots(tree, wanted))
    return size, tree.root


def _refuse(other_roots: Iterable[Finding]) -> None:
    for finding in other_roots:
        raise Mismatch("root", finding.why)


def _back_in_time(envelope: Envelope | None, before: Envelope | None, where: str) -> list[Finding]:
    """Whether a decision says that it was made long before the entry in front of it."""
    if envelope is None or before is None or envelope.time >= before.time:
        return []
    if datetime.fromisoformat(before.time) - datetime.fromisoformat(envelope.time) <= _LATE:
        return []
    why = f"it says {envelope.time}, more than a day before the entry in front of it"
    return [Finding(where, "order", f"{why} ({before.time})")]


def _roots(tree: Tree, checkpoints: Mapping[int, list[tuple[str, bytes]]]) -> Iterator[Finding]:
    for name, root in checkpoints.get(tree.size, ()):
        if root != tree.root:
            yield Finding(
                name, "root", f"the first {tree.size} entries make another root: {tree.root.hex()}"
            )


def _given_out(
    connection: Connection, key: VerifierKey
) -> tuple[list[tuple[str, Checkpoint]], list[Finding]]:
    heads: list[tuple[str, Checkpoint]] = []
    wrong: list[Finding] = []
    for row in connection.execute(select(LOG_CHECKPOINTS).order_by(LOG_CHECKPOINTS.c.size)):
        where = f"checkpoint of {row.size}"
        try:
            head = read_checkpoint(row.note, key).checkpoint
        except Mismatch as error:
            wrong.append(Finding(where, error.part, error.why))
        except Malformed as error:
            wrong.append(Finding(where, "signature", str(error)))
        else:
            if head.size == row.size:
                heads.append((where, head))
            else:
                wrong.append(Finding(where, "order", f"it says {head.size} entries"))
    return heads, wrong


def _page(
    connection: Connection, table: Table, index: ColumnElement[int], start: int
) -> dict[int, dict[str, Any]]:
    rows = connection.execute(select(table).where(index.between(start, start + _PAGE - 1)))
    return {row["index"]: dict(row) for row in rows.mappings()}


def _hashes_of(connection: Connection, start: int) -> dict[tuple[int, int], bytes]:
    """Those that the page completes, or more."""
    found: dict[tuple[int, int], bytes] = {}
    level, width = 1, 1 << BLOCK_HEIGHT
    first, last = start // width, (start + _PAGE) // width
    while first < last or level == 1:
        rows = connection.execute(
            select(_H.index, _H.hash).where(_H.level == level, _H.index.between(first, last))
        )
        found |= {(level, number): value for number, value in rows}
        level += 1
        width <<= BLOCK_HEIGHT
        first, last = start // width, (start + _PAGE) // width
    return found


class _Documents:
    """What the entries of a page commit to, read as it is needed."""

    def __init__(self, connection: Connection, start: int) -> None:
        self.connection = connection
        self.decisions = _page(connection, DECISIONS, DECISIONS.c.index, start)
        self.openings = openings(connection, start, start + _PAGE - 1)


def _entry(
    row: Mapping[str, Any], documents: _Documents, where: str
) -> tuple[Envelope | None, list[Finding]]:
    try:
        envelope = parse_envelope(row["entry"])
    except Malformed as error:
        return None, [Finding(where, "entry", str(error))]
    if (envelope.kind, envelope.id) != (row["kind"], row["id"]):
        why = f"it is the entry of {envelope.kind} {envelope.id}"
        return envelope, [Finding(where, "entry", why)]
    try:
        found = _CHECKS[envelope.kind](envelope, row["index"], documents)
    except (LodestoneError, ValueError, TypeError, KeyError, zlib.error) as error:
        found = f"it cannot be read: {error!r}"
    return envelope, [Finding(where, "content", found)] if found else []


def _decision(envelope: Envelope, index: int, documents: _Documents) -> str | None:
    columns = documents.decisions.get(index)
    if columns is None:
        return "the decision is not there"
    for name in DEFLATED:
        zlib.decompress(columns[name])
    opening = documents.openings[index]
    if opening.digest(documents_of(columns), names_of(columns["request"])) != envelope.content:
        return "the stored decision is not what was committed to"
    said = {
        "id": envelope.id,
        "evaluated_at": envelope.time,
        "actor": envelope.actor,
        "digest": envelope.rule_set,
        "outcome": envelope.outcome,
        "leaf": envelope.leaf_hash().hex(),
    }
    other = [name for name, value in said.items() if columns[name] != value]
    if other:
        return f"the decision has another {', '.join(other)} than the entry"
    if opening.erased:
        return why_not_ordered(documents.connection, columns)
    return None


def _publication(envelope: Envelope, index: int, documents: _Documents) -> str | None:
    rule_set, _, number = envelope.id.rpartition("@")
    row = documents.connection.execute(
        select(RULE_SET_VERSIONS).where(
            RULE_SET_VERSIONS.c.rule_set == rule_set, RULE_SET_VERSIONS.c.number == int(number)
        )
    ).first()
    if row is None:
        return "the version is not there"
    values = dict(row._mapping)
    if digest(values.pop("content").encode()) != envelope.rule_set:
        return "the content of the version is not what was published"
    found = publication(Published(**values))
    opening = documents.openings[index]
    if opening.digest(found.documents, ()) != envelope.content:
        return "the version is not what was committed to"
    return None


def _confirmation(envelope: Envelope, index: int, documents: _Documents) -> str | None:
    row = documents.connection.execute(
        select(CONFIRMATIONS).where(CONFIRMATIONS.c.decision_id == envelope.id)
    ).first()
    if row is None:
        return "the confirmation is not there"
    values = dict(row._mapping)
    found = confirmation(Confirmation(**{**values, "day": date.fromisoformat(values["day"])}))
    opening = documents.openings[index]
    if opening.digest(found.documents, ()) != envelope.content:
        return "the confirmation is not what was committed to"
    return None


def _key_change(envelope: Envelope, index: int, documents: _Documents) -> str | None:
    opening = documents.openings[index]
    if opening.digest(key_change(envelope.id).documents, ()) != envelope.content:
        return "the key is not what was committed to"
    return None


def _erasure(envelope: Envelope, index: int, documents: _Documents) -> str | None:
    row = documents.connection.execute(select(ERASURES).where(ERASURES.c.id == envelope.id)).first()
    if row is None:
        return "the order is not there"
    opening = documents.openings[index]
    if opening.digest(erasure(dict(row._mapping)).documents, ()) != envelope.content:
        return "the order is not what was committed to"
    return None


_Check = Callable[[Envelope, int, _Documents], str | None]
_CHECKS: Mapping[str, _Check] = {
    "decision": _decision,
    "publication": _publication,
    "confirmation": _confirmation,
    "key_change": _key_change,
    "erasure": _erasure,
}


def _lost(connection: Connection, index: int) -> Iterator[Finding]:
    """The decision whose entry is missing."""
    found = connection.execute(select(DECISIONS.c.id).where(DECISIONS.c.index == index)).scalar()
    if found is not None:
        yield Finding(f"decision {found}", "order", f"it has no entry {index} in the log")


def _unlogged(connection: Connection) -> Iterator[Finding]:
    """Whatever is stored and has no entry."""
    sources: tuple[tuple[str, Table, Any], ...] = (
        ("decision", DECISIONS, DECISIONS.c.id),
        ("confirmation", CONFIRMATIONS, CONFIRMATIONS.c.decision_id),
        ("erasure", ERASURES, ERASURES.c.id),
    )
    for kind, table, name in sources:
        entry = (_E.id == name) & (_E.kind == kind)
        if table is DECISIONS:
            entry &= _E.index == DECISIONS.c.index
        rows = connection.execute(
            select(name)
            .select_from(table.outerjoin(LOG_ENTRIES, entry))
            .where(_E.index.is_(None))
            .limit(100)
        )
        for found in rows.scalars():
            yield Finding(f"{kind} {found}", "order", "it has no entry in the log")
    versions = connection.execute(select(func.count()).select_from(RULE_SET_VERSIONS)).scalar()
    logged = connection.execute(
        select(func.count()).select_from(LOG_ENTRIES).where(_E.kind == "publication")
    ).scalar()
    if versions != logged:
        yield Finding("versions", "order", f"{versions} are stored, {logged} are logged")


def _beyond(connection: Connection, size: int) -> Iterator[Finding]:
    """What there can only be of entries that the log no longer has."""
    why = f"there is more than the {size} entries of the log"
    level = 1
    while size >> BLOCK_HEIGHT * (level - 1) or level == 1:
        after = select(_H.index).where(_H.level == level, _H.index >= size >> BLOCK_HEIGHT * level)
        if connection.execute(after.limit(1)).first() is not None:
            yield Finding(f"hashes of level {level}", "order", why)
        level += 1
    if knows_beyond(connection, size):
        yield Finding("search index", "search", why)


def _bound_to_others(connection: Connection) -> Iterator[Finding]:
    """Idempotency keys and movements that are not of a decision that can have them."""
    key, moved, made = IDEMPOTENCY.c, MOVEMENTS.c, DECISIONS.c
    rows = connection.execute(
        select(key.actor, key.key, key.decision_index)
        .select_from(IDEMPOTENCY.outerjoin(DECISIONS, made.index == key.decision_index))
        .where(made.actor.is_(None) | (made.actor != key.actor))
        .limit(100)
    )
    for row in rows:
        why = f"entry {row.decision_index} is no decision of {row.actor}"
        yield Finding(f"idempotency key {row.key} of {row.actor}", "retry", why)
    twice = connection.execute(
        select(key.decision_index).group_by(key.decision_index).having(func.count() > 1).limit(100)
    )
    for index in twice.scalars():
        why = "more than one idempotency key is answered with it"
        yield Finding(f"entry {index}", "retry", why)
    strays = connection.execute(
        select(moved.decision_id)
        .select_from(MOVEMENTS.outerjoin(DECISIONS, made.id == moved.decision_id))
        .where(made.outcome.is_(None) | (made.outcome != "allow"))
        .distinct()
        .limit(100)
    )
    for decision in strays.scalars():
        yield Finding(f"decision {decision}", "movements", "it is not there, or allows nothing")
