"""Writes what decisions leave behind, in the transaction that records them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, Executable, Table
from sqlalchemy.engine.interfaces import Dialect

from api.flows.footprint import Footprint, Movement, added, moved
from api.flows.tables import FLOWS, MOVEMENTS, TRACES, VOLUMES
from api.flows.traces import Note
from api.store.prepared import Prepared
from api.store.upserts import adding, replacing

Ways = Mapping[tuple[str, str, str, str], tuple[int, int, int]]
"""Grams, shipments and yuan by material, scope, reached and day."""

_encode = msgspec.json.Encoder().encode


class FlowsWriter:
    """Adds footprints to the sums, in SQLite or PostgreSQL."""

    def __init__(self, dialect: Dialect) -> None:
        def prepared(statement: Executable, table: Table) -> Prepared:
            return Prepared(statement, dialect, table.c.keys())

        self._flows = prepared(adding(dialect, FLOWS, "grams", "decisions"), FLOWS)
        self._volumes = prepared(adding(dialect, VOLUMES, "grams", "shipments", "cny"), VOLUMES)
        self._traces = prepared(replacing(dialect, TRACES, "note"), TRACES)
        self._movements = prepared(MOVEMENTS.insert(), MOVEMENTS)

    def record(self, connection: Connection, made: Sequence[tuple[str, Footprint]]) -> None:
        """The footprints of decisions (by id) that are being recorded."""
        self._add_flows(connection, added(footprint for _, footprint in made))
        moving = [(decision, f) for decision, f in made if f.moves and f.movements]
        self._add_volumes(connection, _summed((f.day, f.movements) for _, f in moving), "own")
        rows = [
            {
                "decision_id": decision,
                "number": number,
                "day": footprint.day.isoformat(),
                **movement._asdict(),
            }
            for decision, footprint in moving
            for number, movement in enumerate(footprint.movements)
        ]
        self._movements.run(connection, rows)
        self.note(connection, {key: note for _, f in made for key, note in f.notes})

    def replace(
        self,
        connection: Connection,
        series: str,
        sums: dict[tuple[str, ...], tuple[int, int]],
        shipments: Sequence[tuple[date, Movement]],
    ) -> None:
        """Sets the series, and what of it went each way, in place of what was there before."""
        connection.execute(FLOWS.delete().where(FLOWS.c.series == series))
        connection.execute(VOLUMES.delete().where(VOLUMES.c.source == series))
        self._add_flows(connection, sums)
        self._add_volumes(connection, _summed((day, [m]) for day, m in shipments), series)

    def note(self, connection: Connection, notes: Mapping[int, Note]) -> None:
        """Remembers each note under its key."""
        # In one order, so that writers who share keys never wait for each other in a circle.
        texts = {id(note): _encode(note).decode() for note in notes.values()}
        rows = [{"key": key, "note": texts[id(notes[key])]} for key in sorted(notes)]
        self._traces.run(connection, rows)

    def confirm(self, connection: Connection, footprint: Footprint) -> None:
        """Adds to series what became of an allowed decision; a cancelled one no longer counts."""
        self._add_flows(connection, added([footprint]))
        if "cancelled" in footprint.series:
            ways = {
                way: (-grams, -shipments, -cny)
                for way, (grams, shipments, cny) in moved(
                    footprint.day, footprint.movements
                ).items()
            }
            self._add_volumes(connection, ways, "own")

    def _add_volumes(
        self,
        connection: Connection,
        ways: Ways,
        source: str,
    ) -> None:
        rows = [
            {
                "material": material,
                "scope": scope,
                "reached": reached,
                "day": on,
                "source": source,
                "grams": grams,
                "shipments": shipments,
                "cny": cny,
            }
            for (material, scope, reached, on), (grams, shipments, cny) in sorted(ways.items())
        ]
        self._volumes.run(connection, rows)

    def _add_flows(
        self, connection: Connection, sums: dict[tuple[str, ...], tuple[int, int]]
    ) -> None:
        names = ("series", "month", "material", "form", "exporter", "destination")
        rows = [
            {**dict(zip(names, key, strict=True)), "grams": grams, "decisions": decisions}
            for key, (grams, decisions) in sorted(sums.items())
        ]
        self._flows.run(connection, rows)


def _summed(shipments: Iterable[tuple[date, Sequence[Movement]]]) -> Ways:
    """What went each way, of all together."""
    ways: dict[tuple[str, str, str, str], tuple[int, int, int]] = {}
    for day, movements in shipments:
        for way, more in moved(day, movements).items():
            known = ways.get(way)
            ways[way] = (
                more
                if known is None
                else (known[0] + more[0], known[1] + more[1], known[2] + more[2])
            )
    return ways
