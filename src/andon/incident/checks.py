"""The machine checks that the history alone can answer: one small function per check.

Each looks at the folded incident and says passed, failed or unknown, with the places in the history that
prove it. What had to look at the world (smoke tests, logs, migrations) was recorded as an event first.
"""

from __future__ import annotations

from andon.incident.trial import migration_gate
from andon.incident.words import Outcome, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.incident.state import Incident


class CheckResult(Record):
    """A verdict with its proof."""

    verdict: Verdict
    summary: str
    #: Places in the incident's history that prove it.
    proof: tuple[int, ...] = ()


def _passed(summary: str, *proof: int) -> CheckResult:
    return CheckResult(verdict=Verdict.PASSED, summary=summary, proof=proof)


def _failed(summary: str, *proof: int) -> CheckResult:
    return CheckResult(verdict=Verdict.FAILED, summary=summary, proof=proof)


def _unknown(summary: str) -> CheckResult:
    return CheckResult(verdict=Verdict.UNKNOWN, summary=summary)


def _seq(state: Incident, event: str) -> int:
    mark = state.marks.get(event)
    return mark.seq if mark else 0


def impact_confirmed(state: Incident) -> CheckResult:
    """Is production known to be hurt?"""
    if not state.impacts:
        return _unknown("nothing confirms the impact yet: a failing probe, an alert, a log or a report")
    kinds = ", ".join(sorted({i.kind.value for i in state.impacts}))
    return _passed(f"confirmed by {kinds}", _seq(state, "ImpactConfirmed"))


def severity_declared(state: Incident) -> CheckResult:
    """Does it have a severity?"""
    proof = _seq(state, "SeverityChanged") or state.declared.seq
    return _passed(f"{state.severity} {state.severity.label}", proof)


def stakeholders_notified(state: Incident) -> CheckResult:
    """Did every configured stakeholder take at least the first message?"""
    told = [d for n in state.notifications for d in n.deliveries]
    if not told:
        return _unknown("no stakeholders are configured for this severity")
    missing = sorted({d.target for d in told if not d.delivered})
    if missing:
        return _unknown(f"not delivered yet: {', '.join(missing)}")
    return _passed(f"{len(told)} delivered", _seq(state, "NotificationDelivered"))


def gear_hotfix(state: Incident) -> CheckResult:
    """Did the incident put its service into HOTFIX?"""
    if state.worst_severity.is_emergency:
        proof = _seq(state, "SeverityChanged") or state.declared.seq
        return _passed("HOTFIX follows from the severity", proof)
    return _unknown(f"{state.severity} does not call for HOTFIX")


def broken_part_identified(state: Incident) -> CheckResult:
    """Does the assessment name what is broken?"""
    if state.assessment is None:
        return _unknown("no assessment yet")
    if not state.assessment.broken:
        return _unknown("the assessment found nothing broken")
    parts = ", ".join(sorted({f.component for f in state.assessment.broken}))
    return _passed(parts, _seq(state, "AssessmentMade"))


def break_time_identified(state: Incident) -> CheckResult:
    """Does the assessment say since when?"""
    if state.assessment is None:
        return _unknown("no assessment yet")
    if state.assessment.broke_at is None:
        return _unknown("the assessment could not tell when it broke")
    moment = state.assessment.broke_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    if not state.assessment.broke_at_is_known:
        return _unknown(f"{moment} at the latest ({state.assessment.broke_at_source})")
    return _passed(f"{moment} ({state.assessment.broke_at_source})", _seq(state, "AssessmentMade"))


def evidence_captured(state: Incident) -> CheckResult:
    """Is there any evidence of the failure?"""
    if not state.evidence:
        return _unknown("no evidence is stored yet")
    kinds = ", ".join(sorted({e.kind for e in state.evidence}))
    return _passed(f"{len(state.evidence)} pieces: {kinds}", _seq(state, "EvidenceAttached"))


def rollback_weighed(state: Incident) -> CheckResult:
    """Was it weighed whether a rollback is faster than a fix?"""
    found = state.assessment
    if found is None:
        return _unknown("no assessment yet")
    if found.minutes_to_roll_back is None and found.minutes_to_fix is None:
        return _unknown("neither the time to roll back nor the time to fix is known")
    back = _minutes(found.minutes_to_roll_back)
    fix = _minutes(found.minutes_to_fix)
    return _passed(f"rollback {back}, fix {fix}", _seq(state, "AssessmentMade"))


