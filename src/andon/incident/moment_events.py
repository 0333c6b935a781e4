"""The moments of an incident: declared, owned, graver or less, harmless, over, open again."""

from __future__ import annotations

from andon.incident.words import IncidentId, Severity
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


# ---- the moments


class IncidentDeclared(Record):
    """Somebody pulled the cord."""

    incident: IncidentId
    service: str
    title: str
    severity: Severity
    #: When the harm began, if it is known to be earlier than the declaration.
    began_at: datetime | None = None
    description: str = ""


class IncidentAcknowledged(Record):
    """Somebody owns it, or takes it over from the one before."""


class SeverityChanged(Record):
    """Escalated or de-escalated."""

    previous: Severity
    severity: Severity
    reason: str


class IncidentMitigated(Record):
    """The harm has stopped."""

    #: What stopped it: a choice, or a person's words.
    by: str
    #: `verification` or `signature`: what stands behind the statement.
    proof: str


class IncidentResolved(Record):
    """The cause is gone, and that is verified."""

    cause: str
    #: True when every test had passed and production failed all the same: the protocol has a list for that.
    tests_had_passed: bool = False


class IncidentClosed(Record):
    """Postmortem published, deferred work tracked."""

    #: The other incident when this one was the same; "" otherwise.
    duplicate_of: str = ""
    #: Why it was none: how somebody knows that nothing was broken; "" otherwise.
    false_alarm: str = ""


class IncidentReopened(Record):
    """It was not over."""

    reason: str


# ---- written by a newer Andon


class UnknownEvent(Record):
    """Something a newer Andon recorded; kept whole, understood by nobody here."""

    type: str
    body: str
