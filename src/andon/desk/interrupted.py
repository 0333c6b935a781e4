"""An act on production whose end nobody saw: asked about, stated by a person, never repeated."""

from __future__ import annotations

from andon.desk.casefile import load
from andon.desk.deployments import enter_acts
from andon.desk.operation import held, is_alive
from andon.desk.recording import record
from andon.errors import AndonError, Refused
from andon.incident.commands import FinishDeploy
from andon.incident.events import DeployFinished
from andon.incident.words import Outcome
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident, Operation


class Resumed(Record):
    """The incident after somebody looked how an act ended."""

    incident: Incident
    outcome: Outcome
    detail: str


def resume(desk: Desk, wanted: str | None, stated: Outcome | None) -> Resumed:
    """Find out how an interrupted operation ended: ask the deployer or a person, never repeat it."""
    state = load(desk, wanted)
    operation = state.running_operation or _unknown(state)
    if operation is None:
        raise Refused(
            "no operation is running or of unknown outcome",
            where=state.id,
            rule="resume",
            remedy="andon status",
        )
    running, said = running_version(desk)
    holder = held(operation.id)
    settled = stated is not None or running == operation.version
    if holder and (is_alive(holder) or not settled):
        raise Refused(
            f"{operation.purpose} {operation.id} is still running (process {holder} or what it started)",
            where=state.id,
            rule="one-act-at-a-time",
            remedy="wait for it; or, when you know how it ended: andon rollback --resume --outcome failed",
        )
    if stated is None:
        outcome, detail = found_out(operation, running, said)
    else:
        outcome, detail = _stated(operation, running, said, stated, desk.actor)
    if operation.outcome is Outcome.UNKNOWN and outcome is Outcome.UNKNOWN:
        return Resumed(incident=state, outcome=outcome, detail=detail)
    finished = DeployFinished(operation=operation.id, outcome=outcome, running_version=running, detail=detail)
    state = record(desk, state, FinishDeploy(finished=finished))
    enter_acts(desk, state.id)
    return Resumed(incident=state, outcome=outcome, detail=detail)


def running_version(desk: Desk) -> tuple[str, str]:
    """Return the version that runs, "" when it cannot be told, and how that was said."""
    if desk.deployer is None:
        return "", "no deployer is configured"
    try:
        running = desk.deployer.running()
    except AndonError as problem:
        return "", f"the deployer cannot be asked: {problem}"
    return running, f"the deployer says {running or 'nothing'} runs"


def _unknown(state: Incident) -> Operation | None:
    return next((o for o in reversed(state.operations) if o.outcome is Outcome.UNKNOWN), None)


def found_out(operation: Operation, running: str, said: str) -> tuple[Outcome, str]:
    """Return how an interrupted operation ended by what runs now, and in which words."""
    if running == operation.version:
        return Outcome.SUCCEEDED, f"it was interrupted; {running} runs, as intended"
    if running and running == operation.from_version:
        return Outcome.FAILED, f"it was interrupted before it took effect; {running} still runs"
    return Outcome.UNKNOWN, f"it was interrupted, and {said}; look, then state the outcome"


def _stated(
    operation: Operation, running: str, said: str, stated: Outcome, actor: str
) -> tuple[Outcome, str]:
    if stated is Outcome.SUCCEEDED and running and running != operation.version:
        raise Refused(
            f"{said}, so it did not succeed",
            where=operation.id,
            rule="evidence-beats-signature",
            remedy="andon rollback --resume --outcome failed",
        )
    return stated, f"stated by {actor}: {stated}; {said}"
