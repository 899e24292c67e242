"""Proposals looked up, decided, put into words and recorded: together where they come together.

What one costs alone (questions to the database, a commit on disk) many cost together no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import orjson

from api.alerts.flags import alerts_of
from api.decide.evaluate import Evaluator
from api.decide.explain import render_screening
from api.flows.footprint import footprint_of
from api.flows.traces import traces_of
from api.grouping import Together, yield_thread
from api.instants import rfc3339
from api.ledger.append import IdempotencyKey, Ledger, NewDecision, Recorded
from api.ledger.content import entry_of_decision
from api.ledger.terms import terms_of
from api.lookups import Found, LookUps
from api.metrics import DRY_RUNS, decisions_counter
from api.rendering import Answers
from api.rulebook.values import Language
from api.shipment import Shipment

_MOST_A_GROUP = 64

_encode = msgspec.json.Encoder(decimal_format="string", order="deterministic").encode


class Proposal(msgspec.Struct, frozen=True):
    """A shipment proposed for a day, and who asks for what answer. `body` is the request."""

    decision_id: str
    shipment: Shipment
    evaluator: Evaluator
    day: date
    asked_at: datetime
    actor: str
    language: Language
    body: bytes
    idempotency: IdempotencyKey | None = None


class Deciding:
    """Decides proposals. Safe to share between threads."""

    def __init__(
        self,
        look_ups: LookUps,
        answers: Answers,
        ledger: Ledger,
        let_others_join: Callable[[], None] = yield_thread,
    ) -> None:
        """`let_others_join` gives way to requests that are here already, for a bounded moment."""
        self._look_ups = look_ups
        self._answers = answers
        self._ledger = ledger
        self._groups = Together(self._decide_and_record, _MOST_A_GROUP, let_others_join)

    def decide(self, proposal: Proposal) -> Recorded:
        """The decision, on disk. Raises LodestoneError, and then nothing is recorded."""
        return self._groups.do(proposal)

    def preview(self, proposal: Proposal) -> bytes:
        """The answer that `decide` would record, but for what others were denied.

        Raises LodestoneError.
        """
        new = self._decided(proposal, self._look_ups.of([proposal], recorded=False).of(0))
        DRY_RUNS.labels(new.columns["disposition"]).inc()
        return new.content

    def _decide_and_record(self, group: Sequence[Proposal]) -> list[Recorded | Exception]:
        decided: list[NewDecision | Exception] = []
        found = self._look_ups.of(group)
        for number, proposal in enumerate(group):
            try:
                new = self._decided(proposal, found.of(number))
                columns = new.columns
                found.decided(
                    number, new.footprint, new.id, columns["evaluated_at"], columns["disposition"]
                )
                decided.append(new)
            except Exception as error:
                decided.append(error)  # this one's alone: the others are recorded
        recorded = iter(self._ledger.append([d for d in decided if isinstance(d, NewDecision)]))
        outcomes = [d if isinstance(d, Exception) else next(recorded) for d in decided]
        counts = Counter(
            (d.columns["outcome"], d.columns["disposition"])
            for d, outcome in zip(decided, outcomes, strict=True)
            if isinstance(d, NewDecision) and isinstance(outcome, Recorded)
        )
        for (outcome, disposition), count in counts.items():
            decisions_counter(outcome, disposition).inc(count)
        return outcomes

    def _decided(self, proposal: Proposal, found: Found) -> NewDecision:
        shipment, evaluator = proposal.shipment, proposal.evaluator
        version = evaluator.version
        evaluation = evaluator.evaluate(shipment, proposal.day, found.looked_up)
        disposition = evaluation.disposition
        said = self._answers.say(evaluation, version, shipment, proposal.language)
        columns: dict[str, Any] = {
            "id": proposal.decision_id,
            "reference": shipment.reference,
            "exporter": shipment.by_role("exporter")[0].name,
            "evaluated_at": rfc3339(proposal.asked_at),
            "as_of": evaluation.as_of.isoformat(),
            "outcome": disposition.outcome,
            "disposition": disposition.name,
            "rule_set": version.rule_set.id,
            "version": version.number,
            "digest": version.rule_set.digest,
            "actor": proposal.actor,
            "language": proposal.language,
            "request": proposal.body,
            "facts": said.deflated_facts,
            "words": said.deflated_words,
            "screening": orjson.dumps(render_screening(evaluation, shipment, proposal.language)),
            "history": _encode(found.past.history),
        }
        return NewDecision(
            columns,
            said.words,
            entry_of_decision(columns),
            footprint_of(
                shipment,
                found.looked_up,
                proposal.day,
                disposition,
                proposal.decision_id,
                version.rule_set,
                traces_of(evaluator),
                found.past,
            ),
            alerts_of(evaluation, version, shipment, proposal.decision_id, proposal.asked_at),
            proposal.idempotency,
            terms_of(shipment, evaluation, version.rule_set.id, version.number, proposal.actor),
        )
