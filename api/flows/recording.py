"""Writes what decisions leave behind, in the transaction that records them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from api.flows.footprint import Footprint, Movement, added, moved
from api.flows.tables import FLOWS, MOVEMENTS, TRACES, VOLUMES

_encode = msgspec.json.Encoder().encode


class FlowsWriter:
    """Adds footprints to the sums. `dialect` is that of the database (sqlite or postgresql)."""

    def __init__(self, dialect: str) -> None:
        inserts: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
        self._insert = inserts[dialect]
        self._flows = self._adding(FLOWS, "grams", "decisions")
        self._volumes = self._adding(VOLUMES, "grams", "shipments", "cny")
        self._traces = self._replacing(TRACES, "note")

    def record(self, connection: Connection, made: Sequence[tuple[str, Footprint]]) -> None:
        """The footprints of decisions (by id) that are being recorded."""
        self._add_flows(connection, added(footprint for _, footprint in made))
        moving = [(decision, f) for decision, f in made if f.moves and f.movements]
        for _, footprint in moving:
            self.move(connection, footprint.day, footprint.movements)
        rows = [
            {
                "decision_id": decision,
                "number": number,
                "day": footprint.day.isoformat(),
                **_columns(movement),
            }
            for decision, footprint in moving
            for number, movement in enumerate(footprint.movements)
        ]
        if rows:
            connection.execute(MOVEMENTS.insert(), rows)
        notes = {key: _encode(note).decode() for _, f in made for key, note in f.notes}
        if notes:
            # In one order, so that writers who share keys never wait for each other in a circle.
            rows = [{"key": key, "note": notes[key]} for key in sorted(notes)]
            connection.execute(self._traces, rows)

    def confirm(self, connection: Connection, footprint: Footprint) -> None:
        """Adds to series what became of an allowed decision; a cancelled one no longer counts."""
        self._add_flows(connection, added([footprint]))
        if "cancelled" in footprint.series:
            self.move(connection, footprint.day, footprint.movements, sign=-1)

    def move(
        self,
        connection: Connection,
        day: date,
        movements: Sequence[Movement],
        sign: int = 1,
        source: str = "own",
    ) -> None:
        """Adds to what went each way (`sign` -1: takes it back)."""
        rows = [
            {
                "material": material,
                "scope": scope,
                "reached": reached,
                "day": on,
                "source": source,
                "grams": sign * grams,
                "shipments": sign * shipments,
                "cny": sign * cny,
            }
            for (material, scope, reached, on), (grams, shipments, cny) in sorted(
                moved(day, movements).items()
            )
        ]
        if rows:
            connection.execute(self._volumes, rows)

    def _add_flows(
        self, connection: Connection, sums: dict[tuple[str, ...], tuple[int, int]]
    ) -> None:
        names = ("series", "month", "material", "form", "exporter", "destination")
        rows = [
            {**dict(zip(names, key, strict=True)), "grams": grams, "decisions": decisions}
            for key, (grams, decisions) in sorted(sums.items())
        ]
        if rows:
            connection.execute(self._flows, rows)

    def _adding(self, table: Table, *columns: str) -> Any:
        statement = self._insert(table)
        return statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: table.c[name] + statement.excluded[name] for name in columns},
        )

    def _replacing(self, table: Table, *columns: str) -> Any:
        statement = self._insert(table)
        return statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: statement.excluded[name] for name in columns},
        )


def _columns(movement: Movement) -> dict[str, Any]:
    return vars(movement)
