"""The HTML report of Playwright Test: a page that holds its contents as a zip in base64. Pure."""

from __future__ import annotations

import base64
import binascii
import re

from andon.gaps.artefacts import loose
from andon.gaps.artefacts.archive import Archive, Broken
from andon.gaps.artefacts.found import ARROW, FoundTest, Piece, Told
from andon.gaps.artefacts.playwright_json import TESTS, commit_of, outcome_of, traces_of
from andon.gaps.artefacts.steps import assertion, expression_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from andon.gaps.artefacts.archive import Room
    from andon.gaps.artefacts.kept_out import Credentials
    from andon.gaps.beliefs import Assertion

#: By this name the page finds its contents: a `<template>` since 1.55 or so, a variable of a script before.
MARK = b"playwrightReportBase64"
_HELD = re.compile(MARK + rb"""["']?\s*(?:>|=\s*["'])\s*data:application/zip;base64,([A-Za-z0-9+/=\s]+)""")
_ASSERTIONS = 2000


def read_html_report(content: bytes, room: Room, secrets: Credentials) -> Piece:
    """Return the tests of a report; raises Broken when its contents cannot be unpacked."""
    held = _HELD.search(content)
    if held is None:
        raise Broken("its contents were not found in it")
    try:
        archive = Archive(base64.b64decode(held[1]), room)
    except binascii.Error as error:
        raise Broken("its contents are no base64") from error
    report = loose.parsed(archive.read("report.json"))
    secrets.scan(report)
    told = Told(flavour="playwright", commit=commit_of(loose.table(report, "metadata")))
    return Piece(
        sort="Playwright's HTML report", tests=tuple(_tests(archive, report, secrets))[:TESTS], told=told
    )


def _tests(archive: Archive, report: object, secrets: Credentials) -> Iterator[FoundTest]:
    for file in loose.tables(report, "files"):
        name = loose.text(file, "fileId") + ".json"
        document = loose.parsed(archive.read(name))
        secrets.scan(document)
        for test in loose.tables(document if isinstance(document, dict) else file, "tests"):
            yield _test(test, secrets)


def _test(test: dict[str, Any], secrets: Credentials) -> FoundTest:
    titles = [loose.text({"": one}, "") for one in loose.items(test, "path")[:50]]
    results = list(loose.tables(test, "results"))
    return FoundTest(
        file=loose.text(test, "location", "file"),
        line=loose.whole(test, "location", "line"),
        title=ARROW.join((*titles, loose.text(test, "title"))),
        outcome=outcome_of(loose.text(test, "outcome")),
        seconds=loose.number(test, "duration") / 1000,
        assertions=tuple(_assertions(results[-1] if results else {}, secrets)),
        traces=traces_of(results),
    )


def _assertions(result: dict[str, Any], secrets: Credentials) -> list[Assertion]:
    """Return the steps that asked for something; this report does not keep what they expected."""
    waiting = list(reversed(list(loose.tables(result, "steps"))))
    found: list[Assertion] = []
    while waiting and len(found) < _ASSERTIONS:
        step = waiting.pop()
        secrets.add_typed(step)
        if (expression := expression_of(step)) and not step.get("error"):
            file, line = loose.text(step, "location", "file"), loose.whole(step, "location", "line")
            found.append(assertion(step, expression, file, line))
        waiting += reversed(list(loose.tables(step, "steps")))
    return found
