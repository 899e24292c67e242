"""The tables. What is published or decided is only ever inserted."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()

# In SQLite, INTEGER alone is 64 bits wide and the row's own number, which needs no index.
WIDE = BigInteger().with_variant(Integer, "sqlite")

RULE_SET_VERSIONS = Table(
    "rule_set_versions",
    METADATA,
    Column("rule_set", String(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("digest", String(80), nullable=False),
    Column("content", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("approver", String(200)),
    Column("note", Text, nullable=False),
    Column("published_at", String(30), nullable=False),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("index", WIDE, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("reference", String(200), nullable=False),
    Column("exporter", Text, nullable=False),
    Column("evaluated_at", String(30), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("disposition", String(30), nullable=False),
    Column("rule_set", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("language", String(2), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("screening", LargeBinary, nullable=False),
    Column("history", LargeBinary, nullable=False),
    Column("leaf", String(64), nullable=False),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("actor", String(80), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_digest", String(64), nullable=False),
    Column("decision_index", WIDE, nullable=False),
)

LOG_ENTRIES = Table(
    "log_entries",
    METADATA,
    Column("index", WIDE, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("id", String(200), nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("salts", LargeBinary, nullable=False),
)
"""The leaves of the log, their hashes, and what opens their commitments, which is secret.

A decision's `index` is that of its entry.
"""

Index(
    "log_entries_id",
    LOG_ENTRIES.c.kind,
    LOG_ENTRIES.c.id,
    sqlite_where=LOG_ENTRIES.c.kind != "decision",
    postgresql_where=LOG_ENTRIES.c.kind != "decision",
)

LOG_HASHES = Table(
    "log_hashes",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", WIDE, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The tree over them (see `log.tree`), from level 1 on."""

LOG_ERASED = Table(
    "log_erased",
    METADATA,
    Column("index", WIDE, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("marker", LargeBinary),
)
"""What is left of the parts of entries that were erased on lawful order (see `log.commitments`)."""

ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("decision_id", String(36), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("basis", Text, nullable=False),
    Column("erased_at", String(30), nullable=False),
    Column("pointers", Text, nullable=False),
    Column("left", Text, nullable=False),
)
"""The orders; `left` has the digests of the decision's documents as they were left, as JSON."""

LOG_CHECKPOINTS = Table(
    "log_checkpoints",
    METADATA,
    Column("size", WIDE, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
)
"""Every checkpoint that was given out, as the signed note that it was."""

LOG_IDENTITY = Table(
    "log_identity",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("verifier_key", Text, nullable=False),
)
"""The one row says who signs this log, so that no other key signs it by mistake."""
DECISION_TERMS = Table(
    "decision_terms",
    METADATA,
    Column("term", LargeBinary, primary_key=True),
    Column("block", WIDE, primary_key=True, autoincrement=False),
    Column("bits", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

DECISION_STRETCHES = Table(
    "decision_stretches",
    METADATA,
    Column("stretch", WIDE, primary_key=True, autoincrement=False),
    Column("earliest", String(30), nullable=False),
    Column("latest", String(30), nullable=False),
)

SEARCH_SECRET = Table(
    "search_secret",
    METADATA,
    Column("secret", LargeBinary, primary_key=True),
)
