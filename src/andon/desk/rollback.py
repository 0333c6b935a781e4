"""Rolling back: plan with its undo recorded first, claim, deploy once, record the end, tell the ledger.

Killed at any moment, the history says how far it got: a plan without a start was never begun; a start
without an end is looked into by `resume`, never silently repeated.
"""

from __future__ import annotations

from andon.desk.casefile import load, open_incidents
from andon.desk.deployments import enter_acts, survey
from andon.desk.operation import held, hold, is_alive
from andon.desk.recording import attach, record
from andon.desk.redacting import redacted
from andon.desk.risks import risk_lines, risks_of_going_back
from andon.desk.schema_gate import answers_told, schema_gate
from andon.desk.way_back import way_back
from andon.errors import AndonError, Refused, Unavailable
from andon.incident.commands import FinishDeploy, PlanRollback, StartDeploy
from andon.incident.events import CaptureFailed, DeployFinished, RollbackPlanned
from andon.incident.responding import refuse_unsafe
from andon.incident.trial import schema_goes_first
from andon.incident.words import Outcome, ReleaseVerdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.deployments import Production
    from andon.desk.ports import Deployer, Desk
    from andon.desk.values import DeployReport
    from andon.incident.state import Incident, Operation
    from andon.incident.words import Verdict


class Acted(Record):
    """The incident after an act on production, and how the act went."""

    incident: Incident
    outcome: Outcome
    detail: str
    output: str = ""


def deployer_of(desk: Desk) -> Deployer:
    """Return the deployer; raises Unavailable when none is configured."""
    if desk.deployer is None:
        raise Unavailable(
            "no deployer is configured, so Andon cannot put a version into production",
            where=desk.config.path or desk.config.root,
            rule="deployer",
            remedy="[deploy] in andon.toml; or deploy by hand, then: andon deployed VERSION --rollback",
        )
    return desk.deployer


def plan_rollback(desk: Desk, state: Incident, wanted: str) -> RollbackPlanned:
    """Return the plan: to `wanted`, or to the last known good; raises Refused when there is none."""
    deployer = deployer_of(desk)
    enter_acts(desk, state.id)
    production = survey(desk)
    broke_at = state.assessment.broke_at if state.assessment else state.declared.at
    good = way_back(desk, production, broke_at)
    target = wanted or good.version
    if not target:
        raise Refused(
            f"there is no last known good release: {good.reason}; {'; '.join(good.passed_over[:4])}",
            where=state.id,
            rule="last-known-good",
            remedy='andon deployed VERSION --verdict good --reason "how you know"; or andon decide hotfix',
        )
    _refuse_pointless(state, production, target)
    gate = schema_gate(desk, production.ledger, target, production.running)
    operation = f"{state.id}-{len(state.operations) + 1}-{desk.ids.new()[:6]}"
    return RollbackPlanned(
        operation=operation,
        from_version=production.running,
        to_version=target,
        steps=(*gate.steps, *deployer.describe(target)),
        undo=f"andon rollback --undo {operation}",
        migrations=gate.verdict,
        migrations_reason=gate.reason,
        migrations_route=gate.route.value,
        migrations_answers=answers_told(gate),
        migrations_found=gate.findings,
        reason=good.reason if target == good.version else _why_named(desk, production, target),
        risks=(
            *_schema_first(state, production.running, target, gate.verdict),
            *_risks(production, target, good.passed_over),
            *risk_lines(risks_of_going_back(desk, production.ledger, target, production.running)),
        ),
    )


def _schema_first(state: Incident, running: str, target: str, verdict: Verdict) -> tuple[str, ...]:
    reminder = schema_goes_first(state, running, target, verdict)
    return (reminder,) if reminder else ()


def pass_gate(desk: Desk, state: Incident, plan: RollbackPlanned) -> None:
    """Raise Refused while the migration gate is closed; the plan is kept, for a signature to be on it."""
    try:
        refuse_unsafe(state, plan)
    except Refused:
        record(desk, state, PlanRollback(plan=plan))
        raise


