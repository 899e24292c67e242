"""Looks up what earlier decisions tell of a shipment: two questions to the database, seldom more.

What went one way is summed by the database over the last 90 days; the year before them changes only
from day to day and is remembered for a minute.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, func, select
from sqlalchemy.engine.interfaces import DBAPICursor

from api.decide.classify import LineClassification
from api.decide.facts import LookedUp
from api.decide.history import WINDOWS, YEAR, Corridor, History, Reappearance, Retry, SeenGoods
from api.decide.route import materials_of
from api.flows.retries import Earlier, retry_of
from api.flows.tables import FLOWS, VOLUMES
from api.flows.traces import Keys, Note, Notes, Past, Traces
from api.flows.watched import watched_digest
from api.shipment import Line, Shipment
from api.store.database import Database
from api.store.tables import DECISIONS as D

_REMEMBER_SECONDS = 60.0
_REMEMBERED = 10_000
_RETRY_DAYS = 180
_MOST_EARLIER = 5
_LENGTHS = (2, 8, 32, 128, 256)  # a compound SELECT has 500 parts at most
_LONG = max(WINDOWS)
_G = Decimal(1000)

_V, _F = VOLUMES.c, FLOWS.c
_decode = msgspec.json.Decoder(Note).decode
_load = msgspec.json.Decoder(Shipment).decode

_Way = tuple[str, str, str, date]  # material, scope, reached, and up to which day
_Item = TypeVar("_Item")
Classify = Callable[[Line], LineClassification]


class Question(NamedTuple):
    """What was before this shipment, proposed for the day? `traces` and `classify` are those of
    the rule set that decides."""

    shipment: Shipment
    looked_up: LookedUp
    day: date
    traces: Traces
    classify: Classify


class Histories:
    """Answers what was before. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._years: OrderedDict[tuple[str, ...], tuple[float, Corridor]] = OrderedDict()
        self._mark = "?" if database.dialect.paramstyle == "qmark" else "%s"
        self._recent = _RECENT.replace("?", self._mark)

    def of(self, questions: Sequence[Question]) -> list[Past]:
        """What was before each. Raises CannotDecide."""
        keys = [q.traces.keys(q.shipment, q.looked_up) for q in questions]
        years = [self._ways(q, k) for q, k in zip(questions, keys, strict=True)]
        with self._database.cursor() as cursor:
            notes = self._read_notes(cursor, {key for k in keys for key in k.all})
            sums = self._read_recent(cursor, {way for ways in years for way in ways})
        return [
            self._past(
                question,
                k,
                {key: notes[key] for key in k.all if key in notes},
                tuple(_with(year, sums[way]) for way, year in ways.items()),
            )
            for question, k, ways in zip(questions, keys, years, strict=True)
        ]

    def _ways(self, question: Question, keys: Keys) -> dict[_Way, Corridor]:
        """The ways the goods would go, each with the year before."""
        day, destination = question.day, question.shipment.route.destination
        return {
            (material, scope, reached, day): self._year(material, scope, reached, day)
            for material in materials_of(found.bearing for found in question.looked_up.lines)
            for scope, reached in (("country", destination), ("consignee", keys.consignee))
        }

    def _past(
        self, question: Question, keys: Keys, notes: Notes, corridors: tuple[Corridor, ...]
    ) -> Past:
        watched = watched_digest(question.shipment, question.looked_up.lines)
        history = History(
            corridors=corridors,
            retry=self._retry(question, keys, notes, watched),
            reappearance=_reappearance(keys, notes),
            goods=tuple(_seen(keys, notes, question.day)),
            new_consignee=keys.new_consignee not in notes if keys.sensitive else None,
        )
        return Past(history, keys, notes, watched)

    def _read_notes(self, cursor: DBAPICursor, keys: Collection[int]) -> dict[int, Note]:
        found: dict[int, Note] = {}
        for some in _padded(keys):
            marks = ",".join([self._mark] * len(some))
            cursor.execute(f"SELECT key, note FROM traces WHERE key IN ({marks})", some)  # noqa: S608
            found |= {key: _decode(note) for key, note in cursor.fetchall()}
        return found

    def _read_recent(self, cursor: DBAPICursor, ways: Collection[_Way]) -> dict[_Way, Any]:
        found: dict[_Way, Any] = {}
        for some in _padded(ways):
            values: list[object] = []
            for number, (material, scope, reached, day) in enumerate(some):
                short, long = (_before(day, days - 1).isoformat() for days in WINDOWS)
                values += (number, short, short, short, material, scope, reached, long)
                values.append(day.isoformat())
            cursor.execute(" UNION ALL ".join([self._recent] * len(some)), values)
            found |= {some[row[0]]: row[1:] for row in cursor.fetchall()}
        return found

    # --- corridors ---

    def _year(self, material: str, scope: str, reached: str, day: date) -> Corridor:
        """What does not change while a day lasts."""
        key = (material, scope, reached, day.isoformat())
        known = self._years.get(key)
        if known is not None and time.monotonic() - known[0] < _REMEMBER_SECONDS:
            return known[1]
        until = _before(day, _LONG)
        since = _before(until, YEAR - 1)
        with self._database.reading() as connection:
            grams = connection.execute(
                select(func.sum(_V.grams)).where(
                    _V.material == material,
                    _V.scope == scope,
                    _V.reached == reached,
                    _V.day.between(since.isoformat(), until.isoformat()),
                )
            ).scalar()
            first = connection.execute(
                select(func.min(_V.day)).where(_V.material == material)
            ).scalar()
            public = None if scope != "country" else _public(connection, material, reached, day)
        corridor = Corridor(
            scope=scope,  # type: ignore[arg-type]  # one of the two it is made with
            to=reached,
            material=material,
            year_kg=_kg(grams),
            known_days=max(0, (day - date.fromisoformat(first)).days) if first else 0,
            public_kg_month=public,
        )
        self._years[key] = (time.monotonic(), corridor)
        if len(self._years) > _REMEMBERED:
            self._years.popitem(last=False)
        return corridor

    # --- retries ---

    def _retry(self, question: Question, keys: Keys, notes: Notes, watched: str) -> Retry | None:
        candidates = {
            note.decision
            for key in keys.denied
            if (note := notes.get(key)) is not None
            and note.watched != watched
            and note.day is not None
            and abs((question.day - note.day).days) <= _RETRY_DAYS
        }
        if not candidates:
            return None
        same_reference = notes.get(keys.reference)
        with self._database.reading() as connection:
            rows = connection.execute(
                select(D.c.id, D.c.evaluated_at, D.c.disposition, D.c.request)
                .where(D.c.id.in_(candidates))
                .order_by(D.c.evaluated_at.desc())
                .limit(_MOST_EARLIER)
            ).all()
        for row in rows:
            try:
                then = _load(row.request)
            except msgspec.DecodeError:
                continue  # of an unusual form: compared with nothing
            retry = retry_of(
                Earlier(
                    row.id,
                    row.evaluated_at,
                    row.disposition,
                    then,
                    tuple(question.classify(line) for line in then.lines),
                    same_reference is not None and same_reference.decision == row.id,
                ),
                question.shipment,
                question.looked_up.lines,
            )
            if retry is not None:
                return retry
        return None


