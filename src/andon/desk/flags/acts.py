"""What is on record of acts on flags: in the service's own stream always, and in the incident they belong to.

Every record is made under an id of its operation, so that whoever finishes an interrupted act, and however
many do, it stands there once. The service's stream comes first: there two people meet.
"""

from __future__ import annotations

from datetime import timedelta

from andon.desk.casefile import service_stream
from andon.desk.recording import record
from andon.errors import Conflict
from andon.incident.commands import FinishAction, OpenAction, RecordFlagAct
from andon.incident.evolve import fold
from andon.incident.flag_events import FlagActEnded, FlagActPlanned, RolloutPlanned
from andon.incident.flag_state import FlagAct, fold_act, kills_in_force
from andon.incident.review_events import ActionDone, ActionOpened
from andon.incident.words import CommandId, Outcome, Status
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk
    from andon.incident.state import ActionItem, Incident


#: What is done to the layer of a kill; a rollout's stage has a layer of its own.
OF_A_KILL = ("kill", "undo", "enable")
_TITLE = "Turn {} on again, or remove it"
_ACTS = ("FlagActPlanned", "FlagActEnded")
_SWITCHES = ("FlagActPlanned", "FlagActEnded", "RolloutPlanned")


class Acts(Record):
    """Every act on a flag of the service."""

    all: tuple[FlagAct, ...]
    #: Length of the service's stream when they were read to plan; else of what was read of it.
    length: int

    def find(self, operation: str) -> FlagAct | None:
        """Return an act by its operation."""
        return next((act for act in self.all if act.id == operation), None)

    def of(self, flag: str) -> tuple[FlagAct, ...]:
        """Return the acts on the kill of one flag, oldest first: the stages of its rollouts lie below it."""
        acts = (act for act in self.all if act.planned.flag == flag)
        return tuple(act for act in acts if act.planned.purpose in OF_A_KILL)

    def under_way(self, flag: str) -> FlagAct | None:
        """Return the newest act on a flag whose end is not known."""
        return next((act for act in reversed(self.of(flag)) if not act.is_over), None)

    def after(self, act: FlagAct) -> FlagAct | None:
        """Return the newest act on the same flag that was planned later and did not fail."""
        later = [a for a in self.of(act.planned.flag) if a.seq > act.seq and (a.succeeded or not a.is_over)]
        return later[-1] if later else None


def read_acts(desk: Desk, *, to_plan: bool = False) -> Acts:
    """Return the acts on flags as the service's stream has them; its length only for who wants to plan.

    The stream has every deployment of the service, too: a kill does not wait for them to be read six times.
    """
    acts: tuple[FlagAct, ...] = ()
    length = 0
    stream = service_stream(desk)
    history = desk.history(stream) if to_plan else desk.journal.read_types(stream, _ACTS)
    for recorded in history:
        length = recorded.seq
        event = recorded.event
        if isinstance(event, FlagActPlanned) and event.purpose == "rollout":
            continue  # a stage: it is below every kill, and `desk.flags.stages` sees to it
        if isinstance(event, (FlagActPlanned, FlagActEnded)):
            acts = fold_act(acts, event, recorded.at, recorded.actor, recorded.seq)
    return Acts(all=acts, length=length)


def plan(desk: Desk, planned: FlagActPlanned, known: Acts) -> FlagAct:
    """Record what will be done before it is done; raises Conflict when something came in between."""
    stream = service_stream(desk)
    command = CommandId(f"{planned.operation}/plan/{stream}")
    desk.append(stream, (planned,), expected=known.length, command=command)
    return _recorded(desk, planned.operation)


def _recorded(desk: Desk, operation: str) -> FlagAct:
    act = read_acts(desk).find(operation)
    if act is None:  # the journal acknowledged it
        raise Conflict(f"operation {operation} is not on record", remedy="andon flags status")
    return act


def end(desk: Desk, act: FlagAct, ended: FlagActEnded, owner: str = "") -> FlagAct:
    """Record how an act ended, once however many see it: in the service's stream and in its incident."""
    stream = service_stream(desk)
    desk.append(stream, (ended,), command=CommandId(f"{act.id}/end/{act.ends}/{stream}"))
    act = _recorded(desk, act.id)
    if act.planned.incident:
        tell(desk, act.planned.incident, act, owner)
    return act


def tell(desk: Desk, incident: str, act: FlagAct, owner: str = "") -> Incident:
    """Record in an incident what the service's stream has of an act: that it was planned, how it ended.

    A kill that the flag system took opens the follow-up to turn the flag on again, `owner`'s or the actor's.
    A closed incident gets the end of an act that it knows, and no new act.
    """
    state = fold(desk.history(incident))
    if all(known.id != act.id for known in state.flag_acts):
        if state.status is Status.CLOSED:
            return state
        under = CommandId(f"{act.id}/plan/{incident}")
        state = record(desk, state, RecordFlagAct(event=act.planned), under=under)
    if act.ended is None:
        return state
    under = CommandId(f"{act.id}/end/{act.ends - 1}/{incident}")
    command = RecordFlagAct(
        event=act.ended, opens=_opens(desk, state, act, owner), settles=_settles(state, act)
    )
    return record(desk, state, command, under=under)


