"""Searching for the commit that broke it: real checkouts, the smoke command, the result in the incident."""

from __future__ import annotations

import json

from andon.desk.bad_range import BadRange, bad_range
from andon.desk.bisect_runs import Run, Search, Wanted, answer_of, read, written
from andon.desk.casefile import load
from andon.desk.operation import hold
from andon.desk.recording import attach, record
from andon.desk.redacting import redacted
from andon.errors import AndonError, InvalidInput, NotFound, Refused
from andon.incident.commands import RecordCulprit
from andon.incident.events import CaptureFailed, CulpritFound, EvidenceAttached
from andon.record import Record, replace
from andon.response.bisecting import Answer, Misled, NextTest, Range, next_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.desk.ports_repository import Checkout
    from andon.desk.values import Attempt
    from andon.incident.state import Incident
    from andon.response.bisecting import Found

#: Characters of a run's output in the evidence.
_SHOWN = 2000


class Searched(Record):
    """How a search ended."""

    found: Found
    range: BadRange
    runs: tuple[Run, ...]
    #: The incident with the result on record; None without one.
    incident: Incident | None


def search(
    desk: Desk,
    state: Incident | None,
    within: BadRange,
    wanted: Wanted,
    suspected: tuple[tuple[str, float], ...],
    tell: Callable[[str], None],
) -> Searched:
    """Find the commit that broke it, and record it in the incident.

    Raises Refused when the test does not tell the two ends apart, Conflict while another search of this
    service runs, Unavailable when git fails. Interrupted, it can be resumed.
    """
    _refuse_submodules(desk, within, wanted)
    if desk.checkouts.recall():
        tell("a search that was cut short is given up for this one")
    begun = Search(
        good_name=within.good_name,
        bad_name=within.bad_name,
        good=within.good,
        bad=within.bad,
        wanted=wanted,
        incident=state.id if state else "",
        suspected=suspected,
    )
    return _carry_on(desk, state, within, begun, tell)


def resume(desk: Desk, tell: Callable[[str], None]) -> Searched:
    """Go on with the search that was cut short; raises NotFound when there is none."""
    begun = read(desk.checkouts.recall())
    if begun is None:
        raise NotFound(
            "no search was cut short here",
            where=desk.config.service,
            rule="bisect-resume",
            remedy="begin one: andon bisect --run COMMAND",
        )
    state = load(desk, begun.incident) if begun.incident else None
    within = replace(
        bad_range(desk, state, begun.good, begun.bad), good_name=begun.good_name, bad_name=begun.bad_name
    )
    tell(f"{len(begun.runs)} runs were done before")
    return _carry_on(desk, state, within, begun, tell)


def _refuse_submodules(desk: Desk, within: BadRange, wanted: Wanted) -> None:
    if not wanted.setup and desk.repository.content(within.bad, ".gitmodules") is not None:
        raise Refused(
            "this repository has submodules, and a checkout does not bring them along",
            where=desk.repository.root,
            rule="bisect-submodules",
            remedy='fetch them for each commit: --setup "git submodule update --init --recursive"; '
            "or, when the test does not need them: --setup true",
        )


def _carry_on(
    desk: Desk, state: Incident | None, within: BadRange, begun: Search, tell: Callable[[str], None]
) -> Searched:
    """Test until the search is over; every run is kept as soon as it ended."""
    span = Range(
        good=within.good,
        commits=tuple(commit.id for commit in within.commits),
        votes=begun.wanted.votes,
        suspected=begun.suspected,
    )
    runs = list(begun.runs)
    with hold(f"bisect-{desk.config.service}"), desk.checkouts.open() as checkout:
        desk.checkouts.remember(written(begun, runs))
        while isinstance(step := next_test(span, _answers(runs)), NextTest):
            tell(_announced(within, step))
            run = _test(desk, checkout, step, begun.wanted)
            tell(f"  {run.answer} in {run.seconds:.1f} s: {run.ending}")
            runs.append(run)
            desk.checkouts.remember(written(begun, runs))
    if isinstance(step, Misled):
        desk.checkouts.forget()
        raise _misled(within, step, runs)
    incident = _recorded(desk, state, within, begun.wanted, step, runs) if state else None
    desk.checkouts.forget()  # only now: a result that could not be recorded is recorded by --resume
    return Searched(found=step, range=within, runs=tuple(runs), incident=incident)


