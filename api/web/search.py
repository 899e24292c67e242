"""Finding recorded decisions, and taking them away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

import msgspec
import orjson
from flask import Response
from flask.views import MethodView

from api.canonical import read_json
from api.disclosure.masking import Masks
from api.disposition import Disposition
from api.instants import rfc3339
from api.keys import Actor
from api.ledger.export import FORMATS, Exported, archive
from api.ledger.read import ANSWER_COLUMNS, stored_answer
from api.ledger.search import ROW_COLUMNS, Wanted
from api.ledger.terms import Kind, Term
from api.log.checkpoint import checkpoint_in
from api.store.tables import DECISIONS as D
from api.web import requests
from api.web.answers import DecisionsSchema
from api.web.cursors import below_of, cursor
from api.web.decisions import blueprint
from api.web.documentation import json_answer, problems
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.services import services
from api.web.values import NAME, country_fault, text_fault

_MOST_ROWS, _USUAL_ROWS = 200, 50
_ROWS_HELD = 100  # of an export, at a time
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "outcome": ("allow", "deny"),
    "disposition": tuple(disposition.name for disposition in Disposition),
}
_RULE_SET = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}(?:@[1-9]\d{0,8})?", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?", re.ASCII
)
_encode = msgspec.json.Encoder(decimal_format="number").encode

_FILTERS: Mapping[str, tuple[Kind, str]] = {
    "reference": ("reference", "the shipment's reference, exactly"),
    "exporter": ("exporter", "the exporter's whole name; case, accents and punctuation aside"),
    "party": ("party", "the whole name of any party or owner; likewise"),
    "country": ("country", "any country of the shipment: route, parties, owners, origins"),
    "material": ("material", "a restricted material that a line bears on"),
    "entry": ("entry", "a control entry that a line meets or may meet, by id or code"),
    "rule": ("rule", "a rule that fired"),
    "outcome": ("outcome", "allow or deny"),
    "disposition": ("disposition", "the disposition"),
    "rule_set": ("rule_set", "a rule set or one version of it: cn or cn@3"),
    "actor": ("actor", "whose key asked for it"),
    "officer": ("actor", "the same as actor"),
}
_TIMES: Mapping[str, str] = {
    "from": "made at this time or later: RFC 3339, or a day (UTC)",
    "until": "made at this time or before: RFC 3339, or a day (UTC), which is included",
}


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "in": "query",
        "name": name,
        "schema": {"type": "string", **schema},
        "description": description,
    }


_PARAMETERS = [
    *(_parameter(name, description) for name, description in _TIMES.items()),
    *(
        _parameter(
            name, description, **({"enum": list(_CHOICES[name])} if name in _CHOICES else {})
        )
        for name, (_, description) in _FILTERS.items()
    ),
]


@blueprint.route("")
class Decisions(MethodView):
    """Recorded decisions, the newest first."""

    @blueprint.doc(
        summary="Find recorded decisions",
        parameters=[
            *_PARAMETERS,
            {
                "in": "query",
                "name": "limit",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": _MOST_ROWS,
                    "default": _USUAL_ROWS,
                },
                "description": "how many at most",
            },
            _parameter("cursor", "`next` of the page before, with the same filters"),
        ],
        responses=json_answer(DecisionsSchema, "A page of them; all filters hold")
        | problems(400, 401, 403, 422, 503),
    )
    def get(self) -> Response:
        actor = requests.actor("erp", "officer", "auditor", "admin")
        values = requests.parameters(*_TIMES, *_FILTERS, "limit", "cursor")
        limit, text = _limit(values.pop("limit", str(_USUAL_ROWS))), values.pop("cursor", None)
        wanted = _wanted(values, actor)
        keyed = partial(services().hashing.of, "cursor")
        # Nobody goes on where somebody else has begun to see other decisions.
        bound = values | {"by": actor.name if actor.role == "erp" else ""}
        below = below_of(text, bound, keyed) if text is not None else None
        masks = services().masks(actor.role)
        columns = (*ROW_COLUMNS, D.c.request) if masks else ROW_COLUMNS
        page = services().search.page(wanted, limit, below, columns)
        rows = [_row(found) for found in page.rows]
        if masks:
            rows = [
                masks.apply(read_json(found.request), None, row).row
                for found, row in zip(page.rows, rows, strict=True)
            ]
        answer = {
            "decisions": rows,
            "next": cursor(page.below, bound, keyed) if page.below is not None else None,
            "masked": list(masks.paths),
        }
        return Response(orjson.dumps(answer), mimetype="application/json")


@blueprint.route("/export")
class Export(MethodView):
    """Recorded decisions in a file."""

    @blueprint.doc(
        summary="Take recorded decisions away, with a manifest that ties them to the log",
        parameters=[
            *_PARAMETERS,
            _parameter("format", "of the data", enum=list(FORMATS), default="ndjson"),
        ],
        responses={
            "200": {
                "description": "A ZIP of the data, the signed checkpoint of the log, and "
                "manifest.json: rows, SHA-256, filters, size and root of the log. One that breaks "
                "off cannot be opened",
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
        | problems(401, 403, 422, 503),
    )
    def get(self) -> Response:
        actor = requests.actor("erp", "officer", "auditor", "admin")
        values = requests.parameters(*_TIMES, *_FILTERS, "format")
        chosen = requests.choice(values, "format", FORMATS, "ndjson")
        format_ = next(known for known in FORMATS if known == chosen)
        values.pop("format", None)
        wanted = _wanted(values, actor)
        now, masks = services().clock(), services().masks(actor.role)
        checkpoint = services().log.checkpoint()
        columns = (*ROW_COLUMNS, *ANSWER_COLUMNS, D.c.request)
        rows = services().search.all(
            wanted, checkpoint_in(checkpoint).size, tuple(dict.fromkeys(columns)), _ROWS_HELD
        )
        manifest = {
            "format": format_,
            "filters": values,
            "exported_at": rfc3339(now),
            "exported_by": actor.name,
            "masked": list(masks.paths),
        }
        pieces = archive(
            (_exported(row, masks) for row in rows), format_, manifest, checkpoint, now
        )
        # What fails at once is still answered as a problem; later it breaks the stream off.
        first = next(pieces)
        response = Response(chain([first], pieces), mimetype="application/zip")
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        response.headers["Content-Disposition"] = (
            f'attachment; filename="decisions-{stamp}-{format_}.zip"'
        )
        return response


def _row(found: Any) -> Mapping[str, Any]:
    return {
        "index": found.index,
        "id": found.id,
        "reference": found.reference,
        "exporter": found.exporter,
        "evaluated_at": found.evaluated_at,
        "as_of": found.as_of,
        "outcome": found.outcome,
        "disposition": found.disposition,
        "rule_set": f"{found.rule_set}@{found.version}",
        "actor": found.actor,
    }


def _exported(found: Any, masks: Masks) -> Exported:
    """A row of the log as a role may take it away."""
    row, answer = _row(found), stored_answer(found._mapping)
    if not masks:
        return Exported(row, msgspec.json.format(found.request, indent=-1), answer)
    shown = masks.apply(read_json(found.request), read_json(answer), row)
    return Exported(shown.row, _encode(shown.request), _encode(shown.answer))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= _MOST_ROWS:
        raise _refused("limit", Fault("whole", least=1, most=_MOST_ROWS))
    return int(text)


def _wanted(values: Mapping[str, str], actor: Actor) -> Wanted:
    """What the filters want, all of it. Raises Refused with every fault."""
    errors = [
        {"pointer": f"?{name}", "message": fault.say(spoken_language())}
        for name, value in values.items()
        if (fault := _fault(name, value)) is not None
    ]
    if errors:
        raise requests.invalid(errors)
    terms = [Term(kind, values[name]) for name, (kind, _) in _FILTERS.items() if name in values]
    if actor.role == "erp":
        terms.append(Term("actor", actor.name))
    since, until = (_ends(values[name]) if name in values else None for name in _TIMES)
    return Wanted(
        tuple(dict.fromkeys(terms)),
        since[0] if since is not None else None,
        until[1] if until is not None else None,
    )


def _fault(name: str, value: str) -> Fault | None:
    if name in _TIMES:
        return Fault("instant", value=value) if _ends(value) is None else None
    if (fault := text_fault(value, NAME)) is not None:
        return fault
    if name == "country":
        return country_fault(value)
    if name == "rule_set":
        return None if _RULE_SET.fullmatch(value) else Fault("rule_set", value=value)
    if name in _CHOICES and value not in _CHOICES[name]:
        return Fault("choice", value=value, choices=", ".join(_CHOICES[name]))
    return None


def _ends(text: str) -> tuple[str, str] | None:
    """The first and the last moment that a time stands for: those of a day, or itself twice."""
    # A plus sign that was not escaped has become a blank.
    found = _INSTANT.fullmatch(text.replace(" ", "+"))
    if found is None:
        return None
    day, time, fraction, zone = found.groups()
    try:
        if time is None:
            begin = datetime.fromisoformat(day).replace(tzinfo=UTC)
            return rfc3339(begin), rfc3339(begin + timedelta(days=1) - timedelta(milliseconds=1))
        zone = "+00:00" if zone in "Zz" else zone
        moment = rfc3339(datetime.fromisoformat(f"{day}T{time}{(fraction or '')[:7]}{zone}"))
    except (ValueError, OverflowError):
        return None
    return moment, moment


def _refused(name: str, fault: Fault) -> Exception:
    return requests.invalid([{"pointer": f"?{name}", "message": fault.say(spoken_language())}])
