"""Allowed decisions, confirmed as shipped or cancelled by who asked for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select

from api.canonical import canonical_json
from api.errors import LodestoneError, NotFound
from api.flows.footprint import Footprint, Movement
from api.flows.recording import FlowsWriter
from api.flows.tables import CONFIRMATIONS, MOVEMENTS
from api.log.commitments import Content
from api.store.database import Database
from api.store.logbook import Logbook, NewEntry, new_entry
from api.store.tables import DECISIONS as D

Kind = Literal["shipped", "cancelled"]
_SERIES: dict[Kind, str] = {"shipped": "exported", "cancelled": "cancelled"}


class NotConfirmable(LodestoneError):
    """The decision was a deny, or has been confirmed otherwise."""

    status = 409
    kind = "not_confirmable"

    def __init__(self, decision_id: str, state: str) -> None:
        super().__init__(f"decision `{decision_id}` is {state}")
        self.words = {"value": decision_id, "choices": state}


class OtherLawThen(LodestoneError):
    """On the day the goods are said to have gone, the answer would have been another."""

    status = 409
    kind = "other_law_then"

    def __init__(self, decision_id: str, day: date) -> None:
        super().__init__(f"decision `{decision_id}` would have been a deny on {day}")
        self.words = {"value": decision_id, "choices": day.isoformat()}


@dataclass(frozen=True)
class Confirmation:
    """What became of an allowed decision; `day` is when, in the rule set's time zone."""

    decision_id: str
    kind: Kind
    day: date
    actor: str
    at: str


class Confirmations:
    """Records them, each once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = FlowsWriter(database.dialect)
        self._logbook = Logbook(database.dialect)

    def confirm(self, wanted: Confirmation, hold: Callable[[], None]) -> Confirmation:
        """Records it and moves its mass from series to series; again gives the first one.

        `hold` raises what keeps a new one from being recorded. Raises NotFound, NotConfirmable and
        CannotDecide.
        """
        with self._database.writing() as connection:
            outcome = connection.execute(
                select(D.c.outcome).where(D.c.id == wanted.decision_id)
            ).scalar()
            if outcome is None:
                raise NotFound(wanted.decision_id)
            if outcome != "allow":
                raise NotConfirmable(wanted.decision_id, "denied")
            known = connection.execute(
                select(CONFIRMATIONS).where(CONFIRMATIONS.c.decision_id == wanted.decision_id)
            ).first()
            if known is not None:
                if known.kind != wanted.kind:
                    raise NotConfirmable(wanted.decision_id, known.kind)
                return Confirmation(
                    known.decision_id,
                    known.kind,
                    date.fromisoformat(known.day),
                    known.actor,
                    known.at,
                )
            hold()
            row = {**vars(wanted), "day": wanted.day.isoformat()}
            connection.execute(CONFIRMATIONS.insert(), row)
            self._logbook.append(connection, [_entry(wanted)])
            rows = connection.execute(
                select(MOVEMENTS)
                .where(MOVEMENTS.c.decision_id == wanted.decision_id)
                .order_by(MOVEMENTS.c.number)
            ).all()
            if rows:
                # Mass that is taken back leaves the day it was added on; shipped mass counts on
                # the day it went.
                day = wanted.day if wanted.kind == "shipped" else date.fromisoformat(rows[0].day)
                movements = tuple(
                    Movement(
                        r.material, r.form, r.exporter, r.consignee, r.destination, r.grams, r.cny
                    )
                    for r in rows
                )
                self._writer.confirm(
                    connection, Footprint(day, (_SERIES[wanted.kind],), movements, ())
                )
        return wanted


def confirmation(wanted: Confirmation) -> Content:
    """What the log's entry of a confirmation commits to."""
    return Content((canonical_json({**vars(wanted), "day": wanted.day.isoformat()}),))


def _entry(wanted: Confirmation) -> NewEntry:
    return new_entry(
        "confirmation", wanted.decision_id, wanted.at, wanted.actor, confirmation(wanted)
    )
