"""Everything that can have happened, in the past tense: the only thing an incident is made of.

To add a fact: one class here or in one of the modules `*_events` beside it, one line in the
union below, and the type checker names the branches of `evolve` and `timeline` that are unfinished. Field
types are those `incident.codec` can read back: str, int, float, bool, datetime, the enumerations of
`incident.words`, other records, `X | None` and `tuple[X, ...]`.
"""

from __future__ import annotations

from andon.incident.acting_events import DeployFinished as DeployFinished
from andon.incident.acting_events import DeployStarted as DeployStarted
from andon.incident.acting_events import ItemChecked as ItemChecked
from andon.incident.acting_events import ItemSigned as ItemSigned
from andon.incident.acting_events import MigrationsTried as MigrationsTried
from andon.incident.acting_events import ResponseDecided as ResponseDecided
from andon.incident.acting_events import RollbackPlanned as RollbackPlanned
from andon.incident.acting_events import ShortcutTaken as ShortcutTaken
from andon.incident.acting_events import VerificationRan as VerificationRan
from andon.incident.approval_events import OperationApproved as OperationApproved
from andon.incident.approval_events import OperationEnded as OperationEnded
from andon.incident.finding_events import AssessmentMade as AssessmentMade
from andon.incident.finding_events import CaptureFailed as CaptureFailed
from andon.incident.finding_events import EvidenceAttached as EvidenceAttached
from andon.incident.finding_events import ImpactConfirmed as ImpactConfirmed
from andon.incident.finding_events import NoteAdded as NoteAdded
from andon.incident.finding_events import NotificationDelivered as NotificationDelivered
from andon.incident.finding_events import NotificationFailed as NotificationFailed
from andon.incident.finding_events import NotificationRequested as NotificationRequested
from andon.incident.finding_events import ProtocolAdopted as ProtocolAdopted
from andon.incident.flag_events import FlagActEnded as FlagActEnded
from andon.incident.flag_events import FlagActPlanned as FlagActPlanned
from andon.incident.flag_events import RolloutEnded as RolloutEnded
from andon.incident.flag_events import RolloutPlanned as RolloutPlanned
from andon.incident.flag_events import RolloutResumed as RolloutResumed
from andon.incident.flag_events import RolloutStageJudged as RolloutStageJudged
from andon.incident.gap_events import GapExplained as GapExplained
from andon.incident.gap_events import GapPrevented as GapPrevented
from andon.incident.gap_events import GapSearchEnded as GapSearchEnded
from andon.incident.gap_events import GapSearchStarted as GapSearchStarted
from andon.incident.gate_events import AuditRan as AuditRan
from andon.incident.gate_events import RuleHardened as RuleHardened
from andon.incident.gate_events import RuleRelaxed as RuleRelaxed
from andon.incident.gate_events import RuleViolated as RuleViolated
from andon.incident.gate_events import SecretAuditReminded as SecretAuditReminded
from andon.incident.gate_events import SecretFilesAudited as SecretFilesAudited
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
from andon.incident.leak_events import CredentialRevoked as CredentialRevoked
from andon.incident.leak_events import ExposureAssessed as ExposureAssessed
from andon.incident.leak_events import HistoryBackedUp as HistoryBackedUp
from andon.incident.leak_events import HistoryPurged as HistoryPurged
from andon.incident.leak_events import LeakBanned as LeakBanned
from andon.incident.leak_events import LeakCleaned as LeakCleaned
from andon.incident.leak_events import LeakJudged as LeakJudged
from andon.incident.leak_events import LeakLocated as LeakLocated
from andon.incident.leak_events import LeakReported as LeakReported
from andon.incident.leak_events import PurgePushed as PurgePushed
from andon.incident.leak_events import PurgePushPlanned as PurgePushPlanned
from andon.incident.leak_events import PurgeVerified as PurgeVerified
from andon.incident.leak_events import RevocationSkipped as RevocationSkipped
from andon.incident.moment_events import IncidentAcknowledged as IncidentAcknowledged
from andon.incident.moment_events import IncidentClosed as IncidentClosed
from andon.incident.moment_events import IncidentDeclared as IncidentDeclared
from andon.incident.moment_events import IncidentMitigated as IncidentMitigated
from andon.incident.moment_events import IncidentReopened as IncidentReopened
from andon.incident.moment_events import IncidentResolved as IncidentResolved
from andon.incident.moment_events import SeverityChanged as SeverityChanged
from andon.incident.moment_events import UnknownEvent as UnknownEvent
from andon.incident.parts import ExposedTo as ExposedTo
from andon.incident.parts import Fact as Fact
from andon.incident.parts import Finding as Finding
from andon.incident.parts import GapLook as GapLook
from andon.incident.parts import LeakedCredential as LeakedCredential
from andon.incident.parts import LeakPlace as LeakPlace
from andon.incident.parts import ProbeOutcome as ProbeOutcome
from andon.incident.parts import RefPush as RefPush
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
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

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
        | SecretFilesAudited
        | SecretAuditReminded
        | ShipRecorded
        | ShipAbandoned
        | LeakReported
        | LeakLocated
        | ExposureAssessed
        | CredentialRevoked
        | RevocationSkipped
        | HistoryBackedUp
        | HistoryPurged
        | PurgeVerified
        | PurgePushPlanned
        | PurgePushed
        | LeakBanned
        | LeakCleaned
        | LeakJudged
        | FlagActPlanned
        | FlagActEnded
        | GapSearchStarted
        | GapSearchEnded
        | GapExplained
        | GapPrevented
        | RolloutPlanned
        | RolloutStageJudged
        | RolloutResumed
        | RolloutEnded
        | UnknownEvent
    )
else:
    Event = Record
