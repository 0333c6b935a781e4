"""Verifying: smoke tests until they settle, then the logs since the change, against what had failed."""

from __future__ import annotations

from datetime import timedelta

from andon.desk.deployments import enter_acts, judge, survey
from andon.desk.recording import record
from andon.desk.settling import Trials
from andon.desk.verdicts import can_be_proven, doubt_running, judge_running
from andon.desk.watching import case_of, missing_logs, watch_logs
from andon.errors import Refused
from andon.incident.commands import OpenAction, RecordVerification
from andon.incident.flag_checks import last_flag_change
from andon.incident.words import CommandId, Impact, Outcome, ReleaseVerdict, Verdict, counted
from andon.record import Record, replace
from andon.response.verification import LogView
from andon.response.verification import verify as judge_verification

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.events import ProbeOutcome, VerificationRan
    from andon.incident.state import Incident


class Verified(Record):
    """The incident after the verification."""

    incident: Incident
    verification: VerificationRan


def run_verification(
    desk: Desk,
    state: Incident,
    *,
    watch: float,
    tell: Callable[[str], None],
    ignoring: tuple[str, ...] = (),
    reason: str = "",
    also: tuple[ProbeOutcome, ...] = (),
    under: CommandId | None = None,
) -> Verified:
    """Run the verification and record it with its evidence.

    `ignoring`: errors whose signature contains one of these texts do not count, for a reason; each comes back
    as an action item. Raises Refused without the reason. `also` counts beside the smoke tests; `under` is the
    id under which the verdict is recorded once.

    Smoke tests are repeated until they pass `[verify] in_a_row` times, or `[deploy] settle` has passed; the
    logs are read until they show traffic since the change or `watch` seconds have passed. Meanwhile the smoke
    tests go on: one that comes and goes is unknown.
    """
    state = _put_aside(desk, state, ignoring, reason)
    began_after = state.length
    enter_acts(desk, state.id)
    since = _since(desk, state)
    failed_before = failing_signs(state)
    trials = Trials(desk)
    trials.settle(_patience(desk, state, since), tell)
    case = case_of(desk, state, since, ignoring)
    views = (*watch_logs(desk, case, watch, tell, trials.again), *missing_logs(desk, state))
    seen = trials.conclude()
    operation = _operation(state)
    verification = judge_verification(
        operation=operation, probes=(*seen.probes, *also), failed_before=failed_before, logs=views
    )
    if ignoring:
        told = f"{verification.logs_summary}; ignored: {', '.join(ignoring)} ({reason})"
        verification = replace(verification, logs_summary=told)
    report = desk.evidence.put(_report(verification, since, views).encode(), "text/plain")
    verification = replace(verification, evidence=report.evidence)
    command = RecordVerification(verification=verification, began_after=began_after, attached=seen.attached)
    state = record(desk, state, command, under=under)
    if verification.verdict is Verdict.PASSED:
        judge_running(desk, state, report.evidence, under=under)
    elif verification.verdict is Verdict.FAILED:
        doubt_running(desk, state, under=under)
    return Verified(incident=state, verification=state.verification or verification)


def _put_aside(desk: Desk, state: Incident, ignoring: tuple[str, ...], reason: str) -> Incident:
    """Open an action item for every error that somebody says is harmless."""
    if not all(words.strip() for words in ignoring):
        raise Refused(
            "ignoring nothing in particular would be ignoring everything",
            where=state.id,
            rule="never-justified",
            remedy='andon verify --ignoring "words of the harmless error" --reason "why it is harmless"',
        )
    if ignoring and not reason.strip():
        raise Refused(
            "an error is ignored for a reason",
            where=state.id,
            rule="evidence-or-a-name",
            remedy=f'andon verify --ignoring "{ignoring[0]}" --reason "why it is harmless"',
        )
    for words in ignoring:
        title = f"Look into the error that was ignored: {words}"
        if any(action.title == title for action in state.actions):
            continue
        command = OpenAction(
            action=f"A{len(state.actions) + 1}",
            title=title,
            origin="verification",
            owner=desk.actor,
            due_at=desk.clock.now() + timedelta(days=desk.config.review.action_days),
            kind="verification",
        )
        state = record(desk, state, command)
    return state


