"""Which kind of suite a command runs, and the adapter for it; running it is left to one module per kind."""

from __future__ import annotations

import json
import os

from andon.errors import InvalidInput
from andon.production.gap.junit_suite import JunitSuite
from andon.production.gap.playwright_suite import PlaywrightSuite
from andon.production.gap.pytest_suite import PytestSuite
from andon.production.gap.suite_room import Team

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.config.model_gap import GapConfig
    from andon.desk.ports_journal import Redactor
    from andon.gaps.suite import Suite

#: Commands that run a script of package.json by its name.
_PACKAGE_RUNNERS = ("npm", "pnpm", "yarn", "bun")
#: Bytes of package.json that are read.
_LARGEST = 1 << 20
_REPORT = "{report}"


def suite_for(gap: GapConfig, root: str, redactor: Redactor, kept: str = "") -> Suite:
    """Return what runs the suite of `[gap]`; raises InvalidInput for a command of no known kind.

    In the directory `kept` one run may leave for the next what it worked out.
    """
    directory = os.path.join(root, gap.directory) if gap.directory else root
    team = Team(command=gap.suite, directory=directory, url_variable=gap.url_variable, kept=kept)
    match gap.flavour or flavour_of(gap.suite, directory):
        case "playwright":
            return PlaywrightSuite(team, redactor)
        case "pytest":
            return PytestSuite(team, redactor)
        case "junit":
            return JunitSuite(team, redactor)
    raise InvalidInput(
        "the command of the suite does not tell what it is",
        where="andon.toml [gap] suite",
        remedy='set flavour = "playwright" or "pytest"; or let it write JUnit output to {report}',
    )


def flavour_of(command: Sequence[str], directory: str = "") -> str:
    """Return `playwright`, `pytest` or `junit` by the command; "" when it does not tell."""
    if any(_REPORT in word for word in command):
        return "junit"
    words = [os.path.basename(word).removesuffix(".cmd").removesuffix(".exe") for word in command]
    if any(word in ("pytest", "py.test") for word in words):
        return "pytest"
    if "playwright" in words and "test" in words:
        return "playwright"
    if words and words[0] in _PACKAGE_RUNNERS:
        script = _script(words, directory)
        if "playwright test" in script:
            return "playwright"
    return ""


def _script(words: Sequence[str], directory: str) -> str:
    """Return the script of package.json that a command like `npm run e2e` names; "" when it names none."""
    try:
        with open(os.path.join(directory, "package.json"), "rb") as file:
            scripts = json.loads(file.read(_LARGEST)).get("scripts", {})
    except (OSError, ValueError, AttributeError):
        return ""
    if not isinstance(scripts, dict):
        return ""
    return next((str(scripts[word]) for word in words[1:] if word in scripts), "")
