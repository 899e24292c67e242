"""Looks up what earlier decisions tell of a shipment: two questions to the database, seldom more.

What went one way is summed by the database over the last 90 days; the year before them changes only
from day to day and is remembered for a minute.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
from api.flows.footprint import Footprint, moved
from api.flows.retries import Earlier, Match, Proposed, retry_of
from api.flows.tables import FLOWS, VOLUMES
from api.flows.traces import Denial, Keys, Note, Notes, Past, Traces, near
from api.flows.watched import Digests
from api.shipment import Line, Shipment
from api.store.database import Database
from api.store.tables import DECISIONS as D

_REMEMBER_SECONDS = 60.0
_REMEMBERED = 10_000
_REFERENCE_DAYS = 1_000
_RETRY_DAYS = 180
_PARTS_DAYS = 60
_ELSEWHERE_DAYS = 14
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
    actor: str
    traces: Traces
    classify: Classify
    recorded: bool = True
    """Whether the answer is: without a trace nobody may try what others were denied."""

    @property
    def proposed(self) -> Proposed:
        """What is held against earlier ones."""
        return Proposed(self.shipment, self.looked_up.lines, self.day, self.actor)


class Histories:
    """Answers what was before. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._years: OrderedDict[tuple[str, ...], tuple[float, Corridor]] = OrderedDict()
        self._mark = "?" if database.dialect.paramstyle == "qmark" else "%s"
        self._recent = _RECENT.replace("?", self._mark)

    def of(self, questions: Sequence[Question]) -> GroupPast:
        """What was before these, which are decided one after another. Raises CannotDecide."""
        keys = [q.traces.keys(q.shipment, q.looked_up) for q in questions]
        years = [self._ways(q, k) for q, k in zip(questions, keys, strict=True)]
        with self._database.cursor() as cursor:
            notes = self._read_notes(cursor, {key for k in keys for key in k.all})
            sums = self._read_recent(cursor, {way for ways in years for way in ways})
        return GroupPast(questions, keys, years, notes, sums, self._denied)

    def _ways(self, question: Question, keys: Keys) -> dict[_Way, Corridor]:
        """The ways the goods would go, each with the year before."""
        day, destination = question.day, question.shipment.route.destination
        reaching = [("country", destination)]
        reaching += [("consignee", name) for names in keys.receivers for name in names]
        return {
            (material, scope, reached, day): self._year(material, scope, reached, day)
            for material in materials_of(found.bearing for found in question.looked_up.lines)
            for scope, reached in reaching
        }

    def _denied(self, ids: Collection[str]) -> list[Any]:
        with self._database.reading() as connection:
            return list(
                connection.execute(
                    select(
                        D.c.id,
                        D.c.evaluated_at,
                        D.c.as_of,
                        D.c.disposition,
                        D.c.actor,
                        D.c.request,
                    ).where(D.c.id.in_(ids))
                ).all()
            )

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


