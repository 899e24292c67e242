"""Red flags of severity high, as the alerts that a security desk gets of them."""

from __future__ import annotations

from datetime import datetime

from api.alerts.outbox import Alert, red_flag
from api.decide.decision import Evaluation
from api.decide.explain import confidential_figures, reason_in_words
from api.rulebook.model import RuleSetVersion
from api.shipment import Shipment


def alerts_of(
    evaluation: Evaluation,
    version: RuleSetVersion,
    shipment: Shipment,
    decision_id: str,
    now: datetime,
) -> tuple[Alert, ...]:
    """One alert for each, in English; `data` names decision, shipment and rule, and says why."""
    return tuple(
        red_flag(
            now,
            {
                "decision": decision_id,
                "reference": shipment.reference,
                "exporter": shipment.by_role("exporter")[0].name,
                "disposition": evaluation.disposition.name,
                "rule": reason.rule.id,
                "severity": reason.rule.severity,
                "lines": list(reason.lines),
                "message": reason_in_words(reason, evaluation, version, shipment, "en"),
                "figures": confidential_figures(reason),
                "rule_set": version.name,
            },
        )
        for reason in evaluation.reasons
        if reason.rule.severity == "high"
    )
