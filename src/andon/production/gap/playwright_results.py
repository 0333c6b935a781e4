"""The tests of a report of Playwright Test's JSON reporter, as the search for a gap needs them. Pure.

Format: https://playwright.dev/docs/test-reporters#json-reporter
"""

from __future__ import annotations

import json

from andon.production.playwright_report import tests_in
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What a message says when no browser could be started on this machine.
_NO_BROWSER = ("executable doesn't exist", "enoent")
#: What it begins with when one was found, and did not start.
_LAUNCH = "browserType.launch:"


class Found(Record):
    """One round of one test."""

    #: The runner's own number for it, by which what was written down inside it is found.
    number: str
    #: `checkout.spec.ts:12`.
    id: str
    title: str
    outcome: str
    message: str = ""
    seconds: float = 0.0


class Results(Record):
    """What a whole report says."""

    tests: tuple[Found, ...] = ()
    #: Errors outside of the tests; why the report says nothing.
    problems: tuple[str, ...] = ()
    #: True when no browser was found.
    no_browser: bool = False
    #: What a browser that did not start said; "" when it was not found, or started.
    not_started: str = ""


def read_results(content: bytes) -> Results:
    """Return the tests of a report; what is not understood is a problem, never an exception."""
    try:
        report = json.loads(content)
        tests = tuple(_test(*found) for found in tests_in(report["suites"]))
        problems = tuple(_message([error]) for error in report.get("errors", ()))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return Results(problems=("its report is not one of Playwright's JSON reporter",))
    launches = [test.message for test in tests if test.outcome == "failed" and _LAUNCH in test.message]
    no_browser = any(text in said.lower() for said in launches for text in _NO_BROWSER)
    not_started = "" if no_browser else next(iter(launches), "")
    return Results(tests=tests, problems=problems, no_browser=no_browser, not_started=not_started)


def _test(spec: dict[str, Any], test: dict[str, Any], titles: tuple[str, ...]) -> Found:
    results = test.get("results", [])
    last = results[-1] if results else {}
    project = str(test.get("projectName", ""))
    title = " > ".join(titles) + (f" [{project}]" if project else "")
    return Found(
        number=str(spec.get("id", "")),
        id=f"{spec.get('file', '')}:{spec.get('line', 0)}",
        title=title,
        outcome=_outcome(test, str(last.get("status", ""))),
        message=_message(last.get("errors") or [last.get("error") or {}]),
        seconds=float(last.get("duration", 0)) / 1000,
    )


def _outcome(test: dict[str, Any], status: str) -> str:
    """Return how a test went; one that is expected to fail says nothing for certain."""
    if test.get("status") == "skipped" or status == "skipped":
        return "skipped"
    if test.get("expectedStatus") != "passed":
        return "unclear"
    if status == "passed":
        return "passed"
    return "failed" if status in ("failed", "timedOut") else "unclear"


def _message(errors: list[dict[str, Any]]) -> str:
    said = (str(error.get("message") or error.get("value") or "") for error in errors)
    return "\n\n".join(dict.fromkeys(filter(None, said)))
