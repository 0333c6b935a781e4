"""JUnit XML as Playwright Test, pytest and other runners write it. Pure.

It names tests and how they went, and where the trace of a test is: Playwright in `system-out`, pytest in a
property. No entity is expanded, nothing outside is read.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from andon.gaps.artefacts.archive import Broken
from andon.gaps.artefacts.found import ARROW, FoundTest, Piece, Told
from andon.gaps.artefacts.nodes import node_of_case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tests, characters of a name, and of what a test printed, that are kept.
TESTS, NAME, PRINTED = 20_000, 1000, 1 << 16
_ATTACHED = re.compile(r"\[\[ATTACHMENT\|([^\]\n]{1,1000}\.zip)\]\]")
_SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")


def read_junit(content: bytes) -> Piece:
    """Return the tests of a report; raises Broken for what is none, or declares entities."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except _Entity as problem:
        raise Broken("it declares entities, which are not expanded") from problem
    except (expat.ExpatError, ValueError, RecursionError) as problem:
        raise Broken(f"it is no whole XML ({type(problem).__name__})") from problem
    if reader.root not in ("testsuites", "testsuite"):
        raise Broken("it is XML, and no test report in the JUnit format")
    return Piece(sort="JUnit report", tests=tuple(reader.tests), told=Told(flavour=reader.flavour or "junit"))


class _Entity(Exception):
    """The document declares an entity."""


def _refuse(*_: object) -> None:
    raise _Entity


class _Reader:
    """Adds up what passes by."""

    def __init__(self) -> None:
        self.root = ""
        self.flavour = ""
        self.tests: list[FoundTest] = []
        self._case: dict[str, str] | None = None
        self._outcome = "passed"
        self._traces: list[str] = []
        self._printed: list[str] | None = None

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take an element as it is opened."""
        self.root = self.root or name
        if name == "testsuite" and attributes.get("name") == "pytest":
            self.flavour = "pytest"
        elif name == "testcase":
            self._case, self._outcome, self._traces = dict(attributes), "passed", []
        elif name in ("failure", "error"):
            self._outcome = "failed"
        elif name == "skipped" and self._outcome == "passed":
            self._outcome = "skipped"
        elif name in ("flakyFailure", "flakyError", "rerunFailure"):
            self._outcome = "flaky"
        elif name == "property" and attributes.get("name") == "playwright_trace":
            self._traces.append(attributes.get("value", "")[:NAME])
        elif name == "system-out":
            self._printed = []

    def characters(self, text: str) -> None:
        """Take what a test printed, as far as it is of use."""
        if self._printed is not None and len(self._printed) < PRINTED:
            self._printed.append(text)

    def end(self, name: str) -> None:
        """Take an element as it is closed."""
        if name == "system-out" and self._printed is not None:
            self._traces += _ATTACHED.findall("".join(self._printed)[:PRINTED])[:20]
            self._printed = None
        elif name == "testcase" and self._case is not None and len(self.tests) < TESTS:
            self.tests.append(self._test(self._case))
            self._case = None

    def _test(self, case: dict[str, str]) -> FoundTest:
        name, classname = case.get("name", "")[:NAME], case.get("classname", "")[:NAME]
        is_playwright = bool(_SCRIPT.search(classname)) and self.flavour != "pytest"
        if is_playwright:
            self.flavour = "playwright"
        trace = next((re.split(r"[/\\]", path)[-2] for path in self._traces if re.search(r"[/\\]", path)), "")
        node = node_of_case(classname, name, case.get("file", ""), trace) if self.flavour == "pytest" else ""
        return FoundTest(
            file=classname if is_playwright else "",
            title=name if is_playwright or node else ARROW.join(filter(None, (classname, name))),
            node=node,
            outcome=self._outcome,
            seconds=_seconds(case.get("time", "")),
            traces=tuple(self._traces),
        )


def _seconds(text: str) -> float:
    try:
        found = float(text[:30].replace(",", ""))
    except ValueError:
        return 0.0
    return found if 0 < found < 1e9 else 0.0
