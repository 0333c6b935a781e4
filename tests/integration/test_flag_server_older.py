"""A server whose state was lost, or put back from a copy: no process forgets a kill because of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.flags.client import Flags, connect
from tests.fakes.flag_stream import until
from tests.flag_server import running_server, switch

FLAGS = {"pricing": switch(), "search": switch()}


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[tuple[Flags, int, int]]:
    """A process that obeys a kill; the server is gone, and its state is the copy from before the kill."""
    with running_server(tmp_path, FLAGS) as server:
        port = server.port
        shutil.copytree(tmp_path / "state", tmp_path / "copy")
        flags = connect(server.address, name="shop")
        assert flags.wait_ready(60)
        version = server.put("pricing")
        until(lambda: not flags.boolean("pricing", True))
        until(lambda: server.ask("GET", "/flags/v1/processes")[1]["processes"][0]["version"] == version)
    shutil.rmtree(tmp_path / "state")
    yield flags, port, version
    flags.close()


@pytest.mark.parametrize("is_new", [False, True], ids=["an older copy", "a new directory"])
def test_a_kill_survives_a_state_that_knows_nothing_of_it(
    tmp_path: Path, killed: tuple[Flags, int, int], is_new: bool
) -> None:
    """Also where the definitions are others by now, so that the server numbers above what processes have."""
    flags, port, version = killed
    if not is_new:
        shutil.copytree(tmp_path / "copy", tmp_path / "state")
    with running_server(tmp_path, {**FLAGS, "new": switch()}, port=port) as server:
        until(lambda: flags.status().connected and "stays in force" in flags.status().problem)
        assert flags.boolean("pricing", True) is False
        health = server.ask("GET", "/flags/v1/health")[1]
        assert health["status"] == "degraded" and f"--after {version}" in " ".join(health["findings"])
        # What is changed here does not bring the flag back.
        server.file.write_text(server.file.read_text().replace('"new"', '"newer"'))
        until(lambda: "newer" in server.ask("GET", "/flags/v1/flags")[1]["document"]["flags"])
        # A kill is obeyed above what the process has, and confirmed.
        second = server.put("search")
        until(lambda: not flags.boolean("search", True))
        asked = server.ask("GET", f"/flags/v1/confirmations/{second}?wait=5")[1]
        assert (asked["connected"], asked["confirmed"]) == (1, 1)
        assert flags.boolean("pricing", True) is False
        # It comes back with a number of this server, and is known again.
        flags._worker._wire.close()  # type: ignore[union-attr]
        until(lambda: len(server.server._service.held) == 1)
        assert flags.boolean("pricing", True) is False


def test_the_way_out_that_health_names_puts_the_state_in_force(
    tmp_path: Path, killed: tuple[Flags, int, int]
) -> None:
    flags, port, version = killed
    shutil.copytree(tmp_path / "copy", tmp_path / "state")
    with running_server(tmp_path, FLAGS, port=port) as server:
        until(lambda: "stays in force" in flags.status().problem)
        server.put("pricing")
    with running_server(tmp_path, FLAGS, port=port, after=version + 10_000_000) as server:
        health = server.ask("GET", "/flags/v1/health")[1]
        # Connected is said before the set is here: the version is what says that it is in force.
        until(lambda: flags.status().version == health["version"] and not flags.status().problem)
        assert flags.status().connected and health["status"] == "ok"
        assert flags.boolean("pricing", True) is False


def test_a_plain_restart_does_not_forget_who_has_another_set(
    tmp_path: Path, killed: tuple[Flags, int, int]
) -> None:
    flags, port, _ = killed
    with running_server(tmp_path, FLAGS, port=port) as server:
        until(lambda: "stays in force" in flags.status().problem)
        server.put("search")
        until(lambda: not flags.boolean("search", True))
    with running_server(tmp_path, {**FLAGS, "new": switch()}, port=port) as server:
        until(lambda: flags.status().connected and "stays in force" in flags.status().problem)
        assert not flags.boolean("pricing", True) and not flags.boolean("search", True)
        assert "behind" in server.ask("GET", "/flags/v1/health")[1]["findings"][0]


def test_a_version_that_this_server_never_sent_confirms_nothing(tmp_path: Path) -> None:
    """Otherwise a kill of a server whose clock fell counts as obeyed by everybody, and nobody obeys it."""
    with running_server(tmp_path, FLAGS) as server, server.stream("web-1", Last_Event_ID=str(2**52)):
        version = server.put("pricing")
        asked = server.ask("GET", f"/flags/v1/confirmations/{version}?wait=0.05")[1]
        assert (asked["connected"], asked["confirmed"]) == (1, 0)
        assert asked["silent"] == ["name-web-1"]
