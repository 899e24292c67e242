"""Which addresses alerts may go to."""

from __future__ import annotations

import pytest

from api.alerts.endpoints import origin, parse_endpoints
from api.errors import SettingsError


def test_endpoints_keep_their_order_and_come_once() -> None:
    text = " https://b.example/?y=1, http://127.0.0.1:9000 ,https://b.example/?y=1,,http://[::1]/ "
    assert parse_endpoints(text) == (
        "https://b.example/?y=1",
        "http://127.0.0.1:9000",
        "http://[::1]/",
    )
    assert parse_endpoints("") == parse_endpoints(" , ") == ()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://desk.example",
        "desk.example/hook",
        "file:///hook",
        "https://",
        "https:///hook",
        "https://:443/hook",
        "https://desk.example/#part",
        "https://desk.example/#",
        "https://desk.example:0/",
        "https://desk.example:65536/",
        "https://desk.example:x/",
        "https://[::1/",
        "https://desk.example/a b",
        "https://desk.ex\tample/",
        "https://桌.example/",
    ],
)
def test_what_is_no_endpoint_is_named(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_endpoints(f"https://good.example,{url}")
    assert "LODESTONE_ALERT_WEBHOOKS" in str(refused.value)
    assert f"`{url}`" in str(refused.value)


def test_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError, match="user name or password") as refused:
        parse_endpoints("https://me:hush@desk.example/hook")
    assert "hush" not in str(refused.value)
    assert "`https://***@desk.example/hook`" in str(refused.value)


def test_logs_show_no_path() -> None:
    assert origin("https://desk.example:8443/services/TOKEN?key=1") == "https://desk.example:8443"
