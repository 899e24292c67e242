"""Which language the caller reads."""

from __future__ import annotations

from flask import request

from api.rulebook.values import LANGUAGES, Language


def spoken_language() -> Language:
    """The language the caller reads best, English where none of ours."""
    if "Accept-Language" not in request.headers:
        return "en"
    for tag, quality in request.accept_languages:
        primary = tag.partition("-")[0].lower()
        if quality > 0 and primary in LANGUAGES:
            return primary
    return "en"
