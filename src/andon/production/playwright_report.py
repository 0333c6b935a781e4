"""What a report of Playwright Test's JSON reporter says about production. Pure.

A report passes when at least one test ran and every test passed at its first attempt. A test that failed or
took longer than its own time limit failed. All else says nothing for certain: flaky, skipped, interrupted,
expected to fail, no test at all, an error outside the tests, a report of a form that is not known.
Format: https://playwright.dev/docs/test-reporters#json-reporter
"""

from __future__ import annotations

import json

from andon.incident.words import Verdict, counted
from andon.production.process import clean
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: Bytes of a report that are still read, and how deep suites and steps may nest.
LARGEST, _DEEPEST = 32 << 20, 40
#: Characters of a message in the summary and in the details.
_SHORT, _LONG = 200, 2000
#: What a message says when this machine could not look: no browser, or no name resolution, as over HTTP.
_OURS = (
    "browserType.launch:",
    "Executable doesn't exist",
    "net::ERR_NAME_NOT_RESOLVED",
    "net::ERR_INTERNET_DISCONNECTED",
    "net::ERR_NETWORK_CHANGED",
)


class Left(Record):
    """An attachment that a failing test names."""

    name: str
    media_type: str
    path: str = ""
    #: Base64 of its content, where it is in the report itself.
    body: str = ""


class Ran(Record):
    """How one test went."""

    title: str
    #: `passed`, `failed`, `flaky`, `skipped`, `interrupted`, `unseen` (by this machine), or `unclear`.
    outcome: str
    #: The step that failed, and what it said.
    step: str = ""
    message: str = ""
    left: tuple[Left, ...] = ()


class BrowserTests(Record):
    """What the whole run says."""

    verdict: Verdict
    summary: str
    detail: str = ""
    left: tuple[Left, ...] = ()


def read_report(content: bytes) -> BrowserTests:
    """Return what a report says; never raises: what is not understood is unknown."""
    if len(content) > LARGEST:
        return _unknown(f"the report is larger than {LARGEST} bytes")
    try:
        report = json.loads(content)
        suites, errors = report["suites"], report["errors"]
        ran = tuple(_test(test, titles) for _, test, titles in tests_in(suites))
        outside = tuple(_line(_message(error)) for error in errors)
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return _unknown("the report is not one of Playwright's JSON reporter")
    return _judged(ran, outside)


def _judged(ran: tuple[Ran, ...], outside: tuple[str, ...]) -> BrowserTests:
    by: dict[str, list[Ran]] = {}
    for test in ran:
        by.setdefault(test.outcome, []).append(test)
    left = tuple(one for test in ran for one in test.left)
    lines = [f"{test.outcome}: {test.title}{_why(test, _LONG)}" for test in ran]
    detail = "\n".join([*lines, *(f"outside the tests: {error}" for error in outside)])
    count = counted(len(ran), "test")
    if failed := by.pop("failed", None):
        told = f"{len(failed)} of {count} failed: {failed[0].title}{_why(failed[0], _SHORT)}"
        return BrowserTests(verdict=Verdict.FAILED, summary=told, detail=detail, left=left)
    if outside:
        told = f"an error outside the tests: {outside[0][:_SHORT]}"
        return BrowserTests(verdict=Verdict.UNKNOWN, summary=told, detail=detail, left=left)
    if not ran:
        return _unknown("no test ran")
    by.pop("passed", None)
    if by:
        told = ", ".join(
            f"{len(tests)} {outcome} ({tests[0].title}{_why(tests[0], _SHORT)})"
            for outcome, tests in by.items()
        )
        told = f"of {count}: {told}"
        return BrowserTests(verdict=Verdict.UNKNOWN, summary=told, detail=detail, left=left)
    return BrowserTests(verdict=Verdict.PASSED, summary=f"{count} passed", detail=detail)


def _unknown(why: str) -> BrowserTests:
    return BrowserTests(verdict=Verdict.UNKNOWN, summary=why)


def tests_in(
    suites: list[dict[str, Any]], above: tuple[str, ...] = (), depth: int = 0
) -> Iterator[tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]]:
    """Yield every test with its spec before it and all its titles behind it.

    The outermost suite is the file, whose name says nothing new. Raises ValueError, KeyError, TypeError or
    AttributeError for a report of a form that is not known.
    """
    if depth > _DEEPEST:
        raise ValueError("suites nest too deep")
    for suite in suites:
        titles = above if suite.get("title") == suite.get("file") else (*above, str(suite["title"]))
        for spec in suite.get("specs", ()):
            for test in spec["tests"]:
                yield spec, test, (*titles, str(spec["title"]))
        yield from tests_in(suite.get("suites", []), titles, depth + 1)


def _test(test: dict[str, Any], titles: tuple[str, ...]) -> Ran:
    results = test["results"]
    project = str(test.get("projectName", ""))
    title = _line(" > ".join(titles) + (f" [{project}]" if project else ""))
    outcome = _outcome(test, [str(result["status"]) for result in results])
    if outcome == "passed" or not results:
        return Ran(title=title, outcome=outcome)
    shown = next((r for r in reversed(results) if r["status"] != "passed"), results[-1])
    errors = [shown.get("error"), *shown.get("errors", ())]
    message = _message(next((e for e in errors if e), {}))
    return Ran(
        title=title,
        outcome="unseen" if outcome == "failed" and any(text in message for text in _OURS) else outcome,
        step=_line(" > ".join(_failed_step(shown.get("steps", ()), 0))),
        message=message,
        left=tuple(_left(found) for found in shown.get("attachments", ())),
    )


def _outcome(test: dict[str, Any], statuses: list[str]) -> str:
    """Return how a test went, from its attempts: the first pass counts, a pass after a failure does not."""
    if test["status"] == "skipped" or (statuses and set(statuses) == {"skipped"}):
        return "skipped"
    if test.get("expectedStatus") != "passed" or not statuses:
        return "unclear"
    if set(statuses) == {"passed"}:
        return "passed" if test["status"] == "expected" else "unclear"
    if "passed" in statuses:
        return "flaky"
    if statuses[-1] in ("failed", "timedOut"):
        return "failed"
    return "interrupted" if statuses[-1] == "interrupted" else "unclear"


def _failed_step(steps: list[dict[str, Any]], depth: int) -> tuple[str, ...]:
    """Return the titles down to the innermost step with an error."""
    for step in steps:
        if step.get("error"):
            inner = _failed_step(step.get("steps", []), depth + 1) if depth < _DEEPEST else ()
            return (str(step["title"]), *inner)
    return ()


def _left(found: dict[str, Any]) -> Left:
    return Left(
        name=_line(str(found.get("name", "")))[:80],
        media_type=str(found.get("contentType", "")),
        path=str(found.get("path") or ""),
        body=str(found.get("body") or ""),
    )


def _message(error: dict[str, Any]) -> str:
    said = str(error.get("message") or error.get("value") or "")
    return clean(said[: 2 * _LONG].encode("utf-8", "replace")).strip()[:_LONG]


def _line(text: str) -> str:
    return " ".join(clean(text[:_LONG].encode("utf-8", "replace")).split())


def _why(test: Ran, room: int) -> str:
    step = f", at {test.step}" if test.step else ""
    message = _line(test.message.partition("\nCall log:")[0]) if room == _SHORT else test.message
    return f"{step}: {message[:room]}" if message else step
