"""The client beside Andon's own server: a kill by its interface is confirmed, a goodbye is understood."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.flags.client import Flags, connect
from tests.fakes.flag_stream import until
from tests.flag_server import Running, running_server, switch

FLAGS = {"new-pricing": switch(), "dark-mode": switch()}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path, FLAGS) as made:
        yield made


@pytest.fixture
def flags(running: Running) -> Iterator[Flags]:
    made = connect(running.address, name="shop")
    assert made.wait_ready(60)
    yield made
    made.close()


def confirmations(running: Running, version: int) -> dict[str, object]:
    status, answer, _ = running.ask("GET", f"/flags/v1/confirmations/{version}?wait=10")
    assert status == 200
    return dict(answer)


def test_a_kill_is_confirmed_and_taken_back(running: Running, flags: Flags) -> None:
    assert flags.boolean("new-pricing", False)
    version = running.put("new-pricing")
    found = confirmations(running, version)
    assert (found["connected"], found["confirmed"], found["silent"]) == (1, 1, [])
    assert not flags.boolean("new-pricing", True) and flags.status().version == version
    status, answer, _ = running.ask("DELETE", "/flags/v1/overrides/kill/new-pricing?operation=op-2")
    assert status == 200 and confirmations(running, answer["version"])["confirmed"] == 1
    assert flags.boolean("new-pricing", False)


def test_a_client_that_closes_is_not_missed(running: Running, flags: Flags) -> None:
    until(lambda: running.ask("GET", "/flags/v1/processes")[1]["connected"] == 1)
    flags.boolean("new-pricing", False)
    flags.close()
    until(lambda: running.ask("GET", "/flags/v1/processes")[1]["connected"] == 0)
    found = confirmations(running, running.put("new-pricing"))
    assert (found["connected"], found["silent"]) == (0, [])
    told = json.dumps(running.ask("GET", "/flags/v1/usage")[1])
    assert "new-pricing" in told


def test_another_set_of_definitions_reaches_the_client(running: Running, flags: Flags) -> None:
    running.file.write_text(json.dumps({"flags": {**FLAGS, "third": switch()}}))
    until(lambda: flags.boolean("third", False))


def test_a_server_that_restarts_is_followed_again(tmp_path: Path, running: Running, flags: Flags) -> None:
    version = running.put("new-pricing")
    until(lambda: not flags.boolean("new-pricing", True))
    service = running.server._service
    service.streams.close()
    service.streams.is_closing = False
    until(lambda: not flags.status().connected or running.ask("GET", "/flags/v1/health")[1]["streams"] == 1)
    until(lambda: flags.status().connected)
    assert flags.status().version == version
    assert confirmations(running, running.put("dark-mode"))["confirmed"] == 1
