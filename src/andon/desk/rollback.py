"""Planning a rollback or its undo, with the way back recorded first, and approving it.

What is approved is carried out by a worker, in the steps of `desk.acting`.
"""

from __future__ import annotations

from andon.desk.casefile import open_incidents
from andon.desk.deployments import commit_of, enter_acts, survey
from andon.desk.interrupted import running_version
from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.desk.risks import risk_lines, risks_of_going_back
from andon.desk.schema_gate import answers_told, schema_gate
from andon.desk.way_back import way_back
from andon.errors import Refused, Unavailable
from andon.incident.commands import ApproveOperation, PlanRollback
from andon.incident.events import OperationApproved, RollbackPlanned
from andon.incident.responding import refuse_unsafe
from andon.incident.trial import schema_goes_first
from andon.incident.words import Outcome, ReleaseVerdict, Verdict
from andon.response.admission import admit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.deployments import Production
    from andon.desk.ports import Desk
    from andon.desk.ports_production import Deployer
    from andon.incident.state import Incident, Operation


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
            remedy="andon rollback --to VERSION, when you know one that works; or andon decide hotfix",
        )
    _refuse_pointless(state, production, target)
    _refuse_known_bad(desk, state, production, target)
    deployer.preflight(target)
    gate = schema_gate(desk, production.ledger, target, production.running)
    operation = f"{state.id}-{len(state.operations) + 1}-{desk.ids.new()[:6]}"
    return RollbackPlanned(
        operation=operation,
        from_version=production.running,
        to_version=target,
        steps=(*gate.steps, *(redacted(desk, step) for step in deployer.describe(target))),
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


def _refuse_known_bad(desk: Desk, state: Incident, production: Production, target: str) -> None:
    """Raise Refused for a release that is blocked or was judged bad, also when somebody names it."""
    release = production.ledger.find(target)
    found = admit(production.ledger, target, (release.commit if release else "") or commit_of(desk, target))
    if found.verdict is not Verdict.FAILED:
        return
    known = found.because_of
    remedy = f'andon releases unblock {known} --reason "why"'
    if found.rule == "judged-bad":
        remedy = f'andon deployed {known} --verdict good --reason "how you know"'
    raise Refused(
        f"going back to it brings a known fault back: {found.reason}",
        where=state.id,
        rule=found.rule,
        remedy=f"andon rollback; or, when {known} is innocent: {remedy}",
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
    risks += [f"{source}: {why}" for source, why in production.failures if target in why.split()]
    if not production.running:
        risks.append("which version runs now is not known, so the undo is not known either")
    return tuple(risks)


def approve(
    desk: Desk,
    state: Incident,
    plan: RollbackPlanned,
    *,
    verify: bool = True,
    watch: float = 10.0,
) -> Incident:
    """Record the plan, unless it is, and that it is to be carried out: a worker does the rest.

    `watch`: seconds the logs are looked at afterwards, at most. Raises Refused while somebody else acts, or
    when the migration gate is closed.
    """
    refuse_beside_another(desk, state)
    approved = OperationApproved(
        operation=plan.operation,
        purpose="rollback",
        from_version=plan.from_version,
        version=plan.to_version,
        undo=plan.undo,
        verify=verify,
        watch=watch,
    )
    is_new = state.plan is None or state.plan.operation != plan.operation
    return record(desk, state, ApproveOperation(approved=approved, plan=plan if is_new else None))


def proposed(state: Incident, operation: str) -> RollbackPlanned:
    """Return the plan on record that somebody is asked to approve; raises Refused for another one."""
    plan = state.plan
    if plan is None or plan.operation != operation:
        raise Refused(
            f"{operation!r} is not the newest plan on record"
            + (f"; that is {plan.operation}" if plan else ", there is none"),
            where=state.id,
            rule="plan-before-act",
            remedy="andon rollback --ask",
        )
    return plan


def approve_undo(
    desk: Desk, state: Incident, operation_id: str, *, verify: bool = True, watch: float = 10.0
) -> Incident:
    """Record that the version from before an operation is to be put back, as its plan says."""
    operation = undoable(state, operation_id)
    deployer_of(desk)
    refuse_beside_another(desk, state)
    refuse_elsewhere(desk, state.id, operation.version, operation.from_version)
    approved = OperationApproved(
        operation=f"{operation.id}-undo-{desk.ids.new()[:6]}",
        purpose="undo",
        from_version=operation.version,
        version=operation.from_version,
        undo=f"andon rollback --to {operation.version}",
        verify=verify,
        watch=watch,
    )
    return record(desk, state, ApproveOperation(approved=approved))


def refuse_beside_another(desk: Desk, state: Incident) -> None:
    """Raise Refused while another incident of the service acts: one production, one act at a time."""
    for other in open_incidents(desk):
        waiting = other.pending_approval if other.id != state.id else None
        if waiting is not None:
            raise Refused(
                f"{waiting.purpose} to {waiting.version} in {other.id} is approved and not over",
                where=state.id,
                rule="one-act-at-a-time",
                remedy=f"andon rollback --resume --incident {other.id}",
            )
        last = other.operations[-1] if other.operations else None
        if other.id != state.id and last is not None and last.outcome in (None, Outcome.UNKNOWN):
            raise Refused(
                f"{last.purpose} to {last.version} in {other.id} is running, or how it ended is not known",
                where=state.id,
                rule="one-act-at-a-time",
                remedy=f"andon rollback --resume --incident {other.id}",
            )


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
    if operation.purpose == "undo":
        again = (
            ""
            if operation.outcome is Outcome.SUCCEEDED
            else f"andon rollback --undo {_undone(operation)}; or "
        )
        raise Refused(
            f"taking back an undo is a rollback to {operation.from_version}, "
            "with its plan and its migration gate",
            where=state.id,
            rule="undo",
            remedy=f"{again}andon rollback --to {operation.from_version or 'VERSION'}",
        )
    later = [o for o in state.operations if o.seq > operation.seq and o.outcome is not Outcome.FAILED]
    if later:
        raise Refused(
            f"{later[-1].purpose} {later[-1].id} to {later[-1].version} came after it: "
            "only the last act can be taken back as it was planned",
            where=state.id,
            rule="undo",
            remedy="andon rollback --to VERSION",
        )
    if not operation.from_version:
        raise Refused(
            f"which version ran before {operation.id} is not known",
            where=state.id,
            rule="undo",
            remedy="andon rollback --to VERSION",
        )
    return operation


def _undone(undo: Operation) -> str:
    return undo.id.partition("-undo-")[0]


def refuse_elsewhere(desk: Desk, incident: str, gone: str, back: str) -> None:
    """Raise Refused when something else runs than an undo takes out or puts back: nobody planned for that."""
    running, _ = running_version(desk)
    if running and running not in (gone, back):
        raise Refused(
            f"{running} runs now, neither {gone} nor {back}: "
            "from there it is a rollback, with its migration gate",
            where=incident,
            rule="undo",
            remedy=f"andon assess; andon decide rollback; andon rollback --to {back}",
        )


def _operation(state: Incident, wanted: str) -> Operation:
    found = [o for o in state.operations if not wanted or o.id == wanted]
    if not found:
        raise Refused(
            "there is no such operation to undo", where=state.id, rule="undo", remedy="andon timeline"
        )
    return found[-1]
