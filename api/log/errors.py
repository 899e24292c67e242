"""What can be wrong with a log, a proof or a request for one."""

from __future__ import annotations

from typing import Literal

from api.errors import LodestoneError

Part = Literal["signature", "origin", "root", "leaf", "order", "witness"]


class Malformed(LodestoneError):
    """A text, path or file is not of its format; the message names what and why."""

    status = 400


class OutOfRange(LodestoneError):
    """An index or a size that the tree does not have."""

    status = 404


class EntryTooLarge(LodestoneError):
    """An entry that no entry bundle can hold."""

    status = 422


class HashesMissing(LodestoneError):
    """The stored hashes do not reach as far as the tree's size says: the log is damaged."""


class Mismatch(LodestoneError):
    """Something was altered; `part` names what does not match.

    `signature`: the checkpoint and its signature. `origin`: the checkpoint is another log's.
    `root`: the proof and the root of a checkpoint. `leaf`: the entry and its hash. `order`: the
    index, the sizes and the length of a proof. `witness`: a cosignature that was asked for.
    """

    status = 422

    def __init__(self, part: Part, why: str) -> None:
        super().__init__(f"{part} does not match: {why}")
        self.part = part
        self.why = why
