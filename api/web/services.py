"""What the handlers work with: built once by `api.app`, handed to each application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from api.alerts.outbox import Outbox
from api.cache import SharedCache
from api.checking import RuleFiles
from api.flows.confirming import Confirmations
from api.flows.statistics import Flows
from api.instants import Clock
from api.keys import KeyRing
from api.ledger.append import Ledger
from api.ledger.read import Decisions
from api.lookups import LookUps
from api.registry import Registry
from api.rendering import Answers
from api.settings import Settings
from api.store.versions import Versions


@dataclass(frozen=True)
class Services:
    """The object graph of one application."""

    settings: Settings
    clock: Clock
    keys: KeyRing
    versions: Versions
    registry: Registry
    ledger: Ledger
    decisions: Decisions
    confirmations: Confirmations
    flows: Flows
    outbox: Outbox
    cache: SharedCache
    look_ups: LookUps
    answers: Answers
    rule_files: RuleFiles


def services() -> Services:
    """Those of the application at hand."""
    return cast(Services, current_app.extensions["lodestone"])
