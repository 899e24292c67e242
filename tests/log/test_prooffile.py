"""A proof file stands by itself, and says what does not match once it is altered."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.log.checkpoint import cosign_checkpoint
from api.log.envelope import parse_envelope
from api.log.errors import Malformed, Mismatch
from api.log.keys import Algorithm, SigningKey
from api.log.prooffile import parse_proof, verify_proof, write_proof
from api.log.tree import inclusion_proof
from tests.log.memory import LOG_KEY, MemoryLog, entry

LOG = MemoryLog([entry(number) for number in range(700)])
KEY = LOG_KEY.verifier
WITNESS = SigningKey("witness.example/w1", b"w" * 32, Algorithm.COSIGNATURE)
STRANGER = SigningKey("witness.example/w2", b"s" * 32, Algorithm.COSIGNATURE)
CHECKPOINT = cosign_checkpoint(LOG.checkpoint(), KEY, WITNESS, 1_700_000_000)


def proof_of(index: int) -> bytes:
    return write_proof(
        LOG.entries[index], index, inclusion_proof(LOG.hashes, index, 700), CHECKPOINT
    )


PROOF = proof_of(41)
LINES = PROOF.decode().split("\n")


def test_a_proof_file_is_the_format_of_c2sp() -> None:
    assert LINES[0] == "c2sp.org/tlog-proof@v1"
    assert LINES[2] == "index 41"
    assert [base64.b64decode(line) for line in LINES[3:13]] == inclusion_proof(LOG.hashes, 41, 700)
    assert LINES[13] == ""
    assert PROOF.endswith(b"\n\n" + CHECKPOINT)
    extra = json.loads(base64.b64decode(LINES[1].removeprefix("extra ")))
    assert extra["entry"]["id"] == "decision-41"


@given(st.integers(0, 699))
def test_every_proof_file_verifies(index: int) -> None:
    data = proof_of(index)
    assert bytes(parse_proof(data)) == data
    verified = verify_proof(data, KEY, [WITNESS.verifier])
    assert verified.envelope == parse_envelope(LOG.entries[index])
    assert verified.index == index
    assert verified.signed.checkpoint.size == 700
    assert verified.signed.cosigned == {"witness.example/w1": 1_700_000_000}


def test_the_only_entry_of_a_log_needs_no_hashes() -> None:
    log = MemoryLog([entry(0)])
    data = write_proof(entry(0), 0, [], log.checkpoint())
    assert verify_proof(data, KEY).index == 0


@given(st.integers(0, len(PROOF) - 1), st.integers(1, 255))
def test_a_proof_file_with_any_byte_altered_is_refused(at: int, change: int) -> None:
    altered = PROOF[:at] + bytes([PROOF[at] ^ change]) + PROOF[at + 1 :]
    with pytest.raises((Malformed, Mismatch)):
        verify_proof(altered, KEY, [WITNESS.verifier])


@given(st.integers(0, len(PROOF) - 1), st.integers(1, 40))
def test_a_proof_file_with_a_piece_missing_is_refused(at: int, length: int) -> None:
    with pytest.raises((Malformed, Mismatch)):
        verify_proof(PROOF[:at] + PROOF[at + length :], KEY, [WITNESS.verifier])


def line(number: int, text: str) -> bytes:
    return "\n".join([*LINES[:number], text, *LINES[number + 1 :]]).encode()


def extra(alter: Callable[[dict[str, object]], object]) -> bytes:
    members = json.loads(base64.b64decode(LINES[1].removeprefix("extra ")))
    alter(members)
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return line(1, "extra " + base64.b64encode(text.encode()).decode())


SPACED = base64.b64encode(
    base64.b64decode(LINES[1].removeprefix("extra ")).replace(b'"v":1', b'"v": 1')
).decode()
LEAF_OF_42 = json.loads(
    base64.b64decode(proof_of(42).decode().split("\n")[1].removeprefix("extra "))
)


@pytest.mark.parametrize(
    ("part", "altered"),
    [
        ("leaf", extra(lambda m: m["entry"].update(outcome="allow"))),
        ("leaf", extra(lambda m: m["entry"].update(actor="Müller"))),
        ("leaf", extra(lambda m: m.update(leaf="sha256:" + "0" * 64))),
        ("root", extra(lambda m: m.update(LEAF_OF_42))),
        ("root", line(3, LINES[4])),
        ("root", line(2, "index 40")),
        ("order", line(2, "index 700")),
        ("order", line(2, "index 699")),
        ("order", PROOF.replace(LINES[3].encode() + b"\n", b"")),
        ("signature", PROOF.replace(b"\n700\n", b"\n701\n")),
        ("signature", PROOF.replace(LINES[16].encode(), LINES[3].encode())),
        ("signature", PROOF.replace(b"log.example/decisions\n", b"log.example/decision\n")),
        ("signature", PROOF.replace("— log.example".encode(), "— lag.example".encode())),
        ("witness", PROOF.replace("— witness.example".encode(), "— witless.example".encode())),
        ("witness", b"\n".join(PROOF.split(b"\n")[:-2]) + b"\n"),
    ],
)
def test_what_does_not_match_is_named(part: str, altered: bytes) -> None:
    assert altered != PROOF
    with pytest.raises(Mismatch, match=f"^{part} does not match") as refused:
        verify_proof(altered, KEY, [WITNESS.verifier])
    assert refused.value.part == part


def test_another_key_or_another_witness_does_not_match() -> None:
    with pytest.raises(Mismatch, match=r"^signature"):
        verify_proof(PROOF, SigningKey(KEY.name, b"x" * 32).verifier)
    with pytest.raises(Mismatch, match=r"^witness.*witness.example/w2"):
        verify_proof(PROOF, KEY, [WITNESS.verifier, STRANGER.verifier])


def test_a_proof_from_another_checkpoint_does_not_match() -> None:
    old = write_proof(LOG.entries[41], 41, inclusion_proof(LOG.hashes, 41, 699), CHECKPOINT)
    with pytest.raises(Mismatch, match=r"^root"):
        verify_proof(old, KEY)


@pytest.mark.parametrize(
    ("why", "altered"),
    [
        ("first line", b""),
        ("first line", line(0, "c2sp.org/tlog-proof@v2")),
        ("empty line", PROOF.split(b"\n\n")[0]),
        ("`extra`", PROOF.replace(LINES[1].encode() + b"\n", b"")),
        ("`extra`", line(1, "extra !")),
        ("`extra`", line(1, "extra bm8=")),
        ("`extra`", extra(lambda m: m.pop("leaf"))),
        ("`extra`", extra(lambda m: m.update(more=1))),
        ("not canonical", line(1, "extra " + SPACED)),
        ("`leaf`", extra(lambda m: m.update(leaf=str(m["leaf"]).upper()))),
        ("`leaf`", extra(lambda m: m.update(leaf="sha256:" + "AB" * 32))),
        ("`leaf`", extra(lambda m: m.update(leaf="ab" * 32))),
        ("`leaf`", extra(lambda m: m.update(leaf=None))),
        ("`kind`", extra(lambda m: m["entry"].update(kind="other"))),
        ("`id` is missing", extra(lambda m: m["entry"].pop("id"))),
        ("`index`", line(2, "index 041")),
        ("`index`", line(2, "index -1")),
        ("`index`", line(2, "index " + "9" * 30)),
        ("hash 0", line(3, "AAAA")),
        ("hash 1", line(4, LINES[4].removesuffix("="))),
        ("UTF-8", PROOF.replace(b"index", b"\xff")),
    ],
)
def test_what_is_no_proof_file_is_refused(why: str, altered: bytes) -> None:
    with pytest.raises(Malformed, match=why):
        verify_proof(altered, KEY)


def test_what_no_proof_file_can_hold_is_not_written() -> None:
    with pytest.raises(Malformed, match="an entry is a JSON object"):
        write_proof(b"[]", 0, [], CHECKPOINT)
    with pytest.raises(Malformed, match="index from 0"):
        write_proof(LOG.entries[0], -1, [], CHECKPOINT)
    with pytest.raises(Malformed, match="hashes of 32 bytes"):
        write_proof(LOG.entries[0], 0, [b"x"], CHECKPOINT)
