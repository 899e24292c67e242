"""What an auditor, a witness and a data-protection officer do at the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from api.errors import LodestoneError
from api.log.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    cosign_checkpoint,
    read_checkpoint,
)
from api.log.errors import Malformed, Mismatch
from api.log.keys import (
    Algorithm,
    SigningKey,
    VerifierKey,
    parse_signing_key,
    parse_verifier_key,
)
from api.log.prooffile import FIRST_LINE, Verified, verify_proof
from api.settings import Settings

DONE, ALTERED = 0, 4


class Unusable(LodestoneError):
    """What the command was given cannot be used; the text names it."""

    status = 422


def add_parsers(commands: Any) -> None:
    """`log …` and `erase`."""
    log = commands.add_parser("log", help="verify the decision log and what it proves")
    log = log.add_subparsers(required=True, metavar="COMMAND")

    command = log.add_parser(
        "verify",
        help="check a proof or a checkpoint offline; without a file, the whole log of this home: "
        "exit 0 nothing was altered, 4 something was, 2 bad input",
    )
    command.add_argument("files", nargs="*", type=Path, metavar="FILE")
    command.add_argument("--key", type=Path, help="the log's log.pub; default: that of this home")
    command.add_argument(
        "--since",
        type=Path,
        metavar="CHECKPOINT",
        help="a checkpoint kept from before: check that the log only grew since",
    )
    command.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="KEY",
        help="a verifier key, or a file with one, that must have cosigned the FILE, or without one "
        "the checkpoint of --since",
    )
    command.set_defaults(run=_verify)

    command = log.add_parser("checkpoint", help="print the signed checkpoint of this home's log")
    command.set_defaults(run=_checkpoint)

    command = log.add_parser("prove", help="print the proof file of a decision")
    command.add_argument("decision", metavar="DECISION")
    command.set_defaults(run=_prove)

    command = log.add_parser("witness-key", help="make a witness's key; prints its public half")
    command.add_argument("name", help="the witness's name, as witness.example/lodestone")
    command.add_argument("file", type=Path, help="where the secret half is written")
    command.set_defaults(run=_witness_key)

    command = log.add_parser("cosign", help="print a checkpoint with a witness's cosignature")
    command.add_argument("file", type=Path, metavar="CHECKPOINT")
    command.add_argument("--key", type=Path, help="the log's log.pub; default: that of this home")
    command.add_argument("--witness-key", type=Path, required=True, help="the secret half")
    command.set_defaults(run=_cosign)

    command = commands.add_parser(
        "erase", help="erase names from a decision on lawful order; proofs stay valid"
    )
    command.add_argument("decision", metavar="DECISION")
    command.add_argument(
        "pointers", nargs="+", metavar="POINTER", help="into the request, as /parties/1/name"
    )
    command.add_argument("--basis", required=True, help="the order: whose, of when, its number")
    command.add_argument("--actor", required=True, help="who carries it out")
    command.set_defaults(run=_erase)


def _verify(settings: Settings, options: argparse.Namespace) -> int:
    key = _log_key(settings, options.key)
    witnesses = tuple(_witness(text) for text in options.witness)
    if not options.files and options.since is None:
        if witnesses:
            raise Unusable(
                "--witness needs a FILE or --since: what a witness cosigned is kept by whoever "
                "asked it to, and the log of this home has none of it"
            )
        return _verify_whole(settings, key)
    try:
        for file in options.files:
            print(f"{file}: {_verify_file(file, key, witnesses)}")
        if options.since is not None:
            asked = () if options.files else witnesses
            since = read_checkpoint(_read(options.since), key, asked)
            _print_growth(settings, since.checkpoint)
    except Mismatch as error:
        print(f"ALTERED: {error}", file=sys.stderr)
        return ALTERED
    return DONE


def _verify_file(file: Path, key: VerifierKey, witnesses: Sequence[VerifierKey]) -> str:
    """What a proof or a checkpoint proves, in words. Raises Mismatch and Malformed."""
    data = _read(file)
    if not data.startswith(FIRST_LINE.encode()):
        return _said_of_checkpoint(read_checkpoint(data, key, witnesses))
    found: Verified = verify_proof(data, key, witnesses)
    entry = found.envelope
    outcome = f", {entry.outcome} under {entry.rule_set}" if entry.outcome else ""
    return (
        f"proven. {entry.kind} {entry.id} of {entry.time} by {entry.actor}{outcome}, content "
        f"{entry.content}, is entry {found.index}; {_said_of_checkpoint(found.signed)}"
    )


def _said_of_checkpoint(signed: SignedCheckpoint) -> str:
    head = signed.checkpoint
    cosigned = "".join(f", cosigned by {name}" for name in signed.cosigned)
    return (
        f"the log {head.origin} had {head.size} entries with root {head.root.hex()}, signed by "
        f"its key{cosigned}"
    )


def _print_growth(settings: Settings, since: Checkpoint) -> None:
    """Raises Mismatch unless the log of this home begins with the log of then."""
    from api.ledger.verify import verify_growth

    size, root = verify_growth(_database(settings), since)
    print(
        f"the log only grew: its first {since.size} entries are those of the checkpoint kept; "
        f"it has {size} now, root {root.hex()}"
    )


def _verify_whole(settings: Settings, key: VerifierKey) -> int:
    from tqdm import tqdm

    from api.ledger.erasing import erased_decisions
    from api.ledger.verify import verify_log

    database = _database(settings)
    altered = 0
    with tqdm(unit=" entries", disable=None) as bar:
        for finding in verify_log(database, key, (), lambda done: bar.update(done - bar.n)):
            altered += 1
            tqdm.write(f"ALTERED: {finding}", file=sys.stdout)
    for parts in erased_decisions(database):
        anew = f", written anew: {', '.join(parts.documents)}" if parts.documents else ""
        print(
            f"erased: entry {parts.index} (decision {parts.decision_id}): {parts.names} spellings "
            f"of names{anew}; by order {', '.join(parts.orders)}"
        )
    if altered:
        print(f"{altered} findings", file=sys.stderr)
        return ALTERED
    head = read_checkpoint(_log_of(settings).checkpoint(), key)
    print(f"nothing was altered: {_said_of_checkpoint(head)}")
    return DONE


def _checkpoint(settings: Settings, _: argparse.Namespace) -> int:
    print(_log_of(settings).checkpoint().decode(), end="")
    return DONE


def _prove(settings: Settings, options: argparse.Namespace) -> int:
    print(_log_of(settings).proof("decision", options.decision).decode(), end="")
    return DONE


def _witness_key(_: Settings, options: argparse.Namespace) -> int:
    key = SigningKey(options.name, os.urandom(32), Algorithm.COSIGNATURE)
    descriptor = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{key.text()}\n")
    print(key.verifier)
    return DONE


def _cosign(settings: Settings, options: argparse.Namespace) -> int:
    from api.instants import now

    witness = parse_signing_key(options.witness_key.read_text())
    log = _log_key(settings, options.key)
    note = cosign_checkpoint(_read(options.file), log, witness, int(now().timestamp()))
    print(note.decode(), end="")
    return DONE


def _erase(settings: Settings, options: argparse.Namespace) -> int:
    from api.instants import now
    from api.ledger.erasing import Order, erase
    from api.store.database import Database

    order = Order(options.decision, tuple(options.pointers), options.actor, options.basis)
    done = erase(Database(settings.database_url), order, now())
    print(f"erased from decision {options.decision}; the order is logged as {done}")
    return DONE


def _log_of(settings: Settings) -> Any:
    from api.ledger.log import DecisionLog
    from api.ledger.signing import read_log_key

    return DecisionLog(_database(settings), lambda: read_log_key(settings.log_key_file))


def _database(settings: Settings) -> Any:
    """That of this home. Raises Unusable where there is none: to look must not make one."""
    from api.store.database import Database

    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise Unusable(f"{url.database}: there is no database, so no log")
    return Database(settings.database_url)


def _log_key(settings: Settings, file: Path | None) -> VerifierKey:
    """The key of the log to be verified."""
    file = file or settings.log_key_file.with_suffix(".pub")
    try:
        return parse_verifier_key(_read(file).decode())
    except (Malformed, UnicodeDecodeError) as error:
        raise Unusable(f"{file}: {error}") from error


def _witness(text: str) -> VerifierKey:
    file = Path(text)
    try:
        return parse_verifier_key(_read(file).decode() if file.is_file() else text)
    except (Malformed, UnicodeDecodeError, OSError) as error:
        raise Unusable(f"--witness {text}: {error}") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}") from error