def failing_signs(state: Incident) -> frozenset[str]:
    """Return the smoke tests that had failed during this incident before anything was changed.

    Once reopened, those of its first time prove nothing about what is broken now.
    """
    names: set[str] = set()
    if state.assessment is not None:
        names.update(f.sign for f in state.assessment.broken if f.source == "probe")
    if "IncidentReopened" not in state.marks:
        names.update(i.sign for i in state.impacts if i.kind is Impact.PROBE)
    return frozenset(n for n in names if n)


def _since(desk: Desk, state: Incident) -> datetime:
    """Return the moment of the change: the end of the last act if it carried out the last decision, else now.

    A workaround happens outside: what the logs said before somebody came to verify it does not count.
    """
    mark, decided = state.marks.get("DeployFinished"), state.marks.get("ResponseDecided")
    began = decided.seq if decided is not None else 0
    succeeded = bool(state.operations) and state.operations[-1].outcome is Outcome.SUCCEEDED
    ends = [mark.at] if mark is not None and succeeded and began < mark.seq else []
    act = last_flag_change(state)
    if act is not None and act.ended_at is not None and began < act.ended_seq:
        ends.append(act.ended_at)
    if ends:
        return max(ends)
    return desk.clock.now() - timedelta(seconds=1)


def _patience(desk: Desk, state: Incident, since: datetime) -> float:
    """Return for how many seconds a fresh deployment, or a flag, may still settle; none without one."""
    age = (desk.clock.now() - since).total_seconds()
    return max(desk.config.deploy.settle - age, 0.0) if state.operations or state.flag_acts else 0.0


def _operation(state: Incident) -> str:
    """Return the act whose effect is verified: the last deployment, or the last change of a flag."""
    act = last_flag_change(state)
    deployed = state.operations[-1] if state.operations else None
    if act is not None and (deployed is None or act.seq > deployed.seq):
        return act.id
    return deployed.id if deployed is not None else ""


def _report(verification: VerificationRan, since: datetime, logs: tuple[LogView, ...]) -> str:
    lines = [f"verification: {verification.verdict}", f"since: {since:%Y-%m-%dT%H:%M:%S.%fZ}", ""]
    lines += [_probe_line(p) for p in verification.probes]
    lines += ["", f"failure gone: {verification.failure_gone}"]
    lines += [f"critical paths: {verification.critical_paths}"]
    lines += [f"logs: {verification.logs}: {verification.logs_summary}", ""]
    for view in logs:
        usual = "" if view.expected is None else f", {view.expected:.0f} are usual"
        lines += [f"{view.name}: {view.lines} messages, {view.severe} severe, {view.needed} needed{usual}"]
        if view.novelty is not None:
            lines += [f"  before the break, {view.novelty:.0%} of its errors were of a kind seen once"]
        told = (*view.old_signatures, *view.new_signatures, *view.doubts, *view.notes)
        lines += [f"  {found}" for found in told]
    return "\n".join(lines)


def _probe_line(probe: ProbeOutcome) -> str:
    return f"{probe.verdict}  {probe.name}  {probe.summary}"


def verify_quietly(desk: Desk) -> tuple[tuple[ProbeOutcome, ...], Verdict, str]:
    """Run the smoke tests outside an incident; when all pass, the running release is judged good.

    Not one that an incident found bad, nor one with the same fault.
    """
    probes, verdict = look_quietly(desk)
    if verdict is not Verdict.PASSED:
        return probes, verdict, ""
    production = survey(desk)
    release = production.ledger.find(production.running)
    if not can_be_proven(desk, production.ledger, release):
        return probes, Verdict.PASSED, ""
    reason = f"{counted(len(probes), 'smoke test')} passed"
    judge(desk, production.running, ReleaseVerdict.GOOD, reason)
    return probes, Verdict.PASSED, production.running


def look_quietly(desk: Desk) -> tuple[tuple[ProbeOutcome, ...], Verdict]:
    """Run the smoke tests outside an incident and return what they say together; no release is judged."""
    trials = Trials(desk)
    trials.settle(0.0, lambda _: None)
    seen = trials.conclude(keep="none")
    verdicts = {p.verdict for p in seen.probes}
    if Verdict.FAILED in verdicts:
        return seen.probes, Verdict.FAILED
    return seen.probes, Verdict.PASSED if verdicts == {Verdict.PASSED} else Verdict.UNKNOWN
