"""Counting a test report in the JUnit XML format, as many runners and CI systems write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.parsers import expat

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Names of failed tests that are told.
_NAMED = 5
#: Values of `status` and `result` with which GoogleTest says that a test did not run.
_NOT_RUN = ("notrun", "suppressed", "skipped", "disabled")


#: A time without a zone may be this much earlier than the same digits in UTC.
_ZONES = timedelta(hours=12)


class JUnitCount(Record):
    """What a report says."""

    tests: int
    failures: int
    errors: int
    skipped: int
    #: The first tests that did not pass.
    failed: tuple[str, ...] = ()
    #: When the last of its suites began, at the latest; None when it does not say.
    began: datetime | None = None

    @property
    def ran(self) -> int:
        """How many tests were not skipped."""
        return max(self.tests - self.skipped, 0)

    def __str__(self) -> str:
        """One line."""
        return f"{self.tests} tests, {self.failures} failures, {self.errors} errors, {self.skipped} skipped"


def count_junit(content: bytes, where: str) -> JUnitCount:
    """Return what a report counts; raises InvalidInput for what is none.

    Test cases are counted, not believed: the totals of a suite only count where they say that more failed.
    A document that declares entities is refused: expanding them could take any amount of memory.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content, True)
    except _Entity as problem:
        raise _invalid("it declares entities", where) from problem
    except (expat.ExpatError, ValueError) as problem:
        raise _invalid(f"it is not XML: {problem}", where) from problem
    if reader.root not in ("testsuites", "testsuite"):
        raise _invalid(f"its root is <{reader.root[:40]}>, not <testsuites> or <testsuite>", where)
    return reader.count()


class _Entity(Exception):
    """The document declares an entity."""


def _refuse_entity(*_: object) -> None:
    raise _Entity


class _Reader:
    """Adds up what passes by."""

    def __init__(self) -> None:
        self.root = ""
        self._tests = self._skipped = self._failures = self._errors = 0
        self._most = {"failures": 0, "errors": 0}
        self._case: tuple[str, set[str]] | None = None
        self._failed: list[str] = []
        self._began: datetime | None = None

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take an element as it is opened."""
        self.root = self.root or name
        if name in ("testsuite", "testsuites"):
            moment = _moment(attributes.get("timestamp", ""))
            self._began = max(filter(None, (self._began, moment)), default=None)
            for key in self._most:
                said = attributes.get(key, "")
                self._most[key] = max(
                    self._most[key], int(said) if said.isdecimal() and len(said) < 10 else 0
                )
        elif name == "testcase":
            not_run = {attributes.get("status", "").lower(), attributes.get("result", "").lower()}
            kinds = {"skipped"} if not_run & set(_NOT_RUN) else set()
            called = f"{attributes.get('classname', '')} {attributes.get('name', '')}".strip()
            self._case = (called, kinds)
        elif name in ("failure", "error", "skipped"):
            if self._case is not None:
                self._case[1].add(name)
            elif name != "skipped":  # of a whole suite
                self._add("", {name})

    def end(self, name: str) -> None:
        """Take an element as it is closed."""
        if name == "testcase" and self._case is not None:
            self._tests += 1
            self._add(*self._case)
            self._case = None

    def _add(self, called: str, kinds: set[str]) -> None:
        self._errors += "error" in kinds
        self._failures += "failure" in kinds and "error" not in kinds
        self._skipped += kinds == {"skipped"}
        if kinds & {"error", "failure"} and len(self._failed) < _NAMED:
            self._failed.append(called or "a whole suite")

    def count(self) -> JUnitCount:
        """Return the sums."""
        return JUnitCount(
            tests=self._tests,
            failures=max(self._failures, self._most["failures"] - self._errors),
            errors=max(self._errors, self._most["errors"] - self._failures),
            skipped=self._skipped,
            failed=tuple(self._failed),
            began=self._began,
        )


def _moment(text: str) -> datetime | None:
    """Return the latest moment that a time in a report can be; None for what is no time."""
    try:
        found = datetime.fromisoformat(text[:40])
        return found if found.tzinfo else found.replace(tzinfo=UTC) + _ZONES
    except (ValueError, OverflowError):
        return None


def _invalid(why: str, where: str) -> InvalidInput:
    return InvalidInput(
        f"this is no test report in the JUnit format: {why}",
        where=where,
        rule="tests-green",
        remedy="andon ship test --junit FILE, with the XML that your test runner writes",
    )
