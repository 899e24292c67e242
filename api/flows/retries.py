"""Is this an earlier shipment, denied, under other papers? Field by field. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import msgspec

from api.canonical import fixed_notation
from api.decide.classify import LineClassification
from api.decide.goods import ZERO
from api.decide.history import Difference, Retry
from api.decide.mass import mass_kg
from api.decide.naming import normalise
from api.flows.traces import near
from api.flows.watched import matters, of_a_line, of_the_whole
from api.shipment import Line, Money, Shipment

_HEADING = 4
_ALIKE = 0.5
_MOST_DIFFERENCES = 60
_NO_WORD = re.compile(r"[\W\d]+")  # figures and signs are in all descriptions

Match = Literal["reference", "mass", "parts", "elsewhere"]
"""By what an earlier shipment was found. `parts`: with what was sent since it has that mass."""


@dataclass(frozen=True)
class Proposed:
    """A shipment proposed for the day, by whom, and what its lines are."""

    shipment: Shipment
    lines: Sequence[LineClassification]
    day: date
    actor: str


@dataclass(frozen=True)
class Earlier:
    """An earlier decision that denied a shipment.

    `any_change` is whether so many versions of it were denied that answers to questions no longer
    count as such.
    """

    decision: str
    evaluated_at: str
    disposition: str
    proposed: Proposed
    match: Match
    same_exporter: bool
    any_change: bool = False


@dataclass(frozen=True)
class _Change:
    """One value that differs; `alike` is whether the goods it is of meet the same entries."""

    field: str
    was: Any
    now: Any
    alike: bool = False


def retry_of(
    earlier: Earlier, now: Proposed, units: Mapping[str, Decimal], change_dates: Sequence[date]
) -> Retry | None:
    """The earlier shipment if this is it again with something changed, else None.

    Under its reference it is that whatever it has become. Under another one the goods must be
    nearly the same, in kind and in mass; figures that differ between any two orders, and other
    words for goods of the same entries, are then no change, for many lots are shipped. What was
    asked for and is now given is none either: questions are there to be answered.
    """
    one_order = earlier.match == "reference"
    if one_order:
        pairs, unpaired = _by_number(earlier.proposed, now)
    else:
        pairs, unpaired = _same_goods(earlier, now, units), []
        if not pairs:
            return None
    changes = [
        *_of_the_day(earlier.proposed, now, one_order, change_dates),
        *_of_the_whole(earlier, now, one_order),
        *_of_the_goods(earlier, now, pairs, units),
        *unpaired,
    ]
    differences = tuple(
        Difference(field=change.field, before=_shown(change.was), after=_shown(change.now))
        for change in changes
        if not _is_answer(earlier, change)
        and not (not one_order and change.alike and change.field.endswith("/description"))
    )
    if not differences:
        return None
    told = earlier.same_exporter and earlier.proposed.actor == now.actor
    return Retry(
        decision=earlier.decision,
        reference=earlier.proposed.shipment.reference,
        evaluated_at=earlier.evaluated_at,
        disposition=earlier.disposition,
        differences=differences[:_MOST_DIFFERENCES],
        told=told,
        another_exporter=None
        if earlier.same_exporter
        else earlier.proposed.shipment.by_role("exporter")[0].name,
    )


# --- which goods are which ---

_Pair = tuple[int, int]  # places of a line then and of one now


def _by_number(then: Proposed, now: Proposed) -> tuple[list[_Pair], list[_Change]]:
    """Lines by their number, else by being the same, else as they come; and those left over."""
    some_matter = any(map(matters, (*then.lines, *now.lines)))

    def counts(where: Proposed, place: int) -> bool:
        return not some_matter or matters(where.lines[place])

    left_then = dict(enumerate(then.shipment.lines))
    left_now = dict(enumerate(now.shipment.lines))
    pairs: list[_Pair] = []

    def pair_where(same: Any) -> None:
        for i, line in list(left_then.items()):
            found = next((j for j, other in left_now.items() if same(line, other)), None)
            if found is not None:
                del left_then[i], left_now[found]
                pairs.append((i, found))

    pair_where(lambda a, b: a.line == b.line)
    pair_where(lambda a, b: msgspec.structs.replace(a, line=b.line) == b)
    if len(left_then) == len(left_now):
        pair_where(lambda a, b: True)
    unpaired = [
        *(_Change(f"/lines/{x.line}", x, None) for i, x in left_then.items() if counts(then, i)),
        *(_Change(f"/lines/{x.line}", None, x) for j, x in left_now.items() if counts(now, j)),
    ]
    return [(i, j) for i, j in pairs if counts(then, i) or counts(now, j)], unpaired


def _same_goods(earlier: Earlier, now: Proposed, units: Mapping[str, Decimal]) -> list[_Pair]:
    """Lines that matter and are alike in material, heading, price or words: one then may be several
    now. None unless they have nearly the same mass, singly or together."""
    then = earlier.proposed
    pairs = []
    for j, (line, found) in enumerate(zip(now.shipment.lines, now.lines, strict=True)):
        for i, (before, known) in enumerate(zip(then.shipment.lines, then.lines, strict=True)):
            if (matters(known) or matters(found)) and (
                _alike(before, line)
                or not set(known.bearing.materials).isdisjoint(found.bearing.materials)
            ):
                pairs.append((i, j))
                if mass_kg(before, units) == mass_kg(line, units):
                    break
    if earlier.match == "parts":
        return _one_each(pairs)

    def mass(where: Proposed, place: int) -> Decimal:
        return mass_kg(where.shipment.lines[place], units) or ZERO

    if near(*(sum((mass(w, p) for p in {pair[n] for pair in pairs}), ZERO)
              for n, w in enumerate((then, now)))):  # fmt: skip
        return _one_each(pairs)
    single = [(i, j) for i, j in pairs if near(mass(then, i), mass(now, j))]
    if single:
        return _one_each(single)
    return _one_each(
        [
            (i, j)
            for i, j in pairs
            if near(mass(then, i), sum((mass(now, n) for m, n in pairs if m == i), ZERO))
            or near(mass(now, j), sum((mass(then, m) for m, n in pairs if n == j), ZERO))
        ]
    )


def _one_each(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Of each line now one pair, preferably with a line then that no other is paired with."""
    taken: set[int] = set()
    found: dict[int, int] = {}
    for i, j in pairs:
        if j not in found and i not in taken:
            found[j] = i
            taken.add(i)
    for i, j in pairs:
        found.setdefault(j, i)
    return [(i, j) for j, i in found.items()]


