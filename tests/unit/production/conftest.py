"""A world for each deployer, with its fake tool on PATH."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.deploy_tools import WORLDS, World


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    """Return what makes the world of a kind, once for each test."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("IMAGE_TAG", raising=False)

    def made(kind: str, **settings: Any) -> World:
        return WORLDS[kind](tmp_path / "bin", **settings)

    return made
