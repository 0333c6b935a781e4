"""The timeline and the clocks: who did what when, read from the history. Nobody writes a timeline by hand."""

from __future__ import annotations

from andon.incident import events as e
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import assert_never

    from andon.incident.recorded import Recorded
    from andon.incident.state import Incident
else:

    def assert_never(value):
        raise AssertionError(f"unhandled event {value!r}")


def culprit_in_words(found: e.CulpritFound) -> str:
    """Return the commit that broke it with its subject, or how many are left."""
    newest = f"{found.commits[-1][:10]} {found.subject}".strip()
    others = len(found.commits) - 1
    return newest if not others else f"{newest}, or one of the {others} before it"


class Entry(Record):
    """One line of the timeline."""

    seq: int
    at: datetime
    actor: str
    #: `detection`, `response`, `resolution`, `verification` or `review`: the part of the story it belongs to.
    part: str
    text: str
    #: Seconds by which the clock had gone back; 0 when it had not.
    clock_went_back: float = 0.0


class Durations(Record):
    """The clocks of an incident, in seconds; None where the moment is unknown or has not come."""

    to_detect: float | None
    to_acknowledge: float | None
    to_mitigate: float | None
    to_resolve: float | None
    #: From the break (or the declaration) to mitigation (a duplicate's end), or until now while it hurts.
    of_impact: float


def timeline(history: Sequence[Recorded]) -> tuple[Entry, ...]:
    """Return the story in the order in which it was recorded, which a clock that goes back cannot change."""
    entries = []
    latest = None
    for recorded in history:
        back = (latest - recorded.at).total_seconds() if latest is not None else 0.0
        latest = recorded.at if latest is None or recorded.at > latest else latest
        part, text = _tell(recorded.event)
        entries.append(
            Entry(
                seq=recorded.seq,
                at=recorded.at,
                actor=recorded.actor,
                part=part,
                text=text,
                clock_went_back=max(back, 0.0),
            )
        )
    return tuple(entries)


def when_it_began(state: Incident) -> datetime | None:
    """Return when the harm began: as a person said, as was assessed, or when a leak could first be read."""
    assessed = state.assessment.broke_at if state.assessment else None
    exposed = state.leak.exposure.since if state.leak and state.leak.exposure else None
    return state.began_at or assessed or exposed


def durations(state: Incident, now: datetime) -> Durations:
    """Return the clocks; a clock that went back shows as zero, never as a negative time."""
    declared = state.declared.at
    broke_at = when_it_began(state)
    began = min(broke_at, declared) if broke_at else declared
    end = state.mitigated or state.closed
    return Durations(
        to_detect=_between(began, declared) if broke_at else None,
        to_acknowledge=_between(declared, state.acknowledged.at) if state.acknowledged else None,
        to_mitigate=_between(declared, state.mitigated.at) if state.mitigated else None,
        to_resolve=_between(declared, state.resolved.at) if state.resolved else None,
        of_impact=_between(began, end.at if end else now),
    )


def _between(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds(), 0.0)


