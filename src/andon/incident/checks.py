"""The machine checks that the history alone can answer: one small function per check.

Each looks at the folded incident and says passed, failed or unknown, with the places in the history that
prove it. What had to look at the world (smoke tests, logs, migrations) was recorded as an event first.
"""

from __future__ import annotations

from andon.incident.check_result import CheckResult, as_result, failed, passed, seq_of, unknown
from andon.incident.production_checks import (
    critical_paths_pass,
    deployed,
    failure_resolved,
    last_known_good,
    logs_clean,
    migrations_reversible,
    no_new_failures,
    previous_version_deployed,
    response_applied,
)
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.incident.state import Incident


def impact_confirmed(state: Incident) -> CheckResult:
    """Is production known to be hurt?"""
    if not state.impacts:
        return unknown("nothing confirms the impact yet: a failing probe, an alert, a log or a report")
    kinds = ", ".join(sorted({i.kind.value for i in state.impacts}))
    return passed(f"confirmed by {kinds}", seq_of(state, "ImpactConfirmed"))


def severity_declared(state: Incident) -> CheckResult:
    """Does it have a severity?"""
    proof = seq_of(state, "SeverityChanged") or state.declared.seq
    return passed(f"{state.severity} {state.severity.label}", proof)


def stakeholders_notified(state: Incident) -> CheckResult:
    """Did every configured stakeholder take at least the first message?"""
    told = [d for n in state.notifications for d in n.deliveries]
    if not told:
        return unknown("no stakeholders are configured for this severity")
    missing = sorted({d.target for d in told if not d.delivered})
    if missing:
        return unknown(f"not delivered yet: {', '.join(missing)}")
    return passed(f"{len(told)} delivered", seq_of(state, "NotificationDelivered"))


def gear_hotfix(state: Incident) -> CheckResult:
    """Did the incident put its service into HOTFIX?"""
    if state.worst_severity.is_emergency:
        proof = seq_of(state, "SeverityChanged") or state.declared.seq
        return passed("HOTFIX follows from the severity", proof)
    return unknown(f"{state.severity} does not call for HOTFIX")


def broken_part_identified(state: Incident) -> CheckResult:
    """Does the assessment name what is broken?"""
    if state.assessment is None:
        return unknown("no assessment yet")
    if not state.assessment.broken:
        return unknown("the assessment found nothing broken")
    parts = ", ".join(sorted({f.component for f in state.assessment.broken}))
    return passed(parts, seq_of(state, "AssessmentMade"))


def break_time_identified(state: Incident) -> CheckResult:
    """Does the assessment say since when?"""
    if state.assessment is None:
        return unknown("no assessment yet")
    if state.assessment.broke_at is None:
        return unknown("the assessment could not tell when it broke")
    moment = state.assessment.broke_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    if not state.assessment.broke_at_is_known:
        return unknown(f"{moment} at the latest ({state.assessment.broke_at_source})")
    return passed(f"{moment} ({state.assessment.broke_at_source})", seq_of(state, "AssessmentMade"))


def evidence_captured(state: Incident) -> CheckResult:
    """Is there any evidence of the failure?"""
    if not state.evidence:
        return unknown("no evidence is stored yet")
    kinds = ", ".join(sorted({e.kind for e in state.evidence}))
    return passed(f"{len(state.evidence)} pieces: {kinds}", seq_of(state, "EvidenceAttached"))


def rollback_weighed(state: Incident) -> CheckResult:
    """Was it weighed whether a rollback is faster than a fix?"""
    found = state.assessment
    if found is None:
        return unknown("no assessment yet")
    if found.minutes_to_roll_back is None and found.minutes_to_fix is None:
        return unknown("neither the time to roll back nor the time to fix is known")
    back = _minutes(found.minutes_to_roll_back)
    fix = _minutes(found.minutes_to_fix)
    return passed(f"rollback {back}, fix {fix}", seq_of(state, "AssessmentMade"))


def _minutes(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} min"


#: Rules of the hotfix guard that together say that a fix is minimal.
_MINIMAL = ("minimal", "no-feature", "no-refactoring", "connected")


