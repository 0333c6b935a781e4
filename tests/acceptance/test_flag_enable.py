"""A killed flag comes back: by its fix, its tests, and a rollout whose first stage takes the kill away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.flag_shop import KEY, FlagServer, Program, with_flags
from tests.acceptance.shop import BROKEN, Shop


@pytest.fixture
def served(shop: Shop, tmp_path: Path) -> Iterator[tuple[Shop, FlagServer]]:
    """A shop with its flag server; checkout is well whatever the flag says."""
    with_flags(shop)
    server = FlagServer(shop, tmp_path / "flag-state").start()
    with_flags(shop, server.address)
    yield shop, server
    server.stop()


def test_mended_and_tested_it_is_on_again(served: tuple[Shop, FlagServer]) -> None:
    shop, server = served
    program = Program(server.address, "checkout/web-1/1")
    incident = shop.declare("prices are wrong")
    kill = ("flags", "kill", KEY, "--yes", "--reason", "alone", "--no-verify")
    assert shop.ask(*kill)["ended"]["confirmed"] == 1
    shop.quickly("severity", "P3", "--reason", "the feature is off")
    shop.program = type("Off", (), {"now": staticmethod(lambda key: "off")})
    shop.andon("flags", "enable", KEY, "--yes", "--fix", BROKEN, code=1)
    shop.release(BROKEN)
    shop.switch(BROKEN)
    shop.quickly("deployed", BROKEN)
    shop.andon("flags", "enable", KEY, "--yes", "--fix", BROKEN, code=1)
    commit = shop.git("rev-parse", f"{BROKEN}^{{commit}}").strip()
    states = [
        {"flag": KEY, "variant": v, "value": v == "on", "tests": ["test_price"], "count": 1}
        for v in ("on", "off")
    ]
    report = {"format": 1, "commit": commit, "clean": True, "states": states}
    (shop.repository / ".andon-flag-states.json").write_text(json.dumps(report))

    words = ("flags", "enable", KEY, "--yes", "--fix", BROKEN, "--stages", "50%", "100%", "--every", "1s")
    done = shop.andon(*words, code=(0, 3))

    assert f"fix      {BROKEN}" in done.stdout and "both states passed at" in done.stdout
    found = shop.ask("flags", "status", KEY, code=(0, 3))
    assert found["kill"] is None and found["under_way"] is None, done.stdout
    assert found["flag"]["rollout"]["percent"] >= 50
    assert any("enable" in line["text"] for line in found["history"])
    assert any("enable" in text for text in shop.texts(incident))
    assert [a["state"] for a in shop.ask("actions")["actions"]] == ["done"]
    assert "killedBy" not in program.flags[KEY].get("metadata", {})
    program.close()
