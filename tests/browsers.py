"""The browser and the runner that tests of suites use, and what to do where they are missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

#: Where `./dev` puts Playwright Test.
MODULES = Path(__file__).resolve().parents[1] / ".venv" / "browser" / "node_modules"
CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), "")


def no_browser() -> str:
    """Return why no page can be opened here, with the way out; "" when one can."""
    return "" if CHROMIUM else "no Chromium: install chromium (Debian, Ubuntu: sudo apt install chromium)"


def no_runner() -> str:
    """Return why Playwright Test cannot run here, with the way out; "" when it can."""
    if not shutil.which("node"):
        return "no Node.js: install nodejs and npm, then ./dev setup"
    if not (MODULES / "@playwright" / "test").is_dir():
        return "no Playwright Test: ./dev setup installs it where there is npm"
    return ""


needs_chromium = pytest.mark.skipif(bool(no_browser()), reason=no_browser() or "there is one")
needs_playwright = pytest.mark.skipif(bool(no_runner()), reason=no_runner() or "there is one")
