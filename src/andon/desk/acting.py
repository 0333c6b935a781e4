"""The steps of an approved act on production, each of which can be done again and happens once.

A step reads in the journal how far the act got, does what is left of its part, and records it under an id
made from the operation's. Which step follows which is left to `workflows.rollback`; who starts the deploy
tool, to the port `DeployRunner`.
"""

from __future__ import annotations

from andon.desk.deployments import block_release, enter_acts, read_ledger, unblock_release
from andon.desk.hotfix_ship import refuse_changed
from andon.desk.interrupted import found_out, running_version
from andon.desk.recording import attach, record
from andon.desk.redacting import redacted
from andon.desk.rollback import deployer_of, plan_rollback, refuse_beside_another, refuse_elsewhere
from andon.desk.verdicts import CAPACITY, doubt_running, judge_running
from andon.desk.verify import run_verification
from andon.errors import AndonError, Conflict, Refused
from andon.incident.commands import EndOperation, FinishDeploy, StartDeploy
from andon.incident.events import CaptureFailed, DeployFinished, OperationEnded, ProbeOutcome
from andon.incident.evolve import fold
from andon.incident.words import CommandId, Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.ports import Desk
    from andon.desk.ports_workers import DeployRunner
    from andon.desk.values import DeployReport
    from andon.incident.events import RollbackPlanned
    from andon.incident.state import Approval, Incident, Operation

#: Seconds between two looks at a deployment, or at its copies.
_PAUSE = 0.1
#: Seconds within which a runner that was started has said so; after that it is not coming.
_BOOT = 30.0
#: Seconds beyond `[deploy] timeout` and `settle` that a deployer gets to stop its tool and to report.
_MARGIN = 30.0


def _approved(state: Incident, operation: str) -> Approval:
    approval = state.approval(operation)
    if approval is None:
        raise Refused(
            f"operation {operation} is not approved",
            where=state.id,
            rule="plan-before-act",
            remedy=f"andon rollback --approve {operation}",
        )
    return approval


def _read(desk: Desk, incident: str) -> Incident:
    return fold(desk.history(incident))


def recheck(desk: Desk, incident: str, operation: str) -> None:
    """Raise Refused, saying what changed, unless everything the approval rests on still holds.

    The plan is made again: another running version, an artefact that is gone, another answer of the migration
    gate or of the hotfix guard, other steps. What has started already is not looked at again.
    """
    state = _read(desk, incident)
    approval = _approved(state, operation)
    if approval.ended is not None or state.operation(operation) is not None:
        return
    refuse_beside_another(desk, state)
    plan = state.plan
    if approval.purpose == "rollback" and plan is not None and plan.operation == operation:
        changes = _changes(desk, plan, plan_rollback(desk, state, plan.to_version))
        if changes:
            raise Refused(
                f"since it was planned, {'; '.join(changes)}",
                where=incident,
                rule="still-as-planned",
                remedy="andon rollback plans anew",
            )
    elif approval.purpose == "hotfix" and state.hotfix_plan is not None:
        refuse_changed(desk, state, state.hotfix_plan)
    else:
        refuse_elsewhere(desk, incident, approval.from_version, approval.version)
        deployer_of(desk).preflight(approval.version)


def _changes(desk: Desk, plan: RollbackPlanned, now: RollbackPlanned) -> list[str]:
    found = []
    if plan.from_version != now.from_version:
        before, after = plan.from_version or "an unknown version", now.from_version or "an unknown version"
        found.append(f"another version runs: {after}, not {before}")
    if plan.migrations is not now.migrations:
        found.append(f"the migration gate says {now.migrations}: {now.migrations_reason}")
    if tuple(redacted(desk, s) for s in plan.steps) != tuple(redacted(desk, s) for s in now.steps):
        found.append(f"the deployer would do something else: {'; '.join(now.steps)}")
    return found


