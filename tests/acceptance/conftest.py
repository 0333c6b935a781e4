"""A shop for every acceptance test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.shop import Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose release v1.1.0 runs and works."""
    with open_shop(tmp_path) as shop:
        yield shop
