"""Applications over either database."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.conftest import Api


@pytest.fixture
def new_api(new_api: Callable[..., Api], database_url: str) -> Callable[..., Api]:
    return partial(new_api, database_url=database_url)
