"""The judgements behind the SHIP gate: for each an example that blocks and one that passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from andon.errors import InvalidInput, NotFound, Refused
from andon.incident.events import AuditRan, SuiteRan
from andon.incident.gate_record import Audited
from andon.incident.words import Verdict
from andon.response.gates.audits import is_manifest, judge_audits
from andon.response.gates.counts import SuiteCount
from andon.response.gates.new_flags import FlagSaid, judge_flags
from andon.response.gates.results import RuleResult
from andon.response.gates.table import RULES
from andon.response.gates.tests_green import answer_of_run, judge_suites
from andon.response.gates.waiving import check_subject, refuse_unwaivable, until
from andon.response.gates.way_back import WayBack, judge_way_back
from andon.response.last_known_good import LastKnownGood

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
HEAD, OTHER = "a" * 40, "b" * 40
TEST = ("./dev", "test")


def suite(verdict: Verdict, commit: str = HEAD, command: tuple[str, ...] = TEST) -> SuiteRan:
    return SuiteRan(commit=commit, command=command, verdict=verdict, summary=f"it {verdict}")


@pytest.mark.parametrize(
    ("code", "ran", "timed_out", "is_missing", "verdict"),
    [
        (0, 5, False, False, Verdict.PASSED),
        (0, 0, False, False, Verdict.FAILED),
        (0, None, False, False, Verdict.UNKNOWN),
        (1, 5, False, False, Verdict.FAILED),
        (5, 0, False, False, Verdict.FAILED),
        (-9, 5, False, False, Verdict.UNKNOWN),
        (143, None, False, False, Verdict.UNKNOWN),
        (-11, None, False, False, Verdict.FAILED),
        (-15, None, True, False, Verdict.FAILED),
        (127, None, False, True, Verdict.UNKNOWN),
    ],
)
def test_a_run_is_green_only_when_tests_ran_and_passed(
    code: int, ran: int | None, timed_out: bool, is_missing: bool, verdict: Verdict
) -> None:
    count = SuiteCount(ran=ran, runner="pytest" if ran is not None else "")
    answer = answer_of_run(
        code=code, ending=f"exit code {code}", count=count, timed_out=timed_out, is_missing=is_missing
    )
    assert answer.verdict is verdict, answer


def test_exit_code_0_beside_failed_tests_is_not_green() -> None:
    """`pytest || true`, or a pipe that forgets how its beginning ended."""
    count = SuiteCount(ran=5, runner="pytest", failed=2)
    answer = answer_of_run(code=0, ending="exit code 0", count=count, timed_out=False, is_missing=False)
    assert answer.verdict is Verdict.UNKNOWN and "2 tests did not pass" in answer.summary


@pytest.mark.parametrize(
    ("command", "suites", "verdict", "word"),
    [
        (TEST, [suite(Verdict.PASSED)], Verdict.PASSED, "it passed"),
        (TEST, [], Verdict.UNKNOWN, "did not run"),
        ((), [], Verdict.UNKNOWN, "no test command"),
        (TEST, [suite(Verdict.PASSED, OTHER)], Verdict.UNKNOWN, "did not run"),
        (TEST, [suite(Verdict.PASSED, command=("true",))], Verdict.UNKNOWN, "another command"),
        ((), [suite(Verdict.PASSED, command=("junit", "ci.xml"))], Verdict.PASSED, "it passed"),
        (TEST, [suite(Verdict.PASSED), suite(Verdict.FAILED)], Verdict.FAILED, "1 earlier run"),
        (TEST, [suite(Verdict.FAILED), suite(Verdict.PASSED)], Verdict.PASSED, "said otherwise"),
        (TEST, [suite(Verdict.UNKNOWN)], Verdict.UNKNOWN, "it unknown"),
        (TEST, [suite(Verdict.PASSED), suite(Verdict.UNKNOWN)], Verdict.PASSED, "it passed"),
        (TEST, [suite(Verdict.FAILED), suite(Verdict.UNKNOWN)], Verdict.FAILED, "it failed"),
    ],
)
def test_only_runs_of_the_configured_command_on_this_commit_count(
    command: tuple[str, ...], suites: list[SuiteRan], verdict: Verdict, word: str
) -> None:
    result = judge_suites(HEAD, command, suites)
    assert (result.verdict, word in result.evidence) == (verdict, True), result
    assert bool(result.remedy) == (verdict is not Verdict.PASSED)


def audited(tool: str = "pip-audit", *, days: float = 1, **said: object) -> Audited:
    given = {"verdict": Verdict.PASSED, "lockfiles": "l1", "commit": OTHER, **said}
    return Audited(event=AuditRan(tool=tool, **given), at=NOW - timedelta(days=days))  # type: ignore[arg-type]


def audits(
    *found: Audited, tools: tuple[str, ...] = (), lockfiles: str = "l1", manifests: tuple[str, ...] = ()
) -> RuleResult:
    return judge_audits(
        found, tools=tools, days=7, now=NOW, commit=HEAD, lockfiles=lockfiles, manifests=manifests
    )


def test_a_fresh_clean_audit_of_these_lock_files_passes() -> None:
    assert audits(audited()).verdict is Verdict.PASSED
    assert audits(audited(verdict=Verdict.FAILED, days=3), audited()).verdict is Verdict.PASSED


def test_nothing_to_audit_passes_unless_a_tool_is_asked_for() -> None:
    assert audits(lockfiles="").verdict is Verdict.PASSED
    assert audits(lockfiles="", tools=("osv-scanner",)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("found", "word"),
    [
        ((), "no audit"),
        ((audited(days=8),), "too old"),
        ((audited(lockfiles="l2"),), "other lock files"),
        ((audited(verdict=Verdict.UNKNOWN, summary="no network"),), "no network"),
        ((audited("npm audit", verdict=Verdict.UNKNOWN), audited()), "npm audit"),
    ],
)
def test_an_audit_that_says_nothing_of_this_commit_is_unknown(found: tuple[Audited, ...], word: str) -> None:
    result = audits(*found)
    assert result.verdict is Verdict.UNKNOWN and word in result.evidence, result


def test_without_lock_files_an_audit_holds_for_its_own_commit_only() -> None:
    manifests = ("pyproject.toml",)
    assert audits(audited(lockfiles=""), lockfiles="", manifests=manifests).verdict is Verdict.UNKNOWN
    own = audited(lockfiles="", commit=HEAD)
    assert audits(own, lockfiles="", manifests=manifests).verdict is Verdict.PASSED
    assert is_manifest("shop/requirements-dev.txt") and not is_manifest("docs/requirements.md")


def test_each_finding_is_an_objection_of_its_own_and_so_is_a_tool_that_did_not_answer() -> None:
    weak = audited(verdict=Verdict.FAILED, findings=("CVE-1 high: left-pad", "CVE-2 high: right-pad"))
    result = audits(weak, audited("npm audit", days=30))
    assert result.verdict is Verdict.FAILED and len(result.objections) == 3
    assert len({o.fingerprint for o in result.objections}) == 3
    later = audits(weak, audited("npm audit", days=31))
    assert later.objections[2].fingerprint == result.objections[2].fingerprint, (
        "a waiver would end with a day"
    )


def test_what_is_milder_than_what_counts_is_no_objection() -> None:
    said = ("CVE-1 high: left-pad 1.0, overflow", "CVE-2 low: right-pad 2.0, leak", "CVE-3 ungraded: mid-pad")
    result = audits(audited(verdict=Verdict.FAILED, findings=said))
    assert [o.text for o in result.objections] == [f"pip-audit: {said[0]}", f"pip-audit: {said[2]}"]
    newer = audits(audited(verdict=Verdict.FAILED, findings=("CVE-1 high: left-pad 1.1, overflow",)))
    assert newer.objections[0].fingerprint == result.objections[0].fingerprint


def test_a_scanner_of_code_need_not_answer_for_lock_files() -> None:
    code = audited("semgrep", lockfiles="", commit=OTHER)
    assert audits(code, audited(), manifests=("pyproject.toml",)).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("flag", "verdict", "word"),
    [
        (
            FlagSaid(name="new", owner="mia", purpose="two-step checkout", default="off"),
            Verdict.PASSED,
            "new",
        ),
        (FlagSaid(name="new", owner="mia", purpose="x y", default="on"), Verdict.FAILED, "on by default"),
        (FlagSaid(name="new", owner="mia", purpose="x y"), Verdict.FAILED, "no default"),
        (FlagSaid(name="new", purpose="x y", default="off"), Verdict.FAILED, "no owner"),
        (FlagSaid(name="new", owner="mia", purpose=" ", default="off"), Verdict.FAILED, "no purpose"),
        (FlagSaid(name="old"), Verdict.PASSED, "no flag is new"),
        (FlagSaid(name="dark", default="off"), Verdict.PASSED, "no flag is new"),
        (FlagSaid(name="dark", default="on"), Verdict.FAILED, "off in v1, and no longer"),
        (FlagSaid(name="dark"), Verdict.FAILED, "off in v1, and no longer"),
    ],
)
def test_a_new_flag_is_off_and_answered_for(flag: FlagSaid, verdict: Verdict, word: str) -> None:
    result = judge_flags([flag], {"old": "", "dark": "off"}, "v1")
    assert (result.verdict, word in result.evidence) == (verdict, True), result


def good(version: str = "v1", gate: Verdict = Verdict.PASSED) -> LastKnownGood:
    return LastKnownGood(
        version=version, reason="why", passed_over=("v0: bad",), gate=gate, gate_reason="said"
    )


@pytest.mark.parametrize(
    ("way", "verdict", "word"),
    [
        (WayBack(good=good(), undo="andon rollback --to v1"), Verdict.PASSED, "undo: andon rollback --to v1"),
        (WayBack(good=good(), risks=("stripe gets older",)), Verdict.PASSED, "stripe gets older"),
        (WayBack(good=good(gate=Verdict.FAILED)), Verdict.FAILED, "said"),
        (WayBack(good=good(gate=Verdict.UNKNOWN)), Verdict.UNKNOWN, "said"),
        (WayBack(good=good("")), Verdict.FAILED, "v0: bad"),
        (WayBack(good=good(), refusal="it never ran"), Verdict.FAILED, "it never ran"),
        (WayBack(good=good(), doubt="no answer"), Verdict.UNKNOWN, "no answer"),
    ],
)
def test_the_way_back_passes_only_when_the_safety_gate_says_so(
    way: WayBack, verdict: Verdict, word: str
) -> None:
    result = judge_way_back(way)
    assert (result.verdict, word in result.evidence) == (verdict, True), result


@pytest.mark.parametrize("rule", [row.id for row in RULES if row.never_justified])
def test_what_is_never_justified_is_never_waived(rule: str) -> None:
    with pytest.raises(Refused) as caught:
        refuse_unwaivable(rule)
    assert caught.value.rule == "never-justified"


def test_only_rules_that_exist_are_waived() -> None:
    refuse_unwaivable("staging-smoke")
    with pytest.raises(NotFound, match="did you mean staging-smoke"):
        refuse_unwaivable("staging")
    with pytest.raises(Refused):
        refuse_unwaivable("configuration")
    for nothing in ("", "x" * 500, "\x1b[2J"):
        with pytest.raises(NotFound):
            refuse_unwaivable(nothing)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", "2026-03-17"),
        ("2026-03-10", "2026-03-10"),
        ("5d", "2026-03-15"),
        ("2w", "2026-03-24"),
        ("0d", "2026-03-10"),
    ],
)
def test_a_waiver_ends_with_a_day(text: str, day: str) -> None:
    assert f"{until(text, NOW):%Y-%m-%d %H:%M}" == f"{day} 23:59"


@pytest.mark.parametrize(
    "text", ["2026-03-09", "2026-04-10", "31d", "9999d", "5w", "soon", "d", "-1d", "2026-13-01"]
)
def test_a_waiver_has_an_end_that_is_near(text: str) -> None:
    with pytest.raises(InvalidInput):
        until(text, NOW)


def test_a_subject_is_a_fingerprint() -> None:
    assert check_subject(" 0F3A5B7C9D1E ") == "0f3a5b7c9d1e"
    with pytest.raises(InvalidInput):
        check_subject("everything")
