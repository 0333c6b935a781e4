"""Is it over? Smoke tests and logs after a change, against what had failed before it."""

from __future__ import annotations

from andon.incident.events import VerificationRan
from andon.incident.words import Verdict
from andon.record import Record

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
    #: Why it could not be read.
    failure: str = ""
    #: False when its lines carry no time: then nothing can be said about after the change.
    is_dated: bool = True


def verify(
    *,
    operation: str,
    probes: tuple[ProbeOutcome, ...],
    failed_before: frozenset[str],
    logs: tuple[LogView, ...],
) -> VerificationRan:
    """Return the verdict over smoke tests and logs.

    It passes when what had failed passes, every critical smoke test passes, and no configured log shows
    errors since the change. Nothing had failed, nothing configured, no log line since: unknown.
    """
    gone = _failure_gone(probes, failed_before, logs)
    critical = _all([p.verdict for p in probes if p.critical])
    log_verdict, log_summary = _logs(logs)
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


def _logs(logs: tuple[LogView, ...]) -> tuple[Verdict, str]:
    if not logs:
        return Verdict.UNKNOWN, "no log is configured"
    told, verdicts = [], []
    for view in logs:
        if view.failure:
            verdicts.append(Verdict.UNKNOWN)
            told.append(f"{view.name} could not be read: {view.failure}")
        elif not view.is_dated:
            verdicts.append(Verdict.UNKNOWN)
            told.append(f"{view.name} has no times, so what it says since the change is not known")
        elif view.old_signatures:
            verdicts.append(Verdict.FAILED)
            told.append(f"{view.name} still shows {view.old_signatures[0]}")
        elif view.new_signatures:
            verdicts.append(Verdict.FAILED)
            told.append(f"{view.name} shows a new error: {view.new_signatures[0]}")
        elif not view.lines:
            verdicts.append(Verdict.UNKNOWN)
            told.append(f"{view.name} has no line since the change: not enough traffic")
        else:
            verdicts.append(Verdict.PASSED)
            span = f"{view.lines} lines in {view.seconds:.0f} s since the change"
            told.append(f"{view.name}: {span}, no errors")
    return _all(verdicts), "; ".join(told)


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
