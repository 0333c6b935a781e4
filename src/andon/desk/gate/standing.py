"""Which gear is active and which hotfix is under way, or why that cannot be told."""

from __future__ import annotations

from andon.errors import AndonError
from andon.incident.words import Gear
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from andon.desk.ports import Desk
    from andon.incident.emergency import Emergency
    from andon.incident.state import Incident

#: The events of the service's stream that `incident.gears.fold_declared` reads.
_DECLARING = ("GearDeclared", "ShipRecorded", "ShipAbandoned")


class Standing(Record):
    """How the service stands, for its gates."""

    gear: Gear
    why: str
    #: The open P0 or P1 in response that makes it HOTFIX; None otherwise.
    incident: Emergency | Incident | None = None
    #: Other incidents that make it HOTFIX too.
    others: tuple[Emergency | Incident, ...] = ()
    #: Why the journal could not be asked; "" when it was. The gear is BUILD then, unless a branch says more.
    problem: str = ""
    #: A branch that is called like a hotfix, and the incident in its name, where no journal could say more.
    assumed_branch: str = ""
    assumed_incident: str = ""

    @property
    def hotfix_branch(self) -> str:
        """The branch of the hotfix that is under way, "" for none."""
        return self.incident.hotfix.branch if self.incident and self.incident.hotfix else self.assumed_branch

    @property
    def incident_id(self) -> str:
        """The incident that makes it HOTFIX, "" for none."""
        return self.incident.id if self.incident else self.assumed_incident

    @property
    def hotfix_base(self) -> str:
        """The commit from which the hotfix was begun; "" when no journal says it."""
        return self.incident.hotfix.base_commit if self.incident and self.incident.hotfix else ""


def standing(desk: Desk) -> Standing:
    """Return how the service stands; a journal that cannot be read is told, never raised."""
    from andon.desk.casefile import incidents_in_response, service_stream

    try:
        history = desk.journal.read_types(service_stream(desk), _DECLARING)
        responding = incidents_in_response(desk)
    except AndonError as problem:
        return Standing(gear=Gear.BUILD, why="assumed: the journal cannot be read", problem=str(problem))
    if not (history or responding):  # nothing was ever declared: nobody waits for the events to load
        return Standing(gear=Gear.BUILD, why="default")
    if responding:
        from andon.incident.emergency import is_hotfix, why_hotfix

        if emergencies := tuple(one for one in responding if is_hotfix(one)):
            first, *others = emergencies
            why = why_hotfix(emergencies)
            return Standing(gear=Gear.HOTFIX, why=why, incident=first, others=tuple(others))
    from andon.incident.gears import active_gear, fold_declared

    active = active_gear(fold_declared(history), ())
    return Standing(gear=active.gear, why=active.why)


def standing_at(
    desk: Desk,
    found: Standing,
    branches: Sequence[str],
    *,
    said: Gear | None = None,
    is_away: bool = False,
    arriving: Collection[str] = (),
) -> Standing:
    """Return how the service stands for one reference, given what the journal said.

    `is_away`: in CI, or where a push arrives; an embedded journal that holds nothing there is no journal.
    Without one the gear is what was said; else HOTFIX for a branch that is called like a hotfix; else BUILD.
    What a journal says goes before all of these, if it ever heard of the incident that the branch names: one
    in another place, by another name of the service, knows nothing. Of several hotfixes the one counts whose
    branch it is, or whose commits are among those that arrive.
    """
    if not found.problem and not (is_away and _is_missing(desk)):
        if found.others:
            return _among(desk, found, branches, arriving)
        if found.incident is not None or not any(b[:7].lower() == "hotfix/" for b in branches):
            return found
        return _assumed(desk, found, branches)
    from andon.response.gates.message import incident_of

    problem = found.problem or "there is no journal here, so nobody knows of an incident"
    if said is not None and said is not Gear.HOTFIX:
        return Standing(gear=said, why="said by --gear: no journal was asked")
    for branch in branches:
        if incident := incident_of(branch):
            return Standing(
                gear=Gear.HOTFIX,
                why=f"assumed from the branch {branch}",
                problem=problem,
                assumed_branch=branch,
                assumed_incident=incident,
            )
    if said is not None:
        return Standing(gear=said, why="said by --gear: no journal was asked")
    return Standing(gear=Gear.BUILD, why="assumed: no journal says more", problem=problem)


def _among(desk: Desk, found: Standing, branches: Sequence[str], arriving: Collection[str]) -> Standing:
    """Return the standing with that of several incidents whose hotfix is meant."""
    all_of_them = tuple(i for i in (found.incident, *found.others) if i is not None)
    begun = [(incident, incident.hotfix.branch) for incident in all_of_them if incident.hotfix]
    meant = next((incident for incident, branch in begun if branch in branches), None)
    if meant is None and arriving:
        here = set(arriving)
        meant = next((i for i, branch in begun if here.intersection(desk.ranges.heads_of(branch))), None)
    return replace(found, incident=meant) if meant is not None else found


def _assumed(desk: Desk, found: Standing, branches: Sequence[str]) -> Standing:
    """Return HOTFIX for a branch that names an incident of which this journal never heard."""
    from andon.response.gates.message import incident_of

    for branch in branches:
        incident = incident_of(branch)
        if incident and incident not in desk.journal.newest(("IncidentDeclared",)):
            return Standing(
                gear=Gear.HOTFIX,
                why=f"assumed from the branch {branch}",
                problem=f"the journal here knows no {incident}",
                assumed_branch=branch,
                assumed_incident=incident,
            )
    return found


def _is_missing(desk: Desk) -> bool:
    return "://" not in desk.journal.place and not desk.journal.heads()
