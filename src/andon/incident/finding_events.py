"""What was found out about an incident, what was kept of it, and who was told."""

from __future__ import annotations

from andon.incident.parts import Fact, Finding
from andon.incident.words import EvidenceHash, Impact, Occasion, Verdict
from andon.protocol.compiled import ProtocolItem
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


# ---- telling and finding out


class ProtocolAdopted(Record):
    """The team's protocol as it stood when the cord was pulled; later edits do not move the goal."""

    title: str
    source: str
    digest: str
    items: tuple[ProtocolItem, ...]
    allowed: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    #: Hours after mitigation within which the postmortem is due.
    postmortem_hours_p0: int = 24
    postmortem_hours_p1: int = 48


class ImpactConfirmed(Record):
    """Production is known to be hurt."""

    kind: Impact
    summary: str
    evidence: EvidenceHash | None = None
    #: The smoke test that showed it; "" for anything else.
    sign: str = ""


class NotificationRequested(Record):
    """Stakeholders are to be told; delivery happens outside and is recorded separately."""

    #: Identifies the request within the incident.
    request: str
    occasion: Occasion
    title: str
    body: str
    #: Masked names of the targets; the addresses themselves are secrets and stay in the configuration.
    targets: tuple[str, ...] = ()


class NotificationDelivered(Record):
    """One target took the message."""

    request: str
    target: str
    attempt: int


class NotificationFailed(Record):
    """One target did not take the message."""

    request: str
    target: str
    attempt: int
    reason: str
    permanent: bool = False
    #: When to try again; None when nobody will.
    retry_at: datetime | None = None


class EvidenceAttached(Record):
    """A piece of evidence was stored under its content hash."""

    evidence: EvidenceHash
    #: `log`, `probe`, `release`, `git`, `screenshot`, `trace`, `text`, `report`, `file`, ...
    kind: str
    title: str
    media_type: str
    #: Bytes as stored, after redaction and truncation.
    size: int
    source: str = ""
    #: Bytes as found; larger than `size` when something was cut off.
    original_size: int = 0
    redactions: int = 0


class CaptureFailed(Record):
    """A source of evidence did not answer: the gap is part of the history."""

    source: str
    reason: str


class NoteAdded(Record):
    """Somebody wrote something down."""

    text: str
    #: When it happened, if that was not when it was written.
    happened_at: datetime | None = None


class AssessmentMade(Record):
    """What is broken, since when, and what speaks for which response."""

    broken: tuple[Finding, ...]
    #: When it broke, and how that is known.
    broke_at: datetime | None
    broke_at_source: str
    #: `deployment`, `dependency`, `configuration`, `flag`, `certificate`, `traffic`, `latent`, `unclear` or
    #: `nothing-found`.
    suspect: str
    running_version: str
    #: Version deployed closest before the break, if any is near.
    suspect_version: str
    last_known_good: str
    facts: tuple[Fact, ...]
    #: Minutes, measured or estimated; None when nothing is known.
    minutes_to_roll_back: float | None = None
    minutes_to_fix: float | None = None
    #: What is known of the cause, in a person's words; "" when it is not known.
    cause: str = ""
    fix_is_risky: bool = False
    #: True when the running release had a good verdict from before the break.
    running_is_good: bool = False
    #: The migration gate over running..last known good.
    migrations: Verdict = Verdict.UNKNOWN
    migrations_reason: str = ""
    #: The way back as far as the database goes: `code only`, `way down first`, `forward fix` ...
    migrations_route: str = ""
    #: What the gate found, as `path:line reason`.
    migrations_found: tuple[str, ...] = ()
    #: Why each release that is newer than the last known good was passed over.
    passed_over: tuple[str, ...] = ()
    #: False when `broke_at` is only the latest moment it can have been, such as the declaration.
    broke_at_is_known: bool = True
    #: A configured flag that covers what is broken, "" when none does, and how it is turned off.
    flag: str = ""
    flag_off: tuple[str, ...] = ()
