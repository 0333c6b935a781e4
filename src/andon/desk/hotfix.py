"""Recording that a fix, or a version put back by hand, went out in an incident."""

from __future__ import annotations

from andon.desk.deployments import enter_acts, survey
from andon.desk.recording import record
from andon.desk.schema_gate import answers_told, schema_gate
from andon.errors import Refused
from andon.incident.commands import FinishDeploy, PlanRollback, StartDeploy
from andon.incident.events import DeployFinished, RollbackPlanned
from andon.incident.words import Choice, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.ledger import Ledger, Release
    from andon.incident.state import Incident


def record_hotfix(desk: Desk, state: Incident, version: str, *, purpose: str, commit: str) -> Incident:
    """Record that `version` is in production as this incident's hotfix or rollback.

    The deployer, where there is one, must confirm that it runs; raises Refused otherwise, and when the
    decided response is another one.
    """
    wanted = Choice.HOTFIX if purpose == "hotfix" else Choice.ROLLBACK
    if state.decision is None or state.decision.choice is not wanted:
        decided = state.decision.choice.value if state.decision else "nothing yet"
        raise Refused(
            f"a {purpose} goes out after it is decided; decided is {decided}",
            where=state.id,
            rule="decide-then-act",
            remedy=f"andon decide {wanted}",
        )
    production = survey(desk)
    if production.is_confirmed and production.running != version:
        raise Refused(
            f"the deployer says {production.running or 'nothing'} runs, not {version}",
            where=state.id,
            rule="deployed-for-real",
            remedy=f"deploy {version} first, then: andon deployed {version} --{purpose}",
        )
    previous = _previous(production.ledger.releases, version)
    operation = f"{state.id}-{len(state.operations) + 1}-{desk.ids.new()[:6]}"
    undo = f"andon rollback --to {previous}" if previous else "unknown: the version before is not known"
    if purpose == "rollback":
        state = record(
            desk,
            state,
            PlanRollback(plan=_plan_by_hand(desk, production.ledger, operation, previous, version, undo)),
        )
    state = record(
        desk,
        state,
        StartDeploy(
            operation=operation,
            purpose=purpose,
            from_version=previous,
            version=version,
            undo=undo,
            done_by_hand=True,
        ),
    )
    detail = f"deployed outside Andon, recorded by {desk.actor}"
    finished = DeployFinished(
        operation=operation, outcome=Outcome.SUCCEEDED, running_version=version, detail=detail
    )
    state = record(desk, state, FinishDeploy(finished=finished))
    enter_acts(desk, state.id, commit)
    return state


def _previous(releases: tuple[Release, ...], version: str) -> str:
    return next((r.version for r in reversed(releases) if r.version != version), "")


def _plan_by_hand(
    desk: Desk, ledger: Ledger, operation: str, previous: str, version: str, undo: str
) -> RollbackPlanned:
    gate = schema_gate(desk, ledger, version, previous)
    return RollbackPlanned(
        operation=operation,
        from_version=previous,
        to_version=version,
        steps=(f"{desk.actor} put {version} back by hand",),
        undo=undo,
        migrations=gate.verdict,
        migrations_reason=gate.reason,
        migrations_route=gate.route.value,
        migrations_answers=answers_told(gate),
        migrations_found=gate.findings,
        reason=f"named by {desk.actor}",
    )
