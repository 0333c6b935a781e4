"""A stage that failed: the flag is killed first, then an incident is declared; each once, over any death."""

from __future__ import annotations

from contextlib import suppress

from andon.desk.declare import declare
from andon.desk.deployments import block_release
from andon.desk.flags.acts import read_acts, tell
from andon.desk.flags.kill import kill_flag
from andon.desk.flags.rollouts import rollout_of
from andon.desk.flags.targets import command_of, target_of
from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.errors import AndonError, Conflict, Refused, Unavailable
from andon.incident.commands import DecideResponse
from andon.incident.events import ImpactConfirmed
from andon.incident.evolve import fold
from andon.incident.flag_state import confirmed_in_words
from andon.incident.policy import authority
from andon.incident.words import Choice, CommandId, Impact, Outcome, Severity, Status, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.events import RolloutStageJudged
    from andon.incident.flag_state import FlagAct
    from andon.incident.rollout_state import Rollout

#: Characters of an incident's title.
_TITLE = 80
#: The rule of a decision that was made with the plan of a rollout: it is in no table.
STAGE_FAILED = "stage-failed"


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
    stage = rollout.stage(judged.percent)
    told = f"Rollout {operation} of {plan.flag} ({plan.variant}) failed at {judged.percent:g} %"
    description = (
        f"{told}: {judged.summary}. {'Turned off by itself' if off.is_off else 'STILL ON'}: {off.told}."
    )
    declared = declare(
        desk,
        title=title_of(rollout, judged.percent, off.is_off, is_killed=_kill(desk, off) is not None),
        severity=Severity.P1 if is_bad else Severity.P2,
        impacts=_impacts(judged),
        began_at=stage.begun_at if stage else None,
        description=f"{description} The rollout: {command_of(rollout)}",
        under=CommandId(f"{operation}/declared"),
    )
    tell_incident(desk, operation, declared.incident.id, off)
    if plan.target == "release":
        block_release(desk, plan.variant, declared.incident.id, f"failed at {judged.percent:g} %")
    return declared.incident.id


def title_of(rollout: Rollout, percent: float, is_off: bool, *, is_killed: bool) -> str:
    """Return the incident's title: what it was and what became of it; the reasons stand in its impact."""
    plan = rollout.planned
    done = ("turned off" if is_killed else "taken back") if is_off else "STILL ON"
    if plan.target == "release":
        done = "taken out" if is_off else "STILL IN"
    end = f" {done} at {percent:g} % of {'the traffic' if plan.target == 'release' else 'its rollout'}"
    what = f"canary {plan.variant} of {plan.flag}" if plan.target == "release" else plan.flag
    room = _TITLE - len(end)
    return (what if len(what) <= room else f"{what[: room - 1]}…") + end


def tell_incident(desk: Desk, operation: str, incident: str, off: TurnedOff) -> None:
    """Enter what was decided and done into the history of the incident, so that it is undone from there.

    Done again, and when it was turned off only after the declaration, it is on record once.
    """
    if off.is_off and incident:
        _decide(desk, rollout_of(desk, operation), incident, off)
    known = read_acts(desk).find(off.act) if off.act else None
    if known is not None and incident:
        tell(desk, incident, known)


def _kill(desk: Desk, off: TurnedOff) -> FlagAct | None:
    """Return the kill that turned it off; None where it was taken back instead."""
    act = read_acts(desk).find(off.act) if off.act else None
    return act if act is not None and act.succeeded else None


def _decide(desk: Desk, rollout: Rollout, incident: str, off: TurnedOff) -> None:
    """Record the response that whoever let the rollout go on had decided on for a stage that fails.

    The plan says it, and they gave their word for it before the first stage: it is their decision by their
    authority, not the machine's. Where a person was faster, or it is over, theirs stands.
    """
    state = fold(desk.history(incident))
    if state.decision is not None or state.status is Status.CLOSED:
        return
    plan = rollout.planned
    approver = rollout.resumed[-1][1] if rollout.resumed else rollout.actor
    safe = f"{plan.safe} for everybody" if plan.safe else "what was before for everybody"
    reason = f"decided before the first stage, in the rollout {rollout.id}: when a stage fails, {safe}"
    choice = Choice.KILL_SWITCH if _kill(desk, off) is not None else Choice.WORKAROUND
    decision = DecideResponse(
        choice=choice,
        rule=STAGE_FAILED,
        recommended=choice,
        facts=(),
        authority=authority(desk.people, approver, reason),
        decided_by=approver,
        reason=reason,
    )
    with suppress(Refused, Conflict):  # somebody acts already: what they do is decided
        record(desk, state, decision, under=CommandId(f"{rollout.id}/decided"))


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
