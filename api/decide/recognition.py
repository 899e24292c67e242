"""Whether goods are the product that a control entry describes, thresholds left aside."""

from __future__ import annotations

from dataclasses import dataclass

from api.decide.goods import Clue


@dataclass(frozen=True)
class Recognition:
    """Whether the goods are an entry's product, and what said so."""

    holds: bool | None
    clues: tuple[Clue, ...]
    asks: tuple[str, ...] = ()
    borderline: bool = False


UNKNOWN = Recognition(None, ())
