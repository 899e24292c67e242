"""The errors Lodestone raises on purpose. Each knows its HTTP status and a title for a person."""

from __future__ import annotations


class LodestoneError(Exception):
    """Base of every error raised on purpose; its text says what is wrong to a person."""

    status: int = 500
    title: str = "Something went wrong"


class SettingsError(LodestoneError):
    """A setting cannot be used; the text names the variable and what is allowed."""

    title = "The settings cannot be used"


class NotFound(LodestoneError):
    """There is no such thing, or not for this actor."""

    status = 404
    title = "Not found"


class CannotDecide(LodestoneError):
    """The service cannot decide or record now. Nothing was recorded, and nothing is allowed."""

    status = 503
    title = "The service cannot decide now"


class IdempotencyConflict(LodestoneError):
    """The key was used before with another request."""

    status = 422
    title = "The idempotency key belongs to another request"
