"""How the team's suite writes its tests: its flavour, and the file of the test that goes the failing way."""

from __future__ import annotations

import os

from andon.gaps.coverage import journey
from andon.gaps.prevention.drafts import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.config.model_gap import GapConfig
    from andon.gaps.beliefs import Beliefs
    from andon.gaps.failure import Failure

#: Directories that hold no tests of the team's.
_NOT_THEIRS = frozenset(("node_modules", "dist", "build", "venv", "__pycache__", "site-packages"))
#: Programs that run tests in JavaScript.
_NODE = frozenset(("node", "npm", "npx", "pnpm", "yarn"))
#: Files that are looked through for the journey's, and bytes of it that are read.
_MOST_FILES, _LARGEST = 20_000, 1 << 20


def style_of(
    gap: GapConfig, root: str, beliefs: Beliefs, failure: Failure, failed: Sequence[str] = ()
) -> Style:
    """Return the style; without a file where none of the journey's tests is found on disk.

    `failed` are the tests in which an experiment saw the failure, as the runner names them: of a failure
    without a request nothing else may tell which tests go that way.
    """
    home = os.path.join(root, gap.directory)
    flavour = flavour_of(gap, beliefs)
    for test in gap.journey or journey(beliefs, failure) or failed:
        named = test.partition("::")[0] if flavour == "pytest" else test.split(":")[0].strip()
        path = _found(home, named)
        if path and (text := _text(os.path.join(home, path))):
            return Style(flavour=flavour, file=path, text=text, url_variable=gap.url_variable)
    runner = os.path.basename(gap.suite[0]).partition(".")[0] if gap.suite else ""
    language = "node" if runner in _NODE else ""
    usual = next((d for d in ("tests", "e2e", "test") if os.path.isdir(os.path.join(home, d))), "")
    return Style(flavour=flavour, language=language, url_variable=gap.url_variable, directory=usual)


def flavour_of(gap: GapConfig, beliefs: Beliefs) -> str:
    """Return what kind of suite it is: as configured, by its command, by its artefacts."""
    if gap.flavour:
        return gap.flavour
    words = " ".join(os.path.basename(part) for part in gap.suite)
    for flavour in ("playwright", "pytest"):
        if flavour in words:
            return flavour
    return beliefs.flavour or "junit"


def _found(home: str, named: str) -> str:
    """Return the path, below `home`, of a file as a runner names it: from its own directory on."""
    named = os.path.normpath(named)
    if os.path.isabs(named):
        named = os.path.relpath(named, home)
    if not named or named.startswith(".."):
        return ""
    if os.path.isfile(os.path.join(home, named)):
        return named
    seen = 0
    for directory, below, files in os.walk(home):
        below[:] = sorted(d for d in below if d not in _NOT_THEIRS and not d.startswith("."))
        seen += len(files)
        path = os.path.join(directory, named)
        if os.path.isfile(path):
            return os.path.relpath(path, home)
        if seen > _MOST_FILES:
            return ""
    return ""


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(_LARGEST)
    except (OSError, UnicodeDecodeError):
        return ""
