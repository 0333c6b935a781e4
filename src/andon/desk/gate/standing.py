"""Which gear is active and which hotfix is under way, or why that cannot be told."""

from __future__ import annotations

from andon.errors import AndonError
from andon.incident.words import Gear, Status
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident


class Standing(Record):
    """How the service stands, for its gates."""

    gear: Gear
    why: str
    #: The open P0 or P1 in response that makes it HOTFIX; None otherwise.
    incident: Incident | None = None
    #: Why the journal could not be asked; "" when it was. The gear is BUILD then, unless a branch says more.
    problem: str = ""

    @property
    def hotfix_branch(self) -> str:
        """The branch of the hotfix that is under way, "" for none."""
        return self.incident.hotfix.branch if self.incident and self.incident.hotfix else ""


def standing(desk: Desk) -> Standing:
    """Return how the service stands; a journal that cannot be read is told, never raised."""
    from andon.desk.casefile import open_incidents, service_stream
    from andon.incident.events import GearDeclared
    from andon.incident.policy import derived_gear

    declared, reason = Gear.BUILD, ""
    try:
        for recorded in desk.history(service_stream(desk)):
            if isinstance(recorded.event, GearDeclared):
                declared, reason = Gear.named(recorded.event.gear) or Gear.BUILD, recorded.event.reason
        found = open_incidents(desk)
    except AndonError as problem:
        return Standing(gear=Gear.BUILD, why="assumed: the journal cannot be read", problem=str(problem))
    gear, why = derived_gear(found, declared)
    emergency = next((i for i in found if i.severity.is_emergency and i.status.in_response), None)
    if gear is not Gear.HOTFIX:
        return Standing(gear=gear, why=reason or why)
    return Standing(gear=gear, why=why, incident=emergency)


def is_over(incident: Incident) -> bool:
    """True when nobody responds to it any more."""
    return incident.status in (Status.RESOLVED, Status.CLOSED)