def tell_all(desk: Desk, known: Acts, operation: str) -> None:
    """Make up for what a process that died did not tell the incidents: of a kill and of what took it back."""
    for act in known.all:
        if operation in (act.id, act.planned.undoes) and act.planned.incident and act.is_over:
            tell(desk, act.planned.incident, act)


def origin_of(kill: str) -> str:
    """Return how a follow-up says that it came from a kill, by the kill's operation."""
    return f"kill:{kill}"


def _owed(state: Incident, flag: str) -> ActionItem | None:
    """Return the open follow-up of a flag that was killed, once or again."""
    title = _TITLE.format(flag)
    return next((a for a in state.actions if a.title == title and a.state == "open"), None)


def _opens(desk: Desk, state: Incident, act: FlagAct, owner: str) -> ActionOpened | None:
    """Return the follow-up of a kill, or of what was left out before a flag was enabled; None for neither."""
    planned = act.planned
    if not act.succeeded or not (planned.purpose == "kill" or planned.skipped):
        return None
    title = _TITLE.format(planned.flag)
    if planned.purpose == "kill" and _owed(state, planned.flag) is not None:
        return None
    if planned.skipped:
        title = f"Make up for what {planned.flag} was enabled without: {', '.join(planned.skipped)}"
    return ActionOpened(
        action=f"A{len(state.actions) + 1}",
        title=title,
        origin=origin_of(act.id) if planned.purpose == "kill" else f"shortcut:{planned.purpose} {act.id}",
        owner=owner or desk.actor,
        due_at=desk.clock.now() + timedelta(days=desk.config.review.action_days),
        kind="other",
    )


def _settles(state: Incident, act: FlagAct) -> ActionDone | None:
    if not act.planned.undoes or not act.succeeded:
        return None
    owed = _owed(state, act.planned.flag)
    return ActionDone(action=owed.id, proof=f"{act.planned.purpose} {act.id}") if owed else None


def settle_elsewhere(desk: Desk, act: FlagAct, incident: str) -> None:
    """Settle the follow-up of the kill that an act took back, in the incident of that kill.

    Where the act itself belongs to another incident or to none: a closed one takes no new act, but its
    follow-ups are done all the same.
    """
    state = fold(desk.history(incident))
    settles, opens = _settles(state, act), _opens(desk, state, act, "")
    if settles is not None:
        under = CommandId(f"{act.id}/done/{incident}")
        record(desk, state, FinishAction(action=settles.action, proof=settles.proof), under=under)
    if opens is not None and all(a.origin != opens.origin for a in state.actions):
        command = OpenAction(**{field: getattr(opens, field) for field in opens.__fields__})
        record(desk, state, command, under=CommandId(f"{act.id}/owed/{incident}"))


def settle_removed(desk: Desk, flag: str, proof: str) -> tuple[str, ...]:
    """Settle the follow-ups of the kills of a flag that is gone from the code; return `INC-7 A2` of each.

    The kill itself stands: a flag that nobody asks for any more gives nobody anything.
    """
    settled = []
    for kill in kills_in_force(read_acts(desk).all, flag):
        incident = kill.planned.incident
        if not incident:
            continue
        state = fold(desk.history(incident))
        action = _owed(state, flag)
        if action is not None:
            command = FinishAction(action=action.id, proof=proof)
            record(desk, state, command, under=CommandId(f"{kill.id}/removed/{incident}"))
            settled.append(f"{incident} {action.id}")
    return tuple(settled)


def changed_since(desk: Desk, state: Incident, proven: datetime) -> str:
    """Say which flag was switched after a moment outside of an incident, or begun to be rolled out."""
    own = {act.id for act in state.flag_acts}
    found = ""
    planned: dict[str, FlagActPlanned] = {}
    for recorded in desk.journal.read_types(service_stream(desk), _SWITCHES):
        match recorded.event:
            case FlagActPlanned() as event:
                planned[event.operation] = event
            case FlagActEnded(outcome=Outcome.SUCCEEDED) as event:
                act = planned.get(event.operation)
                if act is not None and act.operation not in own and recorded.at > proven:
                    found = f"the flag {act.flag} was switched ({act.purpose} {act.operation})"
            case RolloutPlanned() as event if recorded.at > proven:
                found = f"a rollout of the flag {event.flag} was begun ({event.operation})"
    return found


def is_open(desk: Desk, incident: str) -> bool:
    """True when the incident takes new acts."""
    return fold(desk.history(incident)).status is not Status.CLOSED


def before_in_words(seen: FlagSeen | None) -> str:
    """Return what the flag system said of a flag before an act, to which the undo returns."""
    if seen is None:
        return "not known: the flag system did not answer"
    if seen.kill is not None:
        return f"killed: everybody gets {seen.kill.variant}"
    if seen.rollout is not None:
        return f"{seen.rollout.variant} for {seen.rollout.percent:g} %"
    if not seen.is_enabled:
        return "disabled: the caller's default decides"
    return seen.state or f"as defined, without targeting {seen.default_variant or 'the caller decides'}"


def failed(operation: str, outcome: Outcome, detail: str) -> FlagActEnded:
    """Return the end of an act that the flag system did not take, or of which nobody knows."""
    return FlagActEnded(operation=operation, outcome=outcome, can_confirm=False, detail=detail)
