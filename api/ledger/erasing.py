"""Texts erased from a decision on lawful order: the proofs of it stay valid, the order is logged.

What is erased is gone from the decision, its alerts and the names in notes, with the salts that
could prove a guess. A document that was committed to with the text elsewhere than as a name of its
own is proven from then on by the order's entry, which says so. Never erased is the record: outcome,
disposition, reference, rules, times and actor. Not reached: backups, exports and alerts that were
sent, the sums of flows, which name companies, and what other decisions quote.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, select, update

from api.alerts.outbox import OUTBOX
from api.canonical import canonical_json
from api.errors import LodestoneError, NotFound
from api.flows.names import Names
from api.flows.tables import TRACES
from api.flows.traces import Note
from api.instants import rfc3339
from api.ledger.content import DEFLATED, DOCUMENTS, documents_of, names_of, written
from api.ledger.identity import new_id
from api.ledger.indexing import DecisionIndex
from api.ledger.terms import Kind, Term
from api.ledger.texts import MARKER, PLACES, Texts, is_code, strings, with_strings
from api.log.commitments import (
    MOST_NAMES,
    SALT_BYTES,
    SHORTEST_NAME,
    Content,
    Opening,
    blanked,
    commitments,
    salts_in,
)
from api.registry import Registry
from api.replay.again import Unreadable, history_of, shipment_of
from api.store.database import Database
from api.store.logbook import Logbook, new_entry
from api.store.migrations.refusing import allowing_updates
from api.store.tables import DECISIONS, ERASURES, LOG_ENTRIES, LOG_ERASED
from api.store.versions import Versions

_FOUND_BY: tuple[Kind, ...] = ("party", "exporter")
_NAMES = frozenset(("name", "address", "website", "submitted_by"))
_FIRST_NAME = 1 + len(DOCUMENTS)
_MOST_ACTOR = 80
_NOTE_NAME = Note.__struct_fields__.index("name")


class NotErasable(LodestoneError):
    """The text is not there, or cannot be erased alone; then nothing is erased."""

    status = 422


@dataclass(frozen=True)
class Order:
    """What is to be erased, and on what basis: texts of a decision's request, by JSON pointer.

    A pointer that begins with `/history` is one into what the decision recorded of earlier ones.
    """

    decision_id: str
    pointers: tuple[str, ...]
    actor: str
    basis: str


@dataclass(frozen=True)
class ErasedParts:
    """What was erased of a decision on all orders: documents written anew, and how many names."""

    decision_id: str
    index: int
    documents: tuple[str, ...]
    names: int
    orders: tuple[str, ...]


def erase(database: Database, order: Order, now: datetime) -> str:
    """Erases the texts wherever the decision has them, and logs the order; gives its id.

    Raises NotFound, NotErasable and CannotDecide; then nothing is erased.
    """
    logbook = Logbook(database.dialect)
    if not order.basis.strip() or not 0 < len(order.actor.strip()) <= _MOST_ACTOR:
        raise NotErasable("an order needs a basis, and an actor of up to 80 characters")
    keys = _keys_of(database, order.decision_id)
    with database.writing() as connection:
        row = connection.execute(
            select(DECISIONS).where(DECISIONS.c.id == order.decision_id)
        ).first()
        if row is None:
            raise NotFound(order.decision_id)
        columns = dict(row._mapping)
        index = columns["index"]
        opening = openings(connection, index, index)[index]
        texts = list(dict.fromkeys(_at(columns, pointer) for pointer in order.pointers))
        erasing = _Erasing(columns, opening, texts, keys)
        if Texts(texts).stand_in(f"{order.basis} {order.actor} "):
            raise NotErasable("the order's basis and actor are logged, and have the text")
        with allowing_updates(connection, "decisions"):
            connection.execute(
                update(DECISIONS).where(DECISIONS.c.index == index).values(erasing.left)
            )
        rows = erasing.rows(index)
        if rows:
            connection.execute(LOG_ERASED.insert(), rows)
        with allowing_updates(connection, "log_entries"):
            connection.execute(
                update(LOG_ENTRIES).where(LOG_ENTRIES.c.index == index).values(salts=erasing.salts)
            )
        _forget(connection, order.decision_id, erasing)
        DecisionIndex(database.dialect).remove(
            connection, [(index, [Term(kind, text) for text in texts for kind in _FOUND_BY])]
        )
        left = {
            "documents": digests_of(columns | erasing.left),
            "parts": {str(row["part"]): part_of(row) for row in rows},
        }
        record = {
            "id": new_id(now),
            "decision_id": order.decision_id,
            "actor": order.actor,
            "basis": order.basis,
            "erased_at": rfc3339(now),
            "pointers": orjson.dumps(order.pointers).decode(),
            "left": orjson.dumps(left).decode(),
        }
        connection.execute(ERASURES.insert(), record)
        logbook.append(
            connection,
            [new_entry("erasure", record["id"], record["erased_at"], order.actor, erasure(record))],
        )
    return record["id"]


def erasure(record: Mapping[str, Any]) -> Content:
    """What the log's entry of an erasure commits to, by its columns."""
    return Content((canonical_json(dict(record)),))