def claim(desk: Desk, incident: str, operation: str, host: str) -> None:
    """Record that the deployment starts; raises Refused when a rule or somebody else is in the way."""
    state = _read(desk, incident)
    approval = _approved(state, operation)
    if approval.ended is not None or state.operation(operation) is not None:
        return
    start = StartDeploy(
        operation=operation,
        purpose=approval.purpose,
        from_version=approval.from_version,
        version=approval.version,
        undo=approval.undo,
        host=host,
    )
    record(desk, state, start, under=CommandId(f"{operation}/start"))


def deploy(desk: Desk, incident: str, operation: str, runner: DeployRunner) -> Outcome:
    """See the started deployment to its end, whoever carries it out; return how it ended.

    The runner is asked to begin unless it has before. One that died, or sits on another machine and keeps
    silent for longer than a deployment may take, is never replaced: the deployer is asked what runs.
    """
    began = desk.clock.monotonic()
    limit = desk.config.deploy.timeout + desk.config.deploy.settle + _MARGIN
    asked = False
    while True:
        act = _started(_read(desk, incident), operation)
        if act.outcome is not None:
            return act.outcome
        report = runner.report(operation)
        if report is not None:
            finish(desk, incident, operation, report)
            continue
        waited = desk.clock.monotonic() - began
        age = max(waited, (desk.clock.now() - act.started_at).total_seconds())
        phase = runner.phase(operation) if act.host == runner.host else "elsewhere"
        if phase == "new" and not asked:
            runner.begin(incident, operation, desk.actor)
            asked = True
        is_lost = phase == "new" and waited > _BOOT and runner.forbid(operation)
        if is_lost or phase == "gone" or age > limit:
            _find_out(desk, incident, act, is_over=phase not in ("running", "new") or is_lost)
            continue
        desk.clock.sleep(min(_PAUSE + waited / 50, 1.0))


def _started(state: Incident, operation: str) -> Operation:
    act = state.operation(operation)
    if act is None:
        raise Refused(
            f"operation {operation} was never started",
            where=state.id,
            rule="plan-before-act",
            remedy="andon workflows",
        )
    return act


def _find_out(desk: Desk, incident: str, act: Operation, *, is_over: bool) -> None:
    """Record what the deployer says of a deployment whose end nobody saw; unknown where it cannot be told."""
    running, said = running_version(desk)
    outcome, detail = found_out(act, running, said)
    if not is_over:
        outcome, detail = Outcome.UNKNOWN, f"it has not ended within its time, and {said}; it may be at work"
    finished = DeployFinished(operation=act.id, outcome=outcome, running_version=running, detail=detail)
    _record_end(desk, incident, finished, CommandId(f"{act.id}/found"))
    enter_acts(desk, incident)


def _record_end(desk: Desk, incident: str, finished: DeployFinished, under: CommandId) -> Incident:
    """Record how it ended, unless somebody else has, whose word then stands."""
    try:
        return record(desk, _read(desk, incident), FinishDeploy(finished=finished), under=under)
    except Conflict:
        state = _read(desk, incident)
        act = state.operation(finished.operation)
        if act is None or act.outcome in (None, Outcome.UNKNOWN):
            raise
        return state


def finish(desk: Desk, incident: str, operation: str, report: DeployReport) -> None:
    """Record how the deployment ended, with the tool's output as evidence, and tell the ledger."""
    from andon.desk.looking import attachment  # threads: only where production is touched

    act = _started(_read(desk, incident), operation)
    text = f"{act.purpose} to {act.version}: {report.outcome}\n{report.detail}\n\n{report.output}\n"
    try:
        stored = desk.evidence.put(text.encode(), "text/plain")
    except AndonError as problem:  # how it ended goes on record all the same
        stored, lost = None, CaptureFailed(source=f"output of {act.purpose}", reason=str(problem))
    finished = DeployFinished(
        operation=operation,
        outcome=report.outcome,
        running_version=report.running_version,
        detail=report.detail,
        seconds=round(report.seconds, 3),
        evidence=stored.evidence if stored else None,
    )
    state = _record_end(desk, incident, finished, CommandId(f"{operation}/finish"))
    enter_acts(desk, incident)
    title = f"output of {act.purpose} to {act.version}"
    kept = attachment(stored, "report", title, operation) if stored else lost
    attach(desk, state, (kept,), under=CommandId(f"{operation}/output"))