def _guarded(check: str, *rules: str) -> Callable[[Incident], CheckResult]:
    """Return the check that the guard's newest answers to some of its rules settle."""

    def guarded(state: Incident) -> CheckResult:
        looked = state.checked.get(check)
        if not state.hotfix_checks:
            if looked is not None:
                return CheckResult(verdict=looked.verdict, summary=looked.summary)
            return unknown("the hotfix guard has not looked at the fix")
        last, proof = state.hotfix_checks[-1], seq_of(state, "HotfixChecked")
        answers = {a.rule: a for a in last.answers if a.rule in rules}
        missing = [rule for rule in rules if rule not in answers]
        hints = [a for a in answers.values() if a.verdict is Verdict.FAILED and a.effect == "warns"]
        worst = [a for a in answers.values() if a.verdict is Verdict.FAILED and a.effect == "blocks"]
        worst += [a for a in answers.values() if a.verdict is Verdict.UNKNOWN and a.effect != "waived"]
        if worst:
            told = f"{worst[0].rule}: {worst[0].summary}"
            return CheckResult(verdict=worst[0].verdict, summary=told, proof=(proof,))
        if missing:
            return unknown(f"the guard did not answer {', '.join(missing)} at {last.commit[:10]}")
        waived = [a for a in answers.values() if a.effect == "waived"]
        why = f"; justified: {', '.join(a.rule for a in waived)}" if waived else ""
        why += f"; with hints: {', '.join(a.rule for a in hints)}" if hints else ""
        summary = answers[rules[0]].summary
        return passed(f"the guard at {last.commit[:10]}: {summary}{why}", proof)

    return guarded


def postmortem_scheduled(state: Incident) -> CheckResult:
    """Does the deadline run? It starts by itself when the harm stops."""
    if state.published is not None:
        return passed("published", seq_of(state, "PostmortemPublished"))
    if not state.needs_postmortem:
        return passed(f"none is owed for a {state.severity}", state.declared.seq)
    if state.mitigated is None:
        return unknown("the deadline starts when the harm has stopped")
    return passed("the deadline is running", state.mitigated.seq)


def cause_documented(state: Incident) -> CheckResult:
    """Is the cause written down?"""
    if state.cause:
        return passed(state.cause, seq_of(state, "IncidentResolved"))
    return unknown("the cause is not stated yet")


def shortcuts_listed(state: Incident) -> CheckResult:
    """Is everything that was skipped on record? True by construction once the response is over."""
    if state.mitigated is None:
        return unknown("the response is still under way")
    if not state.shortcuts:
        return passed("nothing was skipped", state.mitigated.seq)
    return passed(f"{len(state.shortcuts)} recorded", seq_of(state, "ShortcutTaken"))


def follow_ups_created(state: Incident) -> CheckResult:
    """Has every shortcut its action item, and is there any follow-up at all?"""
    known = {a.id for a in state.actions}
    lost = [s.item for s in state.shortcuts if s.action not in known]
    if lost:
        return failed(f"no follow-up for {', '.join(lost)}")
    if not state.actions:
        return unknown("no follow-up is recorded yet")
    return passed(f"{len(state.actions)} action items", seq_of(state, "ActionOpened"))


def regressions_updated(state: Incident) -> CheckResult:
    """Is there an entry in the regression log?"""
    if not state.regressions:
        return unknown("no regression entry is written yet")
    return passed(state.regressions[-1].entry, seq_of(state, "RegressionLogged"))


def lessons_documented(state: Incident) -> CheckResult:
    """Is the postmortem published? Its lint demands the lessons."""
    if state.published is None:
        return unknown("the postmortem is not published yet")
    return passed(state.published.path, seq_of(state, "PostmortemPublished"))


def deferred_work_done(state: Incident) -> CheckResult:
    """Is all work that was put off done, or dropped for a reason?"""
    owed = [a for a in state.actions if a.origin.startswith("shortcut:")]
    if state.mitigated is None:
        return unknown("the response is still under way")
    left = [a.id for a in owed if a.state == "open"]
    if left:
        return unknown(f"open and tracked: {', '.join(left)}")
    return passed(f"{len(owed)} paid back" if owed else "nothing was put off", state.mitigated.seq)


def _skipped(kind: str) -> Callable[[Incident], CheckResult]:
    def skipped(state: Incident) -> CheckResult:
        if state.mitigated is None:
            return unknown("the response is still under way")
        owed = [a for a in state.actions if a.origin.startswith("shortcut:") and a.kind == kind]
        if owed:
            return passed(
                f"skipped, tracked as {', '.join(a.id for a in owed)}", *(a.opened_seq for a in owed)
            )
        return passed(f"{kind}: not skipped", state.mitigated.seq)

    return skipped