def digests_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each document of a decision, as it is stored."""
    names = ("record", *DOCUMENTS)
    return {
        name: sha256(document).hexdigest()
        for name, document in zip(names, documents_of(columns), strict=True)
    }


def part_of(row: Mapping[str, Any]) -> list[str | None]:
    """What an order says of a part that it took: its commitment, and what stands there instead."""
    marker = row["marker"]
    return [row["commitment"].hex(), None if marker is None else marker.decode("latin-1")]


def why_not_ordered(connection: Connection, columns: Mapping[str, Any]) -> str | None:
    """Why a decision of which parts were erased is not as its orders left it; None if it is."""
    orders = [
        orjson.loads(left)
        for left in connection.execute(_orders_of(columns["id"], ERASURES.c.left)).scalars()
    ]
    if not orders:
        return "parts of it are erased, and no order says so"
    ordered = {part: told for order in orders for part, told in order["parts"].items()}
    rows = connection.execute(select(LOG_ERASED).where(LOG_ERASED.c.index == columns["index"]))
    if ordered != {str(row["part"]): part_of(dict(row)) for row in rows.mappings()}:
        return "the parts of it that are erased are not those that the orders say"
    for part, (_, marker) in ordered.items():
        is_name = int(part) >= _FIRST_NAME
        if int(part) < 1 or is_name != (marker is not None and bool(MARKER.fullmatch(marker))):
            return f"part {part} of it is erased, which no order can"
    if orders[-1]["documents"] != digests_of(columns):
        return "it is not as the last order of erasure left it"
    return None


def erased_decisions(database: Database) -> Iterator[ErasedParts]:
    """Every decision of which parts were erased, in the log's order. Raises CannotDecide."""
    ids = select(DECISIONS.c.index, DECISIONS.c.id).where(
        DECISIONS.c.id.in_(select(ERASURES.c.decision_id))
    )
    parts = select(LOG_ERASED.c.index, LOG_ERASED.c.part).order_by(LOG_ERASED.c.part)
    with database.reading() as connection:
        taken: dict[int, list[int]] = {}
        for index, part in connection.execute(parts):
            taken.setdefault(index, []).append(part)
        for index, decision_id in connection.execute(ids.order_by(DECISIONS.c.index)).all():
            found = taken.get(index, [])
            documents = tuple(DOCUMENTS[part - 1] for part in found if 1 <= part < _FIRST_NAME)
            orders = connection.execute(_orders_of(decision_id, ERASURES.c.id)).scalars()
            names = sum(part >= _FIRST_NAME for part in found)
            yield ErasedParts(decision_id, index, documents, names, tuple(orders))


def _orders_of(decision_id: str, column: Any) -> Any:
    """By their place in the log: clocks may go back."""
    logged = (LOG_ENTRIES.c.kind == "erasure") & (LOG_ENTRIES.c.id == ERASURES.c.id)
    return (
        select(column)
        .join(LOG_ENTRIES, logged)
        .where(ERASURES.c.decision_id == decision_id)
        .order_by(LOG_ENTRIES.c.index)
    )


def openings(connection: Connection, first: int, last: int) -> dict[int, Opening]:
    """What opens the commitments of the entries from `first` to `last`."""
    erased: dict[int, list[RowMapping]] = {}
    rows = connection.execute(select(LOG_ERASED).where(LOG_ERASED.c.index.between(first, last)))
    for row in rows.mappings():
        erased.setdefault(row["index"], []).append(row)
    found: dict[int, Opening] = {}
    among = LOG_ENTRIES.c.index.between(first, last)
    for index, salts in connection.execute(
        select(LOG_ENTRIES.c.index, LOG_ENTRIES.c.salts).where(among)
    ):
        gone = erased.get(index, ())
        found[index] = Opening(
            salts_in(salts),
            {row["part"]: row["commitment"] for row in gone},
            {row["part"]: row["marker"] for row in gone if row["marker"] is not None},
        )
    return found


