"""The bytes of an answer, put together the same way when it is given and when it is read again.

The words of an answer are shared by every shipment that is decided alike, and stored deflated; what
is its own (id, reference, parties, time, place in the log) stands in columns of the decision.
"""

from __future__ import annotations

import orjson


def content_of(
    decision_id: str, reference: str, words: bytes, screening: bytes, evaluated_at: str
) -> bytes:
    """The answer as JSON without its `log`; `words` are the members between, without braces."""
    return b'{"id":"%b","reference":%b,%b,"screening":%b,"evaluated_at":"%b"}' % (
        decision_id.encode(),
        orjson.dumps(reference),
        words,
        screening,
        evaluated_at.encode(),
    )


def answer_of(content: bytes, index: int, leaf: str) -> bytes:
    """The whole answer, with its place in the log; `leaf` is the leaf hash, hexadecimal."""
    return b'%b,"log":{"index":%d,"leaf":"%b"}}' % (content[:-1], index, leaf.encode())
