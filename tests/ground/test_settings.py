"""Settings come from the environment, and a bad one is named."""

from __future__ import annotations

import pytest

from api.errors import SettingsError
from api.settings import Settings


def test_defaults_keep_everything_under_var() -> None:
    settings = Settings.from_environment({})
    assert settings.home.name == "var"
    assert settings.port == 8000
    assert settings.database_url == f"sqlite:///{settings.home}/lodestone.db"
    assert settings.redis_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("PORT", "８０"),
        ("LODESTONE_WORKERS", "-1"),
        ("LODESTONE_DATABASE_URL", "mysql://x"),
        ("LODESTONE_DATABASE_URL", "sqlite:///relative.db"),
        ("LODESTONE_DATABASE_URL", "postgresql://host"),
        ("LODESTONE_DATABASE_URL", "postgresql://host:port/lodestone"),
        ("LODESTONE_DATABASE_URL", "postgresql+asyncpg://host/lodestone"),
        ("LODESTONE_REDIS_URL", "localhost:6379"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})


def test_a_wrong_database_is_named_without_its_password() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({"LODESTONE_DATABASE_URL": "mysql://desk:secret@host/x"})
    assert "secret" not in str(raised.value)
