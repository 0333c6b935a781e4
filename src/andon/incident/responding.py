"""Deciding on the commands of the response: assess, decide, act, verify, sign, skip, mitigate, resolve."""

from __future__ import annotations

from andon.errors import Conflict, Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.evolve import planned
from andon.incident.hotfixing import decide_hotfix, refuse_unplanned, refuse_without_hotfix_decision
from andon.incident.policy import free_id
from andon.incident.production_checks import last_change, verification_is_current
from andon.incident.proof import recovery
from andon.incident.signing import demand_reason, sign, skip
from andon.incident.trial import schema_goes_first, trial_of
from andon.incident.words import Choice, Outcome, Status, Verdict
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias, assert_never

    from andon.incident.state import Incident

    ResponseCommand: TypeAlias = (
        c.RecordAssessment
        | c.DecideResponse
        | c.PlanRollback
        | c.StartHotfix
        | c.RecordHotfixTest
        | c.CheckHotfix
        | c.PlanHotfix
        | c.MergeHotfix
        | c.RecordLeak
        | c.RecordFlagAct
        | c.RecordTrial
        | c.ApproveOperation
        | c.EndOperation
        | c.StartDeploy
        | c.FinishDeploy
        | c.RecordVerification
        | c.RecordCheck
        | c.SignItem
        | c.TakeShortcut
        | c.Mitigate
        | c.Resolve
    )
else:

    def assert_never(value):
        raise AssertionError(f"unhandled command {value!r}")


def _is_clean_up(command: ResponseCommand) -> bool:
    """Return whether it is what comes when the incident is long closed: the day of a backup."""
    return isinstance(command, c.RecordLeak) and isinstance(command.event, e.LeakCleaned)


def decide_response(state: Incident, command: ResponseCommand) -> tuple[e.Event, ...]:
    """Return the events of a response command; raises Refused or Conflict."""
    match command:
        case c.FinishDeploy():
            return _finish_deploy(state, command)
        case c.RecordVerification():
            return _verified(state, command)
        case c.RecordCheck():
            return (command.checked,)
        case c.EndOperation():
            return _end_operation(state, command)
        case c.RecordFlagAct(event=e.FlagActEnded()):
            return _flag_act(state, command)  # what happened, happened, whatever became of the incident
        case _ if state.status is Status.CLOSED and not _is_clean_up(command):
            raise Refused(
                f"{state.id} is closed",
                where=state.id,
                rule="closed-is-final",
                remedy=f'andon reopen {state.id} --reason "why"',
            )
        case c.RecordAssessment():
            return (command.assessment,)
        case c.DecideResponse():
            return _decide_response(state, command)
        case c.PlanRollback():
            return _plan(state, command)
        case c.PlanHotfix():
            _refuse_while_acting(state)
            _refuse_unknown_end(state)
            return decide_hotfix(state, command)
        case c.StartHotfix() | c.RecordHotfixTest() | c.CheckHotfix() | c.MergeHotfix():
            return decide_hotfix(state, command)
        case c.RecordLeak():
            return _leak(state, command)
        case c.RecordFlagAct():
            return _flag_act(state, command)
        case c.RecordTrial():
            return (command.tried,)
        case c.ApproveOperation():
            return _approve(state, command)
        case c.StartDeploy():
            return _start_deploy(state, command)
        case c.SignItem():
            return sign(state, command)
        case c.TakeShortcut():
            return skip(state, command)
        case c.Mitigate():
            return _mitigate(state, command)
        case c.Resolve():
            return _resolve(state, command)
        case _:
            assert_never(command)


def _leak(state: Incident, command: c.RecordLeak) -> tuple[e.Event, ...]:
    from andon.incident.leaking import decide_leak  # most incidents are none

    return decide_leak(state, command)


def _flag_act(state: Incident, command: c.RecordFlagAct) -> tuple[e.Event, ...]:
    """Return the event with what it opens or settles, both or nothing; each work is tracked once."""
    events: tuple[e.Event, ...] = (command.event,)
    opens, settles = command.opens, command.settles
    if opens is not None and not any(a.origin == opens.origin for a in state.actions):
        events = (*events, replace(opens, action=free_id(state, opens.action)))
    if settles is not None and any(a.id == settles.action and a.state == "open" for a in state.actions):
        events = (*events, settles)
    return events


def _decide_response(state: Incident, command: c.DecideResponse) -> tuple[e.Event, ...]:
    _refuse_while_acting(state)
    if command.choice is not command.recommended and not command.reason.strip():
        raise Refused(
            f"{command.rule} recommends {command.recommended}; choosing {command.choice} needs a reason",
            where=state.id,
            rule="overrule",
            remedy=f'andon decide {command.choice} --reason "why"',
        )
    return (
        e.ResponseDecided(
            choice=command.choice,
            rule=command.rule,
            recommended=command.recommended,
            facts=command.facts,
            authority=command.authority,
            decided_by=command.decided_by,
            reason=command.reason,
        ),
    )


def _plan(state: Incident, command: c.PlanRollback) -> tuple[e.Event, ...]:
    _refuse_while_acting(state)
    _refuse_unknown_end(state)
    _refuse_undecided(state, Choice.ROLLBACK)
    return (command.plan,)


