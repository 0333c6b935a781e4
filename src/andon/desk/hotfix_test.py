"""Running a test without a fix and with it, in checkouts of our own: red, then green."""

from __future__ import annotations

import shlex

from andon.desk.recording import attach, record
from andon.desk.redacting import redacted
from andon.errors import Unavailable
from andon.incident.commands import RecordHotfixTest
from andon.incident.events import HotfixTested
from andon.incident.words import Verdict
from andon.response.guard.proof import how_it_went, is_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.desk.ports_repository import Checkout
    from andon.desk.values import Attempt
    from andon.incident.events import HotfixStarted
    from andon.incident.state import Incident

#: Characters of the end of the output in which reasons and counts are looked for.
_SHOWN = 20_000


def tested(state: Incident, base: str, commit: str) -> HotfixTested | None:
    """Return how the newest test of a commit against its base went; None when none ran."""
    known = (t for t in reversed(state.hotfix_tests) if (t.base_commit, t.commit) == (base, commit))
    return next(known, None)


def run_test(
    desk: Desk,
    state: Incident,
    hotfix: HotfixStarted,
    commit: str,
    command: Sequence[str],
    tell: Callable[[str], None],
) -> Incident:
    """Run a test on the release that runs, with the tests of the fix put in, and on the fix; record both.

    What a test needs beyond the repository (dependencies that are installed into it) it has to find or make
    itself: no run sees what another left in the checkout. Red and then green is asked once more without the
    fix: a test that passes then is moody, or lives on what is left elsewhere. Returns the incident with the
    result; raises Unavailable when nothing can be checked out.
    """
    change = desk.changes.between(hotfix.base_commit, commit)
    tests = [
        f.path
        for f in change.files
        if f.new_mode not in ("", "160000")
        and (is_test(f.path) or (not f.old_mode and _names(command, f.path)))
    ]
    shown = redacted(desk, shlex.join(command))
    limit = desk.config.hotfix.timeout
    with desk.checkouts.open() as checkout:
        tell(f"without the fix, at {hotfix.base_version}: {shown}")
        before = _without(checkout, hotfix, commit, tests, command, limit)
        tell(f"  {before.ending}; with the fix, at {commit[:10]}")
        checkout.switch(commit, fresh=True)
        after = checkout.run(command, limit, _SHOWN)
        tell(f"  {after.ending}")
        doubt = ""
        if (_verdict(before), _verdict(after)) == (Verdict.FAILED, Verdict.PASSED):
            doubt = _other_reason(state, before)
            if not doubt:
                tell("without the fix once more")
                again = _without(checkout, hotfix, commit, tests, command, limit)
                tell(f"  {again.ending}")
                if _verdict(again) is not Verdict.FAILED:
                    doubt = f"when it ran again, it ended with {again.ending}"
    result = HotfixTested(
        commit=commit,
        base_commit=hotfix.base_commit,
        command=tuple(redacted(desk, word) for word in command),
        before=_verdict(before),
        after=_verdict(after),
        summary=f"without the fix {before.ending}, with it {after.ending}: {shown}",
        doubt=redacted(desk, doubt),
    )
    return _keep(desk, state, result, (before, after), tests)


def _names(command: Sequence[str], path: str) -> bool:
    """True when a word of the command is a path, or a test in it (`checks/price.py::test_price`)."""
    return any(word.partition("::")[0].removeprefix("./") == path for word in command)


def _without(
    checkout: Checkout,
    hotfix: HotfixStarted,
    commit: str,
    tests: Sequence[str],
    command: Sequence[str],
    limit: float,
) -> Attempt:
    checkout.switch(hotfix.base_commit, fresh=True)
    _put_tests_in(checkout, commit, tests)
    return checkout.run(command, limit, _SHOWN)


def _other_reason(state: Incident, before: Attempt) -> str:
    from andon.response.guard.red_reasons import other_reason  # patterns: only where a test ran

    broken = state.assessment.broken if state.assessment else ()
    return other_reason(before.output, tuple(f"{found.sign} {found.symptom}" for found in broken))


def _put_tests_in(checkout: Checkout, commit: str, tests: Sequence[str]) -> None:
    """Bring the tests of the fix to the code without it: a test that is missing is not a test that fails."""
    if not tests:
        return
    words = ("git", "--literal-pathspecs", "checkout", "--quiet", commit, "--", *tests)
    done = checkout.run(words, 120.0)
    if done.code != 0:  # what fails then would fail for another reason
        raise Unavailable(
            f"the tests of the fix cannot be put into the release that runs: {done.ending}",
            where=tests[0],
            rule="red-then-green",
            remedy="git fsck; or andon skip verification, and look yourself",
        )


def _verdict(done: Attempt) -> Verdict:
    from andon.response.gates.counts import count_tests  # patterns: only where a test ran

    count = count_tests(done.output)
    return how_it_went(
        done.code,
        is_missing=done.is_missing,
        timed_out=done.timed_out,
        ran=count.ran,
        not_passed=count.failed,
    )


def _keep(
    desk: Desk, state: Incident, result: HotfixTested, runs: tuple[Attempt, Attempt], tests: Sequence[str]
) -> Incident:
    from andon.desk.looking import attachment  # threads: only where something ran
    from andon.record import replace

    before, after = runs
    lines = [result.summary, f"tests put in: {', '.join(tests) or 'none'}"]
    lines += ["", f"without the fix ({before.seconds:.1f} s): {before.ending}", before.output]
    lines += [f"this proves nothing: {result.doubt}"] if result.doubt else []
    lines += ["", f"with the fix ({after.seconds:.1f} s): {after.ending}", after.output, ""]
    stored = desk.evidence.put("\n".join(lines).encode("utf-8", "replace"), "text/plain")
    state = attach(desk, state, (attachment(stored, "report", "hotfix test", "hotfix check"),))
    return record(desk, state, RecordHotfixTest(tested=replace(result, evidence=stored.evidence)))
