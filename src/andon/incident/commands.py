"""What somebody wants: imperative commands that `decide` turns into events or refuses."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    from andon.incident.events import (
        ActionDone,
        ActionOpened,
        AssessmentMade,
        CulpritFound,
        DeployFinished,
        EvidenceAttached,
        Fact,
        HotfixChecked,
        HotfixMerged,
        HotfixPlanned,
        HotfixStarted,
        HotfixTested,
        ImpactConfirmed,
        ItemChecked,
        MigrationsTried,
        OperationApproved,
        OperationEnded,
        RegressionLogged,
        RollbackPlanned,
        VerificationRan,
    )
    from andon.incident.flag_state import FlagActEvent
    from andon.incident.gap_state import GapEvent
    from andon.incident.leak_state import LeakEvent
    from andon.incident.state import Incident
    from andon.incident.words import Authority, Choice, EvidenceHash, Severity


class ConfirmImpact(Record):
    """Add what shows that production is hurt."""

    impact: ImpactConfirmed


class Acknowledge(Record):
    """Own it."""

    #: On purpose, although somebody else owns it.
    take_over: bool = False


class ChangeSeverity(Record):
    """Escalate or de-escalate."""

    severity: Severity
    reason: str


class AddNote(Record):
    """Write something down."""

    text: str
    happened_at: datetime | None = None


class AttachEvidence(Record):
    """Refer to a piece of evidence that is already stored."""

    evidence: EvidenceAttached


class ReportCaptureFailure(Record):
    """Say that a source of evidence did not answer."""

    source: str
    reason: str


class RecordAssessment(Record):
    """Keep what the assessment found."""

    assessment: AssessmentMade


class DecideResponse(Record):
    """Choose the response."""

    choice: Choice
    rule: str
    recommended: Choice
    facts: tuple[Fact, ...]
    authority: Authority
    decided_by: str
    reason: str = ""


class PlanRollback(Record):
    """Keep the plan and its undo before anything is touched."""

    plan: RollbackPlanned


class StartHotfix(Record):
    """Begin a fix on a branch from what runs."""

    started: HotfixStarted


class RecordHotfixTest(Record):
    """Keep how a test went without the fix and with it."""

    tested: HotfixTested


class CheckHotfix(Record):
    """Keep what the guard says."""

    checked: HotfixChecked


class PlanHotfix(Record):
    """Keep what shipping it will do, and the way back."""

    plan: HotfixPlanned


class MergeHotfix(Record):
    """Say that the main line has the fix."""

    merged: HotfixMerged


class RecordLeak(Record):
    """Keep one step of the response to a leak."""

    event: LeakEvent
    #: The action item that this step opens, if it opens one, with its owner and its day.
    action: str = ""
    owner: str = ""
    due_at: datetime | None = None


class RecordGap(Record):
    """Keep one step of the search for the gap between tests and production."""

    event: GapEvent


class RecordFlagAct(Record):
    """Keep what is done to a feature flag: its plan before, how it ended after."""

    event: FlagActEvent
    #: The follow-up that a kill opens; what its flag's return settles.
    opens: ActionOpened | None = None
    settles: ActionDone | None = None


class RecordTrial(Record):
    """Keep what running the migrations on a copy showed."""

    tried: MigrationsTried


class ApproveOperation(Record):
    """Have it carried out; with the plan when that is not on record yet."""

    approved: OperationApproved
    plan: RollbackPlanned | None = None
    hotfix_plan: HotfixPlanned | None = None


class EndOperation(Record):
    """Say that nobody works on an approved operation any more."""

    ended: OperationEnded


class StartDeploy(Record):
    """Claim the operation: from here on it is running."""

    operation: str
    purpose: str
    from_version: str
    version: str
    undo: str
    #: A person did it outside Andon and only records it: there is nothing left to gate.
    done_by_hand: bool = False
    #: As in the event.
    host: str = ""


class FinishDeploy(Record):
    """Say how the operation ended."""

    finished: DeployFinished


class RecordVerification(Record):
    """Keep what smoke tests and logs said."""

    verification: VerificationRan
    #: Length of the history when the looking began; None when nothing can have come in between.
    began_after: int | None = None
    #: What was seen on the way, recorded with it: both or nothing.
    attached: tuple[EvidenceAttached, ...] = ()


class RecordCheck(Record):
    """Keep the verdict of a check that looked at the world."""

    checked: ItemChecked


class SignItem(Record):
    """Vouch for an item."""

    item: str
    reason: str


class TakeShortcut(Record):
    """Skip an item; an action item pays it back."""

    item: str
    reason: str
    action: str
    owner: str = ""
    due_at: datetime | None = None


class Mitigate(Record):
    """Say that the harm has stopped."""

    by: str
    #: What changed production outside this incident after what proves it, as `v9 was deployed`; "" for none.
    changed_since: str = ""


class Resolve(Record):
    """Say that the cause is gone."""

    cause: str
    #: As for Mitigate.
    changed_since: str = ""
    tests_had_passed: bool = False


class RecordCulprit(Record):
    """Keep which commit broke it."""

    found: CulpritFound


class WriteSection(Record):
    """Complete a field of the postmortem."""

    section: str
    text: str


class DraftPostmortem(Record):
    """Note that a draft was made."""

    evidence: EvidenceHash | None = None


class PublishPostmortem(Record):
    """Declare the postmortem complete; `missing` is what lint still finds."""

    path: str
    evidence: EvidenceHash
    chain_head: str
    missing: tuple[str, ...]


class OpenAction(Record):
    """Add a follow-up."""

    action: str
    title: str
    origin: str
    owner: str = ""
    due_at: datetime | None = None
    kind: str = "other"


class AssignAction(Record):
    """Hand a follow-up on, or move its day."""

    action: str
    owner: str
    due_at: datetime | None = None


class FinishAction(Record):
    """A follow-up is done."""

    action: str
    proof: str


class DropAction(Record):
    """A follow-up will not be done."""

    action: str
    reason: str


class LogRegression(Record):
    """Keep an entry of the regression log."""

    regression: RegressionLogged


class LogIncident(Record):
    """Note that the incident log has the incident."""

    path: str


class Close(Record):
    """End the incident."""

    duplicate_of: str = ""
    #: That incident as it stands.
    original: Incident | None = None
    #: How somebody knows that nothing was ever broken.
    false_alarm: str = ""


class Reopen(Record):
    """It was not over."""

    reason: str


if TYPE_CHECKING:
    Command: TypeAlias = (
        ConfirmImpact
        | Acknowledge
        | ChangeSeverity
        | AddNote
        | AttachEvidence
        | ReportCaptureFailure
        | RecordAssessment
        | DecideResponse
        | PlanRollback
        | StartHotfix
        | RecordHotfixTest
        | CheckHotfix
        | PlanHotfix
        | MergeHotfix
        | RecordLeak
        | RecordFlagAct
        | RecordGap
        | RecordTrial
        | ApproveOperation
        | EndOperation
        | StartDeploy
        | FinishDeploy
        | RecordVerification
        | RecordCheck
        | SignItem
        | TakeShortcut
        | Mitigate
        | Resolve
        | RecordCulprit
        | WriteSection
        | DraftPostmortem
        | PublishPostmortem
        | OpenAction
        | AssignAction
        | FinishAction
        | DropAction
        | LogRegression
        | LogIncident
        | Close
        | Reopen
    )