def _approve(state: Incident, command: c.ApproveOperation) -> tuple[e.Event, ...]:
    approved = command.approved
    if state.approval(approved.operation) is not None or state.operation(approved.operation) is not None:
        raise Refused(
            f"operation {approved.operation} was approved or started before; an operation starts once",
            where=state.id,
            rule="one-start-per-operation",
            remedy="andon workflows; andon rollback plans a new one",
        )
    events: tuple[e.Event, ...] = (approved,)
    if command.plan is not None:
        events = (*_plan(state, c.PlanRollback(plan=command.plan)), approved)
        state = replace(state, **planned(state, command.plan))  # what was signed for another way back is not
    if command.hotfix_plan is not None:
        events = (command.hotfix_plan, *events)
        state = replace(state, hotfix_plan=command.hotfix_plan)
    _refuse_while_acting(state)
    _refuse_unknown_end(state)
    if approved.purpose == "hotfix":
        refuse_without_hotfix_decision(state)  # it may have ended while somebody thought about it
        refuse_unplanned(state, approved.operation)
    if approved.purpose == "rollback":
        plan = state.plan
        if plan is None or plan.operation != approved.operation:
            raise Refused(
                "what is approved has to be the newest plan on record",
                where=state.id,
                rule="plan-before-act",
                remedy="andon rollback",
            )
        _refuse_undecided(state, Choice.ROLLBACK)
        refuse_unsafe(state, plan)
    return events


def _refuse_undecided(state: Incident, wanted: Choice) -> None:
    if state.decision is None or state.decision.choice is not wanted:
        chosen = state.decision.choice.value if state.decision else "nothing"
        raise Refused(
            f"a {wanted} is carried out after it is decided; decided is {chosen}",
            where=state.id,
            rule="decide-then-act",
            remedy=f"andon decide {wanted}",
        )


def _start_deploy(state: Incident, command: c.StartDeploy) -> tuple[e.Event, ...]:
    _refuse_while_acting(state, command.operation)
    _refuse_unknown_end(state)
    if any(o.id == command.operation for o in state.operations):
        raise Refused(
            f"operation {command.operation} was started before; an operation starts once",
            where=state.id,
            rule="one-start-per-operation",
            remedy="andon timeline; andon rollback plans a new one",
        )
    if command.purpose in ("rollback", "hotfix"):
        _refuse_undecided(state, Choice(command.purpose))
    if command.purpose == "rollback":
        plan = state.plan
        if plan is None or plan.operation != command.operation:
            raise Refused(
                "nothing is deployed without a recorded plan and its undo",
                where=state.id,
                rule="plan-before-act",
                remedy="andon rollback",
            )
        if not command.done_by_hand:
            refuse_unsafe(state, plan)
    if command.purpose == "hotfix" and not command.done_by_hand:
        refuse_without_hotfix_decision(state)
        refuse_unplanned(state, command.operation)
    return (
        e.DeployStarted(
            operation=command.operation,
            purpose=command.purpose,
            from_version=command.from_version,
            version=command.version,
            undo=command.undo,
            host=command.host,
        ),
    )


def refuse_unsafe(state: Incident, plan: e.RollbackPlanned) -> None:
    """Raise Refused when neither the gate passed the plan nor a person signed it.

    A trial that failed is evidence: no signature stands against it. One that passed shows that the way down
    holds, not that somebody ran it in production: for that, a person signs.
    """
    if plan.migrations is Verdict.PASSED:
        return
    tried = trial_of(state, plan.from_version, plan.to_version)
    if tried is not None and tried.verdict is Verdict.FAILED:
        raise Refused(
            f"tried on a copy, the way back does not hold: {tried.summary}",
            where=state.id,
            rule="evidence-beats-signature",
            remedy="andon decide hotfix; or mend the way down, then: andon migrations --trial",
        )
    if "migrations-reversible" in state.signed:
        return
    if tried is not None and tried.verdict is Verdict.PASSED:
        raise Refused(
            f"{schema_goes_first(state, plan.from_version, plan.to_version, plan.migrations)}; it holds on a "
            "copy, and nobody has said that it ran in production",
            where=state.id,
            rule="migration-gate",
            remedy='run it, then: andon sign migrations-reversible --reason "what ran, and what it printed"',
        )
    raise Refused(
        f"whether the database allows this rollback is {plan.migrations}: {plan.migrations_reason}",
        where=state.id,
        rule="migration-gate",
        remedy='andon sign migrations-reversible --reason "who checked what"; or andon decide hotfix',
    )


def _finish_deploy(state: Incident, command: c.FinishDeploy) -> tuple[e.Event, ...]:
    operation = next((o for o in state.operations if o.id == command.finished.operation), None)
    if operation is None:
        raise Refused(
            f"operation {command.finished.operation} was never started",
            where=state.id,
            rule="plan-before-act",
            remedy="andon status",
        )
    if operation.outcome not in (None, Outcome.UNKNOWN):
        raise Conflict(
            f"operation {operation.id} has ended already: {operation.outcome}",
            where=state.id,
            remedy="andon status",
        )
    return (command.finished,)


