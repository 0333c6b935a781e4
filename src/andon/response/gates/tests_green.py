"""Whether the whole test command passed on a commit: what one run says, and what all runs on record say."""

from __future__ import annotations

from andon.incident.words import Verdict, counted
from andon.record import Record
from andon.response.gates.results import failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.incident.events import SuiteRan
    from andon.response.gates.counts import SuiteCount
    from andon.response.gates.junit import JUnitCount
    from andon.response.gates.results import RuleResult

RULE = "tests-green"
#: First word of the command of a run that a report stands for.
REPORT = "junit"
_RUN = "andon ship test"
#: What to write where no command is configured.
SETTING = '[ship] in andon.toml, with test = ["./run-all-tests"]'


class SuiteAnswer(Record):
    """What one run of the tests says."""

    verdict: Verdict
    summary: str


def answer_of_run(
    *, code: int, ending: str, count: SuiteCount, timed_out: bool, is_missing: bool
) -> SuiteAnswer:
    """Say what a run of the test command shows. A run that executed no test is not green.

    One that somebody stopped from outside (SIGINT, SIGKILL, SIGTERM), or that never began, shows nothing; nor
    does exit code 0 beside failed tests (`|| true`, the end of a pipe).
    """
    if is_missing:
        return SuiteAnswer(verdict=Verdict.UNKNOWN, summary=f"the tests did not begin: {ending}")
    if timed_out:
        return SuiteAnswer(verdict=Verdict.FAILED, summary=f"the tests {ending}")
    if code in (-2, -9, -15, 130, 137, 143):
        return SuiteAnswer(verdict=Verdict.UNKNOWN, summary=f"the tests were stopped from outside: {ending}")
    if code != 0:
        return SuiteAnswer(verdict=Verdict.FAILED, summary=f"the tests failed: {ending}")
    if count.failed:
        told = f"exit code 0, but what was printed says that {counted(count.failed, 'test')} did not pass"
        return SuiteAnswer(verdict=Verdict.UNKNOWN, summary=told)
    if count.ran is None:
        told = "exit code 0, but whether any test ran cannot be told from what was printed"
        return SuiteAnswer(verdict=Verdict.UNKNOWN, summary=told)
    if count.ran == 0:
        told = f"exit code 0, but no test ran, as {count.runner} says"
        return SuiteAnswer(verdict=Verdict.FAILED, summary=told)
    return SuiteAnswer(
        verdict=Verdict.PASSED, summary=f"exit code 0, tests counted by {count.runner}: {count.ran}"
    )


def answer_of_report(count: JUnitCount) -> SuiteAnswer:
    """Say what a report in the JUnit format shows; all tests skipped, or none, is not green."""
    if count.failures or count.errors:
        named = f": {', '.join(count.failed)}" if count.failed else ""
        return SuiteAnswer(verdict=Verdict.FAILED, summary=f"{count}{named}")
    if count.ran == 0:
        told = "every test was skipped" if count.tests else "no test ran"
        return SuiteAnswer(verdict=Verdict.FAILED, summary=f"{count}: {told}")
    return SuiteAnswer(verdict=Verdict.PASSED, summary=str(count))


def judge_suites(commit: str, command: Sequence[str], suites: Sequence[SuiteRan]) -> RuleResult:
    """Say whether the newest run on exactly this commit, of this command or by a report, was green.

    One that shows nothing (it never began, it was stopped) takes nothing away from what another has shown.
    """
    wanted = tuple(command)
    ours = [s for s in suites if s.commit == commit]
    told = [s for s in ours if s.command[:1] == (REPORT,) or (wanted and s.command == wanted)]
    if not told and not wanted:
        return unknown(RULE, "no test command is configured", f"{SETTING}; then: {_RUN}")
    if not told and ours:
        return unknown(RULE, "another command than the configured one ran on this commit", _RUN)
    if not told:
        return unknown(RULE, f"the tests did not run on {commit[:10]}", f"{_RUN}; or {_RUN} --junit FILE")
    spoken = [s for s in told if s.verdict is not Verdict.UNKNOWN] or told
    newest = spoken[-1]
    others = [s for s in spoken if s.verdict is not newest.verdict]
    changed = f"; {counted(len(others), 'earlier run')} on this commit said otherwise" if others else ""
    evidence = f"{newest.summary}{changed}"
    if newest.verdict is Verdict.PASSED:
        return passed(RULE, evidence)
    if newest.verdict is Verdict.FAILED:
        return failed(RULE, evidence, f"mend it and commit; then: {_RUN}")
    return unknown(RULE, evidence, f"{_RUN} --junit FILE, where the runner writes one; or {_RUN} again")
