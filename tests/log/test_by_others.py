"""A log of 100,000 entries, verified by code that shares nothing with the product.

`independent_verifier` was written from the specifications alone. sigstore-python and
metamorphic-log (Rust) were not written by us at all: both verify checkpoint and inclusion, the
second consistency too, which sigstore-python does not know.
"""

from __future__ import annotations

import random
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from metamorphic_log.metamorphic_log import (
    VerifyError,
    checkpoint_verify,
    checkpoint_verify_consistency,
    checkpoint_verify_inclusion,
    verify_signed_note,
)
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.trust import Keyring, RekorKeyring
from sigstore.errors import VerificationError
from sigstore.models import TransparencyLogEntry
from sigstore_models.common.v1 import LogId, PublicKey, PublicKeyDetails
from sigstore_models.rekor.v1 import Checkpoint as SigstoreCheckpoint
from sigstore_models.rekor.v1 import InclusionProof, KindVersion
from sigstore_models.rekor.v1 import TransparencyLogEntry as SigstoreEntry

from api.log.checkpoint import cosign_checkpoint, parse_checkpoint
from api.log.keys import Algorithm, SigningKey
from api.log.note import parse_note
from api.log.tree import consistency_proof, inclusion_proof, root
from tests.log import independent_verifier
from tests.log.independent_verifier import Head, Refused, check_growth, check_inclusion, verify_log
from tests.log.memory import LOG_KEY, MemoryLog, entry

SIZE = 100_000
KEY = LOG_KEY.verifier
WITNESS = SigningKey("witness.example/w1", b"w" * 32, Algorithm.COSIGNATURE)
CHANCE = random.Random(9162)
INDEXES = [
    0,
    1,
    255,
    256,
    65_535,
    65_536,
    99_839,
    99_840,
    SIZE - 1,
    *CHANCE.sample(range(SIZE), 90),
]
OLD_SIZES = [1, 2, 255, 256, 257, 65_536, 65_537, SIZE - 1, SIZE, *CHANCE.sample(range(SIZE), 90)]


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    return MemoryLog([entry(number) for number in range(SIZE)], group=777)


