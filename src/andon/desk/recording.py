"""Recording in the file of an incident: decide, append, and decide again when somebody else was faster."""

from __future__ import annotations

from andon.errors import Conflict
from andon.incident import commands as c
from andon.incident.announcing import announce
from andon.incident.decide import decide
from andon.incident.evolve import evolve, fold
from andon.incident.words import CommandId

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.events import CaptureFailed, EvidenceAttached
    from andon.incident.recorded import Recorded
    from andon.incident.state import Incident

#: Commands whose rules depend on the state: nobody may slip something in between reading and recording.
_TRANSITIONS = (
    c.Acknowledge,
    c.ChangeSeverity,
    c.DecideResponse,
    c.PlanRollback,
    c.StartHotfix,
    c.PlanHotfix,
    c.ApproveOperation,
    c.EndOperation,
    c.StartDeploy,
    c.FinishDeploy,
    c.RecordVerification,
    c.RecordLeak,
    c.RecordFlagAct,
    c.SignItem,
    c.TakeShortcut,
    c.Mitigate,
    c.Resolve,
    c.PublishPostmortem,
    c.OpenAction,
    c.AssignAction,
    c.FinishAction,
    c.DropAction,
    c.Close,
    c.Reopen,
)
#: More than there are people who give commands in the same second.
_ATTEMPTS = 40


def record(desk: Desk, state: Incident, command: c.Command, *, under: CommandId | None = None) -> Incident:
    """Decide on `command`, record its events and the messages they call for, and return the new state.

    `under` is an id made from what the command belongs to: recorded under it before, it is not done again.

    When somebody else was faster, the decision is made again on what they left; a rule may then refuse it.
    Raises Refused, Conflict (after several attempts) and Unavailable.
    """
    if under is not None and desk.journal.recall(under) is not None:
        return fold(desk.history(state.id))
    guarded = isinstance(command, _TRANSITIONS)
    request = desk.ids.new()[:12]
    for _ in range(_ATTEMPTS):
        events = decide(state, command, desk.actor)
        messages = announce(
            events,
            incident=state.id,
            title=state.title,
            severity=state.severity,
            targets=desk.targets,
            request=request,
        )
        try:
            expected = state.length if guarded else None
            appended = desk.append(state.id, (*events, *messages), expected=expected, command=under)
        except Conflict:
            state = fold(desk.history(state.id))
            continue
        state = advance(desk, state, appended.recorded)
        if delivery_is_due(state, desk.clock.now()):
            desk.nudge()
        return state
    raise Conflict(
        f"others kept changing {state.id}; nothing of this was recorded",
        where=state.id,
        remedy="andon status, then try again",
    )


def attach(
    desk: Desk,
    state: Incident,
    found: Iterable[EvidenceAttached | CaptureFailed],
    *,
    under: CommandId | None = None,
) -> Incident:
    """Record what was found on the way to what the command is for, under an id of its own.

    The command's id stands for its own event: a command that was cut short before it can be given again.
    `under`: as for `record`.
    """
    events = tuple(found)
    if not events:
        return state
    command = under or CommandId(desk.ids.new())
    return advance(desk, state, desk.append(state.id, events, command=command).recorded)


def delivery_is_due(state: Incident, now: datetime) -> bool:
    """True when a message that was not taken should be tried again by now."""
    return any(d.retry_at is not None and d.retry_at <= now for n in state.notifications for d in n.pending)


def advance(desk: Desk, state: Incident, recorded: Iterable[Recorded]) -> Incident:
    """Return the state after what was recorded; reads the history again when others wrote in between."""
    recorded = tuple(recorded)
    if recorded and (recorded[0].stream != state.id or recorded[0].seq != state.length + 1):
        return fold(desk.history(state.id))
    result: Incident | None = state
    for event in recorded:
        result = evolve(result, event)
    return result if result is not None else state
