"""Opening the file of an incident: which one is meant, what its history adds up to, and recording in it."""

from __future__ import annotations

from andon.errors import Conflict, InvalidInput, NotFound
from andon.incident import commands as c
from andon.incident.announcing import announce
from andon.incident.decide import decide
from andon.incident.evolve import evolve, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.desk.ports import Desk
    from andon.incident.recorded import Recorded
    from andon.incident.state import Incident

#: The stream of the service itself: deployments, verdicts, declared gear.
SERVICE = "service"

#: Commands whose rules depend on the state: nobody may slip something in between reading and recording.
_TRANSITIONS = (
    c.Acknowledge,
    c.ChangeSeverity,
    c.DecideResponse,
    c.PlanRollback,
    c.StartDeploy,
    c.FinishDeploy,
    c.SignItem,
    c.TakeShortcut,
    c.Mitigate,
    c.Resolve,
    c.PublishPostmortem,
    c.FinishAction,
    c.DropAction,
    c.Close,
    c.Reopen,
)
_ATTEMPTS = 8


def open_ids(desk: Desk) -> tuple[str, ...]:
    """Return the ids of the incidents that are not closed, oldest first."""
    ends = desk.journal.newest(("IncidentDeclared", "IncidentClosed", "IncidentReopened"))
    return tuple(
        sorted((stream for stream, newest in ends.items() if newest != "IncidentClosed"), key=_number)
    )


def open_incidents(desk: Desk) -> tuple[Incident, ...]:
    """Return the incidents that are not closed, oldest first."""
    return tuple(fold(desk.journal.read(stream)) for stream in open_ids(desk))


def which(desk: Desk, wanted: str | None, *, closed_too: bool = False) -> str:
    """Return the id of the incident that is meant: the named one, or the only open one.

    With `closed_too`, the newest incident is meant when none is open. Raises NotFound or InvalidInput.
    """
    if wanted:
        return _named(desk, wanted)
    candidates = open_ids(desk)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        titles = "; ".join(f"{i.id} {i.severity} {i.title}" for i in open_incidents(desk))
        raise InvalidInput(
            f"{len(candidates)} incidents are open: {titles}",
            rule="which-incident",
            remedy=f"name one: --incident {candidates[-1]}",
        )
    if closed_too:
        known = sorted(desk.journal.newest(("IncidentDeclared",)), key=_number)
        if known:
            return known[-1]
    raise NotFound("no incident is open", where=desk.config.service, remedy='andon declare "what is broken"')


def _named(desk: Desk, wanted: str) -> str:
    known = desk.journal.newest(("IncidentDeclared",))
    name = wanted.strip().upper()
    for candidate in (name, f"INC-{name}"):
        if candidate in known:
            return candidate
    recent = ", ".join(sorted(known, key=_number)[-3:]) or "none yet"
    raise NotFound(
        f"there is no incident {wanted!r}; the newest are: {recent}",
        where=desk.config.service,
        remedy="andon status --all",
    )


def _number(stream: str) -> tuple[int, str]:
    digits = stream.rpartition("-")[2]
    return (int(digits), stream) if digits.isdigit() else (0, stream)


def load(desk: Desk, wanted: str | None, *, closed_too: bool = False) -> Incident:
    """Return the incident that is meant."""
    return fold(desk.history(which(desk, wanted, closed_too=closed_too)))


def record(desk: Desk, state: Incident, command: c.Command) -> Incident:
    """Decide on `command`, record its events and the messages they call for, and return the new state.

    When somebody else was faster, the decision is made again on what they left; a rule may then refuse it.
    Raises Refused, Conflict (after several attempts) and Unavailable.
    """
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
            appended = desk.append(state.id, (*events, *messages), expected=state.length if guarded else None)
        except Conflict:
            state = fold(desk.history(state.id))
            continue
        return advance(desk, state, appended.recorded)
    raise Conflict(
        f"others kept changing {state.id}; nothing of this was recorded",
        where=state.id,
        remedy="andon status, then try again",
    )


def advance(desk: Desk, state: Incident, recorded: Iterable[Recorded]) -> Incident:
    """Return the state after what was recorded; reads the history again when others wrote in between."""
    recorded = tuple(recorded)
    if recorded and (recorded[0].stream != state.id or recorded[0].seq != state.length + 1):
        return fold(desk.history(state.id))
    result: Incident | None = state
    for event in recorded:
        result = evolve(result, event)
    return result if result is not None else state
