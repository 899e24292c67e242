"""What the handlers work with: built once by `api.app`, handed to each application."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import cast

from flask import current_app

from api.alerts.outbox import Outbox
from api.cache import SharedCache
from api.checking import RuleFiles
from api.deciding import Deciding
from api.disclosure.masking import Disclosure, Masks
from api.flows.confirming import Confirmations
from api.flows.statistics import Flows
from api.instants import Clock
from api.keys import KeyRing
from api.ledger.log import DecisionLog
from api.ledger.read import Decisions
from api.ledger.search import Search
from api.ledger.secret import Hashing
from api.registry import Registry
from api.replay.record import Records
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
    deciding: Deciding
    decisions: Decisions
    records: Records
    log: DecisionLog
    confirmations: Confirmations
    flows: Flows
    outbox: Outbox
    cache: SharedCache
    rule_files: RuleFiles
    search: Search
    hashing: Hashing
    disclosure: Disclosure
    """The log as it is now, for what is taken away of it."""

    def masks(self, role: str) -> Masks:
        """What of a decision this role is not shown."""
        return self.disclosure.masks(role, partial(self.hashing.of, "masked"))


def services() -> Services:
    """Those of the application at hand."""
    return cast(Services, current_app.extensions["lodestone"])
