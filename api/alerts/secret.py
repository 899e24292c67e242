"""The secret that signs alerts: made at first start, readable by the owner only."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from api.errors import SettingsError

_PREFIX = "whsec_"
# What the Standard Webhooks specification allows, in bytes.
_LEAST, _MOST = 24, 64


def webhook_secret(home: Path) -> str:
    """The signing secret of this home (`whsec_` and base64). Makes it when there is none.

    Never changes one that exists. Raises SettingsError when what is there is no such secret.
    """
    folder = home / "keys"
    file = folder / "webhook.secret"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(file)
    text = file.read_text("utf-8", "replace").strip()
    try:
        size = len(base64.b64decode(text.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not text.startswith(_PREFIX) or not _LEAST <= size <= _MOST:
        raise SettingsError(
            f"keys/{file.name} must hold {_PREFIX} and {_LEAST} to {_MOST} bytes in base64"
        )
    return text


def _make(file: Path) -> None:
    text = _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    # Written whole beside it and then linked, which fails when another process was first: nobody
    # ever reads half a secret, and a crash leaves none.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
