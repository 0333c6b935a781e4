"""Tests that are red with a gap and green without, as texts in the language of the suite.

A test brings what makes the failure about where a test can: many users at once, a slow connection, a late
answer. What the world brings (settings, rows, services, links) a test cannot; then it asks the failing
request and is red in a world that is as production's, which the parity check asks of the tests' world.
"""

from __future__ import annotations

import posixpath
import re

from andon.gaps.prevention import in_python, in_script
from andon.gaps.words import Kind
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Part
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search

#: Endings of files with tests of Playwright Test.
_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
#: What the page's own profile is told by: milliseconds, bytes a second down and up.
Profile = tuple[float, float, float]


class Style(Record):
    """How the suite writes its tests: what a generated one has to look like."""

    #: `playwright` or `pytest`.
    flavour: str
    #: The file of the journey's test, relative to the suite's directory, and its text; "" when there is none.
    file: str = ""
    text: str = ""
    url_variable: str = "BASE_URL"
    #: Where new tests go when there is no journey's file.
    directory: str = "tests"


class Draft(Record):
    """A test that was written and is not yet proven."""

    #: Relative to the suite's directory.
    path: str
    text: str
    #: The same without what makes the failure about; "" when the world brings that.
    green: str = ""
    #: With these parts as in production it must be red, and without them green; () when it brings all itself.
    parts: tuple[Part, ...] = ()
    #: A text that its message holds when it is red; "" when the message is the journey's own.
    mark: str = ""


class Drafted(Record):
    """A draft, or why there is none."""

    draft: Draft | None = None
    told: str = ""


def draft(
    search: Search,
    failure: Failure,
    style: Style,
    way: Sequence[Exchange] = (),
    profile: Profile = (0.0, 0.0, 0.0),
) -> Drafted:
    """Return the test for a verdict; `way` are the journey's requests that change something.

    `profile` is production's browser connection. No secret is in a text that went through a redactor before.
    """
    verdict = search.verdict
    if not verdict.kinds:
        return Drafted(told="there is no gap to test for")
    if style.flavour not in ("playwright", "pytest"):
        return Drafted(told="the language of the suite is not known: it is a command that writes JUnit")
    parts = smallest(search)
    if not parts:
        return Drafted(told="no experiment showed the failure, so no test could be shown red")
    language = in_python if style.flavour == "pytest" else in_script
    part = parts[0]
    if len(parts) == 1 and part.place == ("users",) and failure.can_be_sent:
        amounts = [int(part.amount or 0), max(1, int(part.least))]
        red, green = (language.crowd_test(search, failure, style, way, users=n) for n in amounts)
        return Drafted(draft=Draft(path=_path(search, style), text=red, green=green, mark=mark(search)))
    if len(parts) == 1 and part.kind is Kind.NETWORK and part.place[0] in ("browser", "delay") and style.text:
        is_late = part.place[0] == "delay"
        red, green = (
            language.slowed(search, style, endpoint=part.place[1], milliseconds=amount)
            if is_late
            else language.slowed(search, style, profile=(amount, *(profile[1:] if amount else (0.0, 0.0))))
            for amount in (float(part.amount or 0), 0.0)
        )
        return Drafted(draft=Draft(path=_path(search, style), text=red, green=green))
    if failure.can_be_sent:
        text = language.request_test(search, failure, style)
        return Drafted(draft=Draft(path=_path(search, style), text=text, parts=parts, mark=mark(search)))
    return Drafted(
        told="the journey's own test is red in a world like production's: that world is needed, no other test"
    )


def smallest(search: Search) -> tuple[Part, ...]:
    """Return the fewest parts, of the least amounts, with which an experiment showed the failure."""
    kinds = set(search.verdict.kinds)
    shown = [
        replay.parts
        for _, replay in search.replays
        if replay.reproduced and replay.parts and {part.kind for part in replay.parts} == kinds
    ]
    by_depth = sorted(shown, key=lambda parts: (len(parts), -min(len(p.place) for p in parts)))
    if not by_depth:
        return ()
    best = by_depth[0]
    same = [p for p in shown if [q.place for q in p] == [q.place for q in best]]
    # Of a quantity the most that was tried: the least that fails is at the edge, where a test would be flaky.
    return max(same, key=lambda parts: sum(part.amount or 0 for part in parts))


def mark(search: Search) -> str:
    """Return what the message of a generated test begins with, by which its failure is known."""
    return f"andon {search.id}"


def _path(search: Search, style: Style) -> str:
    name = f"gap_{search.id}".lower()
    folder = posixpath.dirname(style.file) if style.file else style.directory
    if style.flavour == "pytest":
        return posixpath.join(folder, f"test_{name}.py")
    base = posixpath.basename(style.file)
    ending = next((e for e in _SCRIPTS if base.endswith(e)), ".ts")
    kind = ".test" if ".test." in base else ".spec"
    return posixpath.join(folder, f"{name.replace('_', '-')}{kind}{ending}")


def name_in(text: str, flavour: str) -> str:
    """Return the name of the first test of a file, as its runner takes it; "" for none."""
    expression = r"^def (test_\w+)" if flavour == "pytest" else r"^test(?:\.\w+)?\(\s*['\"](.+?)['\"],"
    found = re.search(expression, text, re.MULTILINE)
    return found[1] if found else ""
