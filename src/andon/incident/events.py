"""Everything that can have happened, in the past tense: the only thing an incident is made of.

To add a fact: one class here or in one of the modules `*_events` beside it, one line in the
union below, and the type checker names the branches of `evolve` and `timeline` that are unfinished. Field
types are those `incident.codec` can read back: str, int, float, bool, datetime, the enumerations of
`incident.words`, other records, `X | None` and `tuple[X, ...]`.
"""

from __future__ import annotations

from andon.incident.approval_events import OperationApproved as OperationApproved
from andon.incident.approval_events import OperationEnded as OperationEnded
from andon.incident.gate_events import AuditRan as AuditRan
from andon.incident.gate_events import RuleHardened as RuleHardened
from andon.incident.gate_events import RuleRelaxed as RuleRelaxed
from andon.incident.gate_events import RuleViolated as RuleViolated
from andon.incident.gate_events import ShipAbandoned as ShipAbandoned
from andon.incident.gate_events import ShipRecorded as ShipRecorded
from andon.incident.gate_events import SuiteRan as SuiteRan
from andon.incident.gate_events import WaiverGranted as WaiverGranted
from andon.incident.gate_events import WaiverWithdrawn as WaiverWithdrawn
from andon.incident.hotfix_events import HotfixChecked as HotfixChecked
from andon.incident.hotfix_events import HotfixMerged as HotfixMerged
from andon.incident.hotfix_events import HotfixPlanned as HotfixPlanned
from andon.incident.hotfix_events import HotfixStarted as HotfixStarted
from andon.incident.hotfix_events import HotfixTested as HotfixTested
from andon.incident.parts import Fact as Fact
from andon.incident.parts import Finding as Finding
from andon.incident.parts import ProbeOutcome as ProbeOutcome
from andon.incident.parts import RuleAnswer as RuleAnswer
from andon.incident.parts import ShownObjection as ShownObjection
from andon.incident.review_events import ActionAssigned as ActionAssigned
from andon.incident.review_events import ActionDone as ActionDone
from andon.incident.review_events import ActionDropped as ActionDropped
from andon.incident.review_events import ActionOpened as ActionOpened
from andon.incident.review_events import CulpritFound as CulpritFound
from andon.incident.review_events import IncidentLogged as IncidentLogged
from andon.incident.review_events import PostmortemDrafted as PostmortemDrafted
from andon.incident.review_events import PostmortemPublished as PostmortemPublished
from andon.incident.review_events import RegressionLogged as RegressionLogged
from andon.incident.review_events import SectionWritten as SectionWritten
from andon.incident.service_events import GearDeclared as GearDeclared
from andon.incident.service_events import ReleaseBlocked as ReleaseBlocked
from andon.incident.service_events import ReleaseDeployed as ReleaseDeployed
from andon.incident.service_events import ReleaseJudged as ReleaseJudged
from andon.incident.service_events import ReleaseUnblocked as ReleaseUnblocked
from andon.incident.service_events import SettingChanged as SettingChanged
from andon.incident.words import (
    Authority,
    Choice,
    EvidenceHash,
    Impact,
    IncidentId,
    Occasion,
    Outcome,
    Severity,
    Verdict,
)
from andon.protocol.compiled import ProtocolItem
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

# ---- declaring


class IncidentDeclared(Record):
    """Somebody pulled the cord."""

    incident: IncidentId
    service: str
    title: str
    severity: Severity
    #: When the harm began, if it is known to be earlier than the declaration.
    began_at: datetime | None = None
    description: str = ""


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


class IncidentAcknowledged(Record):
    """Somebody owns it, or takes it over from the one before."""


class SeverityChanged(Record):
    """Escalated or de-escalated."""

    previous: Severity
    severity: Severity
    reason: str


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


# ---- finding out


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


# ---- deciding and acting


class ResponseDecided(Record):
    """Rollback, hotfix, kill switch or workaround, with the rule and the right by which it was chosen."""

    choice: Choice
    rule: str
    #: What the rule table recommended; differs from `choice` when a person overruled it.
    recommended: Choice
    facts: tuple[Fact, ...]
    authority: Authority
    decided_by: str
    reason: str = ""


