"""An evaluation as the wire answer, in the reader's language. Pure: the same in, the same out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from api.canonical import fixed_notation
from api.decide.classify import Classification
from api.decide.decision import Evaluation, LineResult, Prospect, Reason, Screened, Uncertainty
from api.decide.sentences import SENTENCES, screening_sentence, value_in_words
from api.decide.wording import clue_sentence, field_names
from api.disposition import Disposition
from api.rulebook.conditions import Scalar
from api.rulebook.messages import fill
from api.rulebook.model import Instrument, RuleSetVersion
from api.rulebook.values import Language
from api.rulebook.vocabulary import CASE_FACTS
from api.shipment import Shipment

Wire = dict[str, Any]


def render(
    evaluation: Evaluation, version: RuleSetVersion, shipment: Shipment, language: Language
) -> Wire:
    """The answer of design.md without id, screening, evaluated_at and log.

    Those differ from shipment to shipment: whoever records it adds them.
    """
    return _Renderer(evaluation, version, shipment, language).answer()


def reason_in_words(
    reason: Reason,
    evaluation: Evaluation,
    version: RuleSetVersion,
    shipment: Shipment,
    language: Language,
) -> str:
    """The message of one reason."""
    return _Renderer(evaluation, version, shipment, language).message(reason)


def confidential_figures(reason: Reason) -> Wire:
    """What the answer does not tell whoever proposed the shipment, and an officer needs to know."""
    return {
        name: _wire_value(value)
        for name, value in reason.facts.items()
        if CASE_FACTS[name].confidential
    }


def evidence(evaluation: Evaluation) -> list[Wire]:
    """The confidential figures behind the reasons that have any."""
    return [
        {"rule": reason.rule.id, "lines": list(reason.lines), "figures": figures}
        for reason in evaluation.reasons
        if (figures := confidential_figures(reason))
    ]


class _Renderer:
    def __init__(
        self,
        evaluation: Evaluation,
        version: RuleSetVersion,
        shipment: Shipment,
        language: Language,
    ) -> None:
        self._evaluation = evaluation
        self._version = version
        self._rule_set = version.rule_set
        self._shipment = shipment
        self._language: Language = language
        self._positions = {line.line: n for n, line in enumerate(shipment.lines)}

    def answer(self) -> Wire:
        found = self._evaluation
        reasons = [self._reason(reason) for reason in found.reasons]
        reasons += [r for line in found.lines for r in self._why_not_controlled(line)]
        return {
            "reference": self._shipment.reference,
            "outcome": found.disposition.outcome,
            "disposition": found.disposition.name,
            "reasons": reasons,
            "warnings": [
                *map(self._uncertainty, found.uncertainties),
                *(self._asleep(s) for s in found.screening if s.state in ("suspended", "stopped")),
                *map(self._caution, found.cautions),
            ],
            "lines": [self._line(line) for line in found.lines],
            "rule_set": {
                "id": self._rule_set.id,
                "version": self._version.number,
                "digest": self._rule_set.digest,
            },
            "as_of": found.as_of.isoformat(),
            "looked_at": [instrument.id for instrument in found.measures],
            "outlook": [self._prospect(prospect) for prospect in found.outlook],
        }

    # --- reasons ---

    def _reason(self, reason: Reason) -> Wire:
        rule = reason.rule
        remedy = rule.remedy
        return {
            "rule": rule.id,
            "disposition": rule.then.name,
            "lines": list(reason.lines),
            "parties": list(dict.fromkeys(found.party for found in reason.parties)),
            "message": self.message(reason),
            "remedy": self._fill(remedy[self._language], reason) if remedy else None,
            "asks": self._asks(reason),
            **({"severity": rule.severity} if rule.severity else {}),
            **self._differences(reason),
            "basis": self._basis(reason),
            "matched": {
                fact: _wire_value(value)
                for fact, value in reason.matched.items()
                if not CASE_FACTS[fact].confidential
            },
        }

    def _differences(self, reason: Reason) -> Wire:
        """Both versions, field by field, where an earlier shipment was denied."""
        history = self._evaluation.history
        retry = history.retry if history is not None else None
        if retry is None or not retry.told or "history.retry_of" not in reason.matched:
            return {}
        return {
            "earlier": {
                "decision": retry.decision,
                "reference": retry.reference,
                "evaluated_at": retry.evaluated_at,
                "disposition": retry.disposition,
            },
            "differences": [
                {"field": d.field, "before": d.before, "after": d.after} for d in retry.differences
            ],
        }

    def message(self, reason: Reason) -> str:
        text = self._fill(reason.rule.because[self._language], reason)
        basis = reason.facts.get("destination.basis")
        if basis not in (None, "declared") and "destination.country" in reason.matched:
            text += SENTENCES["true_destination"][self._language].format(
                country=reason.facts["destination.country"],
                declared=self._shipment.route.destination,
            )
        return text

    def _basis(self, reason: Reason) -> Wire:
        clause = reason.rule.basis.clause
        if clause is None and reason.classification is not None:
            clause = reason.classification.entry.number or reason.classification.entry.code
        return self._law(reason.instrument, clause)

    def _law(self, instrument: Instrument, clause: str | None) -> Wire:
        return {
            "instrument": instrument.id,
            "clause": clause,
            "title": instrument.title[self._language],
            "source": instrument.sources[0],
            "verified": instrument.verified,
        }

    def _asks(self, reason: Reason) -> list[str]:
        """JSON pointers to the fields of the request that would settle it."""
        asks = [
            ask.replace("*", str(self._positions[line]))
            for ask in reason.rule.asks
            for line in reason.lines
        ]
        found = reason.classification
        if found is not None and reason.disposition == Disposition.information_required:
            fields = [ask.partition(".")[0] for ask in found.asks]
            asks += [
                f"/lines/{self._positions[line]}/{field}"
                for line in reason.lines
                for field in fields
            ]
        return list(dict.fromkeys(map(self._party_pointer, asks)))

    def _party_pointer(self, ask: str) -> str:
        """`/parties/exporter/x` names a role; the pointer names a position."""
        _, _, rest = ask.partition("/parties/")
        role, _, field = rest.partition("/")
        for position, party in enumerate(self._shipment.parties):
            if party.role == role:
                return f"/parties/{position}/{field}"
        return ask

    def _fill(self, text: str, reason: Reason) -> str:
        return fill(text, lambda name: self._value(name, reason))

    def _value(self, name: str, reason: Reason) -> str:
        found = reason.classification
        if found is not None:
            if name == "entry.title":
                return found.entry.title[self._language]
            if name == "entry.label":
                return found.entry.label
            if name == "entry.because":
                return clue_sentence(found.clues, self._language)
            if name == "entry.missing":
                return field_names(found.asks, self._language)
        if name == "party.name":
            return self._party_name(reason)
        if name == "listing.name" and reason.parties:
            return reason.parties[0].hit.matched
        if name == "listing.because" and reason.parties:
            return screening_sentence(reason.parties[0], self._language)
        if name == "instrument.short":
            return reason.instrument.short[self._language]
        if name == "instrument.title":
            return reason.instrument.title[self._language]
        if name == "line.number":
            return ", ".join(map(str, reason.lines))
        if name == "line.code_means":
            code = self._rule_set.goods.customs_codes.get(str(reason.facts.get("line.hs_code")))
            return code.title[self._language] if code else ""
        return self._fact(reason.facts.get(name, ""))

    def _fact(self, value: Scalar) -> str:
        if isinstance(value, str):
            material = self._rule_set.goods.materials.get(value)
            if material is not None:
                return material.title.get(self._language, material.id)
            return value_in_words(value, self._language)
        return str(_wire_value(value))

    def _party_name(self, reason: Reason) -> str:
        if not reason.parties:
            return ""
        found = reason.parties[0]
        name = self._shipment.parties[found.party].name
        return name if found.owner is None else f"{name} ({found.owner})"

    # --- what was looked at ---

    def _why_not_controlled(self, line: LineResult) -> Iterable[Wire]:
        """An allow has reasons too: which entries were looked at, and why none applies."""
        if line.disposition != Disposition.not_controlled:
            return
        if any(line.line in r.lines for r in self._evaluation.reasons):
            return
        excluded = [found for found in line.controls if found.match == "excluded"]
        for found in excluded:
            instrument = self._rule_set.instruments[found.entry.instrument]
            yield self._looked_at(
                line,
                "not_met",
                self._law(instrument, found.entry.number or found.entry.code),
                title=found.entry.title[self._language],
                short=instrument.short[self._language],
                label=found.entry.label,
                because=clue_sentence(found.clues, self._language),
            )
        if not excluded:
            yield self._looked_at(line, "no_measure" if line.controls else "no_entry", None)

    def _looked_at(self, line: LineResult, kind: str, basis: Wire | None, **words: str) -> Wire:
        message = SENTENCES[kind][self._language].format(
            lines=line.line, day=self._evaluation.as_of.isoformat(), **words
        )
        return {
            "rule": "not-controlled",
            "disposition": Disposition.not_controlled.name,
            "lines": [line.line],
            "parties": [],
            "message": message,
            "remedy": None,
            "asks": [],
            "basis": basis,
            "matched": {},
        }

    def _line(self, line: LineResult) -> Wire:
        return {
            "line": line.line,
            "disposition": line.disposition.name,
            "controls": [self._control(found) for found in line.controls],
        }

    def _control(self, found: Classification) -> Wire:
        return {
            "entry": found.entry.id,
            "code": found.entry.code,
            "title": found.entry.title[self._language],
            "match": found.match,
            "because": clue_sentence(found.clues, self._language),
            "missing": [ask.partition(".")[0] for ask in found.asks],
            "verified": found.entry.verified,
        }

    # --- warnings and outlook ---

    def _uncertainty(self, uncertainty: Uncertainty) -> Wire:
        doubt = uncertainty.doubt
        return {
            "code": "law_uncertain",
            "message": SENTENCES["law_uncertain"][self._language].format(
                question=doubt.question[self._language], confirm=doubt.confirm[self._language]
            ),
            "instrument": uncertainty.instrument.id,
            "confirm": doubt.confirm[self._language],
            "sources": list(doubt.sources),
            "readings": [
                {
                    "applies": reading.applies,
                    "outcome": reading.disposition.outcome,
                    "disposition": reading.disposition.name,
                    "reasons": [self.message(reason) for reason in reading.reasons],
                }
                for reading in uncertainty.readings
            ],
        }

    def _asleep(self, screened: Screened) -> Wire:
        """A listing that does not bite on the day, which the reader should know of."""
        words = {
            "name": screened.found.hit.matched,
            "party": self._shipment.parties[screened.found.party].name,
            "short": screened.instrument.short[self._language],
            "until": screened.until.isoformat() if screened.until else "",
        }
        code = f"listing_{screened.state}"
        return {
            "code": code,
            "message": SENTENCES[code][self._language].format(**words),
            "instrument": screened.instrument.id,
            "sources": list(screened.instrument.sources[:1]),
        }

    def _caution(self, code: str) -> Wire:
        message = SENTENCES[code][self._language].format(
            day=self._evaluation.as_of.isoformat(), known_from=self._rule_set.known_from.isoformat()
        )
        return {"code": code, "message": message}

    def _prospect(self, prospect: Prospect) -> Wire:
        reasons = [self.message(reason) for reason in prospect.reasons]
        if not reasons:
            day = prospect.from_day.isoformat()
            reasons = [
                SENTENCES["no_measure"][self._language].format(
                    lines=", ".join(str(line.line) for line in self._shipment.lines), day=day
                )
            ]
        return {
            "from": prospect.from_day.isoformat(),
            "outcome": prospect.disposition.outcome,
            "disposition": prospect.disposition.name,
            "reasons": reasons,
        }


def render_screening(evaluation: Evaluation, shipment: Shipment, language: Language) -> list[Wire]:
    """Every party with the listed ones that it may be, and how their listings stand on the day."""
    hits: dict[int, list[Wire]] = {}
    for screened in evaluation.screening:
        hits.setdefault(screened.found.party, []).append(render_hit(screened, language))
    return [
        {"party": position, "name": party.name, "hits": hits.get(position, [])}
        for position, party in enumerate(shipment.parties)
    ]


def render_hit(screened: Screened, language: Language) -> Wire:
    """One listed party that a party may be."""
    found, listed = screened.found, screened.found.hit.listed
    return {
        "entity": listed.entity,
        "name": found.hit.matched,
        "score": fixed_notation(found.hit.score),
        "because": screening_sentence(found, language),
        "through": found.through,
        "owner": found.owner,
        "owned_pct": fixed_notation(found.share.least) if found.share else None,
        "owned_pct_at_most": fixed_notation(found.share.most) if found.share else None,
        "list": screened.instrument.list,
        "instrument": screened.instrument.id,
        "title": screened.instrument.title[language],
        "listed_from": listed.period.from_day.isoformat(),
        "listed_until": listed.period.until.isoformat() if listed.period.until else None,
        "state": screened.state,
        "suspended_until": screened.until.isoformat() if screened.until else None,
        "verified": listed.verified,
    }


def facts_for_record(evaluation: Evaluation) -> list[Mapping[str, Any]]:
    """The facts of every case, JSON-like, for the record."""
    return [{name: _wire_value(value) for name, value in case.items()} for case in evaluation.facts]


def _wire_value(value: Scalar) -> str | bool:
    return fixed_notation(value) if isinstance(value, Decimal) else value
