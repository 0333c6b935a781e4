"""Asking production which version runs: a command that prints it, alone or as JSON with a `version`."""

from __future__ import annotations

import json
import time

from andon.errors import Unavailable
from andon.production.process import first_words, run
from andon.production.version import is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Seconds between two questions while a deployment settles.
PAUSE = 0.2


class RunningVersion:
    """The command that tells which version is in production."""

    def __init__(self, arguments: Sequence[str], *, cwd: str | None = None, timeout: float = 30.0) -> None:
        """Keep the argument list, where to run it and for how many seconds at most."""
        self.arguments = tuple(arguments)
        self._cwd = cwd
        self._timeout = timeout

    def ask(self) -> str:
        """Return the version that runs; raises Unavailable when the command does not tell it."""
        answer = run(self.arguments, cwd=self._cwd, timeout=self._timeout, limit=1 << 16, apart=True)
        if not answer.succeeded:
            raise Unavailable(
                f"the command that tells the running version failed: {answer.account}",
                where=" ".join(self.arguments),
                remedy="run it yourself, then correct `running` in andon.toml",
            )
        version = _version_in(answer.output)
        if not version:
            said = first_words(answer.output, 120)
            raise Unavailable(
                f"the command that tells the running version printed no version: {said!r}",
                where=" ".join(self.arguments),
                remedy="`running` in andon.toml has to print the version on its first line, or as JSON",
            )
        return version


def settle(ask: Callable[[], str], version: str, patience: float) -> tuple[str, str]:
    """Ask until `version` runs, for `patience` seconds; returns the last answer, or why there is none."""
    deadline = time.monotonic() + patience
    while True:
        try:
            running, failure = ask(), ""
        except Unavailable as error:
            running, failure = "", error.message
        if running == version or time.monotonic() >= deadline:
            return running, failure
        time.sleep(PAUSE)


def _version_in(text: str) -> str:
    """Return the version in a command's output; "" when there is none."""
    text = text.strip()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    first = document.get("version") if isinstance(document, dict) else text.partition("\n")[0].strip()
    return first if isinstance(first, str) and is_version(first) else ""
