"""The addresses alerts go to, as they are set."""

from __future__ import annotations

from urllib.parse import urlsplit

from api.errors import SettingsError

_VARIABLE = "LODESTONE_ALERT_WEBHOOKS"


def parse_endpoints(text: str) -> tuple[str, ...]:
    """The URLs of a comma-separated list, each once, in order; none for an empty text.

    Raises SettingsError naming the variable and the URL that cannot be used.
    """
    found = [url for part in text.split(",") if (url := part.strip())]
    for url in found:
        if problem := _problem(url):
            raise SettingsError(f"{_VARIABLE}: `{_shown(url)}` {problem}")
    return tuple(dict.fromkeys(found))


def origin(endpoint: str) -> str:
    """The endpoint without path and query, which may hold a secret: for logs."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"


def _problem(url: str) -> str | None:
    # Before urlsplit, which drops tabs and line ends silently.
    if not url.isascii() or not url.isprintable() or " " in url:
        return "has characters that must be percent-encoded (punycode in a host)"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return f"is not a URL: {error}"
    if parts.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if not host or port == 0:
        return "names no host" if not host else "has a port that cannot be used"
    if "@" in parts.netloc:
        return "must not hold a user name or password"
    if "#" in url:
        return "must not have a fragment (#)"
    return None


def _shown(url: str) -> str:
    """Without user name and password: the message goes to logs."""
    before, at, after = url.rpartition("@")
    return f"{before.partition('//')[0]}//***@{after}" if at else url
