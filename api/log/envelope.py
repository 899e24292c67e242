"""The leaf: a small envelope that says what was recorded and commits to the whole of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import orjson

from api.canonical import read_json
from api.log.errors import EntryTooLarge, Malformed
from api.log.hashing import leaf_hash
from api.log.text import read_utf8
from api.log.tiles import LARGEST_ENTRY

Kind = Literal["decision", "publication", "confirmation", "key_change", "erasure"]
Outcome = Literal["allow", "deny"]

VERSION = 1
_KINDS: tuple[str, ...] = get_args(Kind)
_OUTCOMES: tuple[str | None, ...] = (*get_args(Outcome), None)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", re.ASCII)


@dataclass(frozen=True)
class Envelope:
    """One entry of the log. Raises Malformed, naming the member that is wrong.

    `id` names what was recorded, `time` says when (RFC 3339, UTC, milliseconds), `actor` by whom.
    `rule_set` is the digest of the rule set it was decided under or that was published. `content`
    is the digest of the list of salted commitments to the entry's documents. Digests are `sha256:`
    and 64 hexadecimal digits.
    """

    kind: Kind
    id: str
    time: str
    actor: str
    content: str
    rule_set: str | None = None
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        for name, value in (("id", self.id), ("actor", self.actor)):
            if not isinstance(value, str) or not value:
                raise Malformed(f"`{name}` of an entry is a text, and not empty")
        if self.kind not in _KINDS:
            raise Malformed(f"`kind` of an entry is one of {', '.join(_KINDS)}, not `{self.kind}`")
        if not _is_time(self.time):
            raise Malformed(f"`time` of an entry is as 2026-11-23T08:00:00.123Z, not `{self.time}`")
        if not _is_digest(self.content):
            raise Malformed(f"`content` of an entry is a digest, not `{self.content}`")
        if self.rule_set is not None and not _is_digest(self.rule_set):
            raise Malformed(f"`rule_set` of an entry is a digest or null, not `{self.rule_set}`")
        if self.outcome not in _OUTCOMES:
            raise Malformed(f"`outcome` of an entry is allow, deny or null, not `{self.outcome}`")
        if self.rule_set is None and self.kind in ("decision", "publication"):
            raise Malformed(f"`rule_set` of a {self.kind} is not null")
        if self.outcome is None and self.kind == "decision":
            raise Malformed("`outcome` of a decision is not null")

    def encoded(self) -> bytes:
        """The entry: canonical JSON (see `api.canonical`).

        Raises EntryTooLarge above 65,535 bytes, and Malformed for text that is not Unicode.
        """
        try:
            entry = orjson.dumps({"v": VERSION, **vars(self)}, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError as error:
            raise Malformed(f"an entry cannot be written: {error}") from None
        if len(entry) > LARGEST_ENTRY:
            raise EntryTooLarge(f"an entry has at most {LARGEST_ENTRY} bytes, not {len(entry)}")
        return entry

    def leaf_hash(self) -> bytes:
        """The hash of the entry as a leaf."""
        return leaf_hash(self.encoded())


_MEMBERS = frozenset(Envelope.__dataclass_fields__) | {"v"}


def parse_envelope(entry: bytes) -> Envelope:
    """An envelope from its bytes.

    Raises Malformed unless they are exactly what `encoded` writes, naming what is not.
    """
    text = read_utf8(entry, "the entry")
    try:
        members = read_json(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the entry is not JSON: {error}") from None
    envelope = envelope_of(members)
    if envelope.encoded() != entry:
        raise Malformed("the entry is not canonical JSON")
    return envelope


def envelope_of(members: Any) -> Envelope:
    """An envelope from its JSON members. Raises Malformed, naming the member that is wrong."""
    if not isinstance(members, dict):
        raise Malformed("an entry is a JSON object")
    for name in sorted(_MEMBERS ^ members.keys()):
        raise Malformed(
            f"`{name}` is {'missing from' if name in _MEMBERS else 'not part of'} an entry"
        )
    version = members["v"]
    if type(version) is not int or version != VERSION:
        raise Malformed(f"`v` of an entry is {VERSION}, not `{version}`")
    return Envelope(**{name: value for name, value in members.items() if name != "v"})


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
