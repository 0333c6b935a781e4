"""Writing what prevents a gap into the repository, and putting it on record with its action items."""

from __future__ import annotations

from andon.desk import actions, regressions
from andon.desk.gap.prevention import Made
from andon.desk.recording import record
from andon.desk.team_files import change_file
from andon.errors import Refused
from andon.gaps.words import Answer
from andon.incident.commands import RecordGap
from andon.incident.gap_events import GapExplained, GapPrevented
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gap.prevention import Prevention
    from andon.desk.ports import Desk
    from andon.incident.state import ActionItem, Incident

#: The action item of the entry in the regression log.
_REGRESSION = "enter the gap into the regression log"


def keep(desk: Desk, found: Prevention) -> Prevention:
    """Write the files and put all of it on record; twice makes nothing twice. Raises Refused, Unavailable."""
    for one in found.made:
        if one.text:
            change_file(desk.config.root, one.path, lambda _, text=one.text: text)  # type: ignore[misc]
    if found.incident is None:
        return replace(found, written=True)
    state = _explained(desk, found.incident, found)
    for one in (*found.made, _answers(found)):
        state = _recorded(desk, state, found.search.id, one)
    state = _caught(desk, state, found)
    try:
        state = _logged(desk, state, found)
    except Refused as lacks:
        state, _ = _opened(desk, state, found.search.id, _REGRESSION, "regressions")
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


def _answers(found: Prevention) -> Made:
    """Return the answers that a review asks for; nothing is left to do about them where they are known."""
    told, where = found.explanation, "the record of the incident"
    if found.search.verdict.answer is Answer.UNKNOWN:
        title = f"find out what the tests missed: {told.catch}"
        return Made(what="answers", path=where, title=title, kind="verification")
    return Made(
        what="answers",
        path=where,
        title="answer what the tests missed, why, and what catches it",
        kind="tests",
        done=f"on record, and in the draft of the postmortem: {told.missed}",
    )


def _caught(desk: Desk, state: Incident, found: Prevention) -> Incident:
    """Let somebody write what catches it, as long as no test does."""
    if found.search.verdict.answer is Answer.UNKNOWN:
        return state
    title = f"see to what catches it: {found.explanation.catch}"
    test = next((one for one in found.made if one.what in ("test", "turned-test")), None)
    if test is None:
        return _opened(desk, state, found.search.id, title, "tests")[0]
    known = _item(state, found.search.id, title)
    return _finished(desk, state, known, f"{test.path}: {test.proof}") if known is not None else state


# ---- action items


def _recorded(desk: Desk, state: Incident, search: str, one: Made) -> Incident:
    """Put one thing on record with its action item; what is there already is left as it is."""
    known = state.gap.prevented if state.gap is not None else ()
    proof = one.proof or one.done
    if any((k.search, k.what, k.path, k.proof) == (search, one.what, one.path, proof) for k in known) and (
        _item(state, search, one.title) is not None
    ):
        return state
    state, action = _opened(desk, state, search, one.title, one.kind)
    if one.done:
        state = _finished(desk, state, action, one.done)
    event = GapPrevented(search=search, what=one.what, path=one.path, proof=proof, action=action.id)
    return record(desk, state, RecordGap(event=event))


def _opened(desk: Desk, state: Incident, search: str, title: str, kind: str) -> tuple[Incident, ActionItem]:
    """Return the action item of that title, which is opened where there is none."""
    known = _item(state, search, title)
    if known is not None:
        return state, known
    state, _ = actions.add(desk, state, title=title, origin=f"gap:{search}", kind=kind)
    return state, state.actions[-1]


def _item(state: Incident, search: str, title: str) -> ActionItem | None:
    words = " ".join(title.split())
    return next((a for a in state.actions if (a.origin, a.title) == (f"gap:{search}", words)), None)


def _finished(desk: Desk, state: Incident, action: ActionItem, proof: str) -> Incident:
    return actions.finish(desk, state, action.id, proof) if action.state == "open" else state


def _logged(desk: Desk, state: Incident, found: Prevention) -> Incident:
    """Write the entry of the regression log, once for each search."""
    search = found.search.id
    known = state.gap.prevented if state.gap is not None else ()
    if not found.regression or any(k.search == search and k.what == "regression" for k in known):
        return state
    state, entry = regressions.add(desk, state, found.regression)
    path = desk.config.review.regressions
    state, action = _opened(desk, state, search, _REGRESSION, "regressions")
    state = _finished(desk, state, action, f"{entry.id} in {path}")
    event = GapPrevented(search=search, what="regression", path=path, proof=entry.id, action=action.id)
    return record(desk, state, RecordGap(event=event))
