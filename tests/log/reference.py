"""RFC 9162, section 2.1, as it is written: recursive definitions over a list of leaf hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache


class Reference:
    """MTH, PATH and PROOF; roots of ranges are remembered, nothing else is clever."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        self._leaves = leaf_hashes
        self.root = cache(self._root)

    def _root(self, start: int, end: int) -> bytes:
        if start == end:
            return hashlib.sha256().digest()
        if end - start == 1:
            return self._leaves[start]
        k = _largest_power_below(end - start)
        left, right = self.root(start, start + k), self.root(start + k, end)
        return hashlib.sha256(b"\x01" + left + right).digest()

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        k = _largest_power_below(end - start)
        if m < k:
            return [*self.path(m, start, start + k), self.root(start + k, end)]
        return [*self.path(m - k, start + k, end), self.root(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        return self._subproof(m, 0, n, True)

    def _subproof(self, m: int, start: int, end: int, known: bool) -> list[bytes]:
        n = end - start
        if m == n:
            return [] if known else [self.root(start, end)]
        k = _largest_power_below(n)
        if m <= k:
            return [*self._subproof(m, start, start + k, known), self.root(start + k, end)]
        return [*self._subproof(m - k, start + k, end, False), self.root(start, start + k)]


def _largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k
