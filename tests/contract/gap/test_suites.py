"""What is asked of every suite: its own tests against any address, nothing left or changed. Real runners."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from andon.config.model_gap import GapConfig
from andon.errors import InvalidInput
from andon.gaps.experiment import Conditions
from andon.gaps.suite import Suite, SuiteRan
from andon.production.gap.left_running import RUN, marked, stop_marked
from andon.production.gap.suites import flavour_of, suite_for
from andon.secrets.redaction import PatternRedactor
from tests.fakes.flag_stream import until
from tests.fakes.gap_shop import ShopServer
from tests.fakes.gap_suites import junit, plain_pytest, typescript

ONCE = Conditions()


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    with ShopServer() as server:
        yield server


def made(place: Path, write: Callable[[Path], GapConfig], kept: str = "", **known: bytes) -> Suite:
    """Return the suite that `write` writes into a directory of its own."""
    team = place / "team"
    team.mkdir()
    (place / "home").mkdir()
    return suite_for(write(team), str(team), PatternRedactor(known=known.values()), kept)


def run(
    suite: Suite, place: Path, url: str, *tests: str, conditions: Conditions = ONCE, patience: float = 600
) -> SuiteRan:
    return suite.run(url, tests, conditions, patience=patience, home=str(place / "home"))


def results(ran: SuiteRan) -> list[tuple[str, str]]:
    return [(test.id, test.outcome) for test in ran.tests]


# -- pytest


def test_pytest_runs_the_tests_asked_for_as_often_as_asked(tmp_path: Path, shop: ShopServer) -> None:
    suite = made(tmp_path, plain_pytest)
    wanted = (
        "tests/test_shop.py::test_shop",
        "test_shop.py::TestSearch::test_finds",
        "tests/test_shop.py::test_wrong",
    )
    ran = run(suite, tmp_path, shop.url, *wanted, conditions=Conditions(times=2))
    assert not ran.problem
    assert results(ran) == [
        ("tests/test_shop.py::test_shop", "passed"),
        ("tests/test_shop.py::test_shop", "passed"),
        ("tests/test_shop.py::TestSearch::test_finds[ap]", "passed"),
        ("tests/test_shop.py::TestSearch::test_finds[ap]", "passed"),
        ("tests/test_shop.py::TestSearch::test_finds[b]", "passed"),
        ("tests/test_shop.py::TestSearch::test_finds[b]", "passed"),
        ("tests/test_shop.py::test_wrong", "failed"),
        ("tests/test_shop.py::test_wrong", "failed"),
    ]
    assert "pears" in ran.tests[-1].message
    assert "inject" not in ran.tests[-1].message
    assert {path.name for path in (tmp_path / "team").rglob("*")} == {"tests", "test_shop.py"}


def test_what_pytest_made_of_the_sources_is_kept_for_the_next_run_and_not_beside_them(
    tmp_path: Path, shop: ShopServer
) -> None:
    kept = tmp_path / "kept"
    suite = made(tmp_path, plain_pytest, kept=str(kept))
    for _ in range(2):
        ran = run(suite, tmp_path, shop.url, "tests/test_shop.py::test_shop")
        assert results(ran) == [("tests/test_shop.py::test_shop", "passed")]
    assert len([*kept.rglob("test_shop*.pyc")]) == 1
    assert {path.name for path in (tmp_path / "team").rglob("*")} == {"tests", "test_shop.py"}


def test_when_the_time_is_over_no_further_round_begins_and_each_test_had_one(
    tmp_path: Path, shop: ShopServer
) -> None:
    suite = made(tmp_path, plain_pytest)
    wanted = ("tests/test_shop.py::test_shop", "tests/test_shop.py::test_wrong")
    ran = run(suite, tmp_path, shop.url, *wanted, conditions=Conditions(times=1000, enough=0.05))
    assert not ran.problem
    found = [name for name, _ in results(ran)]
    assert len(found) < 1000 and "tests/test_shop.py::test_wrong" in found


def test_a_failure_while_setting_up_counts_and_a_test_that_was_skipped_does_not(
    tmp_path: Path, shop: ShopServer
) -> None:
    suite = made(tmp_path, plain_pytest)
    ran = run(suite, tmp_path, shop.url, "test_shop.py::test_skipped", "test_shop.py::test_cannot_begin")
    assert [outcome for _, outcome in results(ran)] == ["skipped", "failed"]
    assert "the account is locked" in ran.tests[1].message
    assert run(suite, tmp_path, shop.url, "test_shop.py::test_gone").problem.startswith(
        "no test ran: none of"
    )


def test_a_suite_without_end_is_stopped_and_says_so(tmp_path: Path, shop: ShopServer) -> None:
    suite = made(tmp_path, plain_pytest)
    ran = run(suite, tmp_path, shop.url, "test_shop.py::test_hangs", patience=2.0)
    assert ran.problem == "the suite did not end within 2 s and was stopped with its browsers"
    assert not ran.tests


def test_a_suite_that_does_not_load_says_why(tmp_path: Path, shop: ShopServer) -> None:
    suite = made(tmp_path, lambda place: plain_pytest(place, "import no_such_module\n"))
    assert "no_such_module" in run(suite, tmp_path, shop.url).problem


def test_secrets_in_what_a_test_says_go_no_further(tmp_path: Path, shop: ShopServer) -> None:
    canaries = {f"s{n}": f"canary-{n}-Zq7xW{n}kLm".encode() for n in range(10)}
    told = " ".join(canary.decode() for canary in canaries.values())
    text = f"def test_tells():\n    raise ValueError({told!r})\n"
    suite = made(tmp_path, lambda place: plain_pytest(place, text), **canaries)
    ran = run(suite, tmp_path, shop.url)
    assert "ValueError" in ran.tests[0].message
    assert not [c for c in canaries.values() if c.decode() in repr(ran)]


# -- any command with JUnit output


def test_a_command_with_junit_output_is_run_again_and_again(tmp_path: Path, shop: ShopServer) -> None:
    suite = made(tmp_path, junit)
    ran = run(suite, tmp_path, shop.url, "shop::pears", conditions=Conditions(times=3))
    assert results(ran) == [("shop::pears", "failed")] * 3
    assert ran.tests[0].message == "no pears\n[]"
    whole = run(suite, tmp_path, shop.url)
    assert results(whole) == [("shop::opens", "passed"), ("shop::pears", "failed")]


def test_a_command_that_leaves_no_report_says_how_it_ended(tmp_path: Path, shop: ShopServer) -> None:
    command = (sys.executable, "-c", "print('out of memory'); raise SystemExit(3)", "{report}")
    ran = run(made(tmp_path, lambda _: GapConfig(suite=command)), tmp_path, shop.url)
    assert ran.problem == "it left no report: exit code 3: out of memory"


# -- Playwright Test; what needs a browser is in tests/integration/gap

MODULE = """export default {
  testDir: './specs',
  projects: [
    { name: 'set-up', testMatch: /never/, use: { baseURL: 'http://127.0.0.1:1' } },
    { name: 'api', dependencies: ['set-up'], retries: 3, repeatEach: 2, outputDir: './left', timeout: 99000 },
  ],
}; // %s
"""
API = """import { test, expect } from '@playwright/test';
test('opens', async ({ request, baseURL }) => {
  expect((await request.get('/')).status()).toBe(200);
  expect((await request.get(baseURL + '/search?q=b')).ok()).toBeTruthy();
});
test('has pears', async ({ request }) => {
  expect(await (await request.get('/search?q=p')).json()).toEqual(['pears']);
});
test.fail('is known to fail', async () => { expect(1).toBe(2); });
test.skip('waits', async () => {});
test('hangs', async () => { await new Promise(() => {}); });
"""


def written_as_module(place: Path) -> GapConfig:
    """Write a suite whose command is a script of a package of ES modules."""
    typescript(place, API, MODULE)
    (place / "package.json").write_text(
        '{"type": "module", "scripts": {"e2e": "playwright test --reporter=list"}}'
    )
    return GapConfig(suite=("npm", "run", "e2e"))


def test_playwright_test_by_a_script_of_a_package_of_modules(tmp_path: Path, shop: ShopServer) -> None:
    suite = made(tmp_path, written_as_module)
    assert (suite.flavour, suite.cannot()) == ("playwright", "")
    wanted = [f"shop.spec.ts:{line}" for line in (2, 6, 9, 10)]
    ran = run(suite, tmp_path, shop.url, *wanted)
    assert not ran.problem
    assert [(t.id, t.title, t.outcome) for t in ran.tests] == [
        (wanted[0], "opens [api]", "passed"),
        (wanted[1], "has pears [api]", "failed"),
        (wanted[2], "is known to fail [api]", "unclear"),
        (wanted[3], "waits [api]", "skipped"),
    ]
    assert "toEqual" in ran.tests[1].message
    kept = {path.name for path in (tmp_path / "team").iterdir()}
    assert kept == {"specs", "node_modules", "playwright.config.ts", "package.json"}


def test_playwright_test_that_takes_too_long_is_stopped_with_what_it_started(
    tmp_path: Path, shop: ShopServer
) -> None:
    suite = made(tmp_path, written_as_module)
    ran = run(suite, tmp_path, shop.url, "shop.spec.ts:11", patience=4.0)
    assert "did not end within 4 s" in ran.problem
    assert list(_started_for(tmp_path)) == []


def _started_for(place: Path) -> Iterator[int]:
    """Yield the processes that were told to write below a directory."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if str(place).encode() in (Path("/proc") / name / "environ").read_bytes():
                    yield int(name)
            except OSError:
                continue


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no /proc")
def test_what_left_its_session_is_found_by_its_mark_and_ended() -> None:
    mark = f"test-{os.getpid()}"
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"],
        {**os.environ, RUN: mark},
        setpgroup=0,
    )
    try:
        until(lambda: marked(mark) == (child,))
        assert stop_marked("another") == 0
        assert stop_marked(mark) == 1
    finally:
        os.waitpid(child, 0)
    assert marked(mark) == ()


