"""An incident as far as the gate of a commit must know it, from those of its events that say so.

`evolve` knows everything of an incident and reads everything for it: a commit during a P0 would wait.
"""

from __future__ import annotations

from andon.incident.hotfix_events import HotfixMerged, HotfixStarted
from andon.incident.moment_events import (
    IncidentAcknowledged,
    IncidentClosed,
    IncidentDeclared,
    IncidentMitigated,
    IncidentReopened,
    IncidentResolved,
    SeverityChanged,
)
from andon.incident.words import Severity, Status
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    from andon.incident.recorded import Recorded
    from andon.incident.words import IncidentId

    class Responding(Protocol):
        """An incident, whole or in brief."""

        @property
        def id(self) -> IncidentId:
            """Its name."""

        @property
        def severity(self) -> Severity:
            """How bad it is now."""

        @property
        def status(self) -> Status:
            """How far it is."""

        @property
        def hotfix(self) -> HotfixStarted | None:
            """The hotfix that was begun."""

        @property
        def hotfix_merged(self) -> HotfixMerged | None:
            """That it came back to the main line."""


#: The events that change what `Emergency` has; no other does (tests/unit/incident/test_emergency.py).
TYPES = (
    "IncidentDeclared",
    "IncidentAcknowledged",
    "SeverityChanged",
    "IncidentMitigated",
    "IncidentResolved",
    "IncidentClosed",
    "IncidentReopened",
    "HotfixStarted",
    "HotfixMerged",
)


class Emergency(Record):
    """An incident in brief. Every field is called, and is, as in `state.Incident`."""

    id: IncidentId
    service: str
    severity: Severity
    status: Status
    hotfix: HotfixStarted | None = None
    hotfix_merged: HotfixMerged | None = None


def emergency(history: Iterable[Recorded]) -> Emergency | None:
    """Return what the events of `TYPES` add up to, as `evolve.fold` would; None without a declaration."""
    declared: IncidentDeclared | None = None
    severity, status, is_acknowledged = Severity.P0, Status.DECLARED, False
    hotfix: HotfixStarted | None = None
    merged: HotfixMerged | None = None
    for recorded in history:
        event = recorded.event
        if declared is None:
            if isinstance(event, IncidentDeclared):
                declared, severity = event, event.severity
            continue
        match event:
            case IncidentAcknowledged():
                status = Status.ACKNOWLEDGED if status is Status.DECLARED else status
                is_acknowledged = True
            case SeverityChanged():
                severity = event.severity
            case IncidentMitigated():
                status = Status.MITIGATED
            case IncidentResolved():
                status = Status.RESOLVED
            case IncidentClosed():
                status = Status.CLOSED
            case IncidentReopened():
                status = Status.ACKNOWLEDGED if is_acknowledged else Status.DECLARED
                hotfix = merged = None
            case HotfixStarted():
                hotfix, merged = event, None
            case HotfixMerged():
                merged = event
    if declared is None:
        return None
    return Emergency(
        id=declared.incident,
        service=declared.service,
        severity=severity,
        status=status,
        hotfix=hotfix,
        hotfix_merged=merged,
    )


def is_hotfix(one: Responding) -> bool:
    """True for an incident that makes the gear HOTFIX: a P0 or P1 in response.

    A hotfix that was begun stays one until it is merged or its incident resolved, whatever severity is left.
    """
    is_begun = one.hotfix is not None and one.hotfix_merged is None
    return one.status.in_response and (one.severity.is_emergency or is_begun)


def why_hotfix(found: Sequence[Responding]) -> str:
    """Return why the gear is HOTFIX: the first incident that makes it so, and which others there are."""
    first = found[0]
    more = f", and {', '.join(one.id for one in found[1:])}" if len(found) > 1 else ""
    if not first.severity.is_emergency:
        return f"the hotfix of {first.id} is under way{more}"
    return f"{first.id} {first.severity} is in response{more}"
