"""Replay: is what was recorded what the same input under the same rules gives, byte for byte?"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import orjson

from api.canonical import digest
from api.decide.evaluate import Evaluator
from api.errors import CannotDecide, NotFound
from api.ledger.answer import content_of
from api.logs import LOGGER, log
from api.registry import Registry, Unloadable
from api.replay.again import Again, DecidedAgain, Unreadable, decide_afresh, history_of
from api.replay.differences import Difference, differences
from api.replay.record import Record
from api.rulebook.values import LANGUAGES


class Replayed(msgspec.Struct, frozen=True):
    """What the replay of one decision came to: the same where there are no differences.

    Their pointers begin with what is compared: `/answer`, `/facts`, `/record`, which is what
    stands beside the answer, or what could not be read: `/request`, `/history`, `/rule_set`.
    Of a decision from which names were `erased` on lawful order, what hung on them comes out
    otherwise: that is no alarm.
    """

    decision: str
    rule_set: str
    version: int
    digest: str
    differences: tuple[Difference, ...]
    erased: bool = False

    @property
    def alarming(self) -> bool:
        """Whether nobody ordered what is different."""
        return bool(self.differences) and not self.erased

    @property
    def same(self) -> bool:
        """Whether it came out byte for byte as it was recorded."""
        return not self.differences

    def wire(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "decision": self.decision,
            "rule_set": {"id": self.rule_set, "version": self.version, "digest": self.digest},
            "same": self.same,
            "erased": self.erased,
            "differences": [difference.wire() for difference in self.differences],
        }


def raise_alarm(replayed: Replayed) -> None:
    """Logs a decision that does not come out as it was recorded, as the error that it is."""
    log("decision_replays_differently", level=logging.ERROR, **replayed.wire())


class Replayer:
    """Replays decisions under the versions that made them."""

    def __init__(self, registry: Registry, again: Again = decide_afresh) -> None:
        """`again` decides; what it remembers must be its own alone.

        The stored content of a version is checked once: make a new one to have it checked again.
        """
        self._registry = registry
        self._again = again
        self._checked: dict[tuple[str, int], Evaluator | Unreadable] = {}

    def replay(self, record: Record) -> Replayed:
        """The decision, replayed. Raises CannotDecide when the database is away.

        Whatever else keeps it from being replayed is a difference.
        """
        try:
            found = self._differences(record)
        except CannotDecide:
            raise
        except Unreadable as error:
            found = [Difference(error.pointer, why=error.why)]
        except Exception as error:
            # What is altered may break anything, and must be told of, not stop the others.
            LOGGER.exception("decision_not_replayed", extra={"fields": {"decision": record.id}})
            found = [Difference("", why=f"{type(error).__name__}: {error}")]
        return Replayed(
            record.id, record.rule_set, record.version, record.digest, tuple(found), record.erased
        )

    def _differences(self, record: Record) -> list[Difference]:
        if record.language not in LANGUAGES:
            raise Unreadable("/record/language", f"`{record.language}` is none of {LANGUAGES}")
        language = record.language
        evaluator = self._evaluator(record.rule_set, record.version)
        history = history_of(record.history)
        again = self._again(evaluator, record.request, history, _day(record.as_of))
        said, screening = again.said(language), again.screening(language)
        reference, beside = again.shipment.reference, _beside(again, record.evaluated_at)
        if (
            record.reference == reference
            and _is(record.words, said.deflated_words)
            and record.screening == screening
            and _is(record.facts, said.deflated_facts)
            and _recorded_beside(record) == beside
        ):
            return []

        def answer(reference: str, words: bytes, screening: bytes) -> bytes:
            return content_of(record.id, reference, words, screening, record.evaluated_at)

        return [
            *_told(
                "/answer",
                lambda: answer(record.reference, _inflated(record.words), record.screening),
                answer(reference, said.words, screening),
            ),
            *_told("/facts", lambda: _inflated(record.facts), _inflated(said.deflated_facts)),
            *differences(_recorded_beside(record)._asdict(), beside._asdict(), "/record"),
        ]

    def _evaluator(self, rule_set: str, number: int) -> Evaluator:
        """Of a version whose stored content is what was published. Raises Unreadable."""
        name = (rule_set, number)
        found = self._checked.get(name)
        if found is None:
            try:
                self._registry.check(rule_set, number)
                found = self._registry.pinned(rule_set, number)
            except (NotFound, Unloadable) as error:
                found = Unreadable("/rule_set", error)
            self._checked[name] = found
        if isinstance(found, Unreadable):
            raise found
        return found


class _Beside(NamedTuple):
    """What is recorded beside the answer, to find decisions by."""

    exporter: str
    as_of: str
    outcome: str
    disposition: str
    digest: str


def _recorded_beside(record: Record) -> _Beside:
    return _Beside(record.exporter, record.as_of, record.outcome, record.disposition, record.digest)


def _beside(again: DecidedAgain, evaluated_at: str) -> _Beside:
    """The same, as it comes out. Without an export date it was the day it was then."""
    shipment, rule_set = again.shipment, again.version.rule_set
    day = shipment.export_date or _day_at(evaluated_at, rule_set.time_zone)
    disposition = again.evaluation.disposition
    return _Beside(
        shipment.by_role("exporter")[0].name,
        day.isoformat(),
        disposition.outcome,
        disposition.name,
        rule_set.digest,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("/record/as_of", error) from error


def _day_at(instant: str, time_zone: str) -> date:
    try:
        return datetime.fromisoformat(instant).astimezone(ZoneInfo(time_zone)).date()
    except ValueError as error:
        raise Unreadable("/answer/evaluated_at", error) from error


_inflated = zlib.decompress


def _is(recorded: bytes, deflated: bytes) -> bool:
    """Whether both inflate to the same. Another zlib may have deflated the same otherwise."""
    if recorded == deflated:
        return True
    try:
        return _inflated(recorded) == _inflated(deflated)
    except zlib.error:
        return False


def _told(pointer: str, recorded: Callable[[], bytes], replayed: bytes) -> Iterator[Difference]:
    """How two JSON texts differ: in their values, or else in how they are written."""
    try:
        text = recorded()
        values = orjson.loads(text)
    except (zlib.error, orjson.JSONDecodeError) as error:
        yield Difference(pointer, why=f"cannot be read: {error}")
        return
    if text != replayed:
        found = list(differences(values, orjson.loads(replayed), pointer))
        # The same values, written otherwise: white space, order, or a name that stands twice.
        yield from found or [Difference(pointer, digest(text), digest(replayed))]
