"""Running the whole test command on one commit, in a checkout of its own, or taking CI's report for it."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.flags.report import keep_flag_report
from andon.desk.redacting import redacted
from andon.errors import AndonError, InvalidInput, Refused, Unavailable
from andon.flags.tested_states import LARGEST
from andon.incident.events import SuiteRan
from andon.incident.words import Verdict
from andon.response.gates.counts import count_tests
from andon.response.gates.junit import count_junit
from andon.response.gates.tests_green import REPORT, SETTING, SuiteAnswer, answer_of_report, answer_of_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.desk.values import Attempt

#: Characters of the end of the output in which counts are looked for, and which are kept as evidence.
_SHOWN = 60_000


def run_suite(desk: Desk, reference: str, tell: Callable[[str], None]) -> SuiteRan:
    """Run the configured tests on a commit and record how it went; the user's own work tree is not touched.

    But for one file that is Andon's own: the report of the flag states that the tests ran with.

    Raises Unavailable when no command is configured or git cannot check the commit out, NotFound for a commit
    that there is none of, Refused for submodules that nothing fetches.
    """
    ship = desk.config.ship
    if not ship.test:
        raise Unavailable(
            "no test command is configured",
            where=desk.config.path or desk.config.root,
            rule="tests-green",
            remedy=SETTING,
        )
    commit = desk.repository.commit_of(reference or "HEAD")
    _refuse_submodules(desk, commit)
    tell(f"checking out {commit[:10]}")
    with desk.checkouts.open() as checkout:
        checkout.switch(commit, fresh=True)
        if ship.setup:
            tell("the setup runs")
            done = checkout.run(ship.setup, ship.timeout, _SHOWN)
            if done.code != 0 or done.timed_out or done.is_missing:
                told = f"the setup failed, so no test ran: {done.ending}"
                answer = SuiteAnswer(verdict=Verdict.UNKNOWN, summary=told)
                return _record(desk, commit, ship.setup, answer, done)
        tell("the tests run")
        done = checkout.run(ship.test, ship.timeout, _SHOWN)
        keep_flag_report(desk, commit, checkout.read(desk.config.flag_system.report, LARGEST))
    answer = answer_of_run(
        code=done.code,
        ending=done.ending,
        count=count_tests(done.output),
        timed_out=done.timed_out,
        is_missing=done.is_missing,
    )
    return _record(desk, commit, ship.test, answer, done)


def take_report(desk: Desk, reference: str, content: bytes, name: str) -> SuiteRan:
    """Record CI's result for a commit from a JUnit XML file; the actor vouches that it is of this commit.

    Raises InvalidInput for a file that is no such report, and for one that is older than the commit.
    """
    commit = desk.repository.commit_of(reference or "HEAD")
    count = count_junit(content, name)
    _refuse_older(desk, commit, count.began, name)
    answer = answer_of_report(count)
    stored = desk.evidence.put(content, "application/xml")
    event = SuiteRan(
        commit=commit,
        command=(REPORT, name),
        verdict=answer.verdict,
        summary=redacted(desk, answer.summary),
        evidence=stored.evidence,
    )
    desk.append(service_stream(desk), (event,))
    return event


def _refuse_older(desk: Desk, commit: str, began: datetime | None, name: str) -> None:
    """Raise InvalidInput when the tests of a report began before there was this commit."""
    if began is None:
        return
    try:
        made = next(
            (c.committed_at for c in desk.repository.line(f"{commit}^", commit) if c.id == commit), None
        )
    except AndonError:  # the first commit, or the edge of a shallow clone
        return
    if made is not None and began < made:
        raise InvalidInput(
            f"its tests began at {began:%Y-%m-%d %H:%M %Z}, before there was {commit[:10]} "
            f"({made:%Y-%m-%d %H:%M %Z}): it is of another commit",
            where=name,
            rule="tests-green",
            remedy="andon ship test; or the report of the run on this commit",
        )


def _record(
    desk: Desk, commit: str, command: tuple[str, ...], answer: SuiteAnswer, done: Attempt
) -> SuiteRan:
    lines = (
        f"commit: {commit}",
        f"command: {' '.join(command)}",
        f"ended: {done.ending}",
        "",
        done.output,
        "",
    )
    stored = desk.evidence.put("\n".join(lines).encode("utf-8", "replace"), "text/plain")
    event = SuiteRan(
        commit=commit,
        command=desk.config.ship.test,
        verdict=answer.verdict,
        summary=redacted(desk, answer.summary),
        seconds=round(done.seconds, 1),
        evidence=stored.evidence,
    )
    desk.append(service_stream(desk), (event,))
    return event


def _refuse_submodules(desk: Desk, commit: str) -> None:
    if not desk.config.ship.setup and desk.repository.content(commit, ".gitmodules") is not None:
        raise Refused(
            "this repository has submodules, and a checkout does not bring them along",
            where=desk.repository.root,
            rule="tests-green",
            remedy='[ship] in andon.toml: setup = ["git", "submodule", "update", "--init", "--recursive"]',
        )