class _Erasing:
    """What a decision is left as, and what of its commitments can no longer be opened."""

    def __init__(
        self,
        columns: Mapping[str, Any],
        opening: Opening,
        texts: Sequence[str],
        keys: Callable[[str], Iterable[str]],
    ) -> None:
        request = columns["request"]
        self._spelled = {text: text for given in texts for text in (given, given.strip())}
        self._texts = Texts(self._spelled)
        # How flows know whoever is called so: it stands where they are quoted.
        self._spelled |= {key: text for text in texts for key in keys(text)}
        self._quoted = Texts(self._spelled)
        self._refuse(columns)
        before = documents_of(columns)
        found = set(names_of(request)) - set(opening.markers.values())
        if len(found) + len(opening.markers) > MOST_NAMES:
            raise NotErasable(f"the decision names more than {MOST_NAMES}")
        names = opening.names(len(before), found)
        self._default = {text: _marker() for text in self._texts.whole}
        forms = {form: text for text in self._texts.whole for form in written(text, True)}
        self._by_form = {
            name: self._default[forms[name]]
            if name == written(forms[name], False)[0]
            else _marker()
            for name in names
            if name in forms
        }
        self.left = self._changed(columns)
        after = documents_of({**columns, **self.left})
        # Names that are no longer found, as none is escaped any more, cannot be opened either.
        still = set(names_of(after[1 + DOCUMENTS.index("request")]))
        self._markers = {
            number: self._by_form.get(name) or _marker()
            for number, name in enumerate(names)
            if name in self._by_form or (name not in still and name in found)
        }
        names_after = [
            self._markers[number].encode() if number in self._markers else name
            for number, name in enumerate(names)
        ]
        self._rewritten = [
            part
            for part, (old, new) in enumerate(zip(before, after, strict=True))
            if old != new
            and part not in opening.erased
            and blanked(old, names) != blanked(new, names_after)
        ]
        self._commitments = commitments(Content(before, names), opening.salts)
        self._erased = dict(opening.erased)
        self.salts = b"".join(
            bytes(SALT_BYTES) if self._gone(number) else salt
            for number, salt in enumerate(opening.salts)
        )

    def rows(self, index: int) -> list[dict[str, Any]]:
        """Of the parts that can no longer be opened."""
        markers = {_FIRST_NAME + n: marker.encode() for n, marker in self._markers.items()}
        return [
            {
                "index": index,
                "part": part,
                "commitment": self._commitments[part],
                "marker": markers.get(part),
            }
            for part in (*self._rewritten, *markers)
        ]

    def without(self, document: bytes, texts: Texts | None = None) -> bytes:
        """A JSON document with a marker for each text. Raises NotErasable where one is a code."""
        texts = texts or self._quoted

        def instead(member: str, value: str, spelled: str) -> str:
            if value in texts.whole and is_code(value) and member.rpartition(".")[2] not in PLACES:
                raise NotErasable(f"`{member}` says the same word, which cannot be told from it")
            return texts.instead(value, lambda text: self._marker_for(text, spelled))

        return with_strings(document, instead)

    def name_instead(self, name: str) -> str:
        """What stands for a name."""
        return self._default[name] if name in self._texts.whole else name

    def _marker_for(self, text: str, spelled: str) -> str:
        raw = spelled.encode("utf-8", "surrogatepass")
        text = self._spelled[text]
        forms = (form for form in written(text, True) if form in self._by_form and form in raw)
        form = next(forms, None)
        return self._default[text] if form is None else self._by_form[form]

    def _refuse(self, columns: Mapping[str, Any]) -> None:
        """What stays may not have the text."""
        for _, value in strings(documents_of(columns)[0]):
            if self._texts.stand_in(value):
                raise NotErasable(f"`{value}` of the decision's record has the text, and is kept")
        for pointer, value in _named(orjson.loads(columns["request"])):
            if value not in self._texts.whole and self._texts.stand_in(value):
                raise NotErasable(f"{pointer} has the text in it: erase that in the same order")

    def _changed(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for name in DOCUMENTS:
            before = columns[name]
            if name == "exporter":
                after: Any = self.name_instead(before)
            elif name in DEFLATED:
                plain = zlib.decompress(before)
                left = self.without(plain)
                after = before if left == plain else zlib.compress(left)
            else:
                after = self.without(before, self._texts if name == "request" else None)
            if after != before:
                changed[name] = after
        if not changed:
            raise NotErasable("the decision has nothing to erase there")
        _must_be_readable({**columns, **changed})
        return changed

    def _gone(self, part: int) -> bool:
        number = part - _FIRST_NAME
        return part in self._erased or part in self._rewritten or number in self._markers


def _marker() -> str:
    return f"erased {secrets.token_hex(8)}"


def _must_be_readable(columns: Mapping[str, Any]) -> None:
    """What is left must be what a decision is made of."""
    try:
        shipment_of(columns["request"])
        history_of(columns["history"])
        for name in ("request", "screening", "history"):
            orjson.loads(columns[name])
        orjson.loads(zlib.decompress(columns["facts"]))
        orjson.loads(b"{%b}" % zlib.decompress(columns["words"]))
    except (Unreadable, ValueError) as error:
        raise NotErasable(f"the decision could not be read without it: {error}") from error


def _keys_of(database: Database, decision_id: str) -> Callable[[str], Iterable[str]]:
    """Makes what flows know somebody by, under the rules of the decision, of his name."""
    with database.reading() as connection:
        row = connection.execute(
            select(DECISIONS.c.rule_set, DECISIONS.c.version, DECISIONS.c.history).where(
                DECISIONS.c.id == decision_id
            )
        ).first()
    if row is None:
        raise NotFound(decision_id)
    if b'"to"' not in row.history:
        return lambda _: ()
    rules = Registry(Versions(database), 0).pinned(row.rule_set, row.version).version.rule_set
    names = Names(rules.screening)
    return lambda text: [names.identity(text)]


def _at(columns: Mapping[str, Any], pointer: str) -> str:
    """The text at a JSON pointer (RFC 6901) of the request, or of the history."""
    value: Any = orjson.loads(columns["request"])
    steps = [s.replace("~1", "/").replace("~0", "~") for s in pointer.removeprefix("/").split("/")]
    in_history = steps[0] == "history"
    if in_history:
        value = {"history": orjson.loads(columns["history"])}
    for name in steps:
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            raise NotErasable(f"{pointer}: the decision has nothing there")
    if not isinstance(value, str) or len(value.strip().encode()) < SHORTEST_NAME:
        raise NotErasable(f"{pointer}: only a text of {SHORTEST_NAME} bytes and more is erasable")
    if steps[-1] not in (PLACES if in_history else _NAMES):
        raise NotErasable(
            f"{pointer}: names, addresses, websites and submitted_by are erasable, not this"
        )
    if MARKER.fullmatch(value):
        raise NotErasable(f"{pointer}: it is already erased")
    return value


def _named(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Names, addresses and the like of a request, by JSON pointer."""
    items = enumerate(value) if isinstance(value, list) else ()
    for step, item in value.items() if isinstance(value, dict) else items:
        if isinstance(item, str):
            if step in _NAMES:
                yield f"{pointer}/{step}", item
        else:
            yield from _named(item, f"{pointer}/{step}")


def _forget(connection: Connection, decision_id: str, erasing: _Erasing) -> None:
    """In the alerts of the decision and in the names of notes of flows."""

    def alert(payload: bytes) -> bytes:
        if orjson.loads(payload)["data"].get("decision") != decision_id:
            return payload
        return erasing.without(payload)

    def note(text: str) -> str:
        fields = orjson.loads(text)
        fields[_NOTE_NAME] = erasing.name_instead(fields[_NOTE_NAME])
        return text if fields == orjson.loads(text) else orjson.dumps(fields).decode()

    _rewrite(connection, OUTBOX.c.number, OUTBOX.c.payload, alert)
    _rewrite(connection, TRACES.c.key, TRACES.c.note, note)


def _rewrite(connection: Connection, key: Any, column: Any, without: Callable[[Any], Any]) -> None:
    changed = [
        (number, after)
        for number, before in connection.execute(select(key, column))
        if (after := without(before)) != before
    ]
    for number, after in changed:
        connection.execute(update(column.table).where(key == number).values({column.name: after}))
