"""Writing what prevents a gap into the repository, and putting it on record with its action items."""

from __future__ import annotations

from andon.desk import actions, regressions
from andon.desk.recording import record
from andon.desk.team_files import change_file
from andon.errors import Refused
from andon.incident.commands import RecordGap
from andon.incident.gap_events import GapExplained, GapPrevented
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gap.prevention import Made, Prevention
    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def keep(desk: Desk, found: Prevention) -> Prevention:
    """Write the files and put all of it on record; twice makes nothing twice. Raises Refused, Unavailable."""
    for one in found.made:
        if one.text:
            change_file(desk.config.root, one.path, lambda _, text=one.text: text)  # type: ignore[misc]
    if found.incident is None:
        return replace(found, written=True)
    state = _explained(desk, found.incident, found)
    for one in found.made:
        state = _recorded(desk, state, found.search.id, one)
    try:
        state = _logged(desk, state, found)
    except Refused as lacks:
        not_made = (*found.not_made, f"regression: {lacks}")
        return replace(found, incident=state, written=True, not_made=not_made)
    return replace(found, incident=state, written=True)


def _explained(desk: Desk, state: Incident, found: Prevention) -> Incident:
    told = found.explanation
    event = GapExplained(
        search=found.search.id, missed=told.missed, why=told.why, catch=told.catch, semantics=told.semantics
    )
    if state.gap is not None and state.gap.explained == event:
        return state
    return record(desk, state, RecordGap(event=event))


def _recorded(desk: Desk, state: Incident, search: str, one: Made) -> Incident:
    """Put one thing on record with its action item; what is there already is left as it is."""
    known = state.gap.prevented if state.gap is not None else ()
    if any(
        (k.search, k.what, k.path, k.proof) == (search, one.what, one.path, one.proof) for k in known
    ) and any(action.title == " ".join(one.title.split()) for action in state.actions):
        return state
    origin = f"gap:{search}"
    action = next(
        (a for a in state.actions if a.origin == origin and a.title == " ".join(one.title.split())), None
    )
    if action is None:
        state, name = actions.add(desk, state, title=one.title, origin=origin, kind=one.kind)
    else:
        name = action.id
    event = GapPrevented(search=search, what=one.what, path=one.path, proof=one.proof, action=name)
    return record(desk, state, RecordGap(event=event))


def _logged(desk: Desk, state: Incident, found: Prevention) -> Incident:
    """Write the entry of the regression log, once for each search."""
    search = found.search.id
    known = state.gap.prevented if state.gap is not None else ()
    if not found.search.verdict.kinds or any(k.search == search and k.what == "regression" for k in known):
        return state
    state, entry = regressions.add(desk, state, found.regression)
    event = GapPrevented(
        search=search, what="regression", path=desk.config.review.regressions, proof=entry.id
    )
    return record(desk, state, RecordGap(event=event))
