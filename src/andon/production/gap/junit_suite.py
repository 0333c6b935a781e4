"""Any command that writes JUnit's XML: all its tests at once, judged by that file.

It is given the address, and the same things are loaded into node and Python as for the suites that are known:
where it drives Playwright under another name, its pages are slowed down too.
"""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree as Xml

from andon.gaps.suite import SuiteRan, TestRan
from andon.production.gap.suite_lines import LONGEST, read_lines, words
from andon.production.gap.suite_room import cannot_run, room, started
from andon.production.gap.suite_seen import seen_in
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports_journal import Redactor
    from andon.gaps.experiment import Conditions
    from andon.production.gap.suite_room import Team

REPORT = "{report}"
_LARGEST, _CASES = 32 << 20, 5000
_DECLARED = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class JunitSuite:
    """`gaps.suite.Suite` for a command with `{report}` in it."""

    flavour = "junit"

    def __init__(self, team: Team, redactor: Redactor) -> None:
        """Take the suite as its team runs it."""
        self._team = team
        self._redactor = redactor

    def cannot(self) -> str:
        """Return what is missing for running it, with the way out; "" for nothing."""
        team = self._team
        if team.command and not any(REPORT in word for word in team.command):
            return "the command names no {report}, so nothing would tell how its tests went"
        return cannot_run(team)

    def run(
        self, url: str, tests: Sequence[str], conditions: Conditions, *, patience: float, home: str
    ) -> SuiteRan:
        """Run the command against `url`, again and again for `times`; never raises.

        It cannot be told which tests: all are run, and those asked for are kept where their names tell.
        """
        if why := self.cannot():
            return SuiteRan(problem=why)
        whole = SuiteRan()
        for _ in range(max(conditions.times, 1)):
            left = patience - whole.seconds
            if conditions.enough and whole.tests and whole.seconds >= conditions.enough:
                break
            if left <= 0:
                return replace(whole, problem=f"only {len(whole.tests)} results came within {patience:.0f} s")
            ran = self._once(url, tests, conditions, left, home)
            whole = _joined(whole, ran)
            if ran.problem:
                break
        return whole

    def _once(
        self, url: str, tests: Sequence[str], conditions: Conditions, patience: float, home: str
    ) -> SuiteRan:
        with room(self._team, url, (), conditions, home, times=1, options=False) as one:
            report = os.path.join(one.place, "report.xml")
            command = [word.replace(REPORT, report) for word in self._team.command]
            done = started(self._team, command, one, patience)
            lines = read_lines(one.place, url, self._redactor)
            seen = seen_in(lines, conditions, done, patience)
            if seen.problem:
                return seen
            ran, why = self._report(report)
            if why:
                return replace(seen, problem=f"{why}: {words(self._redactor, done.account)[:400]}")
            return replace(seen, tests=_wanted(ran, tests))

    def _report(self, report: str) -> tuple[tuple[TestRan, ...], str]:
        try:
            with open(report, "rb") as file:
                content = file.read(_LARGEST + 1)
        except OSError:
            return (), "it left no report"
        cases, why = read_cases(content)
        return tuple(self._clean(case) for case in cases), why

    def _clean(self, case: TestRan) -> TestRan:
        return replace(
            case,
            id=words(self._redactor, case.id),
            title=words(self._redactor, case.title),
            message=words(self._redactor, case.message)[:LONGEST],
        )


def read_cases(content: bytes) -> tuple[tuple[TestRan, ...], str]:
    """Return the test cases of a JUnit report, and why there are none; entities are not resolved."""
    if len(content) > _LARGEST:
        return (), f"its report is larger than {_LARGEST} bytes"
    if _DECLARED.search(content):
        return (), "its report declares entities, which no JUnit report does"
    try:
        root = Xml.fromstring(content)  # noqa: S314 - nothing is declared in it, so nothing expands
    except (Xml.ParseError, RecursionError, ValueError):
        return (), "its report is no XML"
    cases: list[TestRan] = []
    for case in root.iter("testcase"):
        if len(cases) >= _CASES:
            break
        cases.append(_case(case))
    return tuple(cases), "" if cases else "no test ran"


def _case(case: Xml.Element) -> TestRan:
    name, group = case.get("name", ""), case.get("classname", "")
    outcome, message = "passed", ""
    for tag, meaning in (("skipped", "skipped"), ("error", "failed"), ("failure", "failed")):
        found = case.find(tag)
        if found is not None:
            outcome = meaning
            message = "\n".join(filter(None, (found.get("message", ""), (found.text or "").strip())))
    try:
        seconds = float(case.get("time", "0") or 0)
    except ValueError:
        seconds = 0.0
    return TestRan(
        id=f"{group}::{name}" if group else name,
        title=name,
        outcome=outcome,
        message=message,
        seconds=seconds,
    )


def _wanted(ran: tuple[TestRan, ...], tests: Sequence[str]) -> tuple[TestRan, ...]:
    chosen = tuple(one for one in ran if one.id in tests or one.title in tests)
    return chosen or ran


def _joined(first: SuiteRan, more: SuiteRan) -> SuiteRan:
    fastest = [one.fastest_document for one in (first, more) if one.fastest_document]
    return replace(
        more,
        tests=first.tests + more.tests,
        exchanges=(first.exchanges + more.exchanges)[:2000],
        pictures=(first.pictures + more.pictures)[:6],
        fastest_document=min(fastest, default=0.0),
        seconds=first.seconds + more.seconds,
        not_applied=tuple(dict.fromkeys(first.not_applied + more.not_applied)),
        unread=first.unread or more.unread,
    )
