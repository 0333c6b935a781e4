"""pytest, with pytest-playwright or without a browser, run against a world by its own command.

What is loaded into it by PYTEST_ADDOPTS is in inject/: it chooses and repeats tests, sets the address, slows
Chromium down, and writes down what was seen.
"""

from __future__ import annotations

import os

from andon.gaps.suite import SuiteRan
from andon.production.gap.suite_lines import read_lines, words
from andon.production.gap.suite_message import test_ran
from andon.production.gap.suite_room import cannot_run, room, started
from andon.production.gap.suite_seen import seen_in
from andon.production.process import run
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports_journal import Redactor
    from andon.gaps.experiment import Conditions
    from andon.gaps.suite import TestRan
    from andon.production.gap.suite_lines import Lines, Told
    from andon.production.gap.suite_room import Run, Team
    from andon.production.process import Finished

_PLUGIN = "andon_gap_plugin"
#: Seconds in which pytest must say its version.
_VERSION = 30.0


class PytestSuite:
    """`gaps.suite.Suite` for pytest."""

    flavour = "pytest"

    def __init__(self, team: Team, redactor: Redactor) -> None:
        """Take the suite as its team runs it."""
        self._team = team
        self._redactor = redactor
        self._cannot: str | None = None

    def cannot(self) -> str:
        """Return what is missing for running it, with the way out; "" for nothing. Asked once."""
        if self._cannot is None:
            self._cannot = self._look()
        return self._cannot

    def _look(self) -> str:
        team = self._team
        if why := cannot_run(team):
            return why
        if not any(os.path.basename(word) in ("pytest", "py.test") for word in team.command):
            return ""  # a script or make: only running it tells
        done = run((*team.command, "--version"), cwd=team.directory, timeout=_VERSION)
        if done.succeeded:
            return ""
        said = words(self._redactor, done.account)[:300]
        return f"pytest does not start: {said}: install it, or name under [gap] the python that has it"

    def run(
        self, url: str, tests: Sequence[str], conditions: Conditions, *, patience: float, home: str
    ) -> SuiteRan:
        """Run these tests (all for none) against the application at `url`; never raises."""
        if why := self.cannot():
            return SuiteRan(problem=why)
        times = max(conditions.times, 1)
        with room(self._team, url, tests, conditions, home, times=times) as one:
            own = os.environ.get("PYTEST_ADDOPTS", "")
            cache = os.path.join(one.place, "cache").replace("\\", "/")
            options = f'{own} -p {_PLUGIN} -o "cache_dir={cache}"'.strip()
            done = started(
                self._team,
                self._team.command,
                replace(one, env={**one.env, "PYTEST_ADDOPTS": options}),
                patience,
            )
            return self._judged(url, conditions, one, done, patience)

    def _judged(
        self, url: str, conditions: Conditions, one: Run, done: Finished, patience: float
    ) -> SuiteRan:
        lines = read_lines(one.place, url, self._redactor)
        seen = seen_in(lines, conditions, done, patience)
        if seen.problem:
            return seen
        ran = tests_of(lines)
        return replace(seen, tests=ran, problem="" if ran else self._why_none(lines, done))

    def _why_none(self, lines: Lines, done: Finished) -> str:
        said = next(iter(lines.problems), "") or done.account
        return f"no test ran: {words(self._redactor, said)[-500:]}"


def tests_of(lines: Lines) -> tuple[TestRan, ...]:
    """Return how the tests went of which the plugin wrote something down."""
    return tuple(
        test_ran(name, name.rpartition("::")[2], _outcome(told), told.message, told.seconds, told)
        for (name, _), told in lines.told
        if told.phases
    )


def _outcome(told: Told) -> str:
    """A failure in setting up counts: fixtures go to the application too. One in taking down says nothing."""
    by = dict(reversed(told.phases))
    if by.get("call") == "failed":
        return "failed"
    if "skipped" in by.values():
        return "skipped"
    if by.get("call") == "expected" or "failed" in by.values():
        return "failed" if by.get("setup") == "failed" else "unclear"
    return "passed" if by.get("call") == "passed" else "unclear"
