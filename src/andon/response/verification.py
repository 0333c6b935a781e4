"""Is it over? Smoke tests and logs after a change, against what had failed before it."""

from __future__ import annotations

from andon.incident.events import VerificationRan
from andon.incident.words import Verdict
from andon.record import Record
from andon.response.watch import MESSAGES, RULE_OF_THREE, TRAFFIC, USUAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.events import ProbeOutcome


class LogView(Record):
    """What one log says since the change."""

    name: str
    #: Lines since the change.
    lines: int
    #: Severe lines since the change.
    severe: int
    #: Seconds since the change.
    seconds: float = 0.0
    #: Error signatures since the change that the incident had, and others.
    old_signatures: tuple[str, ...] = ()
    new_signatures: tuple[str, ...] = ()
    #: Messages that were usual and are missing; each is among the doubts, too.
    vanished: tuple[str, ...] = ()
    #: Why it could not be read.
    failure: str = ""
    #: False when its lines carry no time: then nothing can be said about after the change.
    is_dated: bool = True
    #: What keeps it from saying that all is well without saying that something is wrong.
    doubts: tuple[str, ...] = ()
    #: Lines that are needed before silence says anything, and those to be expected; None when nobody knows.
    needed: int = 1
    expected: float | None = None
    #: The chance that the next error is of a new kind, by what was written before the break.
    novelty: float | None = None
    #: What is worth knowing beside it.
    notes: tuple[str, ...] = ()


def verify(
    *,
    operation: str,
    probes: tuple[ProbeOutcome, ...],
    failed_before: frozenset[str],
    logs: tuple[LogView, ...],
) -> VerificationRan:
    """Return the verdict over smoke tests and logs.

    It passes when what had failed passes, every critical smoke test passes, and every configured log has
    enough traffic since the change and shows neither the error of the incident nor a new or risen one.
    Nothing had failed, nothing configured, too few lines, something expected that is missing: unknown.
    """
    gone = _failure_gone(probes, failed_before, logs)
    critical = _all([p.verdict for p in probes if p.critical])
    log_verdict, log_summary = judge_logs(logs)
    parts = [gone, critical] + ([log_verdict] if logs else [])
    return VerificationRan(
        operation=operation,
        verdict=_all(parts),
        probes=probes,
        failure_gone=gone,
        critical_paths=critical,
        logs=log_verdict,
        logs_summary=log_summary,
        summary=_summary(probes, failed_before, log_summary),
    )


def _all(verdicts: list[Verdict]) -> Verdict:
    """Failed if any failed, passed if all passed and there is one, else unknown."""
    if Verdict.FAILED in verdicts:
        return Verdict.FAILED
    return Verdict.PASSED if verdicts and set(verdicts) == {Verdict.PASSED} else Verdict.UNKNOWN


def _failure_gone(
    probes: tuple[ProbeOutcome, ...], failed_before: frozenset[str], logs: tuple[LogView, ...]
) -> Verdict:
    if any(view.old_signatures for view in logs):
        return Verdict.FAILED
    gone = failed_before.difference(p.name for p in probes)  # a test that was taken away proves nothing
    return _all([p.verdict for p in probes if p.name in failed_before] + [Verdict.UNKNOWN for _ in gone])


def judge_logs(logs: tuple[LogView, ...], *, can_wait: bool = True) -> tuple[Verdict, str]:
    """Return the verdict over all logs, and why; `can_wait` names the command that waits for more."""
    if not logs:
        return Verdict.UNKNOWN, "no log is configured"
    found = [_log(view, can_wait=can_wait) for view in logs]
    told = [
        " ".join([said, *(f"({note})" for note in view.notes)])
        for view, (_, said) in zip(logs, found, strict=True)
    ]
    return _all([verdict for verdict, _ in found]), "; ".join(told)


def _log(view: LogView, *, can_wait: bool) -> tuple[Verdict, str]:
    """Return the verdict of one log, and why."""
    span = f"{view.lines} lines in {view.seconds:.0f} s since the change"
    if view.failure:
        return Verdict.UNKNOWN, f"{view.name} could not be read: {view.failure}"
    if not view.is_dated:
        return Verdict.UNKNOWN, f"{view.name} has no times, so what it says since the change is not known"
    if view.old_signatures:
        return Verdict.FAILED, f"{view.name} still shows {view.old_signatures[0]}"
    if view.new_signatures:
        return Verdict.FAILED, f"{view.name} shows a new error: {view.new_signatures[0]}"
    if not view.lines:
        return Verdict.UNKNOWN, f"{view.name} has no line since the change: not enough traffic"
    if view.doubts:
        return Verdict.UNKNOWN, f"{view.name}: {view.doubts[0]}"
    if view.lines < view.needed:
        told = f"{view.name}: {span}, {view.needed} are needed: not enough traffic"
        more = f"{told}; `andon verify --watch {_patience(view)}` waits for more"
        return Verdict.UNKNOWN, more if can_wait else told
    if view.expected is not None and not is_as_busy_as_usual(view):
        usual = f"{view.expected:.0f} are usual"
        return Verdict.UNKNOWN, f"{view.name}: {span}, {usual}: not enough traffic"
    hidden = f" (one in fewer than {min(RULE_OF_THREE / view.lines, 1):.0%} of them could hide)"
    return (
        Verdict.PASSED,
        f"{view.name}: {span}, no errors{hidden if view.needed == 1 and view.lines < MESSAGES else ''}",
    )


def is_as_busy_as_usual(view: LogView) -> bool:
    """Return whether silence says something; True as well when nobody knows what is usual."""
    return view.expected is None or view.expected < USUAL or view.lines >= view.expected * TRAFFIC


def _patience(view: LogView) -> int:
    """Return how many seconds it takes until there are enough lines, at this pace, in tens."""
    return int(view.seconds * (view.needed - view.lines) / view.lines / 10 + 1) * 10


def _summary(probes: tuple[ProbeOutcome, ...], failed_before: frozenset[str], logs: str) -> str:
    passed = [p.name for p in probes if p.verdict is Verdict.PASSED]
    others = [f"{p.name} {p.verdict}: {p.summary}" for p in probes if p.verdict is not Verdict.PASSED]
    told = f"{len(passed)} of {len(probes)} smoke tests pass" if probes else "no smoke test is configured"
    healed = sorted(failed_before.intersection(passed))
    if healed:
        told += f" ({', '.join(healed)} had failed)"
    elif probes and not failed_before:
        told += " (none of them had failed before, so they cannot show that the failure is gone)"
    return "; ".join([told, *others, logs])
