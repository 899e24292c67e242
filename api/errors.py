"""The errors Lodestone raises on purpose. Each knows its HTTP status and a title for a person."""

from __future__ import annotations

from collections.abc import Mapping


class LodestoneError(Exception):
    """Base of every error raised on purpose; its text says what is wrong to a person.

    `kind` and `words` let the web say it in other languages.
    """

    status: int = 500
    kind: str | None = None
    words: Mapping[str, object] = {}


class SettingsError(LodestoneError):
    """A setting cannot be used; the text names the variable and what is allowed."""


class NotFound(LodestoneError):
    """There is no such thing, or not for this actor."""

    status = 404
    kind = "not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no `{name}`")
        self.words = {"value": name}


class CannotDecide(LodestoneError):
    """The service cannot decide or record now. Nothing was recorded, and nothing is allowed."""

    status = 503


class NewerDatabase(CannotDecide):
    """The database has a revision that this version does not know. It is left as it is."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at revision `{revision}`, which this version of Lodestone does not "
            "know: a newer one made it. Start that one, or one later"
        )


class IdempotencyConflict(LodestoneError):
    """The key was used before with another request."""

    status = 422
    kind = "key_used"

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key `{key}` was used before with another request")
        self.words = {"value": key}
