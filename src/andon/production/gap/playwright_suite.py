"""Playwright Test, in TypeScript or JavaScript, run against a world: by its own command, unchanged.

What is loaded into it by NODE_OPTIONS is in inject/: it sets options and address, slows Chromium down, and
writes down what pages saw.
"""

from __future__ import annotations

import os
import shutil

from andon.gaps.suite import SuiteRan
from andon.production.gap.playwright_results import Results, read_results
from andon.production.gap.suite_lines import LONGEST, read_lines, words
from andon.production.gap.suite_message import test_ran
from andon.production.gap.suite_room import cannot_run, room, started
from andon.production.gap.suite_seen import seen_in
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports_journal import Redactor
    from andon.gaps.experiment import Conditions
    from andon.production.gap.suite_room import Run, Team
    from andon.production.process import Finished

_REPORT = "report.json"
_LARGEST = 64 << 20
#: Characters of what a browser said that did not start: what was fatal stands last.
_SAID = 600
_NO_BROWSER = (
    "Playwright found no browser: npx playwright install chromium, or name the system's in the suite's"
    " configuration (launchOptions.executablePath)"
)


class PlaywrightSuite:
    """`gaps.suite.Suite` for Playwright Test."""

    flavour = "playwright"

    def __init__(self, team: Team, redactor: Redactor) -> None:
        """Take the suite as its team runs it."""
        self._team = team
        self._redactor = redactor

    def cannot(self) -> str:
        """Return what is missing for running it, with the way out; "" for nothing."""
        if why := cannot_run(self._team, "install node and npm, or correct the command"):
            return why
        if not shutil.which("node"):
            return "node is not installed: install it, or put it on PATH"
        if not _installed(self._team.directory):
            return "Playwright Test is not installed in the repository: npm ci"
        return ""

    def run(
        self, url: str, tests: Sequence[str], conditions: Conditions, *, patience: float, home: str
    ) -> SuiteRan:
        """Run these tests (all for none) against the application at `url`; never raises."""
        if why := self.cannot():
            return SuiteRan(problem=why)
        times = max(conditions.times, 1)
        with room(self._team, url, tests, conditions, home, times=times) as one:
            report = os.path.join(one.place, _REPORT)
            env = {**one.env, "PLAYWRIGHT_JSON_OUTPUT_FILE": report, "PLAYWRIGHT_JSON_OUTPUT_NAME": report}
            done = started(self._team, self._team.command, replace(one, env=env), patience)
            return self._judged(url, conditions, one, done, patience)

    def _judged(
        self, url: str, conditions: Conditions, one: Run, done: Finished, patience: float
    ) -> SuiteRan:
        lines = read_lines(one.place, url, self._redactor)
        seen = seen_in(lines, conditions, done, patience)
        if seen.problem:
            return seen
        results = _results(one.place)
        if results.no_browser:
            return replace(seen, problem=_NO_BROWSER)
        if results.not_started:
            said = words(self._redactor, results.not_started)[-_SAID:]
            return replace(seen, problem=f"the browser does not start: {said}")
        ran = tuple(
            test_ran(
                words(self._redactor, test.id),
                words(self._redactor, test.title),
                test.outcome,
                words(self._redactor, test.message)[:LONGEST],
                test.seconds,
                lines.of(test.number),
            )
            for test in results.tests
        )
        return replace(seen, tests=ran, problem="" if ran else self._why_none(results, done))

    def _why_none(self, results: Results, done: Finished) -> str:
        said = next(iter(results.problems), "") or done.account
        return f"no test ran: {words(self._redactor, said)[:500]}"


def _results(place: str) -> Results:
    try:
        with open(os.path.join(place, _REPORT), "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError:
        return Results()
    if len(content) > _LARGEST:
        return Results(problems=(f"its report is larger than {_LARGEST} bytes",))
    return read_results(content)


def _installed(directory: str) -> bool:
    """True when node finds Playwright Test from there upwards; `npx` would ask a registry for it else."""
    at = os.path.abspath(directory)
    while True:
        if any(
            os.path.isdir(os.path.join(at, "node_modules", *name))
            for name in (("@playwright", "test"), ("playwright",))
        ):
            return True
        above = os.path.dirname(at)
        if above == at:
            return False
        at = above