def _minutes(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} min"


def response_applied(state: Incident) -> CheckResult:
    """Was the decided response carried out?"""
    if state.decision is None:
        return _unknown("no response is decided yet")
    if state.decision.choice.value in ("workaround", "kill-switch"):
        if state.flag_acts and state.decision.choice.value == "kill-switch":
            from andon.incident.flag_checks import kill_applied  # most incidents touch no flag

            if (found := kill_applied(state)) is not None:
                return _of_flags(found)
        return _after_verification(state, f"{state.decision.choice.value} in force")
    if state.operations and state.operations[-1].seq < _seq(state, "ResponseDecided"):
        return _unknown(f"the {state.decision.choice.value} is decided, nothing was deployed since")
    return deployed(state)


def deployed(state: Incident) -> CheckResult:
    """Did the last act on production succeed?"""
    if not state.operations:
        return _unknown("nothing was deployed in this incident")
    last = state.operations[-1]
    if last.outcome is None or last.outcome is Outcome.UNKNOWN:
        return _unknown(f"how {last.purpose} {last.id} ended is not known")
    if last.outcome is Outcome.FAILED:
        return _failed(f"{last.purpose} to {last.version} failed: {last.detail}", last.seq)
    if last.running_version and last.running_version != last.version:
        return _failed(f"{last.running_version} runs, not {last.version}", last.seq)
    return _passed(f"{last.purpose} to {last.version}", _seq(state, "DeployFinished"))


def previous_version_deployed(state: Incident) -> CheckResult:
    """Did a rollback succeed, and is its version the one that runs?"""
    backs = [o for o in state.operations if o.purpose == "rollback"]
    if not backs:
        return _unknown("no rollback was carried out")
    last = backs[-1]
    if last.outcome is Outcome.FAILED:
        return _failed(f"rollback to {last.version} failed: {last.detail}", last.seq)
    if last.outcome is not Outcome.SUCCEEDED:
        return _unknown(f"how the rollback to {last.version} ended is not known")
    if last.running_version and last.running_version != last.version:
        return _failed(f"{last.running_version} runs, not {last.version}", last.seq)
    done = [o for o in state.operations if o.purpose in ("rollback", "undo") and o.outcome == last.outcome]
    if done[-1].version != last.version:
        return _failed(f"the rollback was undone: {done[-1].version} was put back", done[-1].seq)
    return _passed(f"{last.version} is deployed", _seq(state, "DeployFinished"))


def verification_is_current(state: Incident) -> bool:
    """True when there is a verification and nothing was deployed after it."""
    return state.verification is not None and _seq(state, "VerificationRan") > last_change(state)


#: Events with which production changed, or may have, or turned out not to be as it was thought.
_CHANGES = ("DeployStarted", "DeployFinished", "FlagActPlanned", "FlagActEnded", "IncidentReopened")


def last_change(state: Incident) -> int:
    """Return where in the history production was last changed, or was last said to be broken again."""
    return max(_seq(state, event) for event in _CHANGES)


def _after_verification(state: Incident, summary: str) -> CheckResult:
    if state.verification is None or not verification_is_current(state):
        return _unknown("not verified since the last change")
    if state.verification.verdict is Verdict.PASSED:
        return _passed(summary, _seq(state, "VerificationRan"))
    return CheckResult(
        verdict=state.verification.verdict,
        summary=state.verification.summary,
        proof=(_seq(state, "VerificationRan"),),
    )


def _part_of_verification(state: Incident, verdict: Verdict, summary: str) -> CheckResult:
    return CheckResult(verdict=verdict, summary=summary, proof=(_seq(state, "VerificationRan"),))


def failure_resolved(state: Incident) -> CheckResult:
    """Do the smoke tests that failed pass now?"""
    if state.verification is None or not verification_is_current(state):
        return _unknown("not verified since the last change")
    return _part_of_verification(state, state.verification.failure_gone, state.verification.summary)


def critical_paths_pass(state: Incident) -> CheckResult:
    """Do all critical smoke tests pass?"""
    if state.verification is None or not verification_is_current(state):
        return _unknown("not verified since the last change")
    names = ", ".join(p.name for p in state.verification.probes if p.critical) or "no critical smoke tests"
    return _part_of_verification(state, state.verification.critical_paths, names)


