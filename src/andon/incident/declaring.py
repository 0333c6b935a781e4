"""Declaring: the one command that needs no incident, apart from the others because it must start fast."""

from __future__ import annotations

from andon.incident.events import IncidentDeclared
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.incident.events import Event, ImpactConfirmed, ProtocolAdopted
    from andon.incident.words import IncidentId, Severity


class DeclareIncident(Record):
    """Pull the cord."""

    incident: IncidentId
    service: str
    title: str
    severity: Severity
    protocol: ProtocolAdopted
    impacts: tuple[ImpactConfirmed, ...] = ()
    began_at: datetime | None = None
    description: str = ""


def declare(command: DeclareIncident) -> tuple[Event, ...]:
    """Return the first events of an incident. Declaring is never refused for lack of knowledge."""
    return (
        IncidentDeclared(
            incident=command.incident,
            service=command.service,
            title=command.title,
            severity=command.severity,
            began_at=command.began_at,
            description=command.description,
        ),
        command.protocol,
        *command.impacts,
    )
