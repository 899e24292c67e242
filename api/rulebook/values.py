"""What every kind of rule file shares: texts, days, and how well a fact is verified.

Everything dated answers `on(date)`. Dates are days in the rule set's time zone; `from` is the first
day and `until` the last day on which something holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Language = Literal["en", "zh", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "zh", "fr")
Text = Mapping[Language, str]
Verified = Literal["double", "single", "memory"]


@dataclass(frozen=True)
class Period:
    """From the first day to the last day, both included; `until` None is open-ended."""

    from_day: date
    until: date | None = None

    def on(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.from_day <= day and (self.until is None or day <= self.until)

    def changes(self) -> Iterator[date]:
        """The days on which the answer of `on` changes."""
        yield self.from_day
        if self.until is not None and self.until < date.max:
            yield self.until + timedelta(days=1)
