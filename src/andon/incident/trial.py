"""What a trial of the migrations means for the gate: it counts for the two releases it was made for."""

from __future__ import annotations

from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.events import MigrationsTried, RollbackPlanned
    from andon.incident.state import Incident


def trial_of(state: Incident, from_version: str, to_version: str) -> MigrationsTried | None:
    """Return the newest trial, when it was one of going from the one release back to the other."""
    tried = state.trial
    if tried is None or not from_version or not to_version:
        return None
    return tried if (tried.from_version, tried.to_version) == (from_version, to_version) else None


def migration_gate(state: Incident, plan: RollbackPlanned) -> tuple[Verdict, str]:
    """Return the verdict on a plan's migrations, and why."""
    return gate_after_trial(
        state, plan.from_version, plan.to_version, plan.migrations, plan.migrations_reason
    )


def gate_after_trial(
    state: Incident, from_version: str, to_version: str, verdict: Verdict, reason: str
) -> tuple[Verdict, str]:
    """Return what the gate's own verdict becomes by a trial of the same two releases.

    Where the gate passed, the older code runs on the schema as it is and nothing is taken back, so that a
    trial of the way down says nothing. Elsewhere the trial is the better evidence; unknown changes nothing.
    """
    tried = trial_of(state, from_version, to_version)
    return weighed(verdict, reason, tried.verdict, tried.summary) if tried is not None else (verdict, reason)


def weighed(verdict: Verdict, reason: str, tried: Verdict, summary: str) -> tuple[Verdict, str]:
    """Weigh the gate's verdict and a trial's, as `gate_after_trial` says."""
    if verdict is Verdict.PASSED or tried is Verdict.UNKNOWN:
        return verdict, reason
    if tried is Verdict.FAILED:
        return Verdict.FAILED, f"tried on a copy, and it fails: {summary}"
    return Verdict.PASSED, f"{summary}; the schema has to go back before the code does"


def trial_failed(state: Incident) -> bool:
    """True when a trial of exactly the planned way back failed, and the plan needs what it tried."""
    plan = state.plan
    if plan is None or plan.migrations is Verdict.PASSED:
        return False
    tried = trial_of(state, plan.from_version, plan.to_version)
    return tried is not None and tried.verdict is Verdict.FAILED


def schema_goes_first(state: Incident, from_version: str, to_version: str, verdict: Verdict) -> str:
    """Return the reminder for a plan whose gate only a trial opened; "" for any other."""
    tried = trial_of(state, from_version, to_version)
    if tried is None or verdict is Verdict.PASSED or tried.verdict is not Verdict.PASSED:
        return ""
    named = ", ".join(reversed(tried.migrations[-5:]))
    more = f" and {len(tried.migrations) - 5} more" if len(tried.migrations) > 5 else ""
    return f"before the switch, take the schema back with {from_version}'s own way down: {named}{more}"
