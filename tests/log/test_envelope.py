"""The leaf: canonical, bounded, and nothing in it that does not belong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.canonical import canonical_json
from api.log.envelope import Envelope, parse_envelope
from api.log.errors import EntryTooLarge, Malformed
from tests.log.memory import entry

DIGEST = "sha256:" + "0a" * 32
MEMBERS: dict[str, Any] = {
    "v": 1,
    "kind": "decision",
    "id": "0193-7",
    "time": "2026-11-23T08:00:00.123Z",
    "actor": "erp",
    "rule_set": DIGEST,
    "outcome": "allow",
    "content": DIGEST,
}

texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200)
digests = st.binary(min_size=32, max_size=32).map(lambda data: "sha256:" + data.hex())
envelopes = st.builds(
    Envelope,
    kind=st.sampled_from(["decision", "publication", "confirmation", "key_change", "erasure"]),
    id=texts,
    time=st.just("2026-11-23T08:00:00.123Z"),
    actor=texts,
    content=digests,
    rule_set=digests,
    outcome=st.sampled_from(["allow", "deny"]),
)


def test_an_entry_is_canonical_json() -> None:
    assert parse_envelope(canonical_json(MEMBERS)) == Envelope(
        kind="decision",
        id="0193-7",
        time="2026-11-23T08:00:00.123Z",
        actor="erp",
        content=DIGEST,
        rule_set=DIGEST,
        outcome="allow",
    )


@given(envelopes)
def test_every_entry_reads_as_it_was_written_and_is_canonical(envelope: Envelope) -> None:
    entry = envelope.encoded()
    assert parse_envelope(entry) == envelope
    assert entry == canonical_json(json.loads(entry))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("v", 2),
        ("v", "1"),
        ("v", True),
        ("v", None),
        ("kind", "release"),
        ("kind", None),
        ("kind", ["decision"]),
        ("id", ""),
        ("id", 5),
        ("actor", ""),
        ("actor", None),
        ("time", "2026-11-23T08:00:00Z"),
        ("time", "2026-11-23 08:00:00.123Z"),
        ("time", "2026-13-23T08:00:00.123Z"),
        ("time", "2026-11-23T08:00:00.123+00:00"),
        ("time", None),
        ("rule_set", "sha256:0"),
        ("rule_set", DIGEST.upper()),
        ("rule_set", None),
        ("outcome", "maybe"),
        ("outcome", None),
        ("outcome", {}),
        ("content", None),
        ("content", "0a" * 32),
    ],
)
def test_a_wrong_member_is_named(member: str, value: object) -> None:
    with pytest.raises(Malformed, match=f"`{member}`"):
        parse_envelope(canonical_json(MEMBERS | {member: value}))


@pytest.mark.parametrize("member", MEMBERS)
def test_a_missing_member_is_named(member: str) -> None:
    rest = {name: value for name, value in MEMBERS.items() if name != member}
    with pytest.raises(Malformed, match=f"`{member}` is missing"):
        parse_envelope(canonical_json(rest))


def test_a_member_that_does_not_belong_is_named() -> None:
    with pytest.raises(Malformed, match="`note` is not part of"):
        parse_envelope(canonical_json(MEMBERS | {"note": "x"}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"v":' + b"9" * 10_000 + b"}",
        json.dumps(MEMBERS).encode(),
        canonical_json(MEMBERS) + b"\n",
        canonical_json(MEMBERS).replace(b"erp", b"\\u0065rp"),
        canonical_json(MEMBERS).replace(b"erp", b"\\ud800"),
        canonical_json(MEMBERS).replace(b'"v":1', b'"v":1,"v":1'),
        canonical_json(MEMBERS).replace(b'"v":1', b'"v":1.0'),
    ],
)
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_envelope(data)


def test_an_entry_fits_a_bundle() -> None:
    room = 65_535 - len(entry(0)) + len("erp")
    members = {name: value for name, value in MEMBERS.items() if name != "v"}
    members |= {"id": "decision-0", "outcome": "deny"}
    assert len(Envelope(**members | {"actor": "a" * room}).encoded()) == 65_535
    with pytest.raises(EntryTooLarge, match="at most 65535 bytes, not 65536"):
        Envelope(**members | {"actor": "a" * (room + 1)}).encoded()
