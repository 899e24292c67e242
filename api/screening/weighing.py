"""The words of a name weighed: rare ones say most, common ones little."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from api.screening.names import Reader, Reading
from api.screening.words import Kind

# The weight of a word that says little; of a rare word it is 1.
COMMON_WEIGHT = 0.2
# Of a legal form with a typing error in it, which is next to nothing.
LEGAL_FORM_WEIGHT = 0.02
# Two letters are shared by chance, however rare.
_SHORT_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Weighed:
    """A name ready to compare: its words as written and in common form, and each one's weight.

    `kinds` are those of the words, `own` the name's own in their common form, and `plain` tells
    that there are none. `compact` is the whole name without spaces, `core` its own words without
    spaces, or all if there are none.
    """

    written: tuple[str, ...]
    words: tuple[str, ...]
    weights: tuple[float, ...]
    kinds: tuple[Kind, ...]
    own: tuple[str, ...] = field(init=False)
    plain: bool = field(init=False)
    total: float = field(init=False)
    compact: str = field(init=False)
    core: str = field(init=False)

    def __post_init__(self) -> None:
        compact = "".join(self.written)
        own = [at for at, kind in enumerate(self.kinds) if not kind]
        core = "".join([self.written[at] for at in own]) if own else compact
        object.__setattr__(self, "own", tuple([self.words[at] for at in own]))
        object.__setattr__(self, "plain", not own)
        object.__setattr__(self, "total", sum(self.weights))
        object.__setattr__(self, "compact", compact)
        object.__setattr__(self, "core", core)

    @property
    def common_words(self) -> set[str]:
        """The other words in their common form."""
        return {word for word, kind in zip(self.words, self.kinds, strict=True) if kind}


def rarity_weight(rarity: float, length: int) -> float:
    """The weight of a distinctive word: `rarity` 1 for the rarest down to 0, squared.

    Above the weight of a common word, so that the two can be told apart.
    """
    weight = max(rarity * rarity, COMMON_WEIGHT + 0.01)
    return min(weight, _SHORT_WEIGHT) if length < 3 else weight


class Weigher:
    """Weighs names by the listed words: `known` are their numbers, `weights` go by number."""

    def __init__(self, reader: Reader, known: Mapping[str, int], weights: array[float]) -> None:
        self._reader, self._known, self._weights = reader, known, weights

    def asked(self, reading: Reading) -> Weighed:
        """A name asked about."""
        reader, known = self._reader, self._known
        last = len(reading.words) - 1
        weights: list[float] = []
        kinds: list[Kind] = []
        for at, word in enumerate(reading.words):
            number = known.get(word)
            if number is not None:
                kinds.append(Kind.OWN)
                weights.append(self._weights[number])
            elif reader.is_common(word):
                kinds.append(Kind.COMMON)
                weights.append(COMMON_WEIGHT)
            elif last > 0 and reader.is_nearly_common(word, 0 < at < last):
                kinds.append(Kind.NEARLY_COMMON)
                weights.append(COMMON_WEIGHT)
            else:
                kinds.append(Kind.OWN)
                weights.append(rarity_weight(1.0, len(word)))
        while last > 0 and self._is_legal_form(reading.words[last]):
            # A legal form that was not taken away, for an error in it or in one behind it.
            kinds[last], weights[last] = Kind.NEARLY_COMMON, LEGAL_FORM_WEIGHT
            last -= 1
        return Weighed(reading.written, reading.words, tuple(weights), tuple(kinds))

    def _is_legal_form(self, word: str) -> bool:
        reader = self._reader
        return word not in self._known and not reader.is_common(word) and reader.is_legal_form(word)

    def listed(self, written: tuple[str, ...]) -> Weighed:
        """A listed name by the words it is written with."""
        words = self._reader.usual(written)
        known = self._known
        return Weighed(
            written,
            words,
            tuple(self.weights_of(words)),
            tuple([Kind.OWN if word in known else Kind.COMMON for word in words]),
        )

    def weights_of(self, words: Iterable[str]) -> list[float]:
        """The weight of each word of a listed name."""
        known, weights = self._known, self._weights
        return [weights[known[word]] if word in known else COMMON_WEIGHT for word in words]