@pytest.fixture(scope="module")
def folder(log: MemoryLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    log.write(folder)
    return folder


def reading(folder: Path) -> Callable[[str], bytes]:
    return lambda path: (folder / path).read_bytes()


def head(log: MemoryLog, size: int) -> Head:
    return independent_verifier.open_checkpoint(log.checkpoint(size), str(KEY))


def test_the_independent_verifier_recomputes_the_whole_log(log: MemoryLog, folder: Path) -> None:
    verified = verify_log(reading(folder), str(KEY))
    assert verified.head == Head(KEY.name, SIZE, root(log.hashes, SIZE))
    assert verified.entries == log.entries


def test_the_independent_verifier_runs_by_itself(folder: Path) -> None:
    script = Path(independent_verifier.__file__)
    run = subprocess.run(
        [sys.executable, "-I", script, folder, str(KEY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert f"{KEY.name}: {SIZE} entries" in run.stdout


def test_the_independent_verifier_follows_every_proof(log: MemoryLog) -> None:
    newest = head(log, SIZE)
    for index in INDEXES:
        leaf = independent_verifier.hash_of_leaf(log.entries[index])
        check_inclusion(leaf, index, inclusion_proof(log.hashes, index, SIZE), newest)
    for old in OLD_SIZES:
        check_growth(head(log, old), newest, consistency_proof(log.hashes, old, SIZE))


def test_the_independent_verifier_asks_for_a_witness(log: MemoryLog) -> None:
    note = cosign_checkpoint(log.checkpoint(), KEY, WITNESS, 1_700_000_000)
    witnesses = (str(WITNESS.verifier),)
    opened = independent_verifier.open_checkpoint(note, str(KEY), witnesses)
    assert opened.size == SIZE
    with pytest.raises(Refused, match=r"witness.example/w1 did not sign"):
        independent_verifier.open_checkpoint(log.checkpoint(), str(KEY), witnesses)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("tile/entries/077", "of level 0 is not|ends within|has .* entries"),
        ("tile/entries/390.p/160", "of level 0 is not|ends within|has .* entries"),
        ("tile/0/077", "of level 0 is not"),
        ("tile/1/000", "of level 1 is not"),
        ("tile/1/001.p/134", "of level 1 is not"),
        ("tile/2/000.p/1", "of level 2 is not"),
        ("checkpoint", "signature is false|not on the curve|out of range"),
    ],
)
def test_the_independent_verifier_sees_an_altered_byte(
    folder: Path, path: str, complaint: str
) -> None:
    read = reading(folder)
    data = bytearray(read(path))
    at = len(data) // 2 if path != "checkpoint" else data.index(b"\n100000\n") + 3
    data[at] ^= 1
    with pytest.raises(Refused, match=complaint):
        verify_log(lambda asked: bytes(data) if asked == path else read(asked), str(KEY))


def sigstore_entry(log: MemoryLog, index: int, body: bytes | None = None) -> TransparencyLogEntry:
    note = log.checkpoint()
    return TransparencyLogEntry(
        SigstoreEntry(
            log_index=str(index),
            log_id=LogId(key_id=b64encode(KEY.id)),
            kind_version=KindVersion(kind="lodestone", version="1"),
            inclusion_proof=InclusionProof(
                log_index=str(index),
                root_hash=b64encode(parse_checkpoint(parse_note(note).text).root),
                tree_size=str(SIZE),
                hashes=[b64encode(value) for value in inclusion_proof(log.hashes, index, SIZE)],
                checkpoint=SigstoreCheckpoint(envelope=note.decode()),
            ),
            canonicalized_body=b64encode(log.entries[index] if body is None else body),
        )
    )


def keyring(key: bytes) -> RekorKeyring:
    der = Ed25519PublicKey.from_public_bytes(key).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    public = PublicKey(raw_bytes=b64encode(der), key_details=PublicKeyDetails.PKIX_ED25519)
    return RekorKeyring(Keyring([public]))


def test_sigstore_verifies_checkpoint_and_inclusion(log: MemoryLog) -> None:
    keys = keyring(KEY.public)
    for index in INDEXES[:40]:
        found = sigstore_entry(log, index)
        verify_checkpoint(keys, found)
        verify_merkle_inclusion(found)
    with pytest.raises(VerificationError):
        verify_merkle_inclusion(sigstore_entry(log, 41, log.entries[42]))
    with pytest.raises(VerificationError):
        verify_checkpoint(keyring(WITNESS.verifier.public), sigstore_entry(log, 41))


def test_metamorphic_verifies_notes_inclusion_and_consistency(log: MemoryLog) -> None:
    newest = cosign_checkpoint(log.checkpoint(), KEY, WITNESS, 1_700_000_000).decode()
    assert verify_signed_note(newest, [str(KEY)]) == 1
    assert checkpoint_verify(newest, [str(KEY)]).root == root(log.hashes, SIZE)
    for index in INDEXES:
        leaf = independent_verifier.hash_of_leaf(log.entries[index])
        proof = inclusion_proof(log.hashes, index, SIZE)
        checkpoint_verify_inclusion(newest, [str(KEY)], index, leaf, proof)
        with pytest.raises(VerifyError):
            checkpoint_verify_inclusion(newest, [str(KEY)], index, leaf, [*proof[1:], proof[0]])
    for old in OLD_SIZES:
        before, growth = log.checkpoint(old).decode(), consistency_proof(log.hashes, old, SIZE)
        checkpoint_verify_consistency(before, newest, [str(KEY)], growth)
    rebuilt = MemoryLog(log.entries[1:500])
    with pytest.raises(VerifyError):
        checkpoint_verify_consistency(
            rebuilt.checkpoint().decode(), newest, [str(KEY)],
            consistency_proof(log.hashes, 499, SIZE),
        )  # fmt: skip
