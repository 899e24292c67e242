"""Checkpoints, as C2SP tlog-checkpoint has them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.log.checkpoint import (
    Checkpoint,
    cosign_checkpoint,
    parse_checkpoint,
    read_checkpoint,
    sign_checkpoint,
    verify_growth,
)
from api.log.errors import Malformed, Mismatch
from api.log.keys import Algorithm, SigningKey
from api.log.note import Note
from api.log.tree import consistency_proof
from tests.log.memory import LOG_KEY, MemoryLog, entry

LOG = LOG_KEY.verifier
FIRST = SigningKey("witness.example/w1", b"1" * 32, Algorithm.COSIGNATURE)
SECOND = SigningKey("witness.example/w2", b"2" * 32, Algorithm.COSIGNATURE)
HEAD = Checkpoint(LOG.name, 20_852_163, bytes(range(32)))
TEXT = "log.example/decisions\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

lines = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1)
heads = st.builds(
    Checkpoint,
    lines,
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(lines, max_size=3).map(tuple),
)


def test_a_checkpoint_is_origin_size_and_root() -> None:
    assert HEAD.text() == TEXT
    assert read_checkpoint(sign_checkpoint(HEAD, LOG_KEY), LOG).checkpoint == HEAD


@given(heads)
def test_every_checkpoint_reads_as_it_was_written(head: Checkpoint) -> None:
    assert parse_checkpoint(head.text()) == head


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        "log.example/decisions\n20852163\n",
        "\n" + TEXT,
        TEXT + "\n",
        TEXT + "\nextension\n",
        TEXT.replace("2085", "02085"),
        TEXT.replace("20852163", ""),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "+1"),
        TEXT.replace("20852163", "1 "),
        TEXT.replace("20852163", "٣"),
        TEXT.replace("20852163", "9223372036854775808"),
        TEXT.replace("Hh8=", "Hh8"),
        TEXT.replace("Hh8=", "Hh9="),
        TEXT.replace("AAEC", ""),
        TEXT.replace("AAEC", "AA-C"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "head",
    [
        replace(HEAD, origin=""),
        replace(HEAD, origin="a\nb"),
        replace(HEAD, extension=("",)),
        replace(HEAD, size=-1),
        replace(HEAD, size=2**63),
        replace(HEAD, root=b"x" * 31),
    ],
)
def test_what_no_checkpoint_can_hold_is_not_written(head: Checkpoint) -> None:
    with pytest.raises(Malformed):
        head.text()


def test_a_log_speaks_for_itself_only() -> None:
    other = sign_checkpoint(replace(HEAD, origin="other.example"), LOG_KEY)
    with pytest.raises(Mismatch, match=r"of `other.example`, the key of `log.example") as refused:
        read_checkpoint(other, LOG)
    assert refused.value.part == "origin"
    with pytest.raises(Malformed, match="a witness's, not a log's"):
        read_checkpoint(bytes(Note(TEXT).cosigned(FIRST, 1)), FIRST.verifier)


def test_witnesses_are_asked_for_by_their_keys() -> None:
    data = sign_checkpoint(HEAD, LOG_KEY)
    with pytest.raises(Mismatch, match=r"nothing is signed by witness.example/w1") as refused:
        read_checkpoint(data, LOG, [FIRST.verifier])
    assert refused.value.part == "witness"
    data = cosign_checkpoint(cosign_checkpoint(data, LOG, FIRST, 5), LOG, SECOND, 7)
    assert read_checkpoint(data, LOG).cosigned == {}
    witnesses = [FIRST.verifier, SECOND.verifier]
    assert read_checkpoint(data, LOG, witnesses).cosigned == {FIRST.name: 5, SECOND.name: 7}
    forged = data.replace(b"w2 ", b"w3 ")
    assert read_checkpoint(forged, LOG, witnesses[:1]).cosigned == {FIRST.name: 5}
    with pytest.raises(Mismatch, match=r"nothing is signed by witness.example/w2"):
        read_checkpoint(forged, LOG, witnesses)
    with pytest.raises(Malformed, match="is not a witness's"):
        read_checkpoint(data, LOG, [LOG])


def test_a_witness_does_not_cosign_what_the_log_did_not_sign() -> None:
    with pytest.raises(Mismatch, match="signature"):
        cosign_checkpoint(sign_checkpoint(HEAD, replace(LOG_KEY, seed=bytes(32))), LOG, FIRST, 5)


def test_an_old_checkpoint_shows_whether_the_log_only_grew() -> None:
    log = MemoryLog([entry(number) for number in range(600)])
    old = read_checkpoint(log.checkpoint(400), LOG).checkpoint
    new = read_checkpoint(log.checkpoint(), LOG).checkpoint
    verify_growth(old, new, consistency_proof(log.hashes, 400, 600))

    shortened = MemoryLog(log.entries[:123] + log.entries[124:])
    head = read_checkpoint(shortened.checkpoint(), LOG).checkpoint
    with pytest.raises(Mismatch, match="the old root"):
        verify_growth(old, head, consistency_proof(shortened.hashes, 400, 599))

    with pytest.raises(Mismatch, match="400 entries does not come after one of 600"):
        verify_growth(new, old, [])
    with pytest.raises(Mismatch, match="origin"):
        verify_growth(replace(old, origin="other.example"), new, [])