class RollbackPlanned(Record):
    """What will be done and how it is undone, recorded before anything is touched."""

    operation: str
    from_version: str
    to_version: str
    steps: tuple[str, ...]
    #: The command that puts the present version back.
    undo: str
    #: Verdict of the migration gate over the range, with its reason.
    migrations: Verdict
    migrations_reason: str = ""
    #: The way back as far as the database goes: `code only`, `way down first`, `forward fix` ...
    migrations_route: str = ""
    #: The gate's questions with their answers, as `question: verdict, text`.
    migrations_answers: tuple[str, ...] = ()
    #: What the gate found, as `path:line reason`.
    migrations_found: tuple[str, ...] = ()
    #: Why this version is the last known good.
    reason: str = ""
    #: Everything that was looked at and is worth knowing.
    risks: tuple[str, ...] = ()


class MigrationsTried(Record):
    """The migrations between two releases were run up, down and up again on a disposable copy."""

    #: The release that ran, and the one that a rollback would go back to.
    from_version: str
    to_version: str
    verdict: Verdict
    summary: str
    migrations: tuple[str, ...] = ()
    #: What differs after the way down, as far as it is listed.
    differences: tuple[str, ...] = ()
    seconds: float = 0.0
    evidence: EvidenceHash | None = None


class DeployStarted(Record):
    """An act on production began; exactly one start per operation."""

    operation: str
    #: `rollback`, `hotfix`, `undo`.
    purpose: str
    from_version: str
    version: str
    undo: str
    #: Whose operations directory holds what the deployment leaves behind; "" when a person deployed by hand.
    host: str = ""


class DeployFinished(Record):
    """The act ended, or nobody saw its end."""

    operation: str
    outcome: Outcome
    #: Version that runs now according to the deployer; "" when it cannot say.
    running_version: str = ""
    detail: str = ""
    #: Seconds the act took, on a clock that does not jump.
    seconds: float = 0.0
    evidence: EvidenceHash | None = None


class VerificationRan(Record):
    """Smoke tests and logs after a change."""

    #: The operation that is verified; "" for a verification on its own.
    operation: str
    verdict: Verdict
    probes: tuple[ProbeOutcome, ...]
    #: Did the tests that had failed pass now?
    failure_gone: Verdict
    #: Are the critical paths that had worked still working?
    critical_paths: Verdict
    #: Are the logs free of new errors?
    logs: Verdict
    logs_summary: str = ""
    summary: str = ""
    evidence: EvidenceHash | None = None


class ItemChecked(Record):
    """A machine check that had to look at the world gave its verdict on an item."""

    check: str
    verdict: Verdict
    summary: str
    evidence: EvidenceHash | None = None


class ItemSigned(Record):
    """A person vouches for an item."""

    item: str
    reason: str


class ShortcutTaken(Record):
    """An item was skipped; the follow-up is opened by the same command."""

    item: str
    reason: str
    #: Id of the action item that pays it back.
    action: str
    #: True when the protocol allows this shortcut during HOTFIX.
    pre_justified: bool


# ---- the moments


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


if TYPE_CHECKING:
    Event: TypeAlias = (
        IncidentDeclared
        | ProtocolAdopted
        | ImpactConfirmed
        | IncidentAcknowledged
        | SeverityChanged
        | NotificationRequested
        | NotificationDelivered
        | NotificationFailed
        | EvidenceAttached
        | CaptureFailed
        | NoteAdded
        | AssessmentMade
        | ResponseDecided
        | RollbackPlanned
        | MigrationsTried
        | OperationApproved
        | DeployStarted
        | DeployFinished
        | OperationEnded
        | VerificationRan
        | ItemChecked
        | ItemSigned
        | ShortcutTaken
        | IncidentMitigated
        | IncidentResolved
        | IncidentClosed
        | IncidentReopened
        | CulpritFound
        | PostmortemDrafted
        | SectionWritten
        | PostmortemPublished
        | ActionOpened
        | ActionAssigned
        | ActionDone
        | ActionDropped
        | RegressionLogged
        | IncidentLogged
        | ReleaseDeployed
        | ReleaseJudged
        | ReleaseBlocked
        | ReleaseUnblocked
        | SettingChanged
        | GearDeclared
        | HotfixStarted
        | HotfixTested
        | HotfixChecked
        | HotfixPlanned
        | HotfixMerged
        | RuleViolated
        | RuleHardened
        | RuleRelaxed
        | WaiverGranted
        | WaiverWithdrawn
        | SuiteRan
        | AuditRan
        | ShipRecorded
        | ShipAbandoned
        | UnknownEvent
    )
else:
    Event = Record
