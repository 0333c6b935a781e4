"""Beginning the response to a leak: an incident, the values in their room, and what leaked on record."""

from __future__ import annotations

from andon.desk.casefile import open_incidents
from andon.desk.declare import declare
from andon.desk.recording import record
from andon.errors import Refused
from andon.incident.commands import ConfirmImpact, RecordLeak
from andon.incident.events import ImpactConfirmed, LeakedCredential, LeakReported
from andon.incident.words import Impact, Severity, counted
from andon.record import Record
from andon.secrets.leak.urgency import urgency
from andon.secrets.rotation import rotation_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.leak.given import Given
    from andon.desk.ports import Desk
    from andon.incident.state import Incident


class Started(Record):
    """A leak that is on record."""

    incident: Incident
    #: True when the incident was declared for it.
    declared: bool
    #: The credentials that were not known before, and those that were.
    new: tuple[LeakedCredential, ...]
    known: tuple[str, ...]
    #: Why it has this severity.
    why: str


def start(
    desk: Desk,
    given: Given,
    state: Incident | None = None,
    severity: Severity | None = None,
    *,
    is_new: bool = False,
) -> Started:
    """Declare an incident unless `state`, or an open one with a leak, is meant; keep the values; record it.

    `is_new`: declare one in any case.

    Nothing of a value is recorded. Raises Refused when several leaks are open and none is named, Unavailable.
    """
    desk.redactor.know(tuple(c.value for c in given.credentials))
    readers = given.visibility or _readers(desk)
    proposed, why = urgency(readers, is_sure=given.is_sure)
    state = state or (None if is_new else _open_leak(desk))
    has_declared = state is None
    if state is None:
        state = declare(
            desk,
            title=_title(given),
            severity=severity or proposed,
            impacts=(_impact(given),),
            description=f"Severity by rule: {why}",
        ).incident
    elif not state.impacts:
        state = record(desk, state, ConfirmImpact(impact=_impact(given)))
    before = {c.mark for c in state.leak.credentials} if state.leak else set()
    desk.leak_room.keep(state.id, given.credentials)
    seen = dict(given.seen_at)
    credentials = tuple(
        LeakedCredential(
            mark=c.mark, kind=c.kind, seen_at=seen.get(c.mark, ""), rotation="\n".join(rotation_of(c.kind))
        )
        for c in given.credentials
    )
    event = LeakReported(
        source=given.source,
        credentials=credentials,
        paths=given.paths,
        host=desk.leak_room.host,
        alerted_at=given.alerted_at,
    )
    state = record(desk, state, RecordLeak(event=event))
    return Started(
        incident=state,
        declared=has_declared,
        new=tuple(c for c in credentials if c.mark not in before),
        known=tuple(c.mark for c in credentials if c.mark in before),
        why=why,
    )


def _open_leak(desk: Desk) -> Incident | None:
    found = [state for state in open_incidents(desk) if state.leak is not None]
    if len(found) > 1:
        names = ", ".join(state.id for state in found)
        raise Refused(
            f"several leaks are open: {names}",
            rule="which-incident",
            remedy=f"name the one it belongs to: andon leak start -i {found[-1].id}",
        )
    return found[0] if found else None


def _readers(desk: Desk) -> str:
    """Return who could read it before anybody has looked: only where there is no remote it is nobody else."""
    is_served = desk.ranges.settings("core.bare").get("core.bare") == "true"
    return "unknown" if is_served or desk.ranges.remotes() else "local"


def _title(given: Given) -> str:
    kinds = sorted({c.kind for c in given.credentials})
    shown = ", ".join(kinds[:3]) + (f" and {counted(len(kinds) - 3, 'more kind')}" if len(kinds) > 3 else "")
    return f"{counted(len(given.credentials), 'secret')} leaked: {shown}"


def _impact(given: Given) -> ImpactConfirmed:
    marks = ", ".join(f"{c.kind} {c.mark}" for c in given.credentials[:5])
    more = f" and {len(given.credentials) - 5} more" if len(given.credentials) > 5 else ""
    kind = {"alert": Impact.ALERT, "finding": Impact.PROBE}.get(given.source, Impact.REPORT)
    said = {"alert": "a host's alert names", "finding": "the gate found"}.get(given.source, "somebody gave")
    return ImpactConfirmed(kind=kind, summary=f"{said} {marks}{more}")
