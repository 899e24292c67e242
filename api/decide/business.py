"""What line of business a party is in: as declared, else by the words of its name; or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from api.decide.naming import words_of
from api.rulebook.trade import Trade
from api.rulebook.vocabulary import BUSINESSES
from api.shipment import Party


class Businesses:
    """Tells them by the words of the trade file, in the order they stand there."""

    def __init__(self, trade: Trade) -> None:
        self._words: Mapping[str, tuple[str, ...]] = {
            business: tuple(_plain(word) for word in words)
            for business, words in trade.businesses.items()
        }
        self._named = lru_cache(20_000)(self._by_words)
        self._nobody = frozenset(map(_letters, trade.nobody)) | {""}

    def of(self, party: Party) -> str | None:
        """One of BUSINESSES, or None when nothing tells."""
        declared = (party.business or "").strip().casefold()
        if declared in BUSINESSES:
            return declared
        if declared:
            return self._named(declared) or "other"
        return self._named(party.name)

    def is_nobody(self, name: str) -> bool:
        """Whether a name only says that there is none yet."""
        return _letters(name) in self._nobody

    def _by_words(self, text: str) -> str | None:
        plain = _plain(text)
        for business, words in self._words.items():
            # Latin words stand between spaces, Chinese ones anywhere.
            if any((word if word.isascii() else word.strip()) in plain for word in words):
                return business
        return None


def _plain(text: str) -> str:
    return f" {' '.join(words_of(text[:1000]))} "


def _letters(text: str) -> str:
    """Without what stands between them: "T.B.D." is "TBD"."""
    return _plain(text).replace(" ", "")
