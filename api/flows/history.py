"""Looks up what earlier decisions tell of a shipment: two questions to the database, seldom three.

What went one way is summed by the database over the last 90 days; the year before them changes only
from day to day and is remembered for a minute.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, bindparam, func, select, text

from api.decide.classify import LineClassification
from api.decide.facts import LookedUp
from api.decide.history import WINDOWS, YEAR, Corridor, History, Reappearance, Retry, SeenGoods
from api.decide.route import materials_of
from api.flows.retries import Earlier, retry_of
from api.flows.tables import FLOWS, TRACES, VOLUMES
from api.flows.traces import Note, Traces
from api.flows.watched import watched_digest
from api.shipment import Line, Party, Shipment
from api.store.database import Database
from api.store.tables import DECISIONS as D

_REMEMBER_SECONDS = 60.0
_REMEMBERED = 10_000
_RETRY_DAYS = 180
_MOST_EARLIER = 5
_SHORT, _LONG = WINDOWS
_G = Decimal(1000)

_V, _F = VOLUMES.c, FLOWS.c
_decode = msgspec.json.Decoder(Note).decode
_load = msgspec.json.Decoder(Shipment).decode

Classify = Callable[[Line], LineClassification]


class Histories:
    """Answers what was before. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._years: OrderedDict[tuple[str, ...], tuple[float, Corridor]] = OrderedDict()

    def of(
        self,
        shipment: Shipment,
        looked_up: LookedUp,
        day: date,
        traces: Traces,
        classify: Classify,
    ) -> History:
        """The history of a shipment proposed for the day. Raises CannotDecide."""
        denied = traces.denied_keys(shipment)
        suppliers = traces.supplier_keys(shipment)
        goods = traces.goods_keys(shipment, looked_up)
        new = traces.consignee_key(shipment)
        materials = materials_of(found.bearing for found in looked_up.lines)
        ways = [
            (material, scope, reached)
            for material in materials
            for scope, reached in (
                ("country", shipment.route.destination),
                ("consignee", traces.consignee(shipment)),
            )
        ]
        with self._database.reading() as connection:
            notes = _notes(connection, [*denied, *suppliers, *goods, new] if materials else denied)
            corridors = tuple(self._corridor(connection, *way, day) for way in ways)
            retry = self._retry(
                connection, shipment, looked_up, day, denied, notes, traces, classify
            )
        return History(
            corridors=corridors,
            retry=retry,
            reappearance=_reappearance(suppliers, notes),
            goods=tuple(
                SeenGoods(
                    line=line, hs_code=notes[key].hs_code, days=_within_a_year(notes[key], day)
                )
                for key, line in goods.items()
                if key in notes
            ),
            new_consignee=new not in notes if materials else None,
        )

    # --- corridors ---

    def _corridor(
        self, connection: Connection, material: str, scope: str, reached: str, day: date
    ) -> Corridor:
        year = self._year(connection, material, scope, reached, day)
        row = connection.execute(
            _RECENT,
            {
                "material": material,
                "scope": scope,
                "reached": reached,
                "short": _before(day, _SHORT - 1).isoformat(),
                "long": _before(day, _LONG - 1).isoformat(),
                "today": day.isoformat(),
            },
        ).one()
        return msgspec.structs.replace(
            year,
            kg_30d=_kg(row.short_grams),
            kg_90d=_kg(row.long_grams),
            shipments_30d=row.shipments or 0,
            cny_30d=Decimal(row.cny or 0),
        )

    def _year(
        self, connection: Connection, material: str, scope: str, reached: str, day: date
    ) -> Corridor:
        """What does not change while a day lasts."""
        key = (material, scope, reached, day.isoformat())
        known = self._years.get(key)
        if known is not None and time.monotonic() - known[0] < _REMEMBER_SECONDS:
            return known[1]
        until = _before(day, _LONG)
        since = _before(until, YEAR - 1)
        grams = connection.execute(
            select(func.sum(_V.grams)).where(
                _V.material == material,
                _V.scope == scope,
                _V.reached == reached,
                _V.day.between(since.isoformat(), until.isoformat()),
            )
        ).scalar()
        first = connection.execute(select(func.min(_V.day)).where(_V.material == material)).scalar()
        corridor = Corridor(
            scope=scope,  # type: ignore[arg-type]  # one of the two it is made with
            to=reached,
            material=material,
            year_kg=_kg(grams),
            known_days=max(0, (day - date.fromisoformat(first)).days) if first else 0,
            public_kg_month=_public(connection, material, reached, day)
            if scope == "country"
            else None,
        )
        self._years[key] = (time.monotonic(), corridor)
        if len(self._years) > _REMEMBERED:
            self._years.popitem(last=False)
        return corridor

    # --- retries ---

    def _retry(
        self,
        connection: Connection,
        shipment: Shipment,
        looked_up: LookedUp,
        day: date,
        denied: Sequence[str],
        notes: Mapping[str, Note],
        traces: Traces,
        classify: Classify,
    ) -> Retry | None:
        mine = watched_digest(shipment, looked_up.lines)
        candidates = {
            note.decision
            for key in denied
            if (note := notes.get(key)) is not None
            and note.watched != mine
            and note.day is not None
            and abs((day - note.day).days) <= _RETRY_DAYS
        }
        if not candidates:
            return None
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
            lines = tuple(classify(line) for line in then.lines)
            earlier = Earlier(row.id, row.evaluated_at, row.disposition, then, lines)
            retry = retry_of(earlier, shipment, looked_up.lines, traces)
            if retry is not None:
                return retry
        return None


_RECENT = text(
    "SELECT SUM(CASE WHEN day >= :short THEN grams ELSE 0 END) AS short_grams,"
    " SUM(grams) AS long_grams,"
    " SUM(CASE WHEN day >= :short THEN shipments ELSE 0 END) AS shipments,"
    " SUM(CASE WHEN day >= :short THEN cny ELSE 0 END) AS cny"
    " FROM volumes WHERE material = :material AND scope = :scope AND reached = :reached"
    " AND day BETWEEN :long AND :today"
)
_NOTES = select(TRACES.c.key, TRACES.c.note).where(
    TRACES.c.key.in_(bindparam("keys", expanding=True))
)


def _notes(connection: Connection, keys: Sequence[str]) -> dict[str, Note]:
    rows = connection.execute(_NOTES, {"keys": list(keys)}).all()
    return {row.key: _decode(row.note) for row in rows}


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


def _reappearance(
    suppliers: Mapping[str, Party | object], notes: Mapping[str, Note]
) -> Reappearance | None:
    for key, who in suppliers.items():
        note = notes.get(key)
        country = getattr(who, "country", None)
        if note is None or note.restricted is None or country is None:
            continue
        if note.country is not None and note.country != country:
            return Reappearance(
                name=getattr(who, "name", note.name),
                country=country,
                before=note.country,
                restricted=note.restricted,
                decision=note.decision,
            )
    return None


def _within_a_year(note: Note, day: date) -> tuple[date, ...]:
    return tuple(d for d in note.days if 0 <= (day - d).days <= YEAR)


def _before(day: date, days: int) -> date:
    """So many days earlier, as far as the calendar goes."""
    return date.fromordinal(max(1, day.toordinal() - days))


def _kg(grams: int | Decimal | None) -> Decimal:
    return Decimal(grams or 0) / _G
