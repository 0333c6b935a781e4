"""Which events stakeholders are told about, and in what words."""

from __future__ import annotations

from andon.incident import events as e
from andon.incident.words import Occasion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.incident.words import Severity


def announce(
    events: Sequence[e.Event],
    *,
    incident: str,
    title: str,
    severity: Severity,
    targets: Callable[[str], tuple[str, ...]],
    request: str,
) -> tuple[e.NotificationRequested, ...]:
    """Return the messages that `events` call for; recorded in the same batch, so that none can be lost.

    `targets` gives the masked names for a severity; `request` makes the messages' identities. A message for
    which nobody is configured is not requested.
    """
    messages = []
    for number, event in enumerate(events):
        told = _words(event, incident, title, severity)
        if told is None:
            continue
        occasion, heading, body, at_severity = told
        names = targets(at_severity)
        if names:
            messages.append(
                e.NotificationRequested(
                    request=f"{request}-{number}", occasion=occasion, title=heading, body=body, targets=names
                )
            )
    return tuple(messages)


def _words(
    event: e.Event, incident: str, title: str, severity: Severity
) -> tuple[Occasion, str, str, Severity] | None:
    match event:
        case e.IncidentDeclared():
            return (
                Occasion.DECLARED,
                f"{incident} {event.severity} {event.severity.label}: {event.title}",
                event.description or f"Declared for {event.service}. Response is under way.",
                event.severity,
            )
        case e.SeverityChanged() if event.severity.is_worse_than(event.previous):
            return (
                Occasion.ESCALATED,
                f"{incident} escalated to {event.severity} {event.severity.label}: {title}",
                event.reason or f"It was {event.previous}.",
                event.severity,
            )
        case e.IncidentMitigated():
            return (
                Occasion.MITIGATED,
                f"{incident} mitigated: {title}",
                f"The harm has stopped ({event.by}); shown by {event.proof}.",
                severity,
            )
        case e.IncidentResolved():
            return (
                Occasion.RESOLVED,
                f"{incident} resolved: {title}",
                f"Cause: {event.cause}",
                severity,
            )
        case _:
            return None
