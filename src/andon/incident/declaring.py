"""Deciding on a declaration: the first events of an incident."""

from __future__ import annotations

from andon.incident.events import IncidentDeclared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.commands import DeclareIncident
    from andon.incident.events import Event


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
