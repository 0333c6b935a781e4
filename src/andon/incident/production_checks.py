"""The checks of what became of production: acted on, verified, and where it could go back to."""

from __future__ import annotations

from andon.incident.check_result import CheckResult, as_result, failed, passed, seq_of, unknown
from andon.incident.trial import migration_gate
from andon.incident.words import Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.state import Incident


def response_applied(state: Incident) -> CheckResult:
    """Was the decided response carried out?"""
    if state.decision is None:
        return unknown("no response is decided yet")
    if state.decision.choice.value in ("workaround", "kill-switch"):
        if state.flag_acts and state.decision.choice.value == "kill-switch":
            from andon.incident.flag_checks import kill_applied  # most incidents touch no flag

            if (found := kill_applied(state)) is not None:
                return as_result(found)
        return _after_verification(state, f"{state.decision.choice.value} in force")
    if state.operations and state.operations[-1].seq < seq_of(state, "ResponseDecided"):
        return unknown(f"the {state.decision.choice.value} is decided, nothing was deployed since")
    return deployed(state)


def deployed(state: Incident) -> CheckResult:
    """Did the last act on production succeed?"""
    if not state.operations:
        return unknown("nothing was deployed in this incident")
    last = state.operations[-1]
    if last.outcome is None or last.outcome is Outcome.UNKNOWN:
        return unknown(f"how {last.purpose} {last.id} ended is not known")
    if last.outcome is Outcome.FAILED:
        return failed(f"{last.purpose} to {last.version} failed: {last.detail}", last.seq)
    if last.running_version and last.running_version != last.version:
        return failed(f"{last.running_version} runs, not {last.version}", last.seq)
    return passed(f"{last.purpose} to {last.version}", seq_of(state, "DeployFinished"))


def previous_version_deployed(state: Incident) -> CheckResult:
    """Did a rollback succeed, and is its version the one that runs?"""
    backs = [o for o in state.operations if o.purpose == "rollback"]
    if not backs:
        return unknown("no rollback was carried out")
    last = backs[-1]
    if last.outcome is Outcome.FAILED:
        return failed(f"rollback to {last.version} failed: {last.detail}", last.seq)
    if last.outcome is not Outcome.SUCCEEDED:
        return unknown(f"how the rollback to {last.version} ended is not known")
    if last.running_version and last.running_version != last.version:
        return failed(f"{last.running_version} runs, not {last.version}", last.seq)
    done = [o for o in state.operations if o.purpose in ("rollback", "undo") and o.outcome == last.outcome]
    if done[-1].version != last.version:
        return failed(f"the rollback was undone: {done[-1].version} was put back", done[-1].seq)
    return passed(f"{last.version} is deployed", seq_of(state, "DeployFinished"))


def verification_is_current(state: Incident) -> bool:
    """True when there is a verification and nothing was deployed after it."""
    return state.verification is not None and seq_of(state, "VerificationRan") > last_change(state)


#: Events with which production changed, or may have, or turned out not to be as it was thought.
_CHANGES = ("DeployStarted", "DeployFinished", "FlagActPlanned", "FlagActEnded", "IncidentReopened")


def last_change(state: Incident) -> int:
    """Return where in the history production was last changed, or was last said to be broken again."""
    return max(seq_of(state, event) for event in _CHANGES)


def _after_verification(state: Incident, summary: str) -> CheckResult:
    if state.verification is None or not verification_is_current(state):
        return unknown("not verified since the last change")
    if state.verification.verdict is Verdict.PASSED:
        return passed(summary, seq_of(state, "VerificationRan"))
    return CheckResult(
        verdict=state.verification.verdict,
        summary=state.verification.summary,
        proof=(seq_of(state, "VerificationRan"),),
    )


def _part_of_verification(state: Incident, verdict: Verdict, summary: str) -> CheckResult:
    return CheckResult(verdict=verdict, summary=summary, proof=(seq_of(state, "VerificationRan"),))


def failure_resolved(state: Incident) -> CheckResult:
    """Do the smoke tests that failed pass now?"""
    if state.verification is None or not verification_is_current(state):
        return unknown("not verified since the last change")
    return _part_of_verification(state, state.verification.failure_gone, state.verification.summary)


def critical_paths_pass(state: Incident) -> CheckResult:
    """Do all critical smoke tests pass?"""
    if state.verification is None or not verification_is_current(state):
        return unknown("not verified since the last change")
    names = ", ".join(p.name for p in state.verification.probes if p.critical) or "no critical smoke tests"
    return _part_of_verification(state, state.verification.critical_paths, names)


def no_new_failures(state: Incident) -> CheckResult:
    """Did the change break nothing else, by smoke tests and logs together?"""
    if state.verification is None or not verification_is_current(state):
        return unknown("not verified since the last change")
    both = (state.verification.critical_paths, state.verification.logs)
    worst = next((v for v in (Verdict.FAILED, Verdict.UNKNOWN) if v in both), Verdict.PASSED)
    by_logs = state.verification.critical_paths is Verdict.PASSED and state.verification.logs_summary
    return _part_of_verification(state, worst, by_logs or state.verification.summary)


def logs_clean(state: Incident) -> CheckResult:
    """Are the logs free of errors since the last change?"""
    if state.verification is None or not verification_is_current(state):
        return unknown("not verified since the last change")
    return _part_of_verification(state, state.verification.logs, state.verification.logs_summary)


def last_known_good(state: Incident) -> CheckResult:
    """Is a version to go back to known?"""
    if state.plan is not None:
        return passed(
            f"{state.plan.to_version}: {state.plan.reason}".rstrip(": "), seq_of(state, "RollbackPlanned")
        )
    if state.assessment is not None and state.assessment.last_known_good:
        return passed(state.assessment.last_known_good, seq_of(state, "AssessmentMade"))
    return unknown("no release has a good verdict from before the break")


def migrations_reversible(state: Incident) -> CheckResult:
    """Did the migration gate, or a trial on a copy, find the range safe?"""
    if state.plan is None:
        return unknown("no rollback is planned")
    verdict, summary = migration_gate(state, state.plan)
    shown_by = "RollbackPlanned" if summary == state.plan.migrations_reason else "MigrationsTried"
    return CheckResult(verdict=verdict, summary=summary, proof=(seq_of(state, shown_by),))
