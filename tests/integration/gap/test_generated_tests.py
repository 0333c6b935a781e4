"""Generated tests, run by the real runners against a real application: red with the gap, green without."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.gaps.beliefs import Exchange
from andon.gaps.failure import Failure
from andon.gaps.prevention.drafts import Draft, Style, draft
from andon.gaps.verdict import Search
from andon.gaps.words import Answer, Kind
from andon.production.gap.junit_suite import read_cases
from andon.record import replace
from tests.browsers import CHROMIUM, MODULES, needs_chromium, needs_playwright
from tests.fakes.crowded_app import crowded_app
from tests.unit.gaps.prevention.searches import search

ADD = (Exchange(method="POST", path="/count", sent=""),)
LOST = Failure(method="GET", path="/count", text="updates were lost")
POOL = Failure(method="GET", path="/pooled", status=503)
CROWD = search(Kind.SCALE, ("users",), amount=48.0, least=1.0, threshold=20.0)

TS_JOURNEY = """import {
  test,
  expect,
} from '@playwright/test';
import path from 'node:path';

test('search as one types', async ({ page }) => {
  await page.goto('/search');
  await page.fill('#q', 'apricot');
  await expect(page.locator('#list')).toHaveText('apricot');
});
"""
PY_JOURNEY = '''"""The search."""

import re

from playwright.sync_api import Page, expect


def test_search_as_one_types(page: Page):
    page.goto("/search")
    page.fill("#q", "apricot")
    expect(page.locator("#list")).to_have_text(re.compile("^apricot$"))
'''


@pytest.fixture
def app() -> Iterator[str]:
    with crowded_app() as url:
        yield url


def drafted(found: Search, failure: Failure, style: Style, way: tuple[Exchange, ...] = ()) -> Draft:
    made = draft(found, failure, style, way, profile=(2000.0, 50_000.0, 50_000.0))
    assert made.draft is not None, made.told
    return made.draft


def run_pytest(home: Path, made: Draft, text: str, url: str) -> tuple[bool, str]:
    file = home / made.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    (home / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.fixture(scope='session')\ndef browser_type_launch_args():\n"
        f"    return {{'executable_path': {CHROMIUM!r}, 'args': ['--no-sandbox']}}\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:schemathesis",
            "--rootdir",
            str(home),
            str(file),
        ]
        + (["--base-url", url] if "playwright" in text else []),
        cwd=home,
        env={**os.environ, "BASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode == 0, done.stdout + done.stderr


def run_playwright(home: Path, made: Draft, text: str, url: str) -> tuple[bool, str]:
    file = home / made.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    if not (home / "node_modules").exists():
        (home / "node_modules").symlink_to(MODULES)
    launch = json.dumps({"executablePath": CHROMIUM, "args": ["--no-sandbox"]})
    (home / "playwright.config.ts").write_text(
        "export default { testDir: '.', reporter: 'line', workers: 1, expect: { timeout: 2000 },\n"
        f"  use: {{ baseURL: process.env.BASE_URL, launchOptions: {launch} }} }};\n"
    )
    done = subprocess.run(
        [MODULES / ".bin" / "playwright", "test"],
        cwd=home,
        env={**os.environ, "BASE_URL": url, "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode == 0, done.stdout + done.stderr


def run_command(home: Path, made: Draft, text: str, url: str) -> tuple[bool, str]:
    file = home / made.path
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    report = str(home / "report.xml")
    done = subprocess.run(
        [sys.executable if w == "python3" else w.replace("{report}", report) for w in made.command],
        cwd=home,
        env={**os.environ, "BASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode == 0, f"{done.stdout}{done.stderr}{Path(report).read_text()}"


def test_a_crowd_in_python_is_red_with_many_and_green_with_one(tmp_path: Path, app: str) -> None:
    made = drafted(CROWD, LOST, Style(flavour="pytest"), ADD)
    passed, told = run_pytest(tmp_path, made, made.green, app)
    assert passed, told
    passed, told = run_pytest(tmp_path, made, made.text, app)
    assert not passed
    assert made.mark in told


@needs_playwright
def test_a_crowd_in_typescript_is_red_with_many_and_green_with_one(tmp_path: Path, app: str) -> None:
    made = drafted(CROWD, POOL, Style(flavour="playwright", file="tests/shop.spec.ts"))
    passed, told = run_playwright(tmp_path, made, made.green, app)
    assert passed, told
    passed, told = run_playwright(tmp_path, made, made.text, app)
    assert not passed
    assert made.mark in told


@needs_playwright
@pytest.mark.parametrize("flavour", ["pytest", "playwright"])
def test_a_request_is_green_where_it_answers_and_red_where_it_fails(
    tmp_path: Path, app: str, flavour: str
) -> None:
    failure = Failure(method="GET", path="/broken", status=500)
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",))
    run = run_pytest if flavour == "pytest" else run_playwright
    made = drafted(found, failure, Style(flavour=flavour))
    assert made.green == ""
    assert [part.place for part in made.parts] == [("STORE_TZ",)]
    passed, told = run(tmp_path, made, made.text, app)  # 404 here: only 500 and more is the failure
    assert passed, told
    passed, told = run(tmp_path, made, made.text.replace("/broken", "/fails"), app)
    assert not passed
    assert made.mark in told


@pytest.mark.parametrize("flavour", ["pytest", "script", "node", "playwright"])
def test_a_test_turned_round_is_green_while_it_fails_and_red_once_that_is_mended(
    tmp_path: Path, app: str, flavour: str
) -> None:
    if flavour == "playwright" and not MODULES.exists():
        pytest.skip("there is no Playwright Test here")
    if flavour == "node" and shutil.which("node") is None:
        pytest.skip("there is no node here")
    run = {"pytest": run_pytest, "playwright": run_playwright}.get(flavour, run_command)
    found = search(Kind.ENVIRONMENT, ("STORE_TZ",))
    found = replace(found, verdict=replace(found.verdict, answer=Answer.UNTESTED, kinds=(), place=()))
    language = flavour if flavour == "node" else ""
    style = Style(flavour="junit" if run is run_command else flavour, language=language)
    made = draft(found, Failure(method="GET", path="/fails", status=500), style).draft
    assert made is not None
    passed, told = run(tmp_path, made, made.text, app)
    assert not passed
    assert made.mark in told
    passed, told = run(tmp_path, made, made.turned, app)
    assert passed, told
    passed, told = run(tmp_path, made, made.turned.replace("/fails", "/quick"), app)
    assert not passed
    assert "so turn this test round" in told
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        passed, told = run(tmp_path, made, made.turned, nowhere)
    assert not passed, "an application that is not there is no failure as expected"


@pytest.mark.parametrize("language", ["", "node"])
def test_a_file_for_a_command_tells_in_its_report(tmp_path: Path, app: str, language: str) -> None:
    if language and shutil.which("node") is None:
        pytest.skip("there is no node here")
    made = drafted(CROWD, POOL, Style(flavour="junit", language=language))
    for text, is_green in ((made.green, True), (made.text, False)):
        passed, told = run_command(tmp_path, made, text, app)
        assert passed is is_green, told
        cases, why = read_cases((tmp_path / "report.xml").read_bytes())
        assert not why
        assert [case.outcome for case in cases] == ["passed" if is_green else "failed"]
        assert is_green or made.mark in cases[0].message


@needs_chromium
@needs_playwright
@pytest.mark.parametrize("flavour", ["pytest", "playwright"])
def test_a_late_answer_is_red_where_a_stale_one_overwrites_the_newer(
    tmp_path: Path, app: str, flavour: str
) -> None:
    found = search(Kind.NETWORK, ("delay", "GET /find"), amount=800.0)
    style = (
        Style(flavour="pytest", file="tests/test_search.py", text=PY_JOURNEY)
        if flavour == "pytest"
        else Style(flavour="playwright", file="e2e/search.spec.ts", text=TS_JOURNEY)
    )
    run = run_pytest if flavour == "pytest" else run_playwright
    made = drafted(found, Failure(text="apple"), style)
    passed, told = run(tmp_path, made, made.green, app)
    assert passed, told
    passed, told = run(tmp_path, made, made.text, app)
    assert not passed, told


@needs_chromium
@needs_playwright
def test_a_slow_connection_is_red_where_the_page_gives_up(tmp_path: Path, app: str) -> None:
    found = search(Kind.NETWORK, ("browser",), amount=3000.0)
    text = TS_JOURNEY.replace("/search", "/impatient").replace("  await page.fill('#q', 'apricot');\n", "")
    style = Style(flavour="playwright", file="e2e/search.spec.ts", text=text)
    made = drafted(found, Failure(text="too slow"), style)
    passed, told = run_playwright(tmp_path, made, made.green, app)
    assert passed, told
    passed, told = run_playwright(tmp_path, made, made.text, app)
    assert not passed, told