def no_new_failures(state: Incident) -> CheckResult:
    """Did the change break nothing else, by smoke tests and logs together?"""
    if state.verification is None or not verification_is_current(state):
        return _unknown("not verified since the last change")
    both = (state.verification.critical_paths, state.verification.logs)
    worst = next((v for v in (Verdict.FAILED, Verdict.UNKNOWN) if v in both), Verdict.PASSED)
    by_logs = state.verification.critical_paths is Verdict.PASSED and state.verification.logs_summary
    return _part_of_verification(state, worst, by_logs or state.verification.summary)


def logs_clean(state: Incident) -> CheckResult:
    """Are the logs free of errors since the last change?"""
    if state.verification is None or not verification_is_current(state):
        return _unknown("not verified since the last change")
    return _part_of_verification(state, state.verification.logs, state.verification.logs_summary)


def last_known_good(state: Incident) -> CheckResult:
    """Is a version to go back to known?"""
    if state.plan is not None:
        return _passed(
            f"{state.plan.to_version}: {state.plan.reason}".rstrip(": "), _seq(state, "RollbackPlanned")
        )
    if state.assessment is not None and state.assessment.last_known_good:
        return _passed(state.assessment.last_known_good, _seq(state, "AssessmentMade"))
    return _unknown("no release has a good verdict from before the break")


def migrations_reversible(state: Incident) -> CheckResult:
    """Did the migration gate, or a trial on a copy, find the range safe?"""
    if state.plan is None:
        return _unknown("no rollback is planned")
    verdict, summary = migration_gate(state, state.plan)
    shown_by = "RollbackPlanned" if summary == state.plan.migrations_reason else "MigrationsTried"
    return CheckResult(verdict=verdict, summary=summary, proof=(_seq(state, shown_by),))


#: Rules of the hotfix guard that together say that a fix is minimal.
_MINIMAL = ("minimal", "no-feature", "no-refactoring", "connected")


def _guarded(check: str, *rules: str) -> Callable[[Incident], CheckResult]:
    """Return the check that the guard's newest answers to some of its rules settle."""

    def guarded(state: Incident) -> CheckResult:
        looked = state.checked.get(check)
        if not state.hotfix_checks:
            if looked is not None:
                return CheckResult(verdict=looked.verdict, summary=looked.summary)
            return _unknown("the hotfix guard has not looked at the fix")
        last, proof = state.hotfix_checks[-1], _seq(state, "HotfixChecked")
        answers = {a.rule: a for a in last.answers if a.rule in rules}
        missing = [rule for rule in rules if rule not in answers]
        hints = [a for a in answers.values() if a.verdict is Verdict.FAILED and a.effect == "warns"]
        worst = [a for a in answers.values() if a.verdict is Verdict.FAILED and a.effect == "blocks"]
        worst += [a for a in answers.values() if a.verdict is Verdict.UNKNOWN and a.effect != "waived"]
        if worst:
            told = f"{worst[0].rule}: {worst[0].summary}"
            return CheckResult(verdict=worst[0].verdict, summary=told, proof=(proof,))
        if missing:
            return _unknown(f"the guard did not answer {', '.join(missing)} at {last.commit[:10]}")
        waived = [a for a in answers.values() if a.effect == "waived"]
        why = f"; justified: {', '.join(a.rule for a in waived)}" if waived else ""
        why += f"; with hints: {', '.join(a.rule for a in hints)}" if hints else ""
        summary = answers[rules[0]].summary
        return _passed(f"the guard at {last.commit[:10]}: {summary}{why}", proof)

    return guarded


def postmortem_scheduled(state: Incident) -> CheckResult:
    """Does the deadline run? It starts by itself when the harm stops."""
    if state.published is not None:
        return _passed("published", _seq(state, "PostmortemPublished"))
    if not state.needs_postmortem:
        return _passed(f"none is owed for a {state.severity}", state.declared.seq)
    if state.mitigated is None:
        return _unknown("the deadline starts when the harm has stopped")
    return _passed("the deadline is running", state.mitigated.seq)


def cause_documented(state: Incident) -> CheckResult:
    """Is the cause written down?"""
    if state.cause:
        return _passed(state.cause, _seq(state, "IncidentResolved"))
    return _unknown("the cause is not stated yet")


def shortcuts_listed(state: Incident) -> CheckResult:
    """Is everything that was skipped on record? True by construction once the response is over."""
    if state.mitigated is None:
        return _unknown("the response is still under way")
    if not state.shortcuts:
        return _passed("nothing was skipped", state.mitigated.seq)
    return _passed(f"{len(state.shortcuts)} recorded", _seq(state, "ShortcutTaken"))


