"""What lint says of flags that a real server serves and a real client asks for, two months later."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.flags.client import connect
from tests.acceptance.flag_shop import FlagServer
from tests.acceptance.shop import PATIENCE, Shop, wait_for

DAY = 86_400
#: Since when the server has counted; two months before the test, whatever day it is by the end of it.
THEN = time.time() - 60 * DAY
META = {
    "owner": "mina",
    "purpose": "prices",
    "kind": "release",
    "created": "2026-01-01",
    "expires": "2099-01-01",
}


def flag(**more: Any) -> dict[str, Any]:
    """Return a flag that is off for everybody."""
    metadata = {**META, **more.pop("metadata", {})}
    return {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": metadata,
        **more,
    }


FLAGS = {
    "asked-for": flag(),
    "asked-for-long-ago": flag(),
    "never-asked-for": flag(),
    "decides": flag(targeting={"if": [{"==": [{"var": "plan"}, "gold"]}, "on", None]}),
    "breaker": flag(metadata={"permanent": True, "kind": "ops"}),
    "being-killed": flag(),
}
CODE = "".join(f"flags.boolean({key!r}, False)\n" for key in FLAGS)


@pytest.fixture
def served(shop: Shop, tmp_path: Path) -> Iterator[tuple[Shop, FlagServer]]:
    """A shop whose flags are two months old, and were counted ever since."""
    begun = datetime.now(UTC) - timedelta(days=60)
    (shop.repository / "flags.json").write_text(json.dumps({"flags": FLAGS}, indent=1))
    (shop.repository / "shop.py").write_text(CODE)
    shop.git("add", "flags.json", "shop.py")
    shop.environment["GIT_COMMITTER_DATE"] = f"{begun:%Y-%m-%dT%H:%M:%SZ}"
    shop.git("commit", "-q", "-m", "flags")
    del shop.environment["GIT_COMMITTER_DATE"]
    shop.configure(more='[flags]\nfile = "flags.json"\n')
    state = tmp_path / "flag-state"
    FlagServer(shop, state).start().stop()
    counts = {
        "asked-for-long-ago": {"off": [7, THEN + DAY]},
        "breaker": {"off": [7, THEN + DAY]},
        "being-killed": {"off": [7, THEN + DAY]},
    }
    (state / "usage.json").write_text(json.dumps({"since": THEN, "counts": counts, "unknown": {}}))
    server = FlagServer(shop, state).start()
    shop.configure(more=f'[flags]\nfile = "flags.json"\nserver = "{server.address}"\n')
    yield shop, server
    server.stop()


def test_signs_by_what_was_served(served: tuple[Shop, FlagServer]) -> None:
    shop, server = served
    with connect(server.address, name="checkout") as flags:
        assert flags.wait_ready(PATIENCE)
        flags.boolean("asked-for", False)
        flags.boolean("decides", False, {"plan": "gold"})
    shop.andon("flags", "kill", "being-killed", "--yes", "--reason", "a test", "--no-verify", code=(0, 1, 3))

    def of(found: Any) -> dict[str, str]:
        return {one["key"]: one["rule"] for one in found["findings"]}

    found = wait_for(lambda: found if "asked-for" in of(found := lint(shop)) else None, "the counts")
    assert of(found) == {
        "asked-for": "flag-settled",  # off for everybody, and asked for all the time
        "asked-for-long-ago": "flag-left-over",
        "never-asked-for": "flag-left-over",
        "being-killed": "flag-unused",  # somebody works on it: a sign, and no more
    }
    text = {one["key"]: one["text"] for one in found["findings"]}
    last = datetime.fromtimestamp(THEN + DAY, UTC)
    begun = datetime.fromtimestamp(THEN, UTC)
    assert f"last evaluated on {last:%Y-%m-%d}" in text["asked-for-long-ago"]
    assert f"not evaluated since {begun:%Y-%m-%d}" in text["never-asked-for"]
    assert found["unknown"] == []

    server.stop()
    away = lint(shop)
    assert {one["rule"] for one in away["unknown"]} == {"flag-unused", "flag-settled"}
    assert "flag-left-over" not in of(away).values()


def lint(shop: Shop) -> Any:
    """Return what lint says."""
    return shop.ask("flags", "lint", code=(0, 1))
