"""Deciding on the commands of the response: assess, decide, act, verify, sign, skip, mitigate, resolve."""

from __future__ import annotations

from andon.errors import Conflict, Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import find_item
from andon.incident.checks import last_change, verification_is_current
from andon.incident.policy import NEVER_JUSTIFIED, free_id, refuse_unjustifiable
from andon.incident.proof import answer, beats_signature, recovery
from andon.incident.trial import schema_goes_first, trial_of
from andon.incident.words import Choice, Outcome, Status, Verdict
from andon.protocol.compiled import ProtocolItem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias, assert_never

    from andon.incident.state import Incident

    ResponseCommand: TypeAlias = (
        c.RecordAssessment
        | c.DecideResponse
        | c.PlanRollback
        | c.RecordTrial
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


def decide_response(state: Incident, command: ResponseCommand) -> tuple[e.Event, ...]:
    """Return the events of a response command; raises Refused or Conflict."""
    match command:
        case c.FinishDeploy():
            return _finish_deploy(state, command)
        case c.RecordVerification():
            return _verified(state, command)
        case c.RecordCheck():
            return (command.checked,)
        case _ if state.status is Status.CLOSED:
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
        case c.RecordTrial():
            return (command.tried,)
        case c.StartDeploy():
            return _start_deploy(state, command)
        case c.SignItem():
            return _sign(state, command)
        case c.TakeShortcut():
            return _skip(state, command)
        case c.Mitigate():
            return _mitigate(state, command)
        case c.Resolve():
            return _resolve(state, command)
        case _:
            assert_never(command)


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
    _refuse_while_acting(state)
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
    return (
        e.DeployStarted(
            operation=command.operation,
            purpose=command.purpose,
            from_version=command.from_version,
            version=command.version,
            undo=command.undo,
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
    return (command.verification,)


def _sign(state: Incident, command: c.SignItem) -> tuple[e.Event, ...]:
    _demand_reason(state, "signing", command.reason, f'andon sign {command.item} --reason "what you saw"')
    item = _item_to_sign(state, command.item)
    result = answer(state, item.check)
    if result is not None and beats_signature(state, item.check, result):
        raise Refused(
            f"the machine has evidence against it: {result.summary}",
            where=f"{state.id} {item.key}",
            rule="evidence-beats-signature",
            remedy=_way_past(item),
        )
    return (e.ItemSigned(item=item.check or item.key, reason=command.reason),)


def _way_past(item: ProtocolItem) -> str:
    """Return how to get on when the machine says no: never by a signature, and not always by a shortcut."""
    again = "fix it, then: andon verify"
    if item.check in NEVER_JUSTIFIED:
        return f'{again}; or, for a harmless error: andon verify --ignoring "WORDS" --reason "why"'
    return f'{again}; or andon skip {item.key} --reason "why"'


#: What a rule may ask a signature for, whether or not the team's protocol has an item for it.
_GATES = ("failure-resolved", "impact-confirmed", "migrations-reversible")


def _item_to_sign(state: Incident, wanted: str) -> ProtocolItem:
    items = state.protocol.items if state.protocol else ()
    if wanted in _GATES and not any(i.check == wanted for i in items):
        return ProtocolItem(key=wanted, text=wanted, check=wanted)
    return find_item(state, wanted)


_KINDS = (
    ("verif", "verification"),
    ("smoke", "verification"),
    ("test", "tests"),
    ("clean", "cleanup"),
    ("memory", "memory"),
    ("regression", "regressions"),
    ("solution", "memory"),
    ("monitor", "monitoring"),
    ("alarm", "monitoring"),
    ("alert", "monitoring"),
    ("dashboard", "monitoring"),
)


def kind_of_work(words: str) -> str:
    """Return the kind of deferred work that `words` describe: tests, cleanup, memory, ... or other."""
    lowered = words.lower()
    return next((kind for stem, kind in _KINDS if stem in lowered), "other")


def _skip(state: Incident, command: c.TakeShortcut) -> tuple[e.Event, ...]:
    _demand_reason(state, "a shortcut", command.reason, f'andon skip {command.item} --reason "why"')
    policy = _allowed_policy(state, command.item)
    if policy is not None:
        key, text = f"policy:{policy}", policy
    else:
        item = find_item(state, command.item)
        refuse_unjustifiable(item.check, f"{state.id} {item.key}")
        key, text = item.key, item.text
        if item.phase == "review" and state.needs_postmortem:
            raise Refused(
                f"the review after the emergency is not skipped: {item.text}",
                where=f"{state.id} {item.key}",
                rule="never-justified",
                remedy=f'andon sign {item.key} --reason "why there is nothing to do"',
            )
    if any(s.item == key for s in state.shortcuts):
        raise Refused(f"{text} is skipped already", where=state.id, rule="skip-once", remedy="andon actions")
    emergency = state.severity.is_emergency and state.status.in_response
    action = free_id(state, command.action)
    return (
        e.ShortcutTaken(item=key, reason=command.reason, action=action, pre_justified=emergency),
        e.ActionOpened(
            action=action,
            title=f"Do what was skipped: {text}",
            origin=f"shortcut:{key}",
            owner=command.owner,
            due_at=command.due_at,
            kind=kind_of_work(text),
        ),
    )


def _allowed_policy(state: Incident, wanted: str) -> str | None:
    """Return the allowed shortcut of the protocol that `wanted` names by words only it contains."""
    allowed = state.protocol.allowed if state.protocol else ()
    if state.protocol and any(wanted.strip() in (i.key, i.check) for i in state.protocol.items):
        return None
    words = wanted.lower().split()
    close = [text for text in allowed if words and all(w in text.lower() for w in words)]
    return close[0] if len(close) == 1 else None


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
    proof = _proof_of_recovery(state, "mitigated", command.deployed_since)
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
    _demand_reason(
        state, "resolving without a cause", command.cause, 'andon resolve --cause "what broke and why"'
    )
    _proof_of_recovery(state, "resolved", command.deployed_since)
    return (e.IncidentResolved(cause=command.cause, tests_had_passed=command.tests_had_passed),)


def _proof_of_recovery(state: Incident, moment: str, deployed_since: str) -> str:
    proof = recovery(state)
    if proof and deployed_since:
        raise Refused(
            f"{deployed_since} was deployed after that was proven, so it is not {moment}",
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


def _refuse_while_acting(state: Incident) -> None:
    running = state.running_operation
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


def _demand_reason(state: Incident, what: str, reason: str, remedy: str) -> None:
    if not reason.strip():
        raise Refused(f"{what} needs a reason", where=state.id, rule="evidence-or-a-name", remedy=remedy)