# -- which it is, and why it cannot be run

COMMANDS = [
    (("npx", "playwright", "test"), "playwright"),
    (("node_modules/.bin/playwright", "test", "e2e"), "playwright"),
    (("python3", "-m", "pytest"), "pytest"),
    ((".venv/bin/pytest", "tests/e2e"), "pytest"),
    (("./run", "--junit={report}"), "junit"),
    (("make", "test"), ""),
    ((), ""),
]


@pytest.mark.parametrize(("command", "flavour"), COMMANDS, ids=[" ".join(c) or "none" for c, _ in COMMANDS])
def test_what_a_command_runs(command: tuple[str, ...], flavour: str, tmp_path: Path) -> None:
    assert flavour_of(command, str(tmp_path)) == flavour


def test_a_command_that_does_not_tell_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        suite_for(GapConfig(suite=("make", "test")), str(tmp_path), PatternRedactor())
    assert "flavour" in refused.value.remedy


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (
            GapConfig(suite=("npx", "playwright", "test")),
            "npm ci" if shutil.which("node") else "install node",
        ),
        (GapConfig(suite=("no-such-npx", "playwright", "test")), "no-such-npx cannot be run"),
        (GapConfig(suite=("npx", "playwright", "test"), directory="gone"), "gone does not exist"),
        (GapConfig(suite=("no-such-python", "-m", "pytest")), "no-such-python cannot be run"),
        (GapConfig(suite=(sys.executable, "-S", "-m", "pytest")), "pytest does not start"),
        (GapConfig(suite=("no-such-runner", "{report}")), "no-such-runner cannot be run"),
        (GapConfig(suite=("true",), flavour="junit"), "{report}"),
    ],
)
def test_why_it_cannot_be_run(gap: GapConfig, said: str, tmp_path: Path) -> None:
    suite = suite_for(gap, str(tmp_path), PatternRedactor())
    assert said in suite.cannot()
    assert suite.run("http://127.0.0.1:1", (), ONCE, patience=5, home=str(tmp_path)).problem == suite.cannot()
