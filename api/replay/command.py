"""`lodestone replay`: what is asked for, how far it has got, and what came of it."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
from sqlalchemy import make_url
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from api import logs
from api.errors import LodestoneError
from api.instants import rfc3339
from api.registry import Registry
from api.replay.many import Progress, cores, replay_span
from api.replay.record import Records
from api.replay.replaying import Replayed, Replayer, raise_alarm
from api.settings import Settings
from api.store.database import Database
from api.store.versions import Versions

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOST_JOBS = 1_000


class BadRequest(LodestoneError):
    """What is asked for cannot be done; the text names it."""

    status = 422


def replay(settings: Settings, options: argparse.Namespace) -> int:
    """Replays and prints; how many did not come out the same.

    Raises BadRequest, NotFound, and CannotDecide when the database is away.
    """
    if bool(options.ids) == options.all:
        raise BadRequest("replay: name decisions, or --all")
    if not options.all and (options.since or options.until or options.jobs):
        raise BadRequest("replay: --since, --until and --jobs go with --all")
    jobs = _jobs(options.jobs)
    since, until = _instant("--since", options.since, 0), _instant("--until", options.until, 1)
    _must_exist(settings.database_url)
    logs.configure()
    database = Database(settings.database_url)
    try:
        records = Records(database)
        if options.all:
            span, total = records.span(since, until) or (None, 0)
            progress = replay_span(settings.database_url, span, jobs) if span else iter(())
        else:
            total = len(options.ids)
            named = [records.one(name) for name in dict.fromkeys(options.ids)]
            replayer = Replayer(Registry(Versions(database), 0))
            progress = (Progress(1, (found,)) for found in map(replayer.replay, named))
        return _report(progress, total, options)
    finally:
        database.close()


def _report(progress: Iterator[Progress], total: int, options: argparse.Namespace) -> int:
    count = different = erased = 0
    quiet = None if options.all else True  # None: only where somebody looks at a terminal
    with (
        logging_redirect_tqdm(),
        tqdm(total=total, unit=" decisions", disable=quiet, file=sys.stderr) as bar,
    ):
        for done in progress:
            count += done.replayed
            bar.update(done.replayed)
            for replayed in done.told:
                if replayed.alarming:
                    different += 1
                    raise_alarm(replayed)
                else:
                    erased += not replayed.same
                tqdm.write(_line(replayed, options.json), file=sys.stdout)
    same = count - different - erased
    if options.json:
        summary = {"replayed": count, "same": same, "erased": erased, "different": different}
        print(orjson.dumps(summary).decode())
    else:
        as_erased = f"{erased} different as parts were erased, " if erased else ""
        print(f"{count} replayed, {same} the same, {as_erased}{different} different")
    return different


def _line(replayed: Replayed, as_json: bool) -> str:
    if as_json:
        return orjson.dumps(replayed.wire()).decode()
    otherwise = "DIFFERENT" if replayed.alarming else "different, as parts of it were erased"
    verdict = "the same" if replayed.same else otherwise
    lines = [f"{replayed.decision}  {verdict}  {replayed.rule_set}@{replayed.version}"]
    for difference in replayed.differences:
        told = difference.wire()
        lines.append(f"  {told.pop('pointer') or '/'}")
        for name, value in told.items():
            text = value if name == "why" else orjson.dumps(value).decode()
            lines.append(f"      {name:<9} {text}")
    return "\n".join(lines)


def _jobs(text: str | None) -> int:
    if text is None:
        return cores()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_JOBS):
        raise BadRequest(f"--jobs is a whole number from 1 to {_MOST_JOBS}, not `{text}`")
    return int(text)


def _instant(name: str, text: str | None, end: int) -> str | None:
    """As it is recorded. A day alone is its first instant, or its last one; UTC."""
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            text += "T23:59:59.999Z" if end else "T00:00:00Z"
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("a time needs its zone, as Z")
        return rfc3339(instant.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"{name}: `{text}` is not a time: {error}") from error


def _must_exist(database_url: str) -> None:
    """A file that is not there would be made, and nothing found in it."""
    url = make_url(database_url)
    file = url.get_backend_name() == "sqlite"
    if file and not Path(url.database or "").is_file():
        raise BadRequest(f"there is no database {url.database}")
