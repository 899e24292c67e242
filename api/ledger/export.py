"""Decisions written out for others: CSV, NDJSON or Parquet in a ZIP, with a manifest, as a stream.

One file is what a stranger can keep, open and pass on: data and manifest cannot be parted or mixed
up, and what breaks off in the middle has no central directory, so that every tool refuses it. The
memory it takes does not grow with what is written, but for the few bytes a row group that Parquet
keeps for its end.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from api.log.checkpoint import checkpoint_in

Format = Literal["csv", "ndjson", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

COLUMNS = (
    "index",
    "id",
    "reference",
    "exporter",
    "evaluated_at",
    "as_of",
    "outcome",
    "disposition",
    "rule_set",
    "actor",
)
"""What every format says of a decision; NDJSON and Parquet add its request and its answer."""

_PIECE = 64 * 1024
_ROW_GROUP_BYTES = 8 * 1024 * 1024
_ROW_GROUP_ROWS = 10_000
# What a spreadsheet takes for the beginning of a formula, in full width too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Exported:
    """One decision: its columns, and request and answer as JSON."""

    row: Mapping[str, Any]
    request: bytes
    answer: bytes


def archive(
    decisions: Iterable[Exported],
    format_: Format,
    manifest: Mapping[str, Any],
    checkpoint: bytes,
    now: datetime,
) -> Iterator[bytes]:
    """The ZIP in pieces: the data, the log's signed checkpoint, and the manifest.

    The manifest gets the file's name, rows and SHA-256, and size and root by the checkpoint.
    """
    head = checkpoint_in(checkpoint)
    sink, counted, digest = _Sink(), _Counted(decisions), hashlib.sha256()
    stamp, name = now.timetuple()[:6], f"decisions.{format_}"
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        entry = zipfile.ZipInfo(name, stamp)
        # Parquet is compressed already.
        entry.compress_type = zipfile.ZIP_STORED if format_ == "parquet" else zipfile.ZIP_DEFLATED
        with file.open(entry, "w", force_zip64=True) as member:
            for data in _WRITERS[format_](counted):
                digest.update(data)
                member.write(data)
                if sink.waiting >= _PIECE:
                    yield sink.take()
        _add(file, "checkpoint", checkpoint, stamp)
        whole = {
            **manifest,
            "file": name,
            "rows": counted.rows,
            "sha256": digest.hexdigest(),
            "log": {"origin": head.origin, "size": head.size, "root": head.root.hex()},
        }
        text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
        _add(file, "manifest.json", text.encode(), stamp)
    yield sink.take()


def _add(file: zipfile.ZipFile, name: str, data: bytes, stamp: tuple[int, ...]) -> None:
    entry = zipfile.ZipInfo(name, stamp)  # type: ignore[arg-type]
    entry.compress_type = zipfile.ZIP_DEFLATED
    file.writestr(entry, data)


class _Sink(io.RawIOBase):
    """What was written and not yet taken; it cannot be gone back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.waiting = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self.waiting += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """All that waits."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        self.waiting = 0
        return data


class _Counted:
    """Counts what passes."""

    def __init__(self, decisions: Iterable[Exported]) -> None:
        self._decisions = decisions
        self.rows = 0

    def __iter__(self) -> Iterator[Exported]:
        for decision in self._decisions:
            self.rows += 1
            yield decision


def _csv(decisions: Iterable[Exported]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for decision in decisions:
        writer.writerow([_unformulated(decision.row[name]) for name in COLUMNS])
        if text.tell() >= _PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _unformulated(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula: where it may, an apostrophe stands first."""
    guarded = isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA)
    return f"'{value}" if guarded else value


def _ndjson(decisions: Iterable[Exported]) -> Iterator[bytes]:
    for decision in decisions:
        row = orjson.dumps({name: decision.row[name] for name in COLUMNS})
        yield b'%b,"request":%b,"answer":%b}\n' % (row[:-1], decision.request, decision.answer)


_SCHEMA = pa.schema(
    [
        pa.field(name, pa.int64() if name == "index" else pa.string(), nullable=False)
        for name in (*COLUMNS, "request", "answer")
    ]
)


def _parquet(decisions: Iterable[Exported]) -> Iterator[bytes]:
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), _SCHEMA, compression="zstd") as writer:
        for group in _groups(decisions):
            writer.write_table(pa.Table.from_pylist(group, _SCHEMA))
            yield sink.take()
    yield sink.take()


def _groups(decisions: Iterable[Exported]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    size = 0
    for decision in decisions:
        values = {name: decision.row[name] for name in COLUMNS}
        group.append(values | {"request": decision.request, "answer": decision.answer})
        size += len(decision.request) + len(decision.answer)
        if size >= _ROW_GROUP_BYTES or len(group) == _ROW_GROUP_ROWS:
            yield group
            group, size = [], 0
    if group:
        yield group


_WRITERS: Mapping[Format, Callable[[Iterable[Exported]], Iterator[bytes]]] = {
    "csv": _csv,
    "ndjson": _ndjson,
    "parquet": _parquet,
}
