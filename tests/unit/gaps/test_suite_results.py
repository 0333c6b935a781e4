"""What runners and what is loaded into them write down: read without trust, redacted, never raised for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.gaps.experiment import Conditions
from andon.production.gap import playwright_suite, suite_lines
from andon.production.gap.junit_suite import read_cases
from andon.production.gap.playwright_results import read_results
from andon.production.gap.suite_lines import Told, read_lines
from andon.production.gap.suite_message import test_ran as ran_of
from andon.production.gap.suite_seen import seen_in
from andon.production.process import Finished
from andon.secrets.redaction import PatternRedactor

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND\xaeB`\x82"
CANARIES = tuple(f"canary-{n}-Gd5sK{n}vBn" for n in range(12))
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
FIELDS = (
    "what",
    "test",
    "round",
    "told",
    "errors",
    "url",
    "method",
    "status",
    "wall",
    "first",
    "seconds",
    "file",
)
WHAT = st.sampled_from(
    ("exchange", "report", "late", "moved", "shown", "picture", "slowed", "unslowed", "none")
)


def written(place: Path, *lines: Any) -> Path:
    (place / "seen-1.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return place


def exchange(**more: Any) -> dict[str, Any]:
    return {
        "what": "exchange",
        "method": "GET",
        "url": "http://a:1/",
        "resource": "document",
        "status": 200,
        **more,
    }


def test_the_fastest_document_is_one_of_the_application_that_nobody_made_up(tmp_path: Path) -> None:
    written(
        tmp_path,
        exchange(first=0.5, wall=100.0, seconds=0.6),
        exchange(first=0.4, wall=101.5, url="http://u:p@a:1/x?q=1"),
        exchange(first=0.1, url="http://other:1/"),
        exchange(first=0.1, url="http://[::1"),
        exchange(first=0.1, mocked=True),
        exchange(first=0.1, resource="fetch"),
        exchange(first=0.1, status=0),
    )
    lines = read_lines(str(tmp_path), "http://a:1", PatternRedactor())
    assert lines.fastest_document == 0.4
    assert [(one.origin, one.path) for one in lines.exchanges[:2]] == [
        ("http://a:1", "/"),
        ("http://a:1", "/x?q=1"),
    ]


def test_only_pictures_of_the_runs_own_directory_are_taken_those_of_failures_first(tmp_path: Path) -> None:
    place = tmp_path / "run"
    place.mkdir()
    (place / "a.png").write_bytes(PNG)
    (place / "b.png").write_bytes(PNG)
    (place / "text.png").write_text("no picture")
    (tmp_path / "secret.png").write_bytes(PNG)
    written(
        place,
        {"what": "picture", "file": str(place / "a.png"), "title": "a", "failed": False},
        {"what": "picture", "file": str(place / "b.png"), "title": "b", "failed": True},
        {"what": "picture", "file": str(place / "text.png"), "title": "text"},
        {"what": "picture", "file": "../secret.png", "title": "secret"},
        {"what": "picture", "file": str(tmp_path / "secret.png"), "title": "secret"},
    )
    lines = read_lines(str(place), "", PatternRedactor())
    assert [one.title for one in lines.pictures] == ["b", "a"]


def test_no_secret_of_a_page_goes_further(tmp_path: Path) -> None:
    c = CANARIES
    written(
        tmp_path,
        exchange(url=f"http://a:1/{c[0]}?k={c[1]}", problem=c[2], type=c[3]),
        {"what": "report", "test": "t", "when": "call", "outcome": "failed", "told": f"said {c[4]}"},
        {"what": "shown", "test": "t", "told": f"\x1b[31m{c[5]}", "errors": [c[6]]},
        {"what": "moved", "test": "t", "told": c[7]},
        {"what": "unslowed", "told": c[8]},
        {"what": "none", "told": c[9]},
        {"what": "error", "told": c[10]},
    )
    lines = read_lines(str(tmp_path), "", PatternRedactor(known=[one.encode() for one in c]))
    assert not [one for one in c if one in repr(lines)]
    assert lines.of("t").message.startswith("said ")
    assert "\x1b" not in lines.of("t").shown


@settings(max_examples=40)
@given(st.lists(st.fixed_dictionaries({"what": WHAT}, optional=dict.fromkeys(FIELDS[1:], ANY)), max_size=6))
def test_no_line_breaks_it(tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, Any]]) -> None:
    read_lines(str(written(tmp_path_factory.mktemp("run"), *lines)), "http://a:1", PatternRedactor())


def test_what_was_cut_off_or_is_no_json_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "seen-1.jsonl").write_bytes(b'\xff\xfe\n[1]\n"x"\n{"what": "slowed"}\n{"what": "exch')
    assert read_lines(str(tmp_path), "", PatternRedactor()).slowed == 1
    assert read_lines(str(tmp_path / "gone"), "", PatternRedactor()).exchanges == ()


def test_what_a_run_writes_is_read_up_to_a_bound_of_all_files_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = b'{"what": "slowed"}\n'
    for number in range(4):
        (tmp_path / f"seen-{number}.jsonl").write_bytes(line * 10)
    assert (whole := read_lines(str(tmp_path), "", PatternRedactor())).slowed == 40
    assert whole.unread == ""
    monkeypatch.setattr(suite_lines, "_LARGEST", 25 * len(line))
    cut = read_lines(str(tmp_path), "", PatternRedactor())
    assert cut.slowed == 25
    assert cut.unread == "more than 475 bytes were written down in the run: the rest was not read"
    monkeypatch.setattr(suite_lines, "_LARGEST", 40 * len(line))
    assert read_lines(str(tmp_path), "", PatternRedactor()).unread == ""
    monkeypatch.setattr(suite_lines, "_LINES", 30)
    cut = read_lines(str(tmp_path), "", PatternRedactor())
    assert (cut.slowed, cut.unread[:18]) == (30, "more than 30 lines")
    seen = seen_in(cut, Conditions(), Finished(code=0), 60)
    assert seen.unread == cut.unread


def test_a_report_of_playwright_that_is_too_large_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playwright_suite, "_LARGEST", 1000)
    (tmp_path / "report.json").write_text('{"suites": [' + " " * 1000 + "]}")
    assert playwright_suite._results(str(tmp_path)).problems == ("its report is larger than 1000 bytes",)
    monkeypatch.setattr(playwright_suite, "_LARGEST", 1014)
    assert playwright_suite._results(str(tmp_path)).problems == ()


# -- what a failed test says

TOLD = [
    ("passed", Told(), "passed", False, ""),
    ("failed", Told(is_late=True), "failed", True, "said"),
    (
        "failed",
        Told(shown="Stock is not known", errors=("TypeError: x",)),
        "failed",
        False,
        "Stock is not known",
    ),
    ("passed", Told(moved="Expected: a"), "failed", False, "Expected: a"),
    ("skipped", Told(), "skipped", False, ""),
]


@pytest.mark.parametrize(("outcome", "told", "became", "impatient", "said"), TOLD)
def test_a_test_is_judged_by_what_its_page_did_as_well(
    outcome: str, told: Told, became: str, impatient: bool, said: str
) -> None:
    ran = ran_of("id", "title", outcome, "said" if outcome == "failed" else "", 1.0, told)
    assert (ran.outcome, ran.is_impatient) == (became, impatient)
    assert said in ran.message
    assert all(error in ran.message for error in told.errors)


# -- reports

RECORDED = Path(__file__).parents[2] / "recorded" / "playwright"
OUTCOMES = {
    "passed": ["passed"],
    "timed-out": ["failed"],
    "expected-to-fail": ["passed", "unclear"],
    "interrupted": ["skipped", "unclear"],
}


@pytest.mark.parametrize("file", sorted(RECORDED.glob("*.json")), ids=lambda file: file.stem)
def test_recorded_reports_are_understood(file: Path) -> None:
    found = read_results(file.read_bytes())
    assert found.tests or found.problems
    assert found.no_browser == (file.stem == "no-browser")
    if file.stem in OUTCOMES:
        assert {test.outcome for test in found.tests} <= set(OUTCOMES[file.stem])


@given(st.binary(max_size=60) | ANY.map(lambda made: json.dumps({"suites": made, "errors": []}).encode()))
def test_no_report_breaks_it(content: bytes) -> None:
    found = read_results(content)
    assert found.tests == () or found.tests


HOSTILE = [
    (b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><testsuite><testcase name='&a;'/></testsuite>", "declares entities"),
    (b"<testsuite>", "no XML"),
    (b"", "no XML"),
    (b"<testsuites/>", "no test ran"),
    ("<!DOCTYPE x>".encode("utf-16"), "no XML"),
    (b"<a>" * 100_000, "no XML"),
]


@pytest.mark.parametrize(("content", "why"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_junit_reports_say_nothing(content: bytes, why: str) -> None:
    cases, told = read_cases(content)
    assert (cases, why in told) == ((), True)


def test_a_junit_report_tells_outcomes_messages_and_seconds() -> None:
    content = b"""<testsuite>
      <testcase name="a" classname="x" time="0.5"/><testcase name="b" time="slow"><skipped/></testcase>
      <testcase name="c"><failure message="m">t</failure></testcase><testcase name="d"><error/></testcase>
    </testsuite>"""
    cases, why = read_cases(content)
    assert why == ""
    assert [(c.id, c.outcome, c.message, c.seconds) for c in cases] == [
        ("x::a", "passed", "", 0.5),
        ("b", "skipped", "", 0.0),
        ("c", "failed", "m\nt", 0.0),
        ("d", "failed", "", 0.0),
    ]


def test_a_browser_that_is_there_and_does_not_start_says_why_itself() -> None:
    said = "browserType.launch: Target page has been closed\n[pid=1] FATAL: Socket path too long"
    result = {"status": "failed", "errors": [{"message": said}]}
    test = {"expectedStatus": "passed", "status": "unexpected", "results": [result]}
    spec = {"title": "buys", "file": "a.spec.ts", "line": 1, "id": "1", "tests": [test]}
    report = {"suites": [{"title": "a.spec.ts", "file": "a.spec.ts", "specs": [spec]}]}
    found = read_results(json.dumps(report).encode())
    assert not found.no_browser and "Socket path too long" in found.not_started
