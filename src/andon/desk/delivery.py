"""Delivering messages: each attempt is on record, a failure is tried again, nothing waits for it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from andon.desk.casefile import number_of, open_incidents
from andon.desk.redacting import redacted
from andon.desk.values import DeliveryFailed, Message
from andon.errors import Conflict
from andon.incident.events import NotificationDelivered, NotificationFailed, NotificationRequested
from andon.incident.evolve import fold
from andon.incident.policy import postmortem_due, postmortem_is_late
from andon.incident.words import CommandId, Occasion
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.desk.ports_messages import Notifier
    from andon.incident.state import Delivery, Incident, Notification

#: Seconds until the next attempt, by number of attempts made; the last one repeats.
_BACKOFF = (5, 15, 60, 300, 900, 1800)
#: After this many attempts nobody tries by itself any more; `andon notify retry` still does.
_ATTEMPTS = 12


#: Newest closed incidents whose messages are still looked after.
_LOOKED_AT = 5


class Waiting(Record):
    """One message that one target has not taken yet."""

    incident: Incident
    notification: Notification
    delivery: Delivery


def waiting(desk: Desk, *, given_up_too: bool = False) -> tuple[Waiting, ...]:
    """Return what is undelivered in the service's open and newest closed incidents."""
    return tuple(
        Waiting(incident=state, notification=notification, delivery=delivery)
        for state in (*open_incidents(desk), *recently_closed(desk))
        for notification in state.notifications
        for delivery in notification.deliveries
        if not delivery.delivered and (given_up_too or not delivery.given_up)
    )


def recently_closed(desk: Desk) -> tuple[Incident, ...]:
    """Return the newest closed incidents of the service, whose messages are still looked after."""
    ends = desk.journal.newest(("IncidentDeclared", "IncidentClosed", "IncidentReopened"))
    closed = [stream for stream, newest in ends.items() if newest == "IncidentClosed"]
    states = (fold(desk.history(stream)) for stream in sorted(closed, key=number_of)[-_LOOKED_AT:])
    return tuple(state for state in states if state.service == desk.config.service)


def deliver(
    desk: Desk,
    notifier: Callable[[], Notifier],
    addresses: Callable[[str], Mapping[str, str]],
    *,
    everything: bool = False,
) -> tuple[int, int]:
    """Try what is due (or `everything` that is undelivered); return how many were taken and how many not."""
    taken = failed = 0
    for item in waiting(desk, given_up_too=everything):
        retry_at = item.delivery.retry_at
        if not everything and retry_at is not None and retry_at > desk.clock.now():
            continue
        event = _attempt(desk, notifier, addresses, item)
        desk.append(item.incident.id, (event,))
        if isinstance(event, NotificationDelivered):
            taken += 1
        else:
            failed += 1
    return taken, failed


def deliver_one(desk: Desk, incident: str, request: str, target: str) -> datetime | None:
    """Try to deliver one message to one target, if that is due; return when to try again, None for never.

    Recorded under an id made from the message and the number of the attempt: done again after a death, an
    attempt is on record once. That the message itself may then arrive twice is what "never lost" costs.
    """
    state = fold(desk.history(incident))
    for notification in state.notifications:
        for delivery in notification.pending:
            if (notification.request, delivery.target) != (request, target):
                continue
            if delivery.retry_at is not None and delivery.retry_at > desk.clock.now():
                return delivery.retry_at
            item = Waiting(incident=state, notification=notification, delivery=delivery)
            event = _attempt(desk, lambda: desk.notifier, desk.addresses, item)
            named = f"{incident}/{request}/{target}"
            mark = sha256(named.encode("utf-8", "backslashreplace")).hexdigest()[:32]
            desk.append(incident, (event,), command=CommandId(f"message-{mark}/{event.attempt}"))
            return event.retry_at if isinstance(event, NotificationFailed) else None
    return None


def _attempt(
    desk: Desk,
    notifier: Callable[[], Notifier],
    addresses: Callable[[str], Mapping[str, str]],
    item: Waiting,
) -> NotificationDelivered | NotificationFailed:
    attempt = item.delivery.attempts + 1
    request, target = item.notification.request, item.delivery.target
    address = _address(addresses, target)
    if not address:
        return NotificationFailed(
            request=request,
            target=target,
            attempt=attempt,
            reason="its address is not configured any more, or its variable is not set here",
            retry_at=_retry_at(desk.clock.now(), attempt),
        )
    message = Message(
        title=redacted(desk, item.notification.title),
        body=redacted(desk, item.notification.body),
        occasion=item.notification.occasion.value,
        severity=item.incident.severity,
        incident=item.incident.id,
    )
    try:
        notifier().send(address, message)
    except DeliveryFailed as problem:
        retry_at = None if problem.permanent else _retry_at(desk.clock.now(), attempt)
        return NotificationFailed(
            request=request,
            target=target,
            attempt=attempt,
            reason=problem.reason,
            permanent=problem.permanent,
            retry_at=retry_at,
        )
    return NotificationDelivered(request=request, target=target, attempt=attempt)


def _address(addresses: Callable[[str], Mapping[str, str]], target: str) -> str:
    for severity in ("P0", "P1", "P2", "P3", "P4"):
        found = addresses(severity).get(target, "")
        if found:
            return found
    return ""


def _retry_at(now: datetime, attempt: int) -> datetime | None:
    if attempt >= _ATTEMPTS:
        return None
    return now + timedelta(seconds=_BACKOFF[min(attempt, len(_BACKOFF)) - 1])


def reminder_of(state: Incident) -> str:
    """Return the name of the message that a postmortem is late: one each time it was mitigated."""
    return f"{state.id}-postmortem-late-{state.mitigated.seq if state.mitigated else 0}"


def remind_of_late_postmortems(desk: Desk) -> tuple[str, ...]:
    """Request a message, once a deadline, for every postmortem that is late; return the incidents' ids."""
    reminded = []
    now = desk.clock.now()
    for state in open_incidents(desk):
        due = postmortem_due(state)
        if state.mitigated is None or due is None or not postmortem_is_late(state, now):
            continue
        name = reminder_of(state)
        targets = desk.targets(state.severity.value) or desk.targets(state.worst_severity.value)
        if not targets or any(n.request == name for n in state.notifications):
            continue
        request = NotificationRequested(
            request=name,
            occasion=Occasion.POSTMORTEM_LATE,
            title=f"{state.id}: the postmortem is late: {state.title}",
            body=f"It was due {due:%Y-%m-%d %H:%M UTC}. andon postmortem draft",
            targets=targets,
        )
        try:
            desk.append(state.id, (request,), expected=state.length)
        except Conflict:  # somebody else was faster, and may have said it; the next look will tell
            continue
        reminded.append(state.id)
    return tuple(reminded)


def announce_by_hand(desk: Desk, state: Incident, text: str) -> Incident:
    """Request a message in a person's words to the stakeholders of the incident's severity."""
    from andon.desk.recording import advance

    targets = desk.targets(state.severity.value)
    request = NotificationRequested(
        request=desk.ids.new()[:12],
        occasion=Occasion.MESSAGE,
        title=f"{state.id} {state.severity}: {state.title}",
        body=redacted(desk, text),
        targets=targets,
    )
    return advance(desk, state, desk.append(state.id, (request,)).recorded)
