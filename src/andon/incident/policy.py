"""Rules about who and what: authority, shortcuts that nothing justifies, deadlines."""

from __future__ import annotations

from datetime import timedelta

from andon.errors import Refused
from andon.incident.words import Authority, Severity
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.incident.state import Incident


#: Checks that nobody can skip, with the reason. A person may still sign what the machine cannot see.
NEVER_JUSTIFIED = {
    "failure-resolved": "verification is never skipped entirely: run `andon verify`, or sign it with what "
    "you saw with your own eyes",
    "fix-no-secrets": "a secret in a log or a commit is a second incident",
    "fix-no-new-vulnerability": "security is not traded for speed",
    "impact-confirmed": "without confirmed impact there is no emergency to justify anything",
    "postmortem-scheduled": "the postmortem is mandatory",
    "shortcuts-listed": "what is skipped must be on record; that is what makes skipping acceptable",
}


#: Rules of the gates that nobody can waive or justify, with the reason; `response.gates.table` marks them.
NEVER_JUSTIFIED_RULES = {
    "secrets": "a secret in a commit is a second incident",
    "no-new-finding": "security is not traded for speed",
    "red-then-green": "verification is never skipped entirely; what the protocol allows is to relax it",
}


class People(Record):
    """Who may decide, as configured."""

    on_call: tuple[str, ...] = ()
    #: Most senior first.
    seniority: tuple[str, ...] = ()


def authority(people: People, actor: str, reason: str) -> Authority:
    """Return the right by which `actor` decides; raises Refused when it is somebody else's decision.

    The on-call engineer decides where there is one; else the most senior available (whoever is asked may say
    in the reason why nobody more senior is available); a person alone decides and writes down why.
    """
    reason = reason.strip()
    if people.on_call:
        if actor in people.on_call:
            return Authority.ON_CALL
        if not reason:
            raise Refused(
                f"the on-call engineer decides: {', '.join(people.on_call)}",
                rule="authority",
                remedy=f'let them decide, or say why you do: --reason "{people.on_call[0]} is unreachable"',
            )
        return Authority.MOST_SENIOR if actor in people.seniority else Authority.SOLO
    if people.seniority:
        if actor == people.seniority[0] or (actor in people.seniority and reason):
            return Authority.MOST_SENIOR
        if not reason:
            raise Refused(
                f"the most senior available engineer decides: {', '.join(people.seniority)}",
                rule="authority",
                remedy='let them decide, or say why you do: --reason "nobody else is available"',
            )
        return Authority.SOLO
    if not reason:
        raise Refused(
            "whoever decides alone writes down why",
            rule="authority",
            remedy='--reason "why this response"; or set people.on_call in andon.toml',
        )
    return Authority.SOLO


def refuse_unjustifiable(check: str, where: str) -> None:
    """Raise Refused, at the place `where`, when `check` is one of those that can never be skipped."""
    if check in NEVER_JUSTIFIED:
        raise Refused(
            f"{check} can never be skipped: {NEVER_JUSTIFIED[check]}",
            where=where,
            rule="never-justified",
            remedy=f'andon sign {check} --reason "what you saw"'
            if check in ("failure-resolved", "fix-no-new-vulnerability", "impact-confirmed")
            else "andon status",
        )


def free_id(state: Incident, wanted: str) -> str:
    """Return `wanted`, or the next free number when somebody else gave that id to an action item first."""
    taken = {action.id.lower() for action in state.actions}
    number = len(taken) + 1
    while wanted.lower() in taken:
        wanted, number = f"A{number}", number + 1
    return wanted


def postmortem_due(state: Incident) -> datetime | None:
    """Return when the postmortem is due: hours after mitigation by severity; None when none is owed yet."""
    if not state.needs_postmortem or state.mitigated is None:
        return None
    adopted = state.protocol
    hours = (adopted.postmortem_hours_p0, adopted.postmortem_hours_p1) if adopted else (24, 48)
    return state.mitigated.at + timedelta(hours=hours[0] if state.severity is Severity.P0 else hours[1])


def postmortem_is_late(state: Incident, now: datetime) -> bool:
    """True when the postmortem is owed, not published, and its deadline has passed."""
    due = postmortem_due(state)
    return due is not None and state.published is None and now > due and not state.duplicate_of