def follow_ups_created(state: Incident) -> CheckResult:
    """Has every shortcut its action item, and is there any follow-up at all?"""
    known = {a.id for a in state.actions}
    lost = [s.item for s in state.shortcuts if s.action not in known]
    if lost:
        return _failed(f"no follow-up for {', '.join(lost)}")
    if not state.actions:
        return _unknown("no follow-up is recorded yet")
    return _passed(f"{len(state.actions)} action items", _seq(state, "ActionOpened"))


def regressions_updated(state: Incident) -> CheckResult:
    """Is there an entry in the regression log?"""
    if not state.regressions:
        return _unknown("no regression entry is written yet")
    return _passed(state.regressions[-1].entry, _seq(state, "RegressionLogged"))


def lessons_documented(state: Incident) -> CheckResult:
    """Is the postmortem published? Its lint demands the lessons."""
    if state.published is None:
        return _unknown("the postmortem is not published yet")
    return _passed(state.published.path, _seq(state, "PostmortemPublished"))


def deferred_work_done(state: Incident) -> CheckResult:
    """Is all work that was put off done, or dropped for a reason?"""
    owed = [a for a in state.actions if a.origin.startswith("shortcut:")]
    if state.mitigated is None:
        return _unknown("the response is still under way")
    left = [a.id for a in owed if a.state == "open"]
    if left:
        return _unknown(f"open and tracked: {', '.join(left)}")
    return _passed(f"{len(owed)} paid back" if owed else "nothing was put off", state.mitigated.seq)


def _skipped(kind: str) -> Callable[[Incident], CheckResult]:
    def skipped(state: Incident) -> CheckResult:
        if state.mitigated is None:
            return _unknown("the response is still under way")
        owed = [a for a in state.actions if a.origin.startswith("shortcut:") and a.kind == kind]
        if owed:
            return _passed(
                f"skipped, tracked as {', '.join(a.id for a in owed)}", *(a.opened_seq for a in owed)
            )
        return _passed(f"{kind}: not skipped", state.mitigated.seq)

    return skipped


def _action_of(kind: str) -> Callable[[Incident], CheckResult]:
    def tracked(state: Incident) -> CheckResult:
        of_kind = [a for a in state.actions if a.kind == kind and a.state != "dropped"]
        if not of_kind:
            return _unknown(f"no action item of kind {kind}")
        done = [a for a in of_kind if a.state == "done"]
        if not done:
            return _unknown(f"tracked, not done: {', '.join(a.id for a in of_kind)}")
        return _passed(f"{done[-1].id}: {done[-1].proof}", _seq(state, "ActionDone"))

    return tracked


def _of_leak(check: str) -> Callable[[Incident], CheckResult]:
    """Return the check that the response to a leak settles."""

    def answered(state: Incident) -> CheckResult:
        if state.leak is None:
            return _unknown("no leak was reported")
        from andon.incident.leak_checks import leak_answer  # most incidents are none

        found = leak_answer(state.leak, check)
        if found is None:
            return _unknown("the response to the leak says nothing about it")
        verdict, summary, event = found
        proof = (_seq(state, event),) if event in state.marks else ()
        return CheckResult(verdict=verdict, summary=summary, proof=proof)

    return answered


def _of_flags(found: tuple[Verdict, str, int]) -> CheckResult:
    verdict, summary, seq = found
    return CheckResult(verdict=verdict, summary=summary, proof=(seq,) if seq else ())


def feature_restored(state: Incident) -> CheckResult:
    """Is what was killed on again, after tests, or gone for good?"""
    from andon.incident.flag_checks import feature_restored as restored  # most incidents touch no flag

    return _of_flags(restored(state))


def proper_fix(state: Incident) -> CheckResult:
    """Was what was killed mended before it came back?"""
    from andon.incident.flag_checks import proper_fix as fixed  # most incidents touch no flag

    return _of_flags(fixed(state))


def _of_gap(check: str) -> Callable[[Incident], CheckResult]:
    """Return the check that the search for the gap between tests and production settles."""

    def answered(state: Incident) -> CheckResult:
        from andon.incident.gap_state import gap_answer  # most incidents have no search

        return _of_flags(gap_answer(state, check))

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