class GroupPast:
    """What was before each shipment of a group that is decided one after another.

    What one of them leaves behind is there for those after it, before any of it is on disk.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        keys: Sequence[Keys],
        years: Sequence[Mapping[_Way, Corridor]],
        notes: dict[int, Note],
        sums: dict[_Way, Any],
        denied: Callable[[Collection[str]], Sequence[Any]],
    ) -> None:
        self._asked = list(zip(questions, keys, years, strict=True))
        self._notes = notes
        self._sums = sums
        self._denied = denied
        self._undecided: dict[str, tuple[Proposed, str, str]] = {}
        self._ways: dict[tuple[str, str, str], list[_Way]] = {}
        for way in sums if len(questions) > 1 else ():
            self._ways.setdefault(way[:3], []).append(way)

    def of(self, number: int) -> Past:
        """What was before the shipment of this number. Raises CannotDecide."""
        question, keys, years = self._asked[number]
        notes = {key: self._notes[key] for key in keys.all if key in self._notes}
        digests = Digests(question.shipment, question.looked_up.lines)
        history = History(
            corridors=tuple(self._corridors(keys, years)),
            retry=self._retry(question, keys, notes, digests),
            reappearance=_reappearance(keys, notes),
            goods=tuple(_seen(keys, notes, question.day)),
            new_consignee=notes.keys().isdisjoint(keys.new_consignee) if keys.sensitive else None,
        )
        return Past(history, keys, notes, digests)

    def decided(
        self, number: int, footprint: Footprint, decision: str, evaluated_at: str, disposition: str
    ) -> None:
        """Takes note of what a decision leaves behind."""
        if len(self._asked) == number + 1:
            return  # nobody is after it
        self._notes.update(footprint.notes)
        question = self._asked[number][0]
        self._undecided[decision] = (question.proposed, evaluated_at, disposition)
        if not footprint.moves:
            return
        for (material, scope, reached, day), more in moved(
            footprint.day, footprint.movements
        ).items():
            for way in self._ways.get((material, scope, reached), ()):
                self._sums[way] = _with_more(self._sums[way], way[3], date.fromisoformat(day), more)

    def _corridors(self, keys: Keys, years: Mapping[_Way, Corridor]) -> Iterator[Corridor]:
        """To the country, and to each receiver: by all he is known by he is one and the same."""
        found: dict[tuple[object, ...], Corridor] = {}
        first = {name: names[0] for names in keys.receivers for name in names}
        for (material, scope, reached, day), year in years.items():
            corridor = _with(year, self._sums[material, scope, reached, day])
            who = first.get(reached, reached) if scope == "consignee" else reached
            known = found.get((material, scope, who))
            found[material, scope, who] = corridor if known is None else _largest(known, corridor)
        return iter(found.values())

    # --- retries ---

    def _retry(
        self, question: Question, keys: Keys, notes: Notes, digests: Digests
    ) -> Retry | None:
        wanted = _candidates(question, keys, notes, digests)
        if not wanted:
            return None
        earlier = list(self._earlier(question, keys, wanted))
        now, traces = question.proposed, question.traces
        earlier.sort(key=lambda e: (_FIRST_TOLD.index(e.match), e.evaluated_at))
        for one in earlier:
            retry = retry_of(one, now, traces.units, traces.change_dates)
            if retry is not None:
                return retry
        return None

    def _earlier(
        self, question: Question, keys: Keys, wanted: Mapping[str, tuple[Match, bool]]
    ) -> Iterator[Earlier]:
        known = {name: self._undecided[name] for name in wanted if name in self._undecided}
        others = wanted.keys() - known.keys()
        for row in self._denied(sorted(others)) if others else ():
            try:
                then = _load(row.request)
            except msgspec.DecodeError:
                continue  # of an unusual form: compared with nothing
            lines = tuple(question.classify(line) for line in then.lines)
            proposed = Proposed(then, lines, date.fromisoformat(row.as_of), row.actor)
            known[row.id] = (proposed, row.evaluated_at, row.disposition)
        exporters = set(keys.exporters)
        for name, (proposed, evaluated_at, disposition) in known.items():
            match, any_change = wanted[name]
            exporter = proposed.shipment.by_role("exporter")[0]
            same = not exporters.isdisjoint(question.traces.identities(exporter))
            if same and match == "elsewhere":
                continue
            yield Earlier(name, evaluated_at, disposition, proposed, match, same, any_change)


_FIRST_TOLD: tuple[Match, ...] = ("reference", "mass", "parts", "elsewhere")


def _candidates(
    question: Question, keys: Keys, notes: Notes, digests: Digests
) -> dict[str, tuple[Match, bool]]:
    """Denied decisions that this may be again, by what they are found, and if any change tells."""
    found: dict[str, tuple[Match, bool]] = {}

    def denials(some: Sequence[int], days: int) -> Iterator[tuple[Note, Denial]]:
        for key in some:
            if (note := notes.get(key)) is not None:
                for denial in note.denials:
                    if abs((question.day - denial.day).days) <= days:
                        yield note, denial

    def may_be(denial: Denial, match: Match, any_change: bool = False) -> None:
        # Of another order of the same the figures tell only where they were what was doubted.
        same = (
            match != "reference"
            and denial.disposition != "review"
            and question.day >= denial.day
            and denial.goods == digests.goods
        )
        if not same and denial.order != digests.order:
            found.setdefault(denial.decision, (match, any_change))

    for note, denial in denials(keys.references, _REFERENCE_DAYS):
        may_be(denial, "reference", note.more)
    for _, denial in denials(keys.masses_and_near, _RETRY_DAYS):
        may_be(denial, "mass")
    for _, denial in denials(keys.pairs, _PARTS_DAYS):
        if denial.sent_kg and near(denial.kg, denial.sent_kg + keys.kg):
            may_be(denial, "parts")
    for _, denial in denials(keys.anybodys_and_near if question.recorded else (), _ELSEWHERE_DAYS):
        may_be(denial, "elsewhere")
    return found


def _with_more(recent: Sequence[Any], until: date, day: date, more: Sequence[int]) -> Sequence[Any]:
    """The sums of a way with what goes it on the day."""
    age = (until - day).days
    if not 0 <= age < _LONG:
        return recent
    short, long, shipments, cny = recent
    if age < min(WINDOWS):
        short = (short or 0) + more[0]
        shipments, cny = (shipments or 0) + more[1], (cny or 0) + more[2]
    return short or 0, (long or 0) + more[0], shipments or 0, cny or 0


def _largest(one: Corridor, other: Corridor) -> Corridor:
    """Of what one receiver got under two of the names he is known by, as much as is certain."""
    return msgspec.structs.replace(
        one,
        kg_30d=max(one.kg_30d, other.kg_30d),
        kg_90d=max(one.kg_90d, other.kg_90d),
        year_kg=max(one.year_kg, other.year_kg),
        shipments_30d=max(one.shipments_30d, other.shipments_30d),
        cny_30d=max(one.cny_30d, other.cny_30d),
    )


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
        if note is None or note.restricted is None or note.country is None:
            continue
        now = next((country for country in who.countries if country != note.country), None)
        if now is not None:
            return Reappearance(
                name=who.name,
                country=now,
                before=note.country,
                restricted=note.restricted,
                decision=note.decision,
            )
    return None


def _seen(keys: Keys, notes: Notes, day: date) -> Iterator[SeenGoods]:
    found: dict[int, tuple[str | None, set[date]]] = {}
    for key, line in keys.goods.items():
        if (note := notes.get(key)) is not None:
            days = {d for d in note.days if 0 <= (day - d).days <= YEAR}
            code, known = found.get(line, (note.hs_code, set()))
            found[line] = (code, known | days)
    for line, (code, days) in found.items():
        yield SeenGoods(line=line, hs_code=code, days=tuple(sorted(days)))


def _before(day: date, days: int) -> date:
    """So many days earlier, as far as the calendar goes."""
    return date.fromordinal(max(1, day.toordinal() - days))


def _kg(grams: int | Decimal | None) -> Decimal:
    return Decimal(grams or 0) / _G
