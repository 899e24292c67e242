"""Regular expressions of rule files (RE2: no time can be lost on one, whoever wrote it)."""

from __future__ import annotations

import re2

_QUIET = re2.Options()
_QUIET.log_errors = False  # what is wrong is said as a problem, not on the standard error


def pattern_problem(raw: str) -> str | None:
    """What is wrong with the expression, for people; None when nothing is."""
    try:
        re2.compile(raw, _QUIET)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return f"not a regular expression: {text}"
    return None
