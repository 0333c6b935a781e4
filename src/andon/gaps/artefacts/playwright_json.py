"""The JSON report of Playwright Test: `config`, `suites` within suites, `specs`, `tests`, `results`. Pure."""

from __future__ import annotations

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.found import ARROW, FoundTest, Piece, Told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from andon.gaps.artefacts.kept_out import Credentials

#: Tests of one report that are read.
TESTS = 20_000
_OUTCOMES = {
    "expected": "passed",
    "unexpected": "failed",
    "flaky": "flaky",
    "skipped": "skipped",
    "passed": "passed",
    "failed": "failed",
    "timedOut": "failed",
    "interrupted": "unclear",
}


def outcome_of(status: str, expected: str = "passed") -> str:
    """Return how a test went; `unclear` for one that is meant to fail, or a word that is new."""
    found = _OUTCOMES.get(status, "unclear")
    return "unclear" if found == "passed" and expected not in ("passed", "") else found


def traces_of(results: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the paths of the traces that are attached to a test's results."""
    return tuple(
        loose.text(attached, "path")
        for result in results
        for attached in loose.tables(result, "attachments")
        if loose.text(attached, "name") == "trace"
    )[:20]


def is_json_report(document: object) -> bool:
    """True for a report, and not for any JSON file."""
    return (
        isinstance(document, dict) and "suites" in document and ("config" in document or "stats" in document)
    )


def read_json_report(document: dict[str, Any], secrets: Credentials) -> Piece:
    """Return the tests of a report, and what it tells of the run."""
    secrets.scan(document)
    config = loose.table(document, "config")
    use = next((loose.table(p, "use") for p in loose.tables(config, "filteredProjects")), {})
    secrets.add_url(loose.text(use, "baseURL"))
    width, height = (loose.whole(use, "viewport", side) for side in ("width", "height"))
    told = Told(
        flavour="playwright",
        base_url=loose.text(use, "baseURL"),
        viewport=f"{width}x{height}" if width and height else "",
        locale=loose.text(use, "locale"),
        timezone=loose.text(use, "timezoneId"),
        browser=loose.text(use, "browserName") or loose.text(use, "defaultBrowserType"),
        version=loose.text(config, "version"),
        commit=commit_of(loose.table(config, "metadata")),
    )
    return Piece(sort="Playwright's JSON report", tests=tuple(_tests(document))[:TESTS], told=told)


def commit_of(metadata: dict[str, Any]) -> str:
    """Return the commit that a report's metadata names; "" when it names none."""
    places = (("gitCommit", "hash"), ("ci", "commitHash"), ("revision.id",))
    return next((found for keys in places if (found := loose.text(metadata, *keys))), "")[:80]


def _tests(document: dict[str, Any]) -> Iterator[FoundTest]:
    waiting: list[tuple[dict[str, Any], tuple[str, ...]]] = [
        (suite, ()) for suite in reversed(list(loose.tables(document, "suites")))
    ]
    count = 0
    while waiting and count < TESTS:
        suite, titles = waiting.pop()
        for spec in loose.tables(suite, "specs"):
            for test in loose.tables(spec, "tests"):
                count += 1
                yield _test(spec, test, titles)
        waiting += [
            (inner, (*titles, loose.text(inner, "title"))[:50])
            for inner in reversed(list(loose.tables(suite, "suites")))
        ]


def _test(spec: dict[str, Any], test: dict[str, Any], titles: tuple[str, ...]) -> FoundTest:
    results = list(loose.tables(test, "results"))
    last = results[-1] if results else {}
    return FoundTest(
        file=loose.text(spec, "file"),
        line=loose.whole(spec, "line"),
        title=ARROW.join((*titles, loose.text(spec, "title"))),
        outcome=outcome_of(
            loose.text(test, "status") or loose.text(last, "status"), loose.text(test, "expectedStatus")
        ),
        seconds=loose.number(last, "duration") / 1000,
        traces=traces_of(results),
    )
