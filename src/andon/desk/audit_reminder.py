"""Reminding of the audit of secret files each quarter: when, whom, and what is on record of it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from andon.desk.audit_due import audit_due
from andon.desk.casefile import service_stream
from andon.desk.values import DeliveryFailed, Message
from andon.incident.events import SecretAuditReminded, SecretFilesAudited
from andon.incident.words import CommandId, Occasion, Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.ports import Desk

#: Seconds until the next attempt, by number of attempts made; after the last nobody tries any more.
_BACKOFF = (60, 900, 3600, 6 * 3600, 24 * 3600)


def next_reminder(desk: Desk) -> datetime | None:
    """Return when somebody is to be told that the audit is due; None before the first audit, or for nobody.

    A reminder that was given and not followed comes again after as many days.
    """
    history = desk.journal.read_types(service_stream(desk), ("SecretFilesAudited", "SecretAuditReminded"))
    audits = [recorded.at for recorded in history if isinstance(recorded.event, SecretFilesAudited)]
    if not audits or not _severity(desk):
        return None
    told = {r.event.due for r in history if isinstance(r.event, SecretAuditReminded)}
    due = audit_due(desk, max(audits))
    while due in told:
        due += timedelta(days=desk.config.secrets.audit_days)
    return due


def seconds_left(desk: Desk, due: datetime) -> float | None:
    """Return the seconds until a reminder is due; None when another one is, or none: it was audited since."""
    if next_reminder(desk) != due:
        return None
    return max((due - desk.clock.now()).total_seconds(), 0.0)


def remind_of_audit(desk: Desk, due: datetime, attempt: int) -> float | None:
    """Tell everybody who was not told of this due day; return the seconds until the next attempt, or None.

    Each answer is on record once, however often this is done: by an id made of the day and the target.
    """
    stream = service_stream(desk)
    history = desk.journal.read_types(stream, ("SecretAuditReminded",))
    done = {
        r.event.target for r in history if isinstance(r.event, SecretAuditReminded) and r.event.due == due
    }
    severity, again = _severity(desk), False
    for target, address in desk.addresses(severity).items() if severity else ():
        if target in done:
            continue
        problem, is_permanent = _send(desk, address, due, severity)
        if problem and not is_permanent and attempt <= len(_BACKOFF):
            again = True
            continue
        mark = sha256(f"{stream}/{due.isoformat()}/{target}".encode("utf-8", "backslashreplace"))
        event = SecretAuditReminded(due=due, target=target, problem=problem)
        desk.append(stream, (event,), command=CommandId(f"secret-audit-{mark.hexdigest()[:32]}"))
    return float(_BACKOFF[attempt - 1]) if again else None


def _send(desk: Desk, address: str, due: datetime, severity: str) -> tuple[str, bool]:
    """Return why it could not be sent and whether that is for good; "" when it was."""
    if not address:
        return "its variable is not set here", False
    message = Message(
        title=f"{desk.config.service}: the audit of secret files is due",
        body=f"Since {due:%Y-%m-%d}. Would git keep secret files out, and are any in? andon secrets audit",
        occasion=Occasion.MESSAGE.value,
        severity=Severity(severity),
        incident="",
    )
    try:
        desk.notifier.send(address, message)
    except DeliveryFailed as problem:
        return problem.reason, problem.permanent
    return "", False


def _severity(desk: Desk) -> str:
    """Return the mildest severity of which somebody is told; "" for none."""
    return next((s.value for s in reversed(Severity) if desk.targets(s.value)), "")
