"""Running migrations that are programs on a disposable copy: the team's own commands, or Alembic's library.

The address of the copy reaches a program in its environment only, and what it prints passes without it.
"""

from __future__ import annotations

import json
import os
import tempfile

from andon.desk.values import TrialFailed
from andon.production.process import last_lines, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.desk.values import MigrationStep
    from andon.production.process import Finished

#: Characters of a tool's last words that are told.
_WORDS = 400
_ALEMBIC = os.path.join(os.path.dirname(__file__), "alembic_trial.py")


class CommandRunner:
    """The port `MigrationRunner` on the team's own commands."""

    def __init__(
        self,
        up: Sequence[str],
        down: Sequence[str],
        base: Sequence[str] = (),
        *,
        variable: str,
        cwd: str,
        limit: float,
    ) -> None:
        """Take the argument lists, the variable for the copy's address, where to run, seconds for each."""
        self._ways = {"up": tuple(up), "down": tuple(down)}
        self._base = tuple(base)
        self._variable = variable
        self._cwd = cwd
        self._limit = limit

    def run(self, way: str, steps: Sequence[MigrationStep], url: str) -> None:
        """Run the command once for each migration; `base` once for many that go up."""
        if way == "up" and len(steps) > 1 and self._base:
            self._one(self._base, steps[-1], url, self._limit * len(steps))
            return
        for step in steps:
            self._one(self._ways[way], step, url, self._limit)

    def _one(self, command: Sequence[str], step: MigrationStep, url: str, limit: float) -> None:
        arguments = [_filled(part, step, url) for part in command]
        done = run(arguments, cwd=self._cwd, env={self._variable: url}, timeout=limit)
        if not done.succeeded:
            raise _failed(done, f"{step.path}: {os.path.basename(command[0])}", url)


def _filled(part: str, step: MigrationStep, url: str) -> str:
    """Fill the placeholders in one pass, so that no value is taken for another's placeholder."""
    values = {
        "{revision}": step.revision,
        "{previous}": step.previous,
        "{app}": step.app,
        "{file}": step.path,
        "{url}": url,
    }
    found, rest = "", part
    while rest:
        at, name = min(((rest.find(n), n) for n in values if n in rest), default=(-1, ""))
        if at < 0:
            break
        found += rest[:at] + values[name]
        rest = rest[at + len(name) :]
    return found + rest


class AlembicRunner:
    """The port `MigrationRunner` on the Alembic of the project's own Python, without the project's env.py."""

    def __init__(self, python: Sequence[str], *, cwd: str, limit: float) -> None:
        """Take the interpreter as an argument list, where to run it, and seconds for one migration."""
        self._python = tuple(python)
        self._cwd = cwd
        self._limit = limit

    def run(self, way: str, steps: Sequence[MigrationStep], url: str) -> None:
        """Run the functions of all migrations in one process, each in a transaction of its own."""
        with tempfile.TemporaryDirectory(prefix="andon-alembic-") as directory:
            plan = os.path.join(directory, "plan.json")
            with open(plan, "w", encoding="utf-8") as file:
                json.dump({"way": way, "steps": [[step.path, step.text] for step in steps]}, file)
            done = run(
                [*self._python, _ALEMBIC, plan],
                cwd=self._cwd,
                env={"ANDON_TRIAL_URL": url, "ANDON_TRIAL_ROOT": self._cwd},
                timeout=self._limit * max(len(steps), 1),
                apart=True,
            )
        if not done.succeeded:
            raise _failed(done, "alembic", url)


def _failed(done: Finished, what: str, url: str) -> TrialFailed:
    words = " ".join((last_lines(done.output, _WORDS) or done.account).split())
    return TrialFailed(f"{what}: {without_address(words, url)}"[:600], timed_out=done.timed_out)


def without_address(words: str, url: str) -> str:
    """Return what a program printed without the copy's address and its password."""
    from urllib.parse import unquote, urlsplit

    try:
        password = urlsplit(url).password or ""
    except ValueError:
        password = ""
    for secret in (url, password, unquote(password)):
        words = words.replace(secret, "***") if secret else words
    return words


def environment_values(names: Sequence[str], surroundings: Mapping[str, str]) -> tuple[str, ...]:
    """Return addresses with `$NAME` looked up; one that is not set is left out."""
    found = []
    for name in names:
        value = surroundings.get(name[1:].strip("{}"), "") if name.startswith("$") else name
        if value:
            found.append(value)
    return tuple(found)
