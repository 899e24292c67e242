"""Where two JSON values differ, by JSON pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Missing(Enum):
    """Stands for a value that is not there; null is there."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True)
class Difference:
    """One place where a recorded value and the replayed one are not the same, or cannot be read."""

    pointer: str
    recorded: Any = MISSING
    replayed: Any = MISSING
    why: str | None = None
    """What keeps the values from being compared."""

    def wire(self) -> dict[str, Any]:
        """As JSON; a value that is missing has no member."""
        values = {"recorded": self.recorded, "replayed": self.replayed}
        return {
            "pointer": self.pointer,
            **{name: value for name, value in values.items() if value is not MISSING},
            **({"why": self.why} if self.why is not None else {}),
        }


def differences(recorded: Any, replayed: Any, pointer: str = "") -> Iterator[Difference]:
    """Every innermost place where the values differ. True is not 1, and 1 is not 1.0."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        for name in dict.fromkeys((*recorded, *replayed)):
            step = name.replace("~", "~0").replace("/", "~1")
            yield from differences(
                recorded.get(name, MISSING), replayed.get(name, MISSING), f"{pointer}/{step}"
            )
    elif isinstance(recorded, list) and isinstance(replayed, list):
        for n in range(max(len(recorded), len(replayed))):
            one = recorded[n] if n < len(recorded) else MISSING
            other = replayed[n] if n < len(replayed) else MISSING
            yield from differences(one, other, f"{pointer}/{n}")
    elif type(recorded) is not type(replayed) or recorded != replayed:
        yield Difference(pointer, recorded, replayed)