def spoken(seconds: float) -> str:
    """Return a duration as people say it: 42 s, 3 min 5 s, 2 h 10 min, 3 d 4 h."""
    whole = round(seconds)
    for size, unit, smaller, name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {name}" if rest else f"{whole // size} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"


def _tell(event: e.Event) -> tuple[str, str]:
    """Return the part of the story and the line for one event."""
    match event:
        case e.IncidentDeclared():
            return "detection", f"declared {event.severity}: {event.title}"
        case e.ProtocolAdopted():
            return "detection", f"protocol adopted: {event.title} ({event.source}, {len(event.items)} items)"
        case e.ImpactConfirmed():
            return "detection", f"impact confirmed by {event.kind}: {event.summary}"
        case e.IncidentAcknowledged():
            return "response", "acknowledged"
        case e.SeverityChanged():
            reason = f": {event.reason}" if event.reason else ""
            return "response", f"severity {event.previous} -> {event.severity}{reason}"
        case e.NoteAdded():
            when = f" (at {event.happened_at:%H:%M:%S UTC})" if event.happened_at else ""
            return "response", f"note{when}: {event.text}"
        case e.EvidenceAttached():
            return "response", f"evidence {event.kind}: {event.title} ({event.size} bytes)"
        case e.CaptureFailed():
            return "response", f"could not capture {event.source}: {event.reason}"
        case e.NotificationRequested() | e.NotificationDelivered() | e.NotificationFailed():
            return "response", _tell_notification(event)
        case e.AssessmentMade():
            parts = ", ".join(f.component for f in event.broken) or "nothing found broken"
            return "response", f"assessed: {parts}; suspect: {event.suspect}"
        case e.ResponseDecided():
            why = f": {event.reason}" if event.reason else ""
            return "response", f"decided {event.choice} by rule {event.rule} ({event.authority}){why}"
        case e.RollbackPlanned():
            return (
                "response",
                f"rollback planned: {event.from_version} -> {event.to_version}; undo: {event.undo}",
            )
        case e.MigrationsTried():
            return "response", f"migrations tried on a copy {event.verdict}: {event.summary}"
        case e.OperationApproved():
            return "response", f"{event.purpose} to {event.version} approved (operation {event.operation})"
        case e.OperationEnded():
            return "resolution", _tell_end(event)
        case e.DeployStarted():
            return "resolution", f"{event.purpose} started: {event.from_version} -> {event.version}"
        case e.DeployFinished():
            return "resolution", f"deployment {event.outcome}: {event.detail}"
        case e.VerificationRan():
            return "verification", f"verification {event.verdict}: {event.summary}"
        case e.ItemChecked():
            return "verification", f"check {event.check} {event.verdict}: {event.summary}"
        case e.ItemSigned():
            return "verification", f"signed {event.item}: {event.reason}"
        case e.ShortcutTaken():
            return "response", f"skipped {event.item}: {event.reason} (follow-up {event.action})"
        case e.HotfixStarted():
            return "response", f"hotfix branch {event.branch} started from {event.base_version}"
        case e.HotfixTested():
            return "verification", f"hotfix {event.commit[:10]} tested: {event.summary}"
        case e.HotfixChecked():
            stopped = ", ".join(a.rule for a in event.answers if a.effect == "blocks")
            told = f"hotfix {event.commit[:10]} checked by the guard: {event.verdict}"
            return "verification", f"{told} ({stopped})" if stopped else told
        case e.HotfixPlanned():
            way = f"{event.from_version} -> {event.to_version}"
            return "response", f"hotfix planned: {way} (operation {event.operation}); undo: {event.undo}"
        case e.HotfixMerged():
            why = f": {event.reason}" if event.reason else ""
            return "resolution", f"hotfix {event.commit[:10]} is in {event.into}{why}"
        case (
            e.LeakReported()
            | e.LeakLocated()
            | e.ExposureAssessed()
            | e.CredentialRevoked()
            | e.RevocationSkipped()
            | e.HistoryBackedUp()
            | e.HistoryPurged()
            | e.PurgeVerified()
            | e.PurgePushPlanned()
            | e.PurgePushed()
            | e.LeakBanned()
            | e.LeakCleaned()
            | e.LeakJudged()
        ):
            from andon.incident.leak_state import leak_in_words

            return leak_in_words(event)
        case (
            e.FlagActPlanned()
            | e.FlagActEnded()
            | e.RolloutPlanned()
            | e.RolloutStageJudged()
            | e.RolloutResumed()
            | e.RolloutEnded()
        ):
            from andon.incident.flag_state import flag_in_words

            return flag_in_words(event)
        case e.GapSearchStarted() | e.GapSearchEnded() | e.GapExplained() | e.GapPrevented():
            from andon.incident.gap_state import gap_in_words

            return gap_in_words(event)
        case e.IncidentMitigated():
            return "resolution", f"mitigated by {event.by}, shown by {event.proof}"
        case e.IncidentResolved():
            gap = "; all tests had passed" if event.tests_had_passed else ""
            return "resolution", f"resolved: {event.cause}{gap}"
        case e.IncidentClosed():
            return (
                "review",
                f"closed as a duplicate of {event.duplicate_of}"
                if event.duplicate_of
                else f"closed as a false alarm: {event.false_alarm}"
                if event.false_alarm
                else "closed",
            )
        case e.IncidentReopened():
            return "response", f"reopened: {event.reason}"
        case _:
            return "review", _tell_review(event)


def _tell_end(event: e.OperationEnded) -> str:
    why = f": {event.reason}" if event.reason else ""
    if event.outcome is None:
        return f"operation {event.operation} was stopped before anything was deployed{why}"
    seen = f", verification {event.verdict}" if event.verdict else ""
    return f"operation {event.operation} is over: deployment {event.outcome}{seen}{why}"


def _tell_notification(
    event: e.NotificationRequested | e.NotificationDelivered | e.NotificationFailed,
) -> str:
    match event:
        case e.NotificationRequested():
            return f"to tell {', '.join(event.targets) or 'nobody'}: {event.title}"
        case e.NotificationDelivered():
            return f"told {event.target}"
        case e.NotificationFailed():
            again = f", again at {event.retry_at:%H:%M:%S UTC}" if event.retry_at else ", given up"
            return f"could not tell {event.target}: {event.reason}{again}"
        case _:
            assert_never(event)


def _tell_review(
    event: e.CulpritFound
    | e.PostmortemDrafted
    | e.SectionWritten
    | e.PostmortemPublished
    | e.ActionOpened
    | e.ActionAssigned
    | e.ActionDone
    | e.ActionDropped
    | e.RegressionLogged
    | e.IncidentLogged
    | e.ReleaseDeployed
    | e.ReleaseJudged
    | e.ReleaseBlocked
    | e.ReleaseUnblocked
    | e.SettingChanged
    | e.GearDeclared
    | e.RuleViolated
    | e.RuleHardened
    | e.RuleRelaxed
    | e.WaiverGranted
    | e.WaiverWithdrawn
    | e.SuiteRan
    | e.AuditRan
    | e.SecretFilesAudited
    | e.SecretAuditReminded
    | e.ShipRecorded
    | e.ShipAbandoned
    | e.UnknownEvent,
) -> str:
    match event:
        case e.CulpritFound():
            return f"culprit {event.confidence}: {culprit_in_words(event)} ({event.tests} tests)"
        case e.PostmortemDrafted():
            return "postmortem drafted"
        case e.SectionWritten():
            return f"postmortem: {event.section} written"
        case e.PostmortemPublished():
            return f"postmortem published: {event.path}"
        case e.ActionOpened():
            return f"action {event.action} opened: {event.title}"
        case e.ActionAssigned():
            due = f", due {event.due_at:%Y-%m-%d}" if event.due_at else ""
            return f"action {event.action} is {event.owner}'s{due}"
        case e.ActionDone():
            return f"action {event.action} done: {event.proof}"
        case e.ActionDropped():
            return f"action {event.action} dropped: {event.reason}"
        case e.RegressionLogged():
            return f"regression {event.entry} logged in {event.path}"
        case e.IncidentLogged():
            return f"incident log updated: {event.path}"
        case e.ReleaseDeployed():
            how = "aborted" if event.is_aborted else "deployed"
            return f"{event.version} {how} ({event.source})"
        case e.ReleaseJudged():
            return f"{event.version} judged {event.verdict}: {event.reason}"
        case e.ReleaseBlocked():
            return f"{event.version} blocked: {event.reason}"
        case e.ReleaseUnblocked():
            return f"{event.version} unblocked: {event.reason}"
        case e.SettingChanged():
            return f"{event.kind} changed: {event.what}"
        case e.GearDeclared():
            return f"gear {event.gear} declared: {event.reason}"
        case e.RuleViolated():
            return f"rule {event.rule} violated at {event.point} ({event.effect}): {event.summary}"
        case e.RuleHardened() | e.RuleRelaxed():
            done = "hardened" if isinstance(event, e.RuleHardened) else "relaxed"
            return f"rule {event.rule} {done}: {event.reason}"
        case e.WaiverGranted():
            return f"rule {event.rule} waived until {event.until:%Y-%m-%d}: {event.reason}"
        case e.WaiverWithdrawn():
            return f"waiver of {event.rule} withdrawn"
        case e.SuiteRan():
            return f"tests {event.verdict} on {event.commit[:10]}: {event.summary}"
        case e.AuditRan():
            return f"audit by {event.tool} {event.verdict}: {event.summary}"
        case e.SecretFilesAudited():
            return f"audit of secret files {event.verdict}: {event.summary}"
        case e.SecretAuditReminded():
            how = f"could not be told: {event.problem}" if event.problem else "told"
            return f"audit of secret files due {event.due:%Y-%m-%d}: {event.target} {how}"
        case e.ShipRecorded():
            return f"ship {event.version or event.commit[:10]} {event.verdict}"
        case e.ShipAbandoned():
            return f"shipping given up: {event.reason}"
        case e.UnknownEvent():
            return f"{event.type} (recorded by a newer Andon)"
        case _:
            assert_never(event)
