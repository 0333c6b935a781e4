"""A stage that failed: the flag is killed first, then an incident is declared; each once, over any death."""

from __future__ import annotations

from andon.desk.declare import declare
from andon.desk.deployments import block_release
from andon.desk.flags.acts import read_acts, tell
from andon.desk.flags.kill import kill_flag
from andon.desk.flags.rollouts import rollout_of
from andon.desk.flags.targets import command_of, target_of
from andon.desk.redacting import redacted
from andon.errors import AndonError, Unavailable
from andon.incident.events import ImpactConfirmed
from andon.incident.flag_state import confirmed_in_words
from andon.incident.words import CommandId, Impact, Outcome, Severity, Verdict
from andon.record import Record

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
    #: The act on the flag; "" where it was not killed.
    act: str = ""


def turn_off(desk: Desk, operation: str) -> TurnedOff:
    """Give everybody what is safe; where the kill is not taken, take the rollout back.

    Raises Unavailable while the flag system does not answer, so that it is tried again.
    """
    rollout = rollout_of(desk, operation)
    if rollout.ended is not None:
        return TurnedOff(is_off=True, told=f"it was over: {rollout.ended.how}, {rollout.ended.reason}")
    plan = rollout.planned
    if plan.target == "release":
        return _take_back(desk, rollout, "")
    target_of(desk, rollout).before()  # it answers: a kill that is planned is carried out
    judged = failed_stage(rollout)
    reason = f"{judged.percent:g} % failed: {judged.summary}" if judged else "a stage failed"
    try:
        act = kill_flag(desk, plan.flag, plan.safe, reason=reason, by=f"andon rollout {operation}").act
    except Unavailable:
        raise
    except AndonError as problem:
        return _take_back(desk, rollout, f"the kill was not taken ({redacted(desk, str(problem))}); ")
    if act.succeeded and act.ended is not None:
        told = f"{plan.safe} for everybody: {confirmed_in_words(act.ended)}"
        return TurnedOff(is_off=True, told=told, act=act.id)
    told = act.ended.detail if act.ended else "it was not taken"
    if act.ended is not None and act.ended.outcome is Outcome.FAILED:
        return _take_back(desk, rollout, f"the kill was not taken ({redacted(desk, told)}); ", act.id)
    raise Unavailable(told, where=plan.flag, rule="flag-system", remedy=f"andon flags kill {plan.flag}")


def _take_back(desk: Desk, rollout: Rollout, before: str, act: str = "") -> TurnedOff:
    try:
        target_of(desk, rollout).take_back()
    except Unavailable:
        raise
    except AndonError as problem:
        return TurnedOff(is_off=False, told=f"{before}not taken back: {redacted(desk, str(problem))}")
    return TurnedOff(is_off=True, told=f"{before}taken back: everybody has what was before", act=act)


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
    _tell_incident(desk, declared.incident.id, off.act)
    if plan.target == "release":
        block_release(desk, plan.variant, declared.incident.id, f"failed at {judged.percent:g} %")
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


def _tell_incident(desk: Desk, incident: str, act: str) -> None:
    """Enter the kill into the history of the incident, so that it is undone from there."""
    known = read_acts(desk).find(act) if act else None
    if known is not None:
        tell(desk, incident, known)


def _cut(text: str) -> str:
    return text if len(text) <= _TITLE else text[: _TITLE - 1] + "…"
