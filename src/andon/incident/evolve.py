"""The fold: an incident and the next event make the next incident."""

from __future__ import annotations

from andon.errors import NotFound
from andon.incident import events as e
from andon.incident.state import (
    ActionItem,
    Approval,
    Delivery,
    Incident,
    Mark,
    Notification,
    Operation,
    Signature,
)
from andon.incident.words import Status
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, assert_never

    from andon.incident.recorded import Recorded
else:

    def assert_never(value):
        raise AssertionError(f"unhandled event {value!r}")


#: What is known of a hotfix before there is one.
_NO_HOTFIX: dict[str, Any] = {
    "hotfix": None,
    "hotfix_tests": (),
    "hotfix_checks": (),
    "hotfix_plan": None,
    "hotfix_merged": None,
}


def fold(history: Iterable[Recorded]) -> Incident:
    """Return the incident that `history` adds up to; raises NotFound for an empty history."""
    state: Incident | None = None
    for recorded in history:
        if state is None:
            state = evolve(None, recorded)
        else:
            _apply(state, recorded)  # nobody else has seen this state yet: no copy for every event
    if state is None:
        raise NotFound("this history holds no declared incident", remedy="andon audit")
    return state


def evolve(state: Incident | None, recorded: Recorded) -> Incident | None:
    """Return the state after `recorded`; events before the declaration leave it None."""
    if state is None:
        if isinstance(recorded.event, e.IncidentDeclared):
            return _declared(recorded.event, _mark(recorded), recorded.hash)
        return None
    copy = replace(state, marks=dict(state.marks))
    _apply(copy, recorded)
    return copy


def _apply(state: Incident, recorded: Recorded) -> None:
    """Change a state that only the caller holds; the one place that goes round the freezing of records."""
    mark = _mark(recorded)
    put = object.__setattr__
    for field, value in _changes(state, recorded.event, mark).items():
        put(state, field, value)
    state.marks[type(recorded.event).__name__] = mark  # type: ignore[index]  # our own dictionary
    put(state, "length", recorded.seq)
    put(state, "chain_head", recorded.hash)


def _mark(recorded: Recorded) -> Mark:
    return Mark(seq=recorded.seq, at=recorded.at, actor=recorded.actor)


def _declared(event: e.IncidentDeclared, mark: Mark, head: str) -> Incident:
    return Incident(
        id=event.incident,
        service=event.service,
        title=event.title,
        severity=event.severity,
        worst_severity=event.severity,
        status=Status.DECLARED,
        declared=mark,
        description=event.description,
        began_at=event.began_at,
        checked={},
        signed={},
        sections={},
        marks={"IncidentDeclared": mark},
        length=mark.seq,
        chain_head=head,
    )


