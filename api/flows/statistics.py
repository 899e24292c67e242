"""Mass by month, and how it changed: "June is 32 % above May"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select

from api.flows.footprint import ALL, shown_name
from api.flows.tables import FLOWS
from api.store.database import Database

DIMENSIONS = ("material", "form", "exporter", "destination")
SERIES_SHOWN = ("proposed", "denied", "allowed", "exported", "cancelled", "public")
_STORED: Mapping[str, tuple[str, ...]] = {"exported": ("exported", "imported")}
_G = Decimal(1000)
_PERCENT = Decimal("0.1")

_Row = tuple[str, Mapping[str, str], int, int]  # month, group, grams, decisions


@dataclass(frozen=True)
class Asked:
    """Which flows: a series, months from and until (YYYY-MM), by what, and of what only."""

    series: str
    from_month: str
    until_month: str
    group_by: tuple[str, ...] = ()
    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """One month of one group; `decisions` are those that added to it.

    Changes are against the month before, shares of the month's all.
    """

    month: str
    group: Mapping[str, str]
    mass_kg: Decimal
    decisions: int
    change_pct: Decimal | None
    share_pct: Decimal | None


class Flows:
    """Asks the sums."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, asked: Asked) -> list[Flow]:
        """The flows by month and group, in their order. Raises CannotDecide."""
        # Who exports is told apart by his name as people read it, not as a database compares.
        by_name = "exporter" in asked.group_by or "exporter" in asked.only
        names = [n for n in asked.group_by if n != "exporter"] + ["exporter"] * by_name
        columns = [FLOWS.c[name] for name in names]
        statement = (
            select(
                FLOWS.c.month,
                *columns,
                func.sum(FLOWS.c.grams).label("grams"),
                func.sum(FLOWS.c.decisions).label("decisions"),
            )
            .where(
                FLOWS.c.series.in_(_STORED.get(asked.series, (asked.series,))),
                FLOWS.c.month >= _month_before(asked.from_month),
                FLOWS.c.month <= asked.until_month,
                *(FLOWS.c[n] == value for n, value in asked.only.items() if n != "exporter"),
                *_each_once(asked),
            )
            .group_by(FLOWS.c.month, *columns)
            .order_by(FLOWS.c.month, *columns)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return _compared(_by_exporter(rows, asked), asked)

    def knows(self, material: str) -> bool:
        """Whether any series has it. Raises CannotDecide."""
        statement = select(FLOWS.c.month).where(FLOWS.c.material == material).limit(1)
        with self._database.reading() as connection:
            return material != ALL and connection.execute(statement).first() is not None


def _by_exporter(rows: Sequence[Any], asked: Asked) -> list[_Row]:
    """Rows of the groups asked for; names of exporters that differ in case only are one."""
    wanted = _plain(asked.only["exporter"]) if "exporter" in asked.only else None
    found: dict[tuple[str, ...], _Row] = {}
    for row in rows:
        values = row._mapping
        if wanted is not None and _plain(values["exporter"]) != wanted:
            continue
        group = {name: values[name] for name in asked.group_by}
        told_apart = {n: _plain(v) if n == "exporter" else v for n, v in group.items()}
        key = (row.month, *told_apart.values())
        _, group, grams, decisions = found.get(key, (row.month, group, 0, 0))
        found[key] = (row.month, group, grams + int(row.grams), decisions + int(row.decisions))
    return [found[key] for key in sorted(found)]


def _plain(name: str) -> str:
    return shown_name(name).casefold()


def _each_once(asked: Asked) -> list[ColumnElement[bool]]:
    """Each line and decision in one sum only: that of all materials, unless one is asked for.

    Public figures come as totals and, beside them, for some destinations.
    """

    def told(name: str) -> bool:
        return name in asked.group_by or name in asked.only

    found: list[ColumnElement[bool]] = [
        FLOWS.c[name] != ALL if told(name) else FLOWS.c[name] == ALL
        for name in ("material", "form")
    ]
    if asked.series == "public":
        column = FLOWS.c.destination
        found.append(column != "" if told("destination") else column == "")
    return found


def _compared(rows: Sequence[_Row], asked: Asked) -> list[Flow]:
    grams = {(month, *group.values()): mass for month, group, mass, _ in rows}
    totals: dict[str, int] = {}
    for month, _, mass, _ in rows:
        totals[month] = totals.get(month, 0) + mass
    return [
        Flow(
            month,
            group,
            Decimal(mass) / _G,
            decisions,
            _change(mass, grams.get((_month_before(month), *group.values()))),
            _share(mass, totals[month]),
        )
        for month, group, mass, decisions in rows
        if month >= asked.from_month
    ]


def _change(now: int, before: int | None) -> Decimal | None:
    """None where nothing is known of the month before."""
    return None if not before else (Decimal(now - before) * 100 / before).quantize(_PERCENT)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) * 100 / whole).quantize(_PERCENT) if whole else None


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year:04d}-{number - 1:02d}" if number > 1 else f"{year - 1:04d}-12"