def _padded(items: Collection[_Item]) -> Iterator[tuple[_Item, ...]]:
    """The items in parts of a few lengths only, so that statements are prepared once."""
    every = tuple(items)
    for start in range(0, len(every), _LENGTHS[-1]):
        part = every[start : start + _LENGTHS[-1]]
        length = next(length for length in _LENGTHS if length >= len(part))
        yield part + part[-1:] * (length - len(part))


def _with(way: Corridor, recent: Sequence[Any]) -> Corridor:
    short_grams, long_grams, shipments, cny = recent
    if long_grams is None:
        return way
    return msgspec.structs.replace(
        way,
        kg_30d=_kg(short_grams),
        kg_90d=_kg(long_grams),
        shipments_30d=int(shipments),
        cny_30d=Decimal(cny),
    )


_RECENT = (
    "SELECT ?, SUM(CASE WHEN day >= ? THEN grams ELSE 0 END), SUM(grams),"
    " SUM(CASE WHEN day >= ? THEN shipments ELSE 0 END),"
    " SUM(CASE WHEN day >= ? THEN cny ELSE 0 END)"
    " FROM volumes WHERE material = ? AND scope = ? AND reached = ? AND day BETWEEN ? AND ?"
)


def _public(connection: Connection, material: str, destination: str, day: date) -> Decimal | None:
    """The average month by public figures of the year before: to the country, else to all."""
    months = (
        _F.series == "public",
        _F.month < day.isoformat()[:7],
        _F.month >= _before(day, YEAR).isoformat()[:7],
        _F.material == material,
    )
    for country in (destination, ""):
        total, count = connection.execute(
            select(func.sum(_F.grams), func.count(func.distinct(_F.month))).where(
                *months, _F.destination == country
            )
        ).one()
        if count:
            return _kg(total) / int(count)
    return None


def _reappearance(keys: Keys, notes: Notes) -> Reappearance | None:
    for key, who in keys.suppliers.items():
        note = notes.get(key)
        if note is None or note.restricted is None or note.country is None or who.country is None:
            continue
        if note.country != who.country:
            return Reappearance(
                name=who.name,
                country=who.country,
                before=note.country,
                restricted=note.restricted,
                decision=note.decision,
            )
    return None


def _seen(keys: Keys, notes: Notes, day: date) -> Iterator[SeenGoods]:
    for key, line in keys.goods.items():
        if (note := notes.get(key)) is not None:
            days = tuple(d for d in note.days if 0 <= (day - d).days <= YEAR)
            yield SeenGoods(line=line, hs_code=note.hs_code, days=days)


def _before(day: date, days: int) -> date:
    """So many days earlier, as far as the calendar goes."""
    return date.fromordinal(max(1, day.toordinal() - days))


def _kg(grams: int | Decimal | None) -> Decimal:
    return Decimal(grams or 0) / _G
