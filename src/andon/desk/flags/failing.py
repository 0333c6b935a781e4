"""A stage that failed: the flag is killed first, then an incident is declared; each once, over any death."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.declare import declare
from andon.desk.flags.rollout_kill import kill_flag
from andon.desk.flags.rollouts import rollout_of
from andon.desk.flags.targets import command_of, target_of
from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.errors import AndonError, Unavailable
from andon.incident.commands import RecordFlagAct
from andon.incident.events import FlagActEnded, FlagActPlanned, ImpactConfirmed
from andon.incident.evolve import fold
from andon.incident.flag_state import confirmed_in_words
from andon.incident.words import CommandId, Impact, Severity, Verdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.events import RolloutStageJudged
    from andon.incident.rollout_state import Rollout

#: Characters of an incident's title.
_TITLE = 120


class TurnedOff(Record):
    """What became of the attempt to turn it off."""

    is_off: bool
    #: In words: who confirmed it, or why it could not be done.
    told: str


def kill_operation(operation: str) -> str:
    """Return the id of the kill of a rollout: the same for whoever does it."""
    return f"{operation}-kill"


def turn_off(desk: Desk, operation: str) -> TurnedOff:
    """Give everybody what is safe; where that is not taken, take the rollout back. Never raises a refusal.

    Raises Unavailable, so that it is tried again for a while.
    """
    rollout = rollout_of(desk, operation)
    if rollout.ended is not None:
        return TurnedOff(is_off=True, told=f"it was over: {rollout.ended.how}, {rollout.ended.reason}")
    if rollout.planned.target == "release":
        return _take_back(desk, rollout, "")
    judged = failed_stage(rollout)
    reason = f"{judged.percent:g} % failed: {judged.summary}" if judged else "a stage failed"
    try:
        ended = kill_flag(
            desk,
            rollout.planned.flag,
            rollout.planned.safe,
            operation=kill_operation(operation),
            reason=reason,
            by=f"andon rollout {operation}",
        )
    except Unavailable:
        raise
    except AndonError as problem:
        return _take_back(desk, rollout, f"the kill was not taken ({redacted(desk, str(problem))}); ")
    return TurnedOff(is_off=True, told=f"{rollout.planned.safe} for everybody: {confirmed_in_words(ended)}")


def _take_back(desk: Desk, rollout: Rollout, before: str) -> TurnedOff:
    try:
        target_of(desk, rollout).take_back()
    except AndonError as problem:
        return TurnedOff(is_off=False, told=f"{before}not taken back: {redacted(desk, str(problem))}")
    return TurnedOff(is_off=True, told=f"{before}taken back: everybody has what was before")


def failed_stage(rollout: Rollout) -> RolloutStageJudged | None:
    """Return the judgement of the stage that failed; None when none did."""
    judged = [s.judged for s in rollout.stages if s.judged and s.judged.verdict is Verdict.FAILED]
    return judged[-1] if judged else None


def declare_failure(desk: Desk, operation: str, off: TurnedOff) -> str:
    """Declare the incident and return its id: P1 when a critical path fails or it is still on, else P2.

    Stakeholders are told as of any other incident. What was done to the flag stands in its history, too.
    """
    rollout = rollout_of(desk, operation)
    judged = failed_stage(rollout)
    if judged is None:
        return ""
    plan = rollout.planned
    is_bad = judged.is_critical or not off.is_off
    what = f"{plan.flag} at {judged.percent:g} %"
    if plan.target == "release":
        what = f"{plan.variant} at {judged.percent:g} % of {plan.flag}"
    stage = rollout.stage(judged.percent)
    told = f"Rollout {operation} of {plan.flag} ({plan.variant}) failed at {judged.percent:g} %"
    description = (
        f"{told}: {judged.summary}. {'Turned off by itself' if off.is_off else 'STILL ON'}: {off.told}."
    )
    declared = declare(
        desk,
        title=_cut(f"{what} {'turned off' if off.is_off else 'STILL ON'}: {judged.summary}"),
        severity=Severity.P1 if is_bad else Severity.P2,
        impacts=_impacts(judged),
        began_at=stage.begun_at if stage else None,
        description=f"{description} The rollout: {command_of(rollout)}",
        under=CommandId(f"{operation}/declared"),
    )
    _tell_incident(desk, declared.incident.id, operation)
    return declared.incident.id


def _impacts(judged: RolloutStageJudged) -> tuple[ImpactConfirmed, ...]:
    probes = tuple(
        ImpactConfirmed(
            kind=Impact.PROBE, summary=f"{name} fails and passed before", evidence=judged.evidence, sign=name
        )
        for name in judged.broken
    )
    logs = tuple(
        ImpactConfirmed(kind=Impact.LOG, summary=sign, evidence=judged.evidence) for sign in judged.signs
    )
    return probes + logs


def _tell_incident(desk: Desk, incident: str, operation: str) -> None:
    """Enter the kill into the history of the incident, so that it is undone from there."""
    kill = kill_operation(operation)
    types = ("FlagActPlanned", "FlagActEnded")
    for recorded in desk.journal.read_types(service_stream(desk), types):
        match recorded.event:
            case FlagActPlanned() | FlagActEnded() as event if event.operation == kill:
                word = "planned" if isinstance(event, FlagActPlanned) else "ended"
                if isinstance(event, FlagActPlanned):
                    event = replace(event, incident=incident)
                state = fold(desk.history(incident))
                under = CommandId(f"{kill}/incident/{word}")
                record(desk, state, RecordFlagAct(event=event), under=under)


def _cut(text: str) -> str:
    return text if len(text) <= _TITLE else text[: _TITLE - 1] + "…"
