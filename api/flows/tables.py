"""The tables of flows. All but the confirmations are sums and notes over decisions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from api.store.tables import METADATA, WIDE

FLOWS = Table(
    "flows",
    METADATA,
    Column("series", String(10), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("material", String(80), primary_key=True),
    Column("form", String(20), primary_key=True),
    Column("exporter", String(200), primary_key=True),
    Column("destination", String(2), primary_key=True),
    Column("grams", BigInteger, nullable=False),
    Column("decisions", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Mass a month, by series: proposed, denied, allowed, exported, cancelled; `imported` is history
loaded from files and counts as exported; `public` are official figures. Form, exporter and
destination are empty where a source does not tell them; material and form are `*` in the
sums over all of them (see `flows.footprint.added`)."""

VOLUMES = Table(
    "volumes",
    METADATA,
    Column("material", String(80), primary_key=True),
    Column("scope", String(10), primary_key=True),
    Column("reached", String(200), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("source", String(10), primary_key=True),
    Column("grams", BigInteger, nullable=False),
    Column("shipments", Integer, nullable=False),
    Column("cny", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""What was allowed and not cancelled, a day: to a country, or to a consignee. CNY in whole yuan."""

TRACES = Table(
    "traces",
    METADATA,
    Column("key", WIDE, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)
"""What is remembered under a key that later shipments may share (see `flows.traces`)."""

MOVEMENTS = Table(
    "movements",
    METADATA,
    Column("decision_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("material", String(80), nullable=False),
    Column("form", String(20), nullable=False),
    Column("exporter", String(200), nullable=False),
    Column("consignee", Text, nullable=False),
    Column("destination", String(2), nullable=False),
    Column("day", String(10), nullable=False),
    Column("grams", BigInteger, nullable=False),
    Column("cny", BigInteger, nullable=False),
)
"""What each allowed decision lets move, for when it is confirmed or cancelled: of each line
its mass once as `*`, and once for every material it holds."""

CONFIRMATIONS = Table(
    "confirmations",
    METADATA,
    Column("decision_id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("day", String(10), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("at", String(30), nullable=False),
)
"""Allowed decisions that were shipped or cancelled. Only ever inserted."""
