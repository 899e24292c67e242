"""Mass by month, and how it changed: "June is 32 % above May"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from api.flows.tables import FLOWS
from api.store.database import Database

DIMENSIONS = ("material", "form", "exporter", "destination")
SERIES_SHOWN = ("proposed", "denied", "allowed", "exported", "cancelled", "public")
_STORED: Mapping[str, tuple[str, ...]] = {"exported": ("exported", "imported")}
_G = Decimal(1000)
_PERCENT = Decimal("0.1")


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
    """One month of one group. Changes are against the month before, shares of the month's all."""

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
        columns = [FLOWS.c[name] for name in asked.group_by]
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
                *(FLOWS.c[name] == value for name, value in asked.only.items()),
                *_sums_only(asked),
            )
            .group_by(FLOWS.c.month, *columns)
            .order_by(FLOWS.c.month, *columns)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return _compared(
            [
                (
                    row.month,
                    {name: row._mapping[name] for name in asked.group_by},
                    int(row.grams),
                    int(row.decisions),
                )
                for row in rows
            ],
            asked,
        )


def _sums_only(asked: Asked) -> list[ColumnElement[bool]]:
    """Public figures come as totals and, beside them, for some destinations."""
    if asked.series != "public":
        return []
    by_destination = "destination" in asked.group_by or "destination" in asked.only
    column = FLOWS.c.destination
    return [column != "" if by_destination else column == ""]


def _compared(rows: Sequence[tuple[str, Mapping[str, str], int, int]], asked: Asked) -> list[Flow]:
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