def _refuse_pointless(state: Incident, production: Production, target: str) -> None:
    if target == production.running:
        raise Refused(
            f"{target} is what runs now", where=state.id, rule="rollback-target", remedy="andon releases"
        )
    if production.available is not None and target not in production.available:
        known = ", ".join(sorted(production.available)[-5:])
        raise Refused(
            f"{target} cannot be deployed any more; there are: {known}",
            where=state.id,
            rule="rollback-target",
            remedy="andon releases",
        )


def _why_named(desk: Desk, production: Production, target: str) -> str:
    release = production.ledger.find(target)
    known = release.verdict.value if release else "not in the ledger"
    return f"named by {desk.actor}; its verdict is {known}"


def _risks(production: Production, target: str, passed_over: tuple[str, ...]) -> tuple[str, ...]:
    others = [text for text in passed_over if not text.startswith(f"{production.running}: ")]
    risks = [f"passed over {text}" for text in others[:5]]
    release = production.ledger.find(target)
    if release is None or release.verdict is not ReleaseVerdict.GOOD:
        risks.append(f"{target} has no good verdict: whether it works is not known")
    if not production.running:
        risks.append("which version runs now is not known, so the undo is not known either")
    return tuple(risks)


def execute(desk: Desk, state: Incident, plan: RollbackPlanned) -> Acted:
    """Record the plan, claim the operation and carry it out exactly once."""
    state = record(desk, state, PlanRollback(plan=plan))
    return act(
        desk,
        state,
        operation=plan.operation,
        purpose="rollback",
        from_version=plan.from_version,
        version=plan.to_version,
        undo=plan.undo,
    )


def act(
    desk: Desk,
    state: Incident,
    *,
    operation: str,
    purpose: str,
    from_version: str,
    version: str,
    undo: str,
) -> Acted:
    """Claim an operation durably, deploy, and record how it ended."""
    deployer = deployer_of(desk)
    _refuse_beside_another(desk, state)
    with hold(operation):
        state = record(
            desk,
            state,
            StartDeploy(
                operation=operation, purpose=purpose, from_version=from_version, version=version, undo=undo
            ),
        )
        report = deployer.deploy(version, operation)
        return _finish(desk, state, operation, purpose, version, report)


def _refuse_beside_another(desk: Desk, state: Incident) -> None:
    """Raise Refused while another incident of the service acts: one production, one act at a time."""
    for other in open_incidents(desk):
        last = other.operations[-1] if other.operations else None
        if other.id != state.id and last is not None and last.outcome in (None, Outcome.UNKNOWN):
            raise Refused(
                f"{last.purpose} to {last.version} in {other.id} is running, or how it ended is not known",
                where=state.id,
                rule="one-act-at-a-time",
                remedy=f"andon rollback --resume --incident {other.id}",
            )


def _finish(
    desk: Desk,
    state: Incident,
    operation: str,
    purpose: str,
    version: str,
    report: DeployReport,
) -> Acted:
    from andon.desk.looking import attachment  # threads: only where production is touched

    text = f"{purpose} to {version}: {report.outcome}\n{report.detail}\n\n{report.output}\n"
    try:
        stored = desk.evidence.put(text.encode(), "text/plain")
    except AndonError as problem:  # how it ended goes on record all the same
        stored, lost = None, CaptureFailed(source=f"output of {purpose}", reason=str(problem))
    finished = DeployFinished(
        operation=operation,
        outcome=report.outcome,
        running_version=report.running_version,
        detail=report.detail,
        seconds=round(report.seconds, 3),
        evidence=stored.evidence if stored else None,
    )
    state = record(desk, state, FinishDeploy(finished=finished))
    enter_acts(desk, state.id)
    kept = attachment(stored, "report", f"output of {purpose} to {version}", operation) if stored else lost
    state = attach(desk, state, (kept,))
    if stored is None:
        return Acted(incident=state, outcome=report.outcome, detail=state.operations[-1].detail)
    detail, output = redacted(desk, report.detail), redacted(desk, report.output)
    return Acted(incident=state, outcome=report.outcome, detail=detail, output=output)


