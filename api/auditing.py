"""What an auditor, a witness and a data-protection officer do at the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.errors import LodestoneError, SettingsError
from api.log.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    cosign_checkpoint,
    read_checkpoint,
    verify_growth,
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

DONE, ALTERED, BAD_INPUT = 0, 4, 2


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
        help="a verifier key, or a file with one, that must have cosigned",
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
    since = _kept(options.since, key, witnesses if not options.files else ())
    if not options.files and options.since is None:
        return _verify_whole(settings, key, ())
    try:
        for file in options.files:
            print(f"{file}: {_verify_file(file, key, witnesses)}")
        if since is not None:
            _print_growth(settings, key, since)
    except Mismatch as error:
        print(f"ALTERED: {error}", file=sys.stderr)
        return ALTERED
    return DONE


def _verify_file(file: Path, key: VerifierKey, witnesses: Sequence[VerifierKey]) -> str:
    """What a proof or a checkpoint proves, in words. Raises Mismatch and Malformed."""
    data = file.read_bytes()
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


def _kept(
    file: Path | None, key: VerifierKey, witnesses: Sequence[VerifierKey]
) -> Checkpoint | None:
    """A checkpoint that somebody kept, verified."""
    if file is None:
        return None
    return read_checkpoint(file.read_bytes(), key, witnesses).checkpoint


def _print_growth(settings: Settings, key: VerifierKey, since: Checkpoint) -> None:
    """Raises Mismatch unless the log of this home begins with the log of then."""
    log = _log_of(settings)
    now = read_checkpoint(log.checkpoint(), key).checkpoint
    if now.size < since.size:
        raise Mismatch("order", f"the log has {now.size} entries; it had {since.size}")
    _, proof = log.consistency(since.size, now.size)
    verify_growth(since, now, proof)
    print(
        f"the log only grew: its first {since.size} entries are those of the checkpoint kept; "
        f"it has {now.size} now, root {now.root.hex()}"
    )


def _verify_whole(settings: Settings, key: VerifierKey, kept: Sequence[Checkpoint]) -> int:
    from tqdm import tqdm

    from api.ledger.erasing import erased_decisions
    from api.ledger.verify import verify_log
    from api.store.database import Database

    database = Database(settings.database_url)
    altered = 0
    with tqdm(unit=" entries", disable=None) as bar:
        for finding in verify_log(database, key, kept, lambda done: bar.update(done - bar.n)):
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
    note = cosign_checkpoint(options.file.read_bytes(), log, witness, int(now().timestamp()))
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
    from api.store.database import Database

    return DecisionLog(Database(settings.database_url), lambda: read_log_key(settings.log_key_file))


def _log_key(settings: Settings, file: Path | None) -> VerifierKey:
    """The key of the log to be verified."""
    file = file or settings.log_key_file.with_suffix(".pub")
    try:
        return parse_verifier_key(file.read_text())
    except Malformed as error:
        raise SettingsError(f"{file}: {error}") from error


def _witness(text: str) -> VerifierKey:
    file = Path(text)
    try:
        return parse_verifier_key(file.read_text() if file.is_file() else text)
    except Malformed as error:
        raise LodestoneError(f"--witness {text}: {error}") from error
