"""Reports in the JUnit format: what is counted, what makes them red, and what is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.incident.words import Verdict
from andon.response.gates.junit import JUnitCount, count_junit
from andon.response.gates.tests_green import answer_of_report

GREEN = '<testsuite tests="2"><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>'
CASES = [
    (GREEN, (2, 0, 0, 1), Verdict.PASSED),
    (f"<testsuites>{GREEN}{GREEN}</testsuites>", (4, 0, 0, 2), Verdict.PASSED),
    (
        '<testsuite><testcase name="a"><failure message="x">no</failure></testcase></testsuite>',
        (1, 1, 0, 0),
        "no",
    ),
    ('<testsuite><testcase name="a"><error/></testcase><testcase name="b"/></testsuite>', (2, 0, 1, 0), "no"),
    ('<testsuite><testcase name="a"><failure/><error/></testcase></testsuite>', (1, 0, 1, 0), "no"),
    ('<testsuite errors="1"><testcase name="a"/></testsuite>', (1, 0, 1, 0), "no"),
    ('<testsuite failures="3"><testcase name="a"><failure/></testcase></testsuite>', (1, 3, 0, 0), "no"),
    ("<testsuite><error>could not be loaded</error></testsuite>", (0, 0, 1, 0), "no"),
    ('<testsuite><testcase name="a"><skipped/></testcase></testsuite>', (1, 0, 0, 1), "no"),
    ('<testsuite><testcase name="a" status="notrun"/></testsuite>', (1, 0, 0, 1), "no"),
    ("<testsuites/>", (0, 0, 0, 0), "no"),
]


@pytest.mark.parametrize(("text", "counts", "verdict"), CASES)
def test_a_report_is_counted(text: str, counts: tuple[int, ...], verdict: object) -> None:
    found = count_junit(text.encode(), "junit.xml")
    assert (found.tests, found.failures, found.errors, found.skipped) == counts
    answer = answer_of_report(found)
    assert answer.verdict is (Verdict.PASSED if verdict is Verdict.PASSED else Verdict.FAILED), answer


def test_what_failed_is_named() -> None:
    cases = "".join(f'<testcase classname="c" name="t{n}"><failure/></testcase>' for n in range(9))
    found = count_junit(f"<testsuite>{cases}</testsuite>".encode(), "x")
    assert found.failed == ("c t0", "c t1", "c t2", "c t3", "c t4")
    assert "c t0" in answer_of_report(found).summary


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuite>&b;</testsuite>'


@pytest.mark.parametrize(
    "content", [b"", b"green", b"<html></html>", b"<testsuite>", b"\xff\xfe\0", BOMB.encode()]
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        count_junit(content, "junit.xml")
    assert caught.value.where == "junit.xml" and "andon ship test" in caught.value.remedy


@given(st.binary(max_size=300))
def test_no_content_gets_past_the_two_answers(content: bytes) -> None:
    with suppress(InvalidInput):
        assert isinstance(count_junit(b"<testsuite>" + content + b"</testsuite>", "x"), JUnitCount)
