"""What a front does to the tests of a suite in a browser: Chromium for real, on the loopback.

Where all tests are to pass, nothing depends on how fast the machine is: the shop is mended and no test is
impatient. Where they are to fail, a delay is far longer than a limit of the shop.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from andon.config.model_gap import GapConfig
from andon.gaps.experiment import Conditions
from andon.gaps.suite import SuiteRan
from andon.production.gap.front import Front
from andon.production.gap.network_profiles import PROFILES
from andon.production.gap.suites import suite_for
from andon.secrets.redaction import PatternRedactor
from tests.fakes.gap_shop import ShopServer
from tests.fakes.gap_suites import SPEC, TESTS, browser_pytest, typescript

FAST_3G = PROFILES["fast-3g"]
SLOW = Conditions(latency=1200.0, down=FAST_3G.down, up=FAST_3G.up)
Write = Callable[[Path], GapConfig]
FLAVOURS = [
    pytest.param(typescript, ("buys", "shows stock", "searches", "sums"), id="typescript"),
    pytest.param(browser_pytest, ("test_buys", "test_stock", "test_searches", "test_sums"), id="pytest"),
]


def patient(place: Path, write: Callable[..., GapConfig]) -> GapConfig:
    """Write the suite with tests that wait for a minute where they would wait for a second."""
    return write(place, re.sub(r"(timeout[:=] ?)\d+", r"\g<1>60000", SPEC if write is typescript else TESTS))


def run(
    place: Path, write: Write, conditions: Conditions, *tests: str, is_mended: bool = False
) -> tuple[SuiteRan, Front]:
    """Run the suite against the shop behind a front under these conditions."""
    team = place / "team"
    team.mkdir()
    suite = suite_for(write(team), str(team), PatternRedactor())
    with (
        ShopServer(is_mended=is_mended) as shop,
        Front(
            shop.url, redactor=PatternRedactor(), latency=conditions.latency, delays=conditions.delays
        ) as front,
    ):
        return suite.run(front.url, tests, conditions, patience=600, home=str(place)), front


def outcomes(ran: SuiteRan, names: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Return how the tests went, in the order of the names."""
    assert not ran.problem
    assert len(ran.tests) == len(names)
    by = {name: test for test in ran.tests for name in names if test.title.startswith(name)}
    return [(by[name].outcome, by[name].is_impatient) for name in names]


@pytest.mark.parametrize(("write", "names"), FLAVOURS)
def test_a_rule_that_matches_nothing_flips_nothing(
    tmp_path: Path, write: Write, names: tuple[str, ...]
) -> None:
    # Whatever an hour held would not be there within the patience of any test.
    held = Conditions(delays=(("GET /nothing", 3_600_000.0),))
    ran, front = run(tmp_path, lambda place: patient(place, write), held, is_mended=True)
    assert outcomes(ran, names) == [("passed", False)] * 4
    assert front.held("GET /nothing") == 0
    assert 0 < ran.fastest_document < 600
    asked = {(one.method, one.path, one.resource) for one in ran.exchanges}
    assert {("GET", "/buy", "document"), ("GET", "/api/stock", "fetch")} <= asked
    assert len(ran.pictures) == 4
    left = {path.name for path in (tmp_path / "team").rglob("*") if "node_modules" not in path.parts}
    assert left <= {
        "specs",
        "node_modules",
        "playwright.config.ts",
        "shop.spec.ts",
        "conftest.py",
        "test_shop.py",
    }


@pytest.mark.parametrize(("write", "names"), FLAVOURS)
def test_many_rounds_are_one_start_and_pages_are_pictured_in_the_first(
    tmp_path: Path, write: Write, names: tuple[str, ...]
) -> None:
    ran, _ = run(tmp_path, write, Conditions(times=3, enough=300.0))
    assert not ran.problem
    assert [sum(test.title.startswith(name) for test in ran.tests) for name in names] == [3] * 4
    assert len(ran.pictures) == 4
    assert len([*tmp_path.glob("suite-*")]) == 1


@pytest.mark.parametrize(("write", "names"), FLAVOURS)
def test_bugs_show_on_a_slow_network_and_impatience_is_told_from_them(
    tmp_path: Path, write: Write, names: tuple[str, ...]
) -> None:
    ran, _ = run(tmp_path, write, SLOW)
    assert outcomes(ran, names) == [
        ("failed", False),  # the click was lost: the script came later
        ("failed", False),  # the answer came after the page had given it up
        ("passed", False),  # everything is late by as much, so nothing overtakes
        ("failed", True),  # the test did not wait for two answers
    ]
    assert ran.fastest_document >= 0.9 * SLOW.latency / 1000
    assert not ran.not_applied
    lost = next(test for test in ran.tests if test.title.startswith(names[1]))
    assert "The page showed:\nStock is not known" in lost.message


@pytest.mark.parametrize(("write", "names"), FLAVOURS)
def test_one_late_answer_overwrites_a_newer_one(tmp_path: Path, write: Write, names: tuple[str, ...]) -> None:
    only = "shop.spec.ts:11" if write is typescript else "test_shop.py::test_searches"
    ran, front = run(tmp_path, write, Conditions(delays=(("GET /search", 1500.0),)), only)
    assert outcomes(ran, names[2:3]) == [("failed", False)]
    assert front.held("GET /search") == 1
    assert "apple" in ran.tests[0].message
    assert ran.tests[0].message.startswith("It passed, and no longer held")
