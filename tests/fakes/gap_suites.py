"""Real suites for the shop, written into a directory: Playwright Test, pytest, a command with JUnit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from andon.config.model_gap import GapConfig
from tests.browsers import CHROMIUM, MODULES, no_browser, no_runner

CONFIG = """import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: './specs',
  retries: 2,
  reporter: 'list',
  use: { baseURL: 'http://localhost:3000', launchOptions: { executablePath: '%s', args: ['--no-sandbox'] } },
  webServer: { command: 'false', url: 'http://localhost:3000', reuseExistingServer: true },
});
"""
SPEC = """import { test, expect } from '@playwright/test';
test('buys', async ({ page }) => {
  await page.goto('/buy');
  await page.click('#buy');
  await expect(page.locator('#said')).toHaveText('Bought', { timeout: 1500 });
});
test('shows stock', async ({ page }) => {
  await page.goto('http://localhost:3000/stock');
  await expect(page.locator('#stock')).toHaveText('3 left', { timeout: 2000 });
});
test('searches', async ({ page }) => {
  await page.goto('/search-page');
  await page.locator('#q').pressSequentially('apr', { delay: 200 });
  await expect(page.locator('#found li')).toHaveText(['apricot']);
});
test('sums', async ({ page }) => {
  await page.goto('/sums');
  await expect(page.locator('#sum')).toHaveText('6', { timeout: 1500 });
});
"""
CONFTEST = """import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": "%s", "args": ["--no-sandbox"]}
"""
TESTS = """from playwright.sync_api import expect

def test_buys(page):
    page.goto("/buy")
    page.click("#buy")
    expect(page.locator("#said")).to_have_text("Bought", timeout=1500)

def test_stock(page):
    page.goto("/stock")
    expect(page.locator("#stock")).to_have_text("3 left", timeout=2000)

def test_searches(page):
    page.goto("/search-page")
    page.locator("#q").press_sequentially("apr", delay=200)
    expect(page.locator("#found li")).to_have_text(["apricot"])

def test_sums(page):
    page.goto("/sums")
    expect(page.locator("#sum")).to_have_text("6", timeout=1500)
"""
PLAIN = """import os, urllib.request
import pytest

def ask(path):
    with urllib.request.urlopen(os.environ["SHOP_URL"] + path) as answer:
        return answer.status, answer.read().decode()

def test_shop():
    assert ask("/")[0] == 200

class TestSearch:
    @pytest.mark.parametrize("letters", ["ap", "b"])
    def test_finds(self, letters):
        assert letters in ask("/search?q=" + letters)[1]

def test_wrong():
    assert "pears" in ask("/search?q=p")[1]

def test_hangs():
    import time
    time.sleep(600)

@pytest.mark.skip(reason="not now")
def test_skipped():
    pass

@pytest.fixture
def broken():
    raise OSError("the account is locked")

def test_cannot_begin(broken):
    pass
"""


def typescript(place: Path, spec: str = SPEC, config: str = CONFIG) -> GapConfig:
    """Write a suite in TypeScript; skips where there is no browser or no Playwright Test."""
    if why := no_runner() or no_browser():
        pytest.skip(why)
    (place / "specs").mkdir()
    (place / "node_modules").symlink_to(MODULES)
    (place / "playwright.config.ts").write_text(config % CHROMIUM)
    (place / "specs" / "shop.spec.ts").write_text(spec)
    return GapConfig(suite=("node_modules/.bin/playwright", "test"))


def browser_pytest(place: Path, tests: str = TESTS) -> GapConfig:
    """Write a suite with pytest-playwright; skips where there is no browser."""
    if why := no_browser():
        pytest.skip(why)
    (place / "conftest.py").write_text(CONFTEST % CHROMIUM)
    (place / "test_shop.py").write_text(tests)
    return GapConfig(suite=(sys.executable, "-m", "pytest", "-q"))


def plain_pytest(place: Path, tests: str = PLAIN) -> GapConfig:
    """Write a suite that asks over HTTP by itself."""
    (place / "tests").mkdir()
    (place / "tests" / "test_shop.py").write_text(tests)
    # What the environment of our own tests loads into every pytest is not wanted there.
    quiet = ("-p", "no:schemathesis", "-p", "no:playwright", "-p", "no:base_url", "-p", "no:hypothesispytest")
    command = (sys.executable, "-m", "pytest", "-q", *quiet)
    return GapConfig(suite=command, url_variable="SHOP_URL")


def junit(place: Path) -> GapConfig:
    """Write a program that asks over HTTP and writes JUnit's XML."""
    (place / "check.py").write_text(
        "import os, sys, urllib.request\n"
        "def ask(path):\n"
        "    return urllib.request.urlopen(os.environ['BASE_URL'] + path).read().decode()\n"
        "wrong = '' if 'pears' in ask('/search?q=p') else '<failure message=\"no pears\">[]</failure>'\n"
        "open(sys.argv[1], 'w').write('<testsuites><testsuite>'\n"
        '    \'<testcase classname="shop" name="opens" time="0.5"/>\'\n'
        '    f\'<testcase classname="shop" name="pears">{wrong}</testcase></testsuite></testsuites>\')\n'
    )
    return GapConfig(suite=(sys.executable, "check.py", "{report}"))