def wait_for_capacity(desk: Desk, incident: str, operation: str) -> str:
    """Wait until all copies of the new version are there, `[deploy] settle` seconds at most.

    Returns what is missing: "" when they are there, or when the deployer cannot tell.
    """
    act = _started(_read(desk, incident), operation)
    deployer = deployer_of(desk)
    deadline = desk.clock.monotonic() + desk.config.deploy.settle
    while True:
        found = deployer.capacity(act.version)
        if found.verdict is not Verdict.FAILED:
            return ""
        if desk.clock.monotonic() >= deadline:
            return redacted(desk, found.summary)
        desk.clock.sleep(_PAUSE)


def verify(
    desk: Desk, incident: str, operation: str, missing: str, tell: Callable[[str], None]
) -> Verdict | None:
    """Run smoke tests, watch the logs, record the verdict and judge the releases by it; None when not wanted.

    `missing` copies are a smoke test that a single good copy cannot pass. Somebody who acted meanwhile makes
    what was seen worthless: unknown.
    """
    state = _read(desk, incident)
    approval = _approved(state, operation)
    if not approval.verify or approval.ended is not None:
        return None
    half = ProbeOutcome(name=CAPACITY, verdict=Verdict.FAILED, critical=True, summary=missing)
    also = (half,) if missing else ()
    under = CommandId(f"{operation}/verify")
    if desk.journal.recall(under) is None:
        try:
            state = run_verification(
                desk, state, watch=approval.watch, tell=tell, also=also, under=under
            ).incident
        except Conflict:
            return Verdict.UNKNOWN
    verification = state.verification
    if verification is None or verification.operation != operation:
        return Verdict.UNKNOWN
    if verification.verdict is Verdict.PASSED:
        judge_running(desk, state, verification.evidence, under=under)
    elif verification.verdict is Verdict.FAILED:
        doubt_running(desk, state, under=under)
    return verification.verdict


def block(desk: Desk, incident: str, operation: str, verdict: Verdict | None) -> None:
    """Keep the release that was taken out from coming back by itself, unless taking it out did not help.

    An undo puts back on purpose what was blocked; it is blocked no longer.
    """
    act = _started(_read(desk, incident), operation)
    command = CommandId(f"{operation}/block")
    if desk.journal.recall(command) is not None:
        return
    if act.purpose == "undo":
        if any(known.version == act.version for known in read_ledger(desk).blocks):
            unblock_release(desk, act.version, f"put back by undo {operation}", incident, command=command)
    elif act.purpose == "hotfix":
        return  # what it replaced is the way back until the fix is verified; then it is judged and blocked
    elif act.from_version and verdict is not Verdict.FAILED:
        reason = f"taken out by rollback {operation}"
        block_release(desk, act.from_version, incident, reason, command=command)


def end(
    desk: Desk,
    incident: str,
    operation: str,
    *,
    verdict: Verdict | None = None,
    reason: str = "",
) -> None:
    """Record that the act is over; whoever follows it may leave. An act under way is left to be found out."""
    state = _read(desk, incident)
    approval = _approved(state, operation)
    act = state.operation(operation)
    if approval.ended is not None:
        return
    ended = OperationEnded(
        operation=operation, outcome=act.outcome if act else None, verdict=verdict, reason=reason
    )
    record(desk, state, EndOperation(ended=ended), under=CommandId(f"{operation}/end"))


def stop(desk: Desk, incident: str, operation: str, reason: str) -> None:
    """End an act that cannot go on; a deployment whose end is not on record is looked into first."""
    state = _read(desk, incident)
    act = state.operation(operation)
    if act is not None and act.outcome is None:
        finished = DeployFinished(operation=operation, outcome=Outcome.UNKNOWN, detail=reason)
        _record_end(desk, incident, finished, CommandId(f"{operation}/stopped"))
    end(desk, incident, operation, reason=reason)
