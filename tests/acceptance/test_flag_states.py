"""A new flag is shipped only after tests ran with both its states on the very commit."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.acceptance.shop import Shop

#: The other plugins of the environment take a second to load.
TEST = ["env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", sys.executable, "-m", "pytest", "-q", "-p"]
CONFIGURATION = """
[ship]
test = {test}

[flags]
file = "flags.json"
"""
FLAG = {
    "state": "ENABLED",
    "variants": {"on": True, "off": False},
    "defaultVariant": "off",
    "metadata": {"owner": "mia", "purpose": "two-step checkout", "kind": "release"},
}
TESTS = """
import pytest
from andon.flags.client import from_file

flags = from_file("flags.json")

{mark}
def test_total():
    assert flags.boolean("new-pricing", None) in (True, False)
"""


def commit(shop: Shop, mark: str) -> None:
    (shop.repository / "flags.json").write_text(json.dumps({"flags": {"new-pricing": FLAG}}))
    (shop.repository / "test_flags.py").write_text(TESTS.format(mark=mark))
    shop.git("add", "flags.json", "test_flags.py", "andon.toml")
    shop.git("commit", "-q", "-m", "Price anew")


def answer(shop: Shop) -> dict[str, Any]:
    told = shop.json("ship", "check", code=(0, 1, 3))
    row: dict[str, Any] = next(r for r in told["changes"][0]["rows"] if r["rule"] == "flags-tested")
    return row


def test_a_flag_whose_off_state_no_test_ran_with_is_not_shipped(shop: Shop) -> None:
    test = json.dumps([*TEST, "andon.flags.pytest_plugin"])
    shop.configure(more=CONFIGURATION.format(test=test))
    commit(shop, '@pytest.mark.flag_states("new-pricing", states=["on"])')
    assert "no report" in shop.andon("flags", "tests", code=2).stderr
    assert answer(shop)["verdict"] == "unknown"
    shop.andon("ship", "test")
    told = shop.andon("flags", "tests", code=1)
    assert "new-pricing  on (1)" in told.stdout and "never: off" in told.stdout
    row = answer(shop)
    assert (row["verdict"], row["effect"]) == ("failed", "blocks") and "no test ran with off" in row[
        "evidence"
    ]

    commit(shop, '@pytest.mark.flag_states("new-pricing")')
    assert answer(shop)["verdict"] == "unknown", "the report is of the commit before"
    shop.andon("ship", "test")
    assert "never" not in shop.andon("flags", "tests").stdout
    states = shop.json("flags", "tests", "new-pricing")["flags"][0]["states"]
    assert [state["tests"] for state in states] == [
        ["test_flags.py::test_total[new-pricing=off]"],
        ["test_flags.py::test_total[new-pricing=on]"],
    ]
    assert answer(shop)["verdict"] == "passed"
