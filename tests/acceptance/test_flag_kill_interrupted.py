"""`kill -9` between the plan and the end of a kill: the same command finishes the same act, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.flag_shop import KEY, FlagServer, Program, with_flags
from tests.acceptance.halting_proxy import halting_proxy
from tests.acceptance.shop import PATIENCE, Shop

#: Where the process is when it dies: method, path, and whether the request still takes effect.
POINTS = {
    "planned, the flag is looked up": ("GET", "/flags/v1/flags", False),
    "the kill is sent, nobody takes it": ("PUT", "/flags/v1/overrides", False),
    "the kill is taken, the answer is lost": ("PUT", "/flags/v1/overrides", True),
    "the confirmations are waited for": ("GET", "/flags/v1/confirmations", False),
}


@pytest.fixture
def server(shop: Shop, tmp_path: Path) -> Iterator[FlagServer]:
    """The flag server of the shop."""
    with_flags(shop)
    server = FlagServer(shop, tmp_path / "flag-state").start()
    yield server
    server.stop()


@pytest.mark.parametrize("point", POINTS)
def test_the_same_command_finishes_it(shop: Shop, server: FlagServer, point: str) -> None:
    program = Program(server.address, "checkout/web-1/1")
    shop.program = program
    with halting_proxy(server.port) as proxy:
        with_flags(shop, proxy.address)
        incident = shop.declare()
        method, path, proxy.passes_on = POINTS[point]
        words = ("flags", "kill", KEY, "--yes", "--reason", "alone", "--no-verify")
        if point.startswith("planned"):
            shop.quickly("flags", "kill", KEY, "--ask")
        proxy.halts_at = (method, path)
        running = shop.start(*words)
        assert proxy.halted.wait(PATIENCE)
        running.kill()
        running.communicate()

        done = shop.ask(*words)

        assert done["ended"]["outcome"] == "succeeded" and done["ended"]["confirmed"] == 1
        puts = [line for line in proxy.forwarded if line.startswith("PUT")]
        assert len(puts) <= 2  # the second is the same act again, which the server knows
        with_flags(shop, server.address)
    assert program.now(KEY) == "off"
    told = [text for text in shop.texts(incident) if f"flag {KEY}" in text or done["operation"] in text]
    assert len([text for text in told if "kill to off planned" in text]) == 1
    assert len([text for text in told if f"operation {done['operation']}: succeeded" in text]) == 1
    history = shop.ask("flags", "status", KEY)["history"]
    assert len(history) == 2
    assert len(shop.ask("actions")["actions"]) == 1
    program.close()