def _changes(state: Incident, event: e.Event, mark: Mark) -> dict[str, Any]:
    """Which fields `event` changes. The commonest events come first: the fold runs over every event."""
    match event:
        case e.NoteAdded() | e.UnknownEvent() | e.PostmortemDrafted():
            return {}
        case e.EvidenceAttached():
            return {"evidence": (*state.evidence, event)}
        case e.NotificationDelivered() | e.NotificationFailed():
            return {"notifications": tuple(_delivered(n, event) for n in state.notifications)}
        case e.NotificationRequested():
            return {"notifications": (*state.notifications, _requested(event, mark))}
        case e.ItemChecked():
            return {"checked": {**state.checked, event.check: event}}
        case e.ItemSigned():
            signature = Signature(item=event.item, reason=event.reason, mark=mark)
            return {"signed": {**state.signed, event.item: signature}}
        case e.ShortcutTaken():
            taken = {"shortcuts": (*state.shortcuts, event)}
            if state.leak is None:
                return taken
            from andon.incident.leak_state import pass_over  # most incidents are none

            return {**taken, "leak": pass_over(state.leak, event.item)}
        case e.ImpactConfirmed():
            return {"impacts": (*state.impacts, event)}
        case e.CaptureFailed():
            return {"capture_failures": (*state.capture_failures, event)}
        case e.ProtocolAdopted():
            return {"protocol": event}
        case e.AssessmentMade():
            return {"assessment": event}
        case e.ResponseDecided():
            return {"decision": event}
        case e.RollbackPlanned():
            return planned(state, event)
        case e.MigrationsTried():
            return {"trial": event}
        case e.OperationApproved():
            return {"approvals": (*state.approvals, _approved(event, mark))}
        case e.OperationEnded():
            return {"approvals": tuple(_ended(a, event) for a in state.approvals)}
        case e.DeployStarted():
            changed = {"operations": (*state.operations, _started(event, mark))}
            # What somebody signed for a way back was for the schema before a newer release came again.
            return changed if event.purpose == "rollback" else {**changed, "signed": _unsigned(state)}
        case e.DeployFinished():
            return {"operations": tuple(_finished(o, event) for o in state.operations)}
        case e.VerificationRan():
            return {"verification": event}
        case e.CulpritFound():
            return {"culprit": event}
        case e.SectionWritten():
            return {"sections": {**state.sections, event.section: event.text}}
        case e.PostmortemPublished():
            return {"published": event}
        case e.ActionOpened():
            return {"actions": (*state.actions, _opened(event, mark))}
        case e.ActionAssigned() | e.ActionDone() | e.ActionDropped():
            return {"actions": tuple(_settled(a, event, mark) for a in state.actions)}
        case e.RegressionLogged():
            return {"regressions": (*state.regressions, event)}
        case e.IncidentLogged():
            return {"logged_in": event.path}
        case e.ReleaseDeployed() | e.ReleaseJudged() | e.GearDeclared():
            return {}
        case e.ReleaseBlocked() | e.ReleaseUnblocked() | e.SettingChanged():
            return {}
        case e.HotfixStarted():
            return {**_NO_HOTFIX, "hotfix_owed": _owed(state), "hotfix": event}
        case e.HotfixTested():
            return {"hotfix_tests": (*state.hotfix_tests, event)}
        case e.HotfixChecked():
            return {"hotfix_checks": (*state.hotfix_checks, event)}
        case e.HotfixPlanned():
            return {"hotfix_plan": event}
        case e.HotfixMerged():
            return {"hotfix_merged": event, "hotfix_owed": None}
        case e.RuleViolated() | e.RuleHardened() | e.RuleRelaxed() | e.WaiverGranted() | e.WaiverWithdrawn():
            return {}
        case (
            e.LeakReported()
            | e.LeakLocated()
            | e.ExposureAssessed()
            | e.CredentialRevoked()
            | e.RevocationSkipped()
            | e.HistoryBackedUp()
            | e.HistoryPurged()
            | e.PurgeVerified()
            | e.PurgePushPlanned()
            | e.PurgePushed()
            | e.LeakBanned()
            | e.LeakCleaned()
            | e.LeakJudged()
        ):
            from andon.incident.leak_state import fold_leak  # most incidents are none

            return {"leak": fold_leak(state.leak, event)}
        case e.FlagActPlanned() | e.FlagActEnded():
            from andon.incident.flag_state import fold_act  # most incidents touch no flag

            return {"flag_acts": fold_act(state.flag_acts, event, mark.at, mark.actor, mark.seq)}
        case e.GapSearchStarted() | e.GapSearchEnded() | e.GapExplained() | e.GapPrevented():
            from andon.incident.gap_state import fold_gap  # most incidents have no search

            return {"gap": fold_gap(state.gap, event, mark.seq)}
        case e.RolloutPlanned() | e.RolloutStageJudged() | e.RolloutResumed() | e.RolloutEnded():
            return {}
        case e.SuiteRan() | e.AuditRan() | e.ShipRecorded() | e.ShipAbandoned():
            return {}
        case e.SecretFilesAudited() | e.SecretAuditReminded():
            return {}
        case _:
            return _moment(state, event, mark)


def _moment(
    state: Incident,
    event: e.IncidentDeclared
    | e.IncidentAcknowledged
    | e.SeverityChanged
    | e.IncidentMitigated
    | e.IncidentResolved
    | e.IncidentClosed
    | e.IncidentReopened,
    mark: Mark,
) -> dict[str, Any]:
    match event:
        case e.IncidentAcknowledged():
            status = Status.ACKNOWLEDGED if state.status is Status.DECLARED else state.status
            return {"acknowledged": state.acknowledged or mark, "owner": mark.actor, "status": status}
        case e.SeverityChanged():
            worst = (
                event.severity if event.severity.is_worse_than(state.worst_severity) else state.worst_severity
            )
            return {"severity": event.severity, "worst_severity": worst}
        case e.IncidentMitigated():
            return {"mitigated": mark, "mitigated_by": event.by, "status": Status.MITIGATED}
        case e.IncidentResolved():
            return {
                "resolved": mark,
                "cause": event.cause,
                "tests_had_passed": event.tests_had_passed,
                "status": Status.RESOLVED,
            }
        case e.IncidentClosed():
            return {
                "closed": mark,
                "duplicate_of": event.duplicate_of,
                "false_alarm": event.false_alarm,
                "status": Status.CLOSED,
            }
        case e.IncidentReopened():
            return _reopened(state)
        case e.IncidentDeclared():
            return {}
        case _:
            assert_never(event)


