"""Since when the service was well before it broke: what its logs said earlier belongs to another incident."""

from __future__ import annotations

from andon.desk.casefile import number_of
from andon.incident.evolve import fold
from andon.incident.proof import proven_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.state import Incident

#: How many earlier incidents are looked at.
_MOST = 5


def broke_before(state: Incident) -> datetime:
    """Return the latest moment at which it can have broken: the declaration, or the newest reopening."""
    reopened = state.marks.get("IncidentReopened")
    return reopened.at if reopened else state.declared.at


def calm_since(desk: Desk, state: Incident) -> datetime | None:
    """Return the newest proof of recovery before this break; None when there is none."""
    latest = broke_before(state)
    moments = []
    own = state.marks.get("IncidentMitigated")
    if own is not None and own.at < latest:  # reopened: what is recorded of its first end still dates it
        moments.append(own.at)
    ended = desk.journal.newest(("IncidentMitigated",))
    for stream in sorted((s for s in ended if s != state.id), key=number_of, reverse=True)[:_MOST]:
        other = fold(desk.history(stream))
        proven = proven_at(other) if other.service == state.service else None
        if proven is not None and proven < latest:
            moments.append(proven)
    return max(moments, default=None)
