"""The state of an incident: what the history adds up to. Only `evolve` makes one."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from andon.incident.events import (
        AssessmentMade,
        CaptureFailed,
        CulpritFound,
        EvidenceAttached,
        HotfixChecked,
        HotfixMerged,
        HotfixPlanned,
        HotfixStarted,
        HotfixTested,
        ImpactConfirmed,
        ItemChecked,
        MigrationsTried,
        OperationEnded,
        PostmortemPublished,
        ProtocolAdopted,
        RegressionLogged,
        ResponseDecided,
        RollbackPlanned,
        ShortcutTaken,
        VerificationRan,
    )
    from andon.incident.flag_state import FlagAct
    from andon.incident.gap_state import Gap
    from andon.incident.leak_state import Leak
    from andon.incident.words import IncidentId, Occasion, Outcome, Severity, Status


class Mark(Record):
    """Where in the history something stands."""

    seq: int
    at: datetime
    actor: str


class Operation(Record):
    """One act on production."""

    id: str
    purpose: str
    from_version: str
    version: str
    undo: str
    started_at: datetime
    #: None while it runs, or when the process that ran it died.
    outcome: Outcome | None = None
    running_version: str = ""
    detail: str = ""
    seq: int = 0
    #: Whose operations directory holds what it leaves behind.
    host: str = ""


class Approval(Record):
    """An act that a person wants carried out, and that a worker sees to until it is over."""

    operation: str
    purpose: str
    from_version: str
    version: str
    undo: str
    verify: bool
    watch: float
    #: Who approved it, and when.
    mark: Mark
    #: How it ended; None while somebody works on it, or should.
    ended: OperationEnded | None = None


class Signature(Record):
    """Who vouched for an item, and why."""

    item: str
    reason: str
    mark: Mark


class ActionItem(Record):
    """Deferred work."""

    id: str
    title: str
    origin: str
    kind: str
    owner: str = ""
    due_at: datetime | None = None
    #: The day that had passed when somebody moved it to a later one; None when nobody did.
    was_due_at: datetime | None = None
    #: `open`, `done` or `dropped`.
    state: str = "open"
    proof: str = ""
    opened_seq: int = 0


class Delivery(Record):
    """How far a message got with one target."""

    target: str
    attempts: int = 0
    delivered: bool = False
    given_up: bool = False
    reason: str = ""
    retry_at: datetime | None = None


class Notification(Record):
    """A message to stakeholders."""

    request: str
    occasion: Occasion
    title: str
    body: str
    requested_at: datetime
    deliveries: tuple[Delivery, ...] = ()

    @property
    def pending(self) -> tuple[Delivery, ...]:
        """The targets that nobody has reached or given up on."""
        return tuple(d for d in self.deliveries if not d.delivered and not d.given_up)


class Incident(Record):
    """Everything the history says about one incident."""

    id: IncidentId
    service: str
    title: str
    severity: Severity
    worst_severity: Severity
    status: Status
    declared: Mark
    description: str = ""
    began_at: datetime | None = None
    protocol: ProtocolAdopted | None = None
    impacts: tuple[ImpactConfirmed, ...] = ()
    #: The first time; `owner` is whoever did it last.
    acknowledged: Mark | None = None
    owner: str = ""
    mitigated: Mark | None = None
    mitigated_by: str = ""
    resolved: Mark | None = None
    cause: str = ""
    #: The commit that broke it, as a search found it; None before one did.
    culprit: CulpritFound | None = None
    #: True when the tests had passed and production failed all the same.
    tests_had_passed: bool = False
    closed: Mark | None = None
    duplicate_of: str = ""
    false_alarm: str = ""
    evidence: tuple[EvidenceAttached, ...] = ()
    capture_failures: tuple[CaptureFailed, ...] = ()
    assessment: AssessmentMade | None = None
    decision: ResponseDecided | None = None
    plan: RollbackPlanned | None = None
    trial: MigrationsTried | None = None
    approvals: tuple[Approval, ...] = ()
    operations: tuple[Operation, ...] = ()
    #: The branch of the hotfix, how tests went on it, what the guard said of it so far, the newest plan to
    #: ship it, and when it reached the main line.
    hotfix: HotfixStarted | None = None
    hotfix_tests: tuple[HotfixTested, ...] = ()
    hotfix_checks: tuple[HotfixChecked, ...] = ()
    hotfix_plan: HotfixPlanned | None = None
    hotfix_merged: HotfixMerged | None = None
    #: The earliest hotfix that production has and the main line lacks, where another was begun since or the
    #: incident was reopened.
    hotfix_owed: HotfixStarted | None = None
    #: The response to a leaked secret; None when nothing leaked.
    leak: Leak | None = None
    #: What was done to feature flags, oldest first.
    flag_acts: tuple[FlagAct, ...] = ()
    #: The search for the gap between tests and production; None when nobody searched.
    gap: Gap | None = None
    #: The newest verification, and the newest one at or before the last act on production.
    verification: VerificationRan | None = None
    checked: Mapping[str, ItemChecked]
    signed: Mapping[str, Signature]
    shortcuts: tuple[ShortcutTaken, ...] = ()
    sections: Mapping[str, str]
    published: PostmortemPublished | None = None
    actions: tuple[ActionItem, ...] = ()
    regressions: tuple[RegressionLogged, ...] = ()
    logged_in: str = ""
    notifications: tuple[Notification, ...] = ()
    #: Newest place in the history of each kind of event, by class name.
    marks: Mapping[str, Mark]
    length: int
    chain_head: str = ""

    @property
    def running_operation(self) -> Operation | None:
        """The act on production whose end nobody has recorded."""
        return next((o for o in reversed(self.operations) if o.outcome is None), None)

    @property
    def pending_approval(self) -> Approval | None:
        """The approved act that is not over."""
        return next((a for a in reversed(self.approvals) if a.ended is None), None)

    def approval(self, operation: str) -> Approval | None:
        """Return the approval of an operation."""
        return next((a for a in reversed(self.approvals) if a.operation == operation), None)

    def operation(self, operation: str) -> Operation | None:
        """Return the act called `operation`; None before it started."""
        return next((o for o in self.operations if o.id == operation), None)

    @property
    def needs_postmortem(self) -> bool:
        """True when it ever was P0 or P1."""
        return self.worst_severity.is_emergency
