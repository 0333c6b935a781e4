"""The desk has all its ports, and loads what joins them when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from andon.config.model import Config
from andon.desk.ports import Desk
from andon.production.git import GitRepository
from andon.wiring.desk import _LATE, WiredDesk

PARTS = sorted(set(_LATE.values()))


@pytest.fixture
def desk(tmp_path: Path) -> WiredDesk:
    """A desk in an empty directory."""
    config = Config(service="shop", root=str(tmp_path))
    return WiredDesk(config=config, place=str(tmp_path / "journal.db"), actor="mina", command="")


@pytest.mark.parametrize(("module", "part"), PARTS, ids=[module for module, _ in PARTS])
def test_what_a_part_joins_is_found_there(module: str, part: str) -> None:
    names = {n for n in vars(getattr(import_module(f"andon.wiring.{module}"), part)) if not n.startswith("_")}
    assert names == {port for port, place in _LATE.items() if place == (module, part)}


def test_every_port_of_the_desk_is_joined(desk: WiredDesk) -> None:
    ports = {name for name in dir(Desk) if not name.startswith("_")}
    assert len(ports) > 40
    assert ports - set(dir(desk)) - set(_LATE) == set()
    assert not set(_LATE) & set(dir(WiredDesk)), "joined twice"


def test_a_port_is_joined_once(desk: WiredDesk, tmp_path: Path) -> None:
    repository = desk.repository
    assert isinstance(repository, GitRepository) and repository.root == str(tmp_path)
    assert desk.repository is repository


def test_what_the_desk_does_not_have_is_named(desk: WiredDesk) -> None:
    with pytest.raises(AttributeError, match="'WiredDesk' object has no attribute 'ladder'"):
        desk.ladder  # type: ignore[attr-defined]  # noqa: B018


def test_a_part_waits_until_it_is_asked_for() -> None:
    program = "import sys, andon.wiring.opening; print(*(m for m in sys.modules if m.startswith('andon')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {f"andon.wiring.{module}" for module, _ in PARTS} & set(done.stdout.split())
