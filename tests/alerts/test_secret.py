"""The signing secret: made once, for the owner only."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.alerts.secret import webhook_secret
from api.errors import SettingsError


def test_the_secret_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    secret = webhook_secret(tmp_path)
    file = tmp_path / "keys" / "webhook.secret"
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert webhook_secret(tmp_path) == secret
    assert webhook_secret(tmp_path / "other") != secret


def test_all_who_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(lambda _: webhook_secret(tmp_path), range(64)))
    assert len(found) == 1
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["webhook.secret"]


def test_a_secret_of_your_own_is_kept(tmp_path: Path) -> None:
    own = "whsec_" + base64.b64encode(b"k" * 24).decode()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "webhook.secret").write_text(own)
    assert webhook_secret(tmp_path) == own


@pytest.mark.parametrize("text", ["", "whsec_", "hush", "whsec_c2hvcnQ=", "whsec_###", "\xff"])
def test_what_is_no_secret_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys" / "webhook.secret"
    file.parent.mkdir()
    file.write_text(text, "latin-1")
    with pytest.raises(SettingsError, match=r"keys/webhook\.secret"):
        webhook_secret(tmp_path)
    assert file.read_text("latin-1") == text