def undoable(state: Incident, operation_id: str) -> Operation:
    """Return the act that can be undone: the named one, or the last; raises Refused."""
    operation = _operation(state, operation_id)
    if operation.purpose == "hotfix":
        raise Refused(
            f"taking back the hotfix {operation.version} is a rollback, with its plan and its migration gate",
            where=state.id,
            rule="undo",
            remedy=f"andon decide rollback; andon rollback --to {operation.from_version or 'VERSION'}",
        )
    if not operation.from_version:
        raise Refused(
            f"which version ran before {operation.id} is not known",
            where=state.id,
            rule="undo",
            remedy="andon rollback --to VERSION",
        )
    return operation


def undo(desk: Desk, state: Incident, operation_id: str) -> Acted:
    """Put back the version that ran before an operation, as its plan says."""
    operation = undoable(state, operation_id)
    return act(
        desk,
        state,
        operation=f"{operation.id}-undo-{desk.ids.new()[:6]}",
        purpose="undo",
        from_version=operation.version,
        version=operation.from_version,
        undo=f"andon rollback --to {operation.version}",
    )


def _operation(state: Incident, wanted: str) -> Operation:
    found = [o for o in state.operations if not wanted or o.id == wanted]
    if not found:
        raise Refused(
            "there is no such operation to undo", where=state.id, rule="undo", remedy="andon timeline"
        )
    return found[-1]


def resume(desk: Desk, wanted: str | None, stated: Outcome | None) -> Acted:
    """Find out how an interrupted operation ended: ask the deployer or a person, never repeat it."""
    state = load(desk, wanted)
    operation = state.running_operation or _unknown(state)
    if operation is None:
        raise Refused(
            "no operation is running or of unknown outcome",
            where=state.id,
            rule="resume",
            remedy="andon status",
        )
    running, said = _running(desk)
    holder = held(operation.id)
    settled = stated is not None or running == operation.version
    if holder and (is_alive(holder) or not settled):
        raise Refused(
            f"{operation.purpose} {operation.id} is still running (process {holder} or what it started)",
            where=state.id,
            rule="one-act-at-a-time",
            remedy="wait for it; or, when you know how it ended: andon rollback --resume --outcome failed",
        )
    outcome, detail = _ended(operation, running, said, stated, desk.actor)
    if operation.outcome is Outcome.UNKNOWN and outcome is Outcome.UNKNOWN:
        return Acted(incident=state, outcome=outcome, detail=detail)
    finished = DeployFinished(operation=operation.id, outcome=outcome, running_version=running, detail=detail)
    state = record(desk, state, FinishDeploy(finished=finished))
    enter_acts(desk, state.id)
    return Acted(incident=state, outcome=outcome, detail=detail)


def _running(desk: Desk) -> tuple[str, str]:
    """Return the version that runs, "" when it cannot be told, and how that was said."""
    if desk.deployer is None:
        return "", "no deployer is configured"
    try:
        running = desk.deployer.running()
    except AndonError as problem:
        return "", f"the deployer cannot be asked: {problem}"
    return running, f"the deployer says {running or 'nothing'} runs"


def _unknown(state: Incident) -> Operation | None:
    return next((o for o in reversed(state.operations) if o.outcome is Outcome.UNKNOWN), None)


def _ended(
    operation: Operation, running: str, said: str, stated: Outcome | None, actor: str
) -> tuple[Outcome, str]:
    if stated is Outcome.SUCCEEDED and running and running != operation.version:
        raise Refused(
            f"{said}, so it did not succeed",
            where=operation.id,
            rule="evidence-beats-signature",
            remedy="andon rollback --resume --outcome failed",
        )
    if stated is not None:
        return stated, f"stated by {actor}: {stated}; {said}"
    if running == operation.version:
        return Outcome.SUCCEEDED, f"it was interrupted; {running} runs, as intended"
    if running and running == operation.from_version:
        return Outcome.FAILED, f"it was interrupted before it took effect; {running} still runs"
    return Outcome.UNKNOWN, f"it was interrupted, and {said}; look, then state the outcome"
