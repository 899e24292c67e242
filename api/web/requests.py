"""What every handler asks of a request: who, in which language, with which parameters and body."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import IO, Any

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from api.canonical import read_json
from api.keys import Actor, KeyRing, Role
from api.web.faults import Fault
from api.web.language import spoken_language
from api.web.problems import Refused

MAX_BODY_BYTES = 1024 * 1024
_RULE_SET = re.compile(r"([a-z0-9][a-z0-9.-]{0,79})(?:@([1-9]\d{0,8}))?", re.ASCII)


def actor(*roles: Role) -> Actor:
    """Who asks, if the role may. Raises Refused with 401 or 403."""
    keys: KeyRing = current_app.extensions["lodestone"].keys
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    found = keys.actor(key.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Refused(
            401, Fault("no_key"), headers={"WWW-Authenticate": 'Bearer realm="lodestone"'}
        )
    if found.role not in roles:
        raise Refused(403, Fault("role", choices=", ".join(roles), value=found.role))
    return found


def parameters(*known: str) -> dict[str, str]:
    """The query parameters. Raises Refused for one that is not known or stands twice."""
    if not request.query_string:
        return {}
    errors = [
        {"pointer": f"?{name}", "message": Fault("parameter").say(spoken_language())}
        for name in request.args
        if name not in known
    ]
    errors += [
        {"pointer": f"?{name}", "message": Fault("twice", value=name).say(spoken_language())}
        for name, values in request.args.lists()
        if name in known and len(values) > 1
    ]
    if errors:
        raise invalid(errors)
    return {name: request.args[name] for name in request.args}


def choice(values: dict[str, str], name: str, choices: Collection[str], default: str) -> str:
    """One of a few words. Raises Refused."""
    value = values.get(name, default)
    if value not in choices:
        fault = Fault("choice", value=value, choices=", ".join(choices))
        raise invalid([{"pointer": f"?{name}", "message": fault.say(spoken_language())}])
    return value


def rule_set_name(values: Mapping[str, str], default: str) -> tuple[str, int | None]:
    """`cn` or `cn@7`. Raises Refused."""
    found = _RULE_SET.fullmatch(values.get("rule_set", default))
    if found is None:
        raise unknown_rule_set(values["rule_set"])
    return found[1], int(found[2]) if found[2] else None


def unknown_rule_set(name: str) -> Refused:
    """The refusal of a rule set or version that does not exist."""
    fault = Fault("rule_set", value=name)
    return invalid([{"pointer": "?rule_set", "message": fault.say(spoken_language())}])


def invalid(errors: list[dict[str, str]]) -> Refused:
    """The refusal of a request with these faults."""
    return Refused(422, Fault("refused", value=len(errors)), errors)


def json_body() -> bytes:
    """The body as sent. Raises Refused (415) or RequestEntityTooLarge (413)."""
    # As it mostly stands there, without having it parsed.
    plain = request.environ.get("CONTENT_TYPE") == "application/json"
    if not plain and request.mimetype != "application/json":
        raise Refused(415, Fault("not_json"))
    length = request.content_length
    if length is not None and length <= MAX_BODY_BYTES:
        # The server ends the stream where the body ends, so that no second guard is needed.
        body: bytes = request.environ["wsgi.input"].read(length)
        return body
    if length is not None:
        raise RequestEntityTooLarge
    # In pieces, without a length: read one byte more than is taken, to know when it is too much.
    stream: IO[bytes] = request.environ["wsgi.input"]
    body = b""
    while len(body) <= MAX_BODY_BYTES and (piece := stream.read(MAX_BODY_BYTES + 1 - len(body))):
        body += piece
    if len(body) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
    return body


def parsed(body: bytes) -> Any:
    """The JSON value in the body. Raises Refused with 400."""
    try:
        return read_json(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(400, Fault("malformed", value=error)) from error