def _verified(state: Incident, command: c.RecordVerification) -> tuple[e.Event, ...]:
    if command.began_after is not None and last_change(state) > command.began_after:
        raise Conflict(
            "somebody acted while you verified, so part of what was seen is from before; nothing is proven",
            where=state.id,
            rule="proof-of-recovery",
            remedy="andon verify",
        )
    return (*command.attached, command.verification)


def _end_operation(state: Incident, command: c.EndOperation) -> tuple[e.Event, ...]:
    ended = command.ended
    approval = state.approval(ended.operation)
    if approval is None:
        raise Refused(
            f"operation {ended.operation} was never approved",
            where=state.id,
            rule="plan-before-act",
            remedy="andon workflows",
        )
    if approval.ended is not None:
        raise Conflict(
            f"operation {ended.operation} is over already", where=state.id, remedy="andon workflows"
        )
    operation = state.operation(ended.operation)
    if operation is not None and operation.outcome is None:
        raise Refused(
            f"{operation.purpose} {operation.id} to {operation.version} is under way; it cannot be stopped",
            where=state.id,
            rule="one-act-at-a-time",
            remedy="wait for its end: andon workflows; then: andon rollback --undo",
        )
    return (ended,)


def _mitigate(state: Incident, command: c.Mitigate) -> tuple[e.Event, ...]:
    _refuse_while_acting(state)
    _refuse_unknown_end(state)
    if state.status not in (Status.DECLARED, Status.ACKNOWLEDGED):
        raise Refused(
            f"{state.id} is {state.status} already",
            where=state.id,
            rule="moments-in-order",
            remedy="andon status",
        )
    _refuse_open_leak(state, "mitigated")
    proof = _proof_of_recovery(state, "mitigated", command.changed_since)
    return (e.IncidentMitigated(by=command.by, proof=proof),)


def _resolve(state: Incident, command: c.Resolve) -> tuple[e.Event, ...]:
    _refuse_while_acting(state)
    _refuse_unknown_end(state)
    if state.status is not Status.MITIGATED:
        wanted = "andon mitigate" if state.status.in_response else "andon status"
        raise Refused(
            f"{state.id} is {state.status}; resolved comes after mitigated",
            where=state.id,
            rule="moments-in-order",
            remedy=wanted,
        )
    _refuse_open_leak(state, "resolved")
    demand_reason(
        state, "resolving without a cause", command.cause, 'andon resolve --cause "what broke and why"'
    )
    _proof_of_recovery(state, "resolved", command.changed_since)
    return (e.IncidentResolved(cause=command.cause, tests_had_passed=command.tests_had_passed),)


def _proof_of_recovery(state: Incident, moment: str, changed_since: str) -> str:
    proof = recovery(state)
    if proof == "revocation":  # whatever was deployed since, the secret stays dead
        return proof
    if proof and changed_since:
        raise Refused(
            f"{changed_since} after that was proven, so it is not {moment}",
            where=state.id,
            rule="proof-of-recovery",
            remedy="andon verify",
        )
    if proof:
        return proof
    verification = state.verification
    if verification is not None and verification.verdict is Verdict.FAILED and verification_is_current(state):
        raise Refused(
            f"the last verification failed: {verification.summary}",
            where=state.id,
            rule="proof-of-recovery",
            remedy="andon assess; andon decide; then andon verify",
        )
    raise Refused(
        f"nothing shows that the failure is gone, so it is not {moment}",
        where=state.id,
        rule="proof-of-recovery",
        remedy='andon verify; or andon sign failure-resolved --reason "what you saw"',
    )


def _refuse_open_leak(state: Incident, moment: str) -> None:
    if state.leak is not None:
        from andon.incident.leaking import refuse_open_leak  # most incidents are none

        refuse_open_leak(state, moment)


def _refuse_while_acting(state: Incident, own: str = "") -> None:
    """Raise Refused while an act is approved or under way; `own` is what is about to start."""
    running = state.running_operation
    waiting = state.pending_approval
    if (
        waiting is not None
        and (not own or waiting.operation != own)
        and state.operation(waiting.operation) is None
    ):
        raise Refused(
            f"{waiting.purpose} {waiting.operation} to {waiting.version} is approved and about to start",
            where=state.id,
            rule="one-act-at-a-time",
            remedy=f"andon rollback --resume; or andon workflows cancel {waiting.operation}",
        )
    if running is not None:
        raise Refused(
            f"{running.purpose} {running.id} to {running.version} is running, or was interrupted",
            where=state.id,
            rule="one-act-at-a-time",
            remedy="andon rollback --resume",
        )


def _refuse_unknown_end(state: Incident) -> None:
    last = state.operations[-1] if state.operations else None
    if last is not None and last.outcome is Outcome.UNKNOWN:
        raise Refused(
            f"how {last.purpose} {last.id} to {last.version} ended is not known; it may still be under way",
            where=state.id,
            rule="one-act-at-a-time",
            remedy="andon rollback --resume; or, when you saw how it ended: "
            "andon rollback --resume --outcome failed",
        )