def planned(state: Incident, event: e.RollbackPlanned) -> dict[str, Any]:
    """Return what a plan changes: a signature for the migrations of another way back does not count."""
    shown: tuple[Any, ...] = ()
    if state.plan is not None:
        shown = (state.plan.from_version, state.plan.to_version, state.plan.migrations_found)
    elif (made := state.assessment) is not None:
        shown = (made.running_version, made.last_known_good, made.migrations_found)
    if shown == (event.from_version, event.to_version, event.migrations_found):
        return {"plan": event}
    return {"plan": event, "signed": _unsigned(state)}


def _unsigned(state: Incident) -> dict[str, Any]:
    """Return the signatures without the one for the migrations."""
    return {k: s for k, s in state.signed.items() if k != "migrations-reversible"}


def _owed(state: Incident) -> e.HotfixStarted | None:
    """Return the hotfix that only production has, before another is begun or the incident is reopened."""
    from andon.incident.hotfix_state import owes_merge  # only where a hotfix was begun before

    return (state.hotfix_owed or state.hotfix) if owes_merge(state) else None


def _reopened(state: Incident) -> dict[str, Any]:
    """What was found and said about the break and its end no longer holds: the response starts afresh."""
    return {
        "status": Status.ACKNOWLEDGED if state.acknowledged else Status.DECLARED,
        "mitigated": None,
        "mitigated_by": "",
        "resolved": None,
        "cause": "",
        "tests_had_passed": False,
        "gap": None,
        "closed": None,
        "duplicate_of": "",
        "false_alarm": "",
        "assessment": None,
        "decision": None,
        "plan": None,
        "trial": None,
        "verification": None,
        "culprit": None,
        "published": None,
        **_NO_HOTFIX,
        "hotfix_owed": _owed(state),
        "checked": {},
        "signed": {},
    }


def _requested(event: e.NotificationRequested, mark: Mark) -> Notification:
    return Notification(
        request=event.request,
        occasion=event.occasion,
        title=event.title,
        body=event.body,
        requested_at=mark.at,
        deliveries=tuple(Delivery(target=t) for t in event.targets),
    )


def _delivered(
    notification: Notification, event: e.NotificationDelivered | e.NotificationFailed
) -> Notification:
    if notification.request != event.request:
        return notification
    return replace(
        notification,
        deliveries=tuple(
            _tried(d, event) if d.target == event.target else d for d in notification.deliveries
        ),
    )


def _tried(delivery: Delivery, event: e.NotificationDelivered | e.NotificationFailed) -> Delivery:
    if isinstance(event, e.NotificationDelivered):
        return replace(delivery, attempts=event.attempt, delivered=True, retry_at=None)
    return replace(
        delivery,
        attempts=event.attempt,
        given_up=event.permanent or event.retry_at is None,
        reason=event.reason,
        retry_at=event.retry_at,
    )


def _approved(event: e.OperationApproved, mark: Mark) -> Approval:
    return Approval(
        operation=event.operation,
        purpose=event.purpose,
        from_version=event.from_version,
        version=event.version,
        undo=event.undo,
        verify=event.verify,
        watch=event.watch,
        mark=mark,
    )


def _ended(approval: Approval, event: e.OperationEnded) -> Approval:
    return replace(approval, ended=event) if approval.operation == event.operation else approval


def _started(event: e.DeployStarted, mark: Mark) -> Operation:
    return Operation(
        id=event.operation,
        purpose=event.purpose,
        from_version=event.from_version,
        version=event.version,
        undo=event.undo,
        started_at=mark.at,
        seq=mark.seq,
        host=event.host,
    )


def _finished(operation: Operation, event: e.DeployFinished) -> Operation:
    if operation.id != event.operation:
        return operation
    return replace(
        operation, outcome=event.outcome, running_version=event.running_version, detail=event.detail
    )


def _opened(event: e.ActionOpened, mark: Mark) -> ActionItem:
    return ActionItem(
        id=event.action,
        title=event.title,
        origin=event.origin,
        kind=event.kind,
        owner=event.owner,
        due_at=event.due_at,
        opened_seq=mark.seq,
    )


def _settled(
    action: ActionItem, event: e.ActionAssigned | e.ActionDone | e.ActionDropped, mark: Mark
) -> ActionItem:
    if action.id != event.action:
        return action
    match event:
        case e.ActionAssigned():
            was_late = action.due_at is not None and action.due_at < mark.at and event.due_at != action.due_at
            was_due = action.was_due_at or (action.due_at if was_late else None)
            return replace(action, owner=event.owner, due_at=event.due_at, was_due_at=was_due)
        case e.ActionDone():
            return replace(action, state="done", proof=event.proof)
        case _:
            return replace(action, state="dropped", proof=event.reason)
