"""What the history says about the fields of a postmortem, as Markdown; "" where it says nothing."""

from __future__ import annotations

from datetime import UTC

from andon.incident import events as e
from andon.incident.timeline import culprit_in_words, durations, spoken, timeline, when_it_began
from andon.review.gap_drafts import gap_cause, not_caught
from andon.review.markup import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from andon.incident.recorded import Recorded
    from andon.incident.state import ActionItem, Incident
    from andon.incident.words import Severity

    Draft: TypeAlias = Callable[[Incident, Sequence[Recorded], datetime], str]

#: Longer stories are cut here; the whole one is `andon timeline`.
MOST_LINES = 40

#: What belongs to which part of the story; deliveries, evidence and single checks would drown it.
_DETECTION = (e.ImpactConfirmed, e.IncidentDeclared, e.LeakReported)
_RESPONSE = (
    e.IncidentAcknowledged,
    e.SeverityChanged,
    e.AssessmentMade,
    e.ResponseDecided,
    e.RollbackPlanned,
    e.FlagActPlanned,
    e.MigrationsTried,
    e.ShortcutTaken,
    e.NoteAdded,
    e.CaptureFailed,
    e.IncidentReopened,
    e.LeakLocated,
    e.ExposureAssessed,
    e.RevocationSkipped,
    e.HistoryBackedUp,
    e.PurgePushPlanned,
    e.GapSearchEnded,
)
_RESOLUTION = (
    e.DeployStarted,
    e.DeployFinished,
    e.FlagActEnded,
    e.IncidentMitigated,
    e.CulpritFound,
    e.IncidentResolved,
    e.CredentialRevoked,
    e.HistoryPurged,
    e.PurgePushed,
    e.LeakBanned,
)
_VERIFICATION = (e.VerificationRan, e.PurgeVerified, e.LeakCleaned)
#: Signatures that stand for a verification the machine could not make.
_VERIFYING = ("failure-resolved", "no-new-failures", "critical-paths-pass", "logs-clean")


def moment(at: datetime) -> str:
    """Return a moment to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def rank(severity: Severity) -> str:
    """Return the severity with its word: P0 CRITICAL."""
    return f"{severity.value} {severity.label.upper()}"


def action_line(action: ActionItem) -> str:
    """Return an action item as a checkbox line with owner, due date, origin and state."""
    owner = escaped(action.owner) if action.owner else "nobody"
    due = f"{action.due_at.astimezone(UTC):%Y-%m-%d}" if action.due_at else "no date"
    facts = f"owner: {owner}; due: {due}; from: {escaped(action.origin)}; {action.state}"
    proof = f": {escaped(action.proof)}" if action.proof else ""
    box = "x" if action.state == "done" else " "
    return f"- [{box}] {escaped(action.id)} {escaped(action.title)} ({facts}{proof})"


def known_impact(state: Incident) -> str:
    """Return what confirms the impact, as a list."""
    return "\n".join(f"- {impact.kind}: {escaped(impact.summary)}" for impact in state.impacts)


def _when(state: Incident, _history: Sequence[Recorded], _now: datetime) -> str:
    declared = f"declared {moment(state.declared.at)} by {escaped(state.declared.actor)}"
    if state.began_at:
        return f"{moment(state.began_at)} (as reported), {declared}"
    if state.assessment and state.assessment.broke_at:
        source = state.assessment.broke_at_source
        how = f" (known from: {escaped(source)})" if source else ""
        return f"{moment(state.assessment.broke_at)}{how}, {declared}"
    if since := when_it_began(state):
        return f"{moment(since)} (when what leaked could first be read), {declared}"
    return f"{declared[0].upper()}{declared[1:]}; when it began is not known"


def _duration(state: Incident, _history: Sequence[Recorded], now: datetime) -> str:
    clocks = durations(state, now)
    hurt = spoken(clocks.of_impact)
    if state.mitigated is None:
        return f"Still hurting at {moment(now)}, after {hurt}"
    parts = [f"{hurt} until the harm stopped ({moment(state.mitigated.at)})"]
    if clocks.to_detect is not None:
        parts.append(f"{spoken(clocks.to_detect)} to detect")
    if clocks.to_acknowledge is not None:
        parts.append(f"{spoken(clocks.to_acknowledge)} to acknowledge")
    if clocks.to_mitigate is not None:
        parts.append(f"{spoken(clocks.to_mitigate)} from declaration to mitigation")
    if clocks.to_resolve is not None:
        parts.append(f"{spoken(clocks.to_resolve)} from declaration to resolution")
    return "; ".join(parts)


def _severity(state: Incident, history: Sequence[Recorded], _now: datetime) -> str:
    changes = [
        f"- {moment(r.at)} {escaped(r.actor)}: {r.event.previous} to {r.event.severity}"
        + (f" ({escaped(r.event.reason)})" if r.event.reason else "")
        for r in history
        if isinstance(r.event, e.SeverityChanged)
    ]
    worst = state.worst_severity
    note = f" (at worst {rank(worst)})" if worst is not state.severity else ""
    return "\n".join([f"{rank(state.severity)}{note}", *(["", *changes] if changes else [])])


def _story(kinds: tuple[type[e.Event], ...], signed: tuple[str, ...] = ()) -> Draft:
    """Return the draft that tells the events of `kinds` and the signatures under the checks in `signed`."""

    def tell(state: Incident, history: Sequence[Recorded], _now: datetime) -> str:
        wanted = {
            r.seq
            for r in history
            if isinstance(r.event, kinds) or (isinstance(r.event, e.ItemSigned) and r.event.item in signed)
        }
        entries = [entry for entry in timeline(history) if entry.seq in wanted]
        day = state.declared.at.astimezone(UTC).date()
        lines = []
        for entry in entries[:MOST_LINES]:
            at = entry.at.astimezone(UTC)
            clock = f"{at:%H:%M:%S}" if at.date() == day else f"{at:%Y-%m-%d %H:%M:%S}"
            lines.append(f"- {clock} {escaped(entry.actor)}: {escaped(entry.text)}")
        if len(entries) > MOST_LINES:
            lines.append(f"- and {len(entries) - MOST_LINES} more (`andon timeline`)")
        return "\n".join(lines)

    return tell


def _what_broke(state: Incident, _history: Sequence[Recorded], _now: datetime) -> str:
    found = state.assessment.broken if state.assessment else ()
    return "\n".join(f"- {escaped(f.component)}: {escaped(f.symptom)} ({escaped(f.source)})" for f in found)


def _why(state: Incident, _history: Sequence[Recorded], _now: datetime) -> str:
    parts = [escaped(state.cause)]
    if state.cause and state.culprit is not None:
        parts.append(
            f"The commit: {escaped(f'{culprit_in_words(state.culprit)} ({state.culprit.confidence})')}"
        )
    return "\n\n".join(part for part in (*parts, gap_cause(state)) if part)


DRAFTS: dict[str, Draft] = {
    "summary/when": _when,
    "summary/duration": _duration,
    "summary/severity": _severity,
    "timeline/detection": _story(_DETECTION),
    "timeline/response": _story(_RESPONSE),
    "timeline/resolution": _story(_RESOLUTION),
    "timeline/verification": _story(_VERIFICATION, _VERIFYING),
    "cause/what-broke": _what_broke,
    "cause/why": _why,
    "cause/why-not-caught": lambda state, _history, _now: not_caught(state),
}
