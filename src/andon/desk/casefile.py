"""Opening the file of an incident: which one is meant, and what its history adds up to."""

from __future__ import annotations

from andon.errors import InvalidInput, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports import Desk
    from andon.incident.emergency import Emergency
    from andon.incident.recorded import Recorded
    from andon.incident.state import Incident


#: The events that begin or end a response (`incident.evolve`).
_TURNS = ("IncidentDeclared", "IncidentMitigated", "IncidentResolved", "IncidentClosed", "IncidentReopened")


def service_stream(desk: Desk) -> str:
    """Return the name of the service's own stream: deployments, verdicts, declared gear.

    Services may share a journal, but never a ledger: another service's last known good is none.
    """
    return f"service:{desk.config.service}"


def open_ids(desk: Desk) -> tuple[str, ...]:
    """Return the ids of the service's incidents that are not closed, oldest first."""
    return tuple(state.id for state in open_incidents(desk))


def open_incidents(desk: Desk) -> tuple[Incident, ...]:
    """Return the service's incidents that are not closed, oldest first."""
    ends = desk.journal.newest(("IncidentDeclared", "IncidentClosed", "IncidentReopened"))
    streams = sorted((stream for stream, newest in ends.items() if newest != "IncidentClosed"), key=number_of)
    found = [_folded(desk.journal.read(stream)) for stream in streams]
    return tuple(state for state in found if state.service == desk.config.service)


def incidents_in_response(desk: Desk) -> tuple[Emergency, ...]:
    """Return the service's incidents whose cause is not gone yet in brief, oldest first.

    One that is resolved and waits for its postmortem, often for days, is not even read; of the others only
    the events that a gate must know.
    """
    ends = desk.journal.newest(_TURNS)
    over = ("IncidentResolved", "IncidentClosed")
    streams = sorted((stream for stream, newest in ends.items() if newest not in over), key=number_of)
    if not streams:  # a commit while nothing is open does not pay for it
        return ()
    from andon.incident.emergency import TYPES, emergency

    found = (emergency(desk.journal.read_types(stream, TYPES)) for stream in streams)
    return tuple(i for i in found if i and i.service == desk.config.service and i.status.in_response)


def load(desk: Desk, wanted: str | None, *, closed_too: bool = False) -> Incident:
    """Return the incident that is meant: the named one, or the only open one.

    With `closed_too`, the newest incident is meant when none is open. Raises NotFound or InvalidInput.
    """
    if wanted:
        return _folded(desk.history(_named(desk, wanted)))
    candidates = open_incidents(desk)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        titles = "; ".join(f"{i.id} {i.severity} {i.title}" for i in candidates)
        raise InvalidInput(
            f"{len(candidates)} incidents are open: {titles}",
            rule="which-incident",
            remedy=f"name one: --incident {candidates[-1].id}",
        )
    if closed_too:
        known = sorted(desk.journal.newest(("IncidentDeclared",)), key=number_of, reverse=True)
        for state in (_folded(desk.history(stream)) for stream in known):
            if state.service == desk.config.service:
                return state
    raise NotFound("no incident is open", where=desk.config.service, remedy='andon declare "what is broken"')


def all_incidents(desk: Desk) -> tuple[Incident, ...]:
    """Return the service's incidents, closed ones too, oldest first."""
    streams = sorted(desk.journal.newest(("IncidentDeclared",)), key=number_of)
    found = (_folded(desk.journal.read(stream)) for stream in streams)
    return tuple(state for state in found if state.service == desk.config.service)


def which(desk: Desk, wanted: str | None, *, closed_too: bool = False) -> str:
    """Return the id of the incident that is meant; raises as `load` does."""
    return _named(desk, wanted) if wanted else load(desk, wanted, closed_too=closed_too).id


def _named(desk: Desk, wanted: str) -> str:
    known = desk.journal.newest(("IncidentDeclared",))
    name = wanted.strip().upper()
    for candidate in (name, f"INC-{name}"):
        if candidate in known:
            return candidate
    recent = ", ".join(sorted(known, key=number_of)[-3:]) or "none yet"
    raise NotFound(
        f"there is no incident {wanted!r}; the newest are: {recent}",
        where=desk.config.service,
        remedy="andon status --all",
    )


def _folded(history: Sequence[Recorded]) -> Incident:
    from andon.incident.evolve import fold  # a commit does not pay for it

    return fold(history)


def number_of(stream: str) -> tuple[int, str]:
    """Return what sorts incidents by their age: INC-9 before INC-10."""
    digits = stream.rpartition("-")[2]
    return (int(digits), stream) if digits.isdigit() else (0, stream)