def _action_of(kind: str) -> Callable[[Incident], CheckResult]:
    def tracked(state: Incident) -> CheckResult:
        of_kind = [a for a in state.actions if a.kind == kind and a.state != "dropped"]
        if not of_kind:
            return unknown(f"no action item of kind {kind}")
        done = [a for a in of_kind if a.state == "done"]
        if not done:
            return unknown(f"tracked, not done: {', '.join(a.id for a in of_kind)}")
        return passed(f"{done[-1].id}: {done[-1].proof}", seq_of(state, "ActionDone"))

    return tracked


def _of_leak(check: str) -> Callable[[Incident], CheckResult]:
    """Return the check that the response to a leak settles."""

    def answered(state: Incident) -> CheckResult:
        if state.leak is None:
            return unknown("no leak was reported")
        from andon.incident.leak_checks import leak_answer  # most incidents are none

        found = leak_answer(state.leak, check)
        if found is None:
            return unknown("the response to the leak says nothing about it")
        verdict, summary, event = found
        proof = (seq_of(state, event),) if event in state.marks else ()
        return CheckResult(verdict=verdict, summary=summary, proof=proof)

    return answered


def feature_restored(state: Incident) -> CheckResult:
    """Is what was killed on again, after tests, or gone for good?"""
    from andon.incident.flag_checks import feature_restored as restored  # most incidents touch no flag

    return as_result(restored(state))


def proper_fix(state: Incident) -> CheckResult:
    """Was what was killed mended before it came back?"""
    from andon.incident.flag_checks import proper_fix as fixed  # most incidents touch no flag

    return as_result(fixed(state))


def _of_gap(check: str) -> Callable[[Incident], CheckResult]:
    """Return the check that the search for the gap between tests and production settles."""

    def answered(state: Incident) -> CheckResult:
        from andon.incident.gap_state import gap_answer  # most incidents have no search

        return as_result(gap_answer(state, check))

    return answered


#: Check id to the function that answers it. protocol.catalogue names and describes the ids.
CHECKS: dict[str, Callable[[Incident], CheckResult]] = {
    "impact-confirmed": impact_confirmed,
    "severity-declared": severity_declared,
    "stakeholders-notified": stakeholders_notified,
    "gear-hotfix": gear_hotfix,
    "broken-part-identified": broken_part_identified,
    "break-time-identified": break_time_identified,
    "evidence-captured": evidence_captured,
    "rollback-weighed": rollback_weighed,
    "response-applied": response_applied,
    "deployed": deployed,
    "failure-resolved": failure_resolved,
    "no-new-failures": no_new_failures,
    "fix-minimal": _guarded("fix-minimal", *_MINIMAL),
    "fix-no-new-vulnerability": _guarded("fix-no-new-vulnerability", "no-new-finding"),
    "fix-no-secrets": _guarded("fix-no-secrets", "secrets"),
    "postmortem-scheduled": postmortem_scheduled,
    "cause-documented": cause_documented,
    "shortcuts-listed": shortcuts_listed,
    "follow-ups-created": follow_ups_created,
    "regressions-updated": regressions_updated,
    "critical-paths-pass": critical_paths_pass,
    "last-known-good": last_known_good,
    "migrations-reversible": migrations_reversible,
    "previous-version-deployed": previous_version_deployed,
    "logs-clean": logs_clean,
    "skipped-tests": _skipped("tests"),
    "skipped-cleanup": _skipped("cleanup"),
    "skipped-memory": _skipped("memory"),
    "skipped-verification": _skipped("verification"),
    "deferred-work-done": deferred_work_done,
    "test-added": _action_of("tests"),
    "monitoring-added": _action_of("monitoring"),
    "lessons-documented": lessons_documented,
    "leak-located": _of_leak("leak-located"),
    "leak-revoked": _of_leak("leak-revoked"),
    "leak-purged": _of_leak("leak-purged"),
    "leak-cleaned": _of_leak("leak-cleaned"),
    "proper-fix": proper_fix,
    "feature-restored": feature_restored,
    "gap-environment": _of_gap("gap-environment"),
    "gap-data": _of_gap("gap-data"),
    "gap-dependency": _of_gap("gap-dependency"),
    "gap-scale": _of_gap("gap-scale"),
    "gap-network": _of_gap("gap-network"),
    "gap-missed": _of_gap("gap-missed"),
    "gap-why": _of_gap("gap-why"),
    "gap-tests-improved": _of_gap("gap-tests-improved"),
    "environment-parity": _of_gap("environment-parity"),
    "semantics-updated": _of_gap("semantics-updated"),
}