def _answers(runs: Sequence[Run]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for run in runs:
        found.setdefault(run.commit, []).append(Answer(run.answer))
    return found


def _announced(within: BadRange, step: NextTest) -> str:
    told = f"testing {step.commit[:10]} {within.subject_of(step.commit)[:60]}".rstrip()
    match step.purpose:
        case "end" if step.commit == within.good:
            return f"testing {within.good_name}: is it good, as it is said to be?"
        case "end":
            return f"testing {within.bad_name}: is it bad, as it is said to be?"
        case "confirmation":
            return f"{told}: once more, to be sure"
        case _:
            return f"{told} ({step.suspects} suspects, at most {step.at_most} tests)"


def _test(desk: Desk, checkout: Checkout, step: NextTest, wanted: Wanted) -> Run:
    """Check a commit out and run the test there."""
    checkout.switch(step.commit, fresh=wanted.fresh)
    if wanted.setup:
        done = checkout.run(wanted.setup, wanted.timeout)
        if done.code != 0 or done.timed_out or done.is_missing:
            return _run(desk, step, Answer.SKIP, done, "setup: ")
    done = checkout.run(wanted.command, wanted.timeout)
    return _run(desk, step, answer_of(done, wanted.on_timeout), done)


def _run(desk: Desk, step: NextTest, answer: Answer, done: Attempt, before: str = "") -> Run:
    return Run(
        commit=step.commit,
        purpose=step.purpose,
        answer=answer.value,
        ending=redacted(desk, before + done.ending),
        seconds=round(done.seconds, 3),
        output=redacted(desk, done.output[-_SHOWN:]),
    )


def _misled(within: BadRange, step: Misled, runs: Sequence[Run]) -> Refused:
    """Explain why the range cannot be searched with this test."""
    name = within.good_name if step.commit == within.good else within.bad_name
    last = next(run for run in reversed(runs) if run.commit == step.commit)
    said = last.output.strip().splitlines()[-1:]
    how = f"{last.ending}: {said[0][:200]}" if said else last.ending
    match step.answered:
        case Answer.SKIP:
            told = f"{name} cannot be tested ({how})"
            remedy = "prepare each checkout with --setup COMMAND, give it more time with --timeout SECONDS, "
            remedy += "and name the test by its absolute path when old commits do not have it"
        case Answer.BAD:
            told = f"the test fails on {name} already ({how}), so it does not show what broke later"
            remedy = (
                "name an older good commit, or a test that passes there: andon bisect GOOD BAD --run COMMAND"
            )
        case _:
            told = f"the test does not show the failure: it passes on {name}"
            remedy = (
                "give a test that fails there; and see that it tests the checkout it runs in, not a copy "
            )
            remedy += "that is installed elsewhere"
    return Refused(told, where=step.commit[:10], rule="bisect-ends", remedy=remedy)


def _recorded(
    desk: Desk, state: Incident, within: BadRange, wanted: Wanted, found: Found, runs: Sequence[Run]
) -> Incident:
    from andon.desk.looking import attachment

    kept: EvidenceAttached | CaptureFailed
    title = f"search for the culprit between {within.good_name} and {within.bad_name}"
    try:
        stored = desk.evidence.put(report(within, wanted, found, runs).encode(), "text/plain")
        kept = attachment(stored, "report", title, "bisect")
    except AndonError as problem:  # which commit it was goes on record all the same
        stored, kept = None, CaptureFailed(source=title, reason=str(problem))
    culprit = CulpritFound(
        commits=found.commits,
        subject=within.subject_of(found.commits[-1]),
        good=within.good,
        bad=within.bad,
        candidates=len(within.commits),
        tests=len(runs),
        confidence=found.confidence,
        command=wanted.command,
        evidence=stored.evidence if stored else None,
    )
    return attach(desk, record(desk, state, RecordCulprit(found=culprit)), (kept,))


def report(within: BadRange, wanted: Wanted, found: Found, runs: Sequence[Run]) -> str:
    """Return the whole search as text: every run with its answer and the end of its output."""
    lines = [
        f"good: {within.good_name} ({within.good})",
        f"bad: {within.bad_name} ({within.bad}), {len(within.commits)} commits later",
        f"test: {json.dumps(wanted.command)}",
        f"{found.confidence}: " + ", ".join(f"{c} {within.subject_of(c)}" for c in found.commits),
    ]
    for run in runs:
        lines += ["", f"{run.answer}  {run.commit}  {within.subject_of(run.commit)}"]
        lines += [f"({run.purpose}, {run.seconds:.1f} s) {run.ending}", run.output.rstrip()]
    return "\n".join(lines) + "\n"


def smoke_command(desk: Desk, name: str) -> tuple[str, ...]:
    """Return the argument list of a configured smoke test; raises InvalidInput for one without."""
    commands = {probe.name: probe.command for probe in desk.config.smoke}
    if commands.get(name):
        return commands[name]
    usable = ", ".join(n for n, command in commands.items() if command) or "none"
    why = "asks production, not a checkout" if name in commands else "is not configured"
    raise InvalidInput(
        f"smoke test {name!r} {why}; smoke tests that are commands: {usable}",
        where=desk.config.path or desk.config.root,
        rule="bisect-smoke",
        remedy="name a command instead: andon bisect --run COMMAND",
    )
