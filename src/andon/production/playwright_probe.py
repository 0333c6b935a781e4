"""Smoke tests in a browser: the team's own Playwright tests are run and judged by their report.

An exit code of 0 says nothing where no test ran; one of 1 does not tell a broken shop from a missing browser.
"""

from __future__ import annotations

import os
import shlex

from andon.desk.values import ProbeReport
from andon.incident.words import Verdict
from andon.production.left_behind import PLACE, LeftBehind
from andon.production.playwright_report import LARGEST, BrowserTests, read_report
from andon.production.process import last_lines, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.values import Attachment
    from andon.production.process import Finished

_NOT_INSTALLED = (
    "Playwright is not installed in this repository: npm install --save-dev @playwright/test; or say how it"
    " is run with `command` under [[smoke]] in andon.toml"
)
_REPORT = "andon-report.json"


class PlaywrightProbe:
    """One test file, or a command that runs Playwright's tests and writes its JSON report."""

    def __init__(
        self,
        name: str,
        file: str,
        *,
        command: Sequence[str] = (),
        covers: str = "",
        critical: bool = False,
        cwd: str | None = None,
        timeout: float = 60.0,
        keep_screenshot: bool = True,
        keep_trace: bool = False,
    ) -> None:
        """Take the test file, relative to `cwd`, and what runs it (default: `playwright test`)."""
        self.name = name
        self.covers = covers
        self.critical = critical
        self._command = tuple(command)
        self._file = file
        self._cwd = cwd
        self._timeout = timeout
        self._keep_screenshot, self._keep_trace = keep_screenshot, keep_trace

    def run(self) -> ProbeReport:
        """Run the tests once and judge by their report; never raises."""
        if not os.path.isfile(os.path.join(self._cwd or "", self._file)):
            told = f"the test {self._file} does not exist; correct `playwright` under [[smoke]] in andon.toml"
            return ProbeReport(verdict=Verdict.UNKNOWN, summary=told, detail=told)
        program = "" if self._command else _installed(self._file, self._cwd or "")
        if not self._command and not program:
            return ProbeReport(verdict=Verdict.UNKNOWN, summary=_NOT_INSTALLED, detail=_NOT_INSTALLED)
        with LeftBehind(keep_screenshot=self._keep_screenshot, keep_trace=self._keep_trace) as left:
            if left.failure:
                return ProbeReport(verdict=Verdict.UNKNOWN, summary=left.failure, detail=left.failure)
            given = self._command or _arguments(program, self._file, self._keep_trace)
            return self._run(left, given)

    def _run(self, left: LeftBehind, given: tuple[str, ...]) -> ProbeReport:
        report = os.path.join(left.place, _REPORT)
        output = os.path.join(left.place, "output")
        arguments = tuple(part.replace(PLACE, output) for part in given)
        env = {
            "PLAYWRIGHT_JSON_OUTPUT_FILE": report,
            "PLAYWRIGHT_JSON_OUTPUT_NAME": report,  # the same for releases that do not know the other
            "PLAYWRIGHT_HTML_OPEN": "never",
            "ANDON_ATTACHMENTS": output,
        }
        done = run(arguments, cwd=self._cwd, env=env, timeout=self._timeout)
        tests = _found(report, done)
        verdict, summary = _judged(tests, done)
        kept = () if verdict is Verdict.PASSED else _attachments(left, tests)
        said = last_lines(done.output, 2000)
        detail = f"{shlex.join(given)}\n{done.ending}\n\n{tests.detail}\n\n{said}".rstrip()
        return ProbeReport(
            verdict=verdict, summary=summary, detail=detail, seconds=done.seconds, attachments=kept
        )


def _installed(file: str, cwd: str) -> str:
    """Return the repository's own Playwright, looked for from the test upwards as node does; "" without one.

    `npx` would ask a registry for one that is missing, in the middle of an incident.
    """
    directory = os.path.dirname(os.path.abspath(os.path.join(cwd, file)))
    while True:
        program = os.path.join(directory, "node_modules", ".bin", "playwright")
        if os.access(program, os.X_OK):
            return program
        above = os.path.dirname(directory)
        if above == directory:
            return ""
        directory = above


def _arguments(program: str, file: str, keep_trace: bool) -> tuple[str, ...]:
    trace = "--trace=retain-on-failure" if keep_trace else "--trace=off"
    # `--forbid-only`: a test.only that somebody forgot would leave the others unseen.
    return (program, "test", file, "--forbid-only", "--reporter=json", f"--output={PLACE}", trace)


def _found(report: str, done: Finished) -> BrowserTests:
    """Return what the report says: the file, else what was printed."""
    if done.failure or done.timed_out:
        return BrowserTests(verdict=Verdict.UNKNOWN, summary=done.ending)
    try:
        with open(report, "rb") as file:
            return read_report(file.read(LARGEST + 1))
    except FileNotFoundError:
        if done.raw.lstrip().startswith(b"{"):
            return read_report(done.raw)
    except OSError as error:
        return BrowserTests(verdict=Verdict.UNKNOWN, summary=f"its report cannot be read: {error.strerror}")
    return BrowserTests(verdict=Verdict.UNKNOWN, summary=f"there is no report: {done.account}"[:300])


def _judged(tests: BrowserTests, done: Finished) -> tuple[Verdict, str]:
    """A pass needs both: a report in which everything passed, and a run that says so itself."""
    summary = " ".join(tests.summary.split())
    if tests.verdict is Verdict.PASSED and not done.succeeded:
        return Verdict.UNKNOWN, f"{summary}, but the run ended with {done.ending}"
    return tests.verdict, summary


def _attachments(left: LeftBehind, tests: BrowserTests) -> tuple[Attachment, ...]:
    found = []
    for one in tests.left:
        made = left.inline(one.body, one.name) if one.body else left.file(one.path, one.name)
        if made is not None:
            found.append(made)
    return tuple(found)
