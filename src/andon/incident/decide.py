"""The decider: an incident and a command make events, or a refusal with its rule and its way out. Pure."""

from __future__ import annotations

from andon.errors import Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.learning import decide_learning
from andon.incident.responding import decide_response
from andon.incident.words import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import assert_never

    from andon.incident.state import Incident
else:

    def assert_never(value):
        raise AssertionError(f"unhandled command {value!r}")


def decide(state: Incident, command: c.Command, actor: str) -> tuple[e.Event, ...]:
    """Return the events `command` causes; raises Refused when a rule forbids it.

    The clock is not an argument: moments are stamped when the batch is recorded, and no rule here depends
    on the time of day.
    """
    match command:
        case c.AddNote():
            return (e.NoteAdded(text=command.text, happened_at=command.happened_at),)
        case c.AttachEvidence():
            return (command.evidence,)
        case c.ReportCaptureFailure():
            return (e.CaptureFailed(source=command.source, reason=command.reason),)
        case c.ConfirmImpact():
            return (command.impact,)
        case c.Acknowledge():
            return _acknowledge(state, command, actor)
        case c.ChangeSeverity():
            return _change_severity(state, command)
        case c.Reopen():
            return _reopen(state, command)
        case (
            c.RecordAssessment()
            | c.DecideResponse()
            | c.PlanRollback()
            | c.StartHotfix()
            | c.RecordHotfixTest()
            | c.CheckHotfix()
            | c.PlanHotfix()
            | c.MergeHotfix()
            | c.RecordLeak()
            | c.RecordFlagAct()
            | c.RecordTrial()
            | c.ApproveOperation()
            | c.EndOperation()
            | c.StartDeploy()
            | c.FinishDeploy()
            | c.RecordVerification()
            | c.RecordCheck()
            | c.SignItem()
            | c.TakeShortcut()
            | c.Mitigate()
            | c.Resolve()
        ):
            return decide_response(state, command)
        case (
            c.RecordGap()
            | c.RecordCulprit()
            | c.WriteSection()
            | c.DraftPostmortem()
            | c.PublishPostmortem()
            | c.OpenAction()
            | c.AssignAction()
            | c.FinishAction()
            | c.DropAction()
            | c.LogRegression()
            | c.LogIncident()
            | c.Close()
        ):
            return decide_learning(state, command)
        case _:
            assert_never(command)


def refuse_closed(state: Incident, verb: str) -> None:
    """Raise Refused when the incident is over."""
    if state.status is Status.CLOSED:
        raise Refused(
            f"{state.id} is closed; a closed incident cannot {verb}",
            where=state.id,
            rule="closed-is-final",
            remedy=f'andon reopen {state.id} --reason "why"',
        )


def _acknowledge(state: Incident, command: c.Acknowledge, actor: str) -> tuple[e.Event, ...]:
    refuse_closed(state, "be acknowledged")
    if state.acknowledged is not None and state.owner == actor:
        raise Refused(
            f"you own {state.id} already", where=state.id, rule="acknowledge-once", remedy="andon status"
        )
    if state.acknowledged is not None and not command.take_over:
        raise Refused(
            f"{state.owner} owns {state.id} already",
            where=state.id,
            rule="acknowledge-once",
            remedy="help them; or, when they hand it to you: andon ack --take-over",
        )
    return (e.IncidentAcknowledged(),)


def _change_severity(state: Incident, command: c.ChangeSeverity) -> tuple[e.Event, ...]:
    refuse_closed(state, "change its severity")
    if command.severity is state.severity:
        raise Refused(
            f"{state.id} is {state.severity} already",
            where=state.id,
            rule="severity-change",
            remedy="andon status",
        )
    if state.severity.is_worse_than(command.severity) and not command.reason.strip():
        raise Refused(
            f"going down from {state.severity} to {command.severity} needs a reason; in doubt, do not",
            where=state.id,
            rule="de-escalation",
            remedy=f'andon severity {command.severity} --reason "what turned out to be less severe"',
        )
    return (e.SeverityChanged(previous=state.severity, severity=command.severity, reason=command.reason),)


def _reopen(state: Incident, command: c.Reopen) -> tuple[e.Event, ...]:
    if state.status not in (Status.MITIGATED, Status.RESOLVED, Status.CLOSED):
        raise Refused(
            f"{state.id} is still {state.status}; there is nothing to reopen",
            where=state.id,
            rule="reopen",
            remedy="andon status",
        )
    if not command.reason.strip():
        raise Refused(
            "reopening needs a reason",
            where=state.id,
            rule="reopen",
            remedy=f'andon reopen {state.id} --reason "what is broken again"',
        )
    return (e.IncidentReopened(reason=command.reason),)
