"""Delivering messages: each attempt is on record, a failure is tried again, nothing waits for it."""

from __future__ import annotations

from datetime import timedelta

from andon.desk.casefile import open_ids
from andon.desk.redacting import redacted
from andon.desk.values import DeliveryFailed, Message
from andon.incident.events import NotificationDelivered, NotificationFailed, NotificationRequested
from andon.incident.evolve import fold
from andon.incident.policy import postmortem_due, postmortem_is_late
from andon.incident.words import Occasion
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from andon.desk.ports import Desk, Notifier
    from andon.incident.state import Delivery, Incident, Notification

#: Seconds until the next attempt, by number of attempts made; the last one repeats.
_BACKOFF = (5, 15, 60, 300, 900, 1800)
#: After this many attempts nobody tries by itself any more; `andon notify retry` still does.
_ATTEMPTS = 12


class Waiting(Record):
    """One message that one target has not taken yet."""

    incident: Incident
    notification: Notification
    delivery: Delivery


def waiting(desk: Desk, *, given_up_too: bool = False) -> tuple[Waiting, ...]:
    """Return what is undelivered in the open and the newest closed incidents."""
    ids = dict.fromkeys((*open_ids(desk), *_recently_closed(desk)))
    found: list[Waiting] = []
    for stream in ids:
        state = fold(desk.history(stream))
        found.extend(
            Waiting(incident=state, notification=notification, delivery=delivery)
            for notification in state.notifications
            for delivery in notification.deliveries
            if not delivery.delivered and (given_up_too or not delivery.given_up)
        )
    return tuple(found)


def _recently_closed(desk: Desk) -> tuple[str, ...]:
    newest = desk.journal.newest(("IncidentDeclared",))
    return tuple(newest)[-3:]


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


def remind_of_late_postmortems(desk: Desk) -> tuple[str, ...]:
    """Request a message, once, for every postmortem that is late; return the incidents' ids."""
    reminded = []
    now = desk.clock.now()
    for stream in open_ids(desk):
        state = fold(desk.history(stream))
        told = any(n.occasion is Occasion.POSTMORTEM_LATE for n in state.notifications)
        due = postmortem_due(state)
        if told or due is None or not postmortem_is_late(state, now):
            continue
        targets = desk.targets(state.severity.value)
        if not targets:
            continue
        request = NotificationRequested(
            request=f"{state.id}-postmortem-late",
            occasion=Occasion.POSTMORTEM_LATE,
            title=f"{state.id}: the postmortem is late: {state.title}",
            body=f"It was due {due:%Y-%m-%d %H:%M UTC}. andon postmortem draft",
            targets=targets,
        )
        desk.append(stream, (request,))
        reminded.append(stream)
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