def _alike(one: Line, other: Line) -> bool:
    if one.hs_code and other.hs_code and one.hs_code[:_HEADING] == other.hs_code[:_HEADING]:
        return True
    if one.value is not None and one.value == other.value:
        return True
    words = [
        {word for word in normalise(line.description or "").split() if not _NO_WORD.fullmatch(word)}
        for line in (one, other)
    ]
    shorter = min(map(len, words))
    return shorter > 0 and len(words[0] & words[1]) >= _ALIKE * shorter


def _in_law(found: LineClassification) -> set[tuple[str, str]]:
    return {(f.entry.id, f.match) for f in found.entries if f.match != "excluded"}


# --- what differs ---


def _of_the_day(
    then: Proposed, now: Proposed, one_order: bool, change_dates: Sequence[date]
) -> Iterator[_Change]:
    """Moved to where another law was or will be in force, or simply back."""
    was, day = then.day, now.day
    over = any(min(was, day) < change <= max(was, day) for change in change_dates)
    moved = (day < was or over) if one_order else (day < was and over)
    if moved and (then.shipment.export_date or now.shipment.export_date):
        yield _Change("/export_date", was.isoformat(), day.isoformat())


def _of_the_whole(earlier: Earlier, now: Proposed, one_order: bool) -> Iterator[_Change]:
    before = of_the_whole(earlier.proposed.shipment, one_order)
    after = of_the_whole(now.shipment, one_order)
    for field in dict.fromkeys((*before, *after)):
        if before.get(field) != after.get(field):
            yield _Change(field, before.get(field), after.get(field))


def _of_the_goods(
    earlier: Earlier, now: Proposed, pairs: Sequence[_Pair], units: Mapping[str, Decimal]
) -> Iterator[_Change]:
    one_order = earlier.match == "reference"
    for i, j in pairs:
        then, line = earlier.proposed.shipment.lines[i], now.shipment.lines[j]
        alike = _in_law(earlier.proposed.lines[i]) == _in_law(now.lines[j])
        before = of_a_line(then, one_order)
        for name, is_now in of_a_line(line, one_order).items():
            if before[name] != is_now:
                yield _Change(f"/lines/{line.line}/{name}", before[name], is_now, alike)
        if earlier.disposition == "review" and not one_order:
            yield from _doubted(then, line, units)


def _doubted(then: Line, now: Line, units: Mapping[str, Decimal]) -> Iterator[_Change]:
    """Price and density may have been what a person was to look at."""
    mass_then, mass_now = mass_kg(then, units), mass_kg(now, units)
    for name in ("value", "volume_m3"):
        was, is_now = getattr(then, name), getattr(now, name)
        amounts = [value.amount if isinstance(value, Money) else value for value in (was, is_now)]
        if was is None or is_now is None:
            if was is not None or is_now is not None:
                yield _Change(f"/lines/{now.line}/{name}", was, is_now)
        elif not (mass_then and mass_now) or not near(
            amounts[0] * mass_now, amounts[1] * mass_then
        ):
            yield _Change(f"/lines/{now.line}/{name}", was, is_now)


def _is_answer(earlier: Earlier, change: _Change) -> bool:
    """Whether it only adds to what was given when more was asked for."""
    if earlier.disposition != "information_required" or earlier.any_change:
        return False
    if change.field.count("/") == 2 and change.field.startswith("/lines/"):
        return False  # a line more
    return change.was is None or _completes(change.was, change.now)


def _completes(was: Any, now: Any) -> bool:
    if was == "unknown":
        return isinstance(now, str)
    if type(was) is not type(now) or was is None:
        return was is None
    if isinstance(was, tuple):
        if len(was) == len(now) and all(
            a is None or a == b or _completes(a, b) for a, b in zip(was, now, strict=True)
        ):
            return True
        return all(part in now for part in was)
    if isinstance(was, list):
        return len(was) <= len(now) and all(
            any(_completes(part, other) or part == other for other in now) for part in was
        )
    if isinstance(was, dict):
        return all(now.get(name) == value for name, value in was.items())
    if isinstance(was, msgspec.Struct):
        return all(
            value is None or value == getattr(now, name)
            for name, value in msgspec.structs.asdict(was).items()
        )
    return False


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return fixed_notation(value)
    return msgspec.json.encode(value).decode()
