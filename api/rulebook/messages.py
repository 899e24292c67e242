"""Messages in rule files: texts with `{name}` where a fact belongs."""

from __future__ import annotations

import re
from collections.abc import Callable

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces. Raises ValueError for a brace that stands alone."""
    rest = _PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError("a brace stands alone; a fact is written {entry.title}")
    return tuple(_PLACEHOLDER.findall(text))


def fill(text: str, value_of: Callable[[str], str]) -> str:
    """The text with every `{name}` replaced."""
    return _PLACEHOLDER.sub(lambda found: value_of(found.group(1)), text)
