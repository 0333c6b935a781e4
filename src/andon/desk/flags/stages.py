"""The steps of a rollout, each of which can be done again and happens once.

A step reads in the journal how far it got, does what is left of its part, and records it under an id made
from the operation's. Which step follows which is left to `workflows.flag_rollouts`.
"""

from __future__ import annotations

from datetime import timedelta

from andon.desk.casefile import incidents_in_response, service_stream
from andon.desk.flags.enable import finish_enabling
from andon.desk.flags.rollouts import record_when, rollout_of
from andon.desk.flags.targets import command_of, target_of
from andon.desk.redacting import redacted
from andon.desk.settling import PAUSE, Trials
from andon.desk.watching import Case, known_errors, watch_logs
from andon.errors import AndonError, Unavailable
from andon.incident.events import FlagActEnded, FlagActPlanned, RolloutEnded, RolloutStageJudged
from andon.incident.rollout_state import stage_operation
from andon.incident.words import CommandId, Outcome, Verdict
from andon.record import Record
from andon.response.stage import StageSeen, judge_stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.events import Event
    from andon.incident.rollout_state import Rollout, Stage
    from andon.incident.words import EvidenceHash
    from andon.response.stage import StageVerdict
    from andon.response.verification import LogView

#: What a step says of the rollout: it goes on, somebody has to sign, or there is nothing left to do.
ON, HELD, OVER = "on", "held", "over"
#: Seconds between two looks at a stage: a fifth of its age, so that it is looked at most when it is new.
_SHORTEST, _LONGEST, _SHARE = 2.0, 60.0, 0.2
#: Looks at a stage that the engine has to remember: one that stays for days is looked at less often.
_MOST = 500


class Looked(Record):
    """What a look at a stage came to."""

    #: `watching`, `passed`, `failed`, `held` or `over`.
    found: str
    #: Seconds until the next look.
    pause: float = 0.0


def begin(desk: Desk, operation: str, percent: float, tell: Callable[[str], None]) -> str:
    """Put a stage and wait for the processes, unless it is in force; return ON, HELD or OVER.

    What somebody else did to the flag ends the rollout; a P0 or P1 that came up meanwhile holds it. Raises
    what the flag system raises.
    """
    rollout = rollout_of(desk, operation)
    target = target_of(desk, rollout)
    if rollout.ended is not None:
        _undo_late(desk, rollout)
        return OVER
    if rollout.is_held:
        return HELD
    stage = rollout.stage(percent)
    if stage is not None and stage.in_force_at is not None:
        return ON
    if obstacle := target.obstacle():
        end(desk, operation, "stopped", obstacle)
        return OVER
    if stage is None and (why := _danger(desk, rollout)):
        return hold(desk, operation, why)
    before = redacted(desk, target.before())
    plan = rollout.planned

    def planned() -> Event | None:
        known = rollout_of(desk, operation)
        if known.ended is not None or known.is_held:
            return None
        return FlagActPlanned(
            operation=stage_operation(operation, percent),
            purpose="rollout",
            system=plan.system,
            flag=plan.flag,
            variant=plan.variant,
            before=before,
            undo=plan.undo,
            reason=plan.reason,
            covers=plan.covers,
        )

    if not record_when(desk, planned, CommandId(f"{stage_operation(operation, percent)}/planned")):
        return OVER if rollout_of(desk, operation).ended is not None else HELD
    tell(f"{percent:g} % of {plan.flag}: {plan.variant}")
    return _put(desk, operation, percent, tell)


def _put(desk: Desk, operation: str, percent: float, tell: Callable[[str], None]) -> str:
    rollout = rollout_of(desk, operation)
    try:
        who = target_of(desk, rollout).put(percent, tell)
    except Unavailable:
        raise  # it is tried again; `hold` says in the end that it is not known
    except AndonError as problem:
        _record_end(desk, rollout, percent, Outcome.FAILED, str(problem))
        raise
    ended = FlagActEnded(
        operation=stage_operation(operation, percent),
        outcome=Outcome.SUCCEEDED,
        connected=who.connected,
        confirmed=who.confirmed,
        silent=who.silent[:20],
        milliseconds=who.milliseconds,
        slowest=who.slowest,
        can_confirm=who.can_confirm,
        detail=redacted(desk, who.detail),
    )
    attempt = f"/{len(rollout.resumed)}" if rollout.resumed else ""
    under = CommandId(f"{stage_operation(operation, percent)}/ended{attempt}")
    desk.append(service_stream(desk), (ended,), command=under)
    rollout = rollout_of(desk, operation)
    if rollout.planned.after_kill:
        finish_enabling(desk, rollout.planned.flag)
    if rollout.ended is not None:  # somebody ended it while it was being put
        _undo_late(desk, rollout)
        return OVER
    return ON


def _record_end(desk: Desk, rollout: Rollout, percent: float, outcome: Outcome, detail: str) -> None:
    """Record that a stage was not put, or that nobody knows; once for each time somebody let it go on."""
    act = stage_operation(rollout.id, percent)
    ended = FlagActEnded(operation=act, outcome=outcome, detail=redacted(desk, detail))
    desk.append(service_stream(desk), (ended,), command=CommandId(f"{act}/not-put/{len(rollout.resumed)}"))


def _undo_late(desk: Desk, rollout: Rollout) -> None:
    """Take back what a worker put while, or after, somebody took the whole rollout back."""
    if rollout.ended is not None and rollout.ended.how == "taken back":
        target_of(desk, rollout).take_back()


def _danger(desk: Desk, rollout: Rollout) -> str:
    """Return why no new stage may begin by itself now, "" for nothing."""
    found = [i.id for i in incidents_in_response(desk) if i.severity.is_emergency]
    new = [name for name in found if name not in rollout.despite]
    return f"{', '.join(new)} is in response: no new risk for the service" if new else ""


def look_at(desk: Desk, operation: str, percent: float, tell: Callable[[str], None]) -> Looked:
    """Run the smoke tests, read the logs since the stage began, and judge it by them.

    A failure is on record at once; a pass when the stage was watched for its time; when not enough is known
    by then, it is waited for, and after `patience` the rollout is held.
    """
    rollout = rollout_of(desk, operation)
    stage = rollout.stage(percent)
    if rollout.ended is not None or stage is None or stage.in_force_at is None:
        return Looked(found=OVER)
    if (known := _known(stage)) is not None:
        return known
    try:
        obstacle = target_of(desk, rollout).obstacle()
    except Unavailable as problem:  # what the smoke tests and the logs say counts all the same
        obstacle = ""
        tell(f"{percent:g} %: {redacted(desk, str(problem))}")
    if obstacle:
        end(desk, operation, "stopped", obstacle)
        return Looked(found=OVER)
    if not rollout.planned.watch:
        return Looked(found="passed")
    seen, views = _look(desk, rollout, stage)
    verdict = judge_stage(seen)
    age = (desk.clock.now() - stage.in_force_at).total_seconds()
    watch, patience = rollout.planned.watch, rollout.planned.patience
    limit = watch if verdict.verdict is Verdict.PASSED else watch + patience
    if verdict.verdict is not Verdict.FAILED and age < limit:
        if age >= watch:
            tell(f"{percent:g} %: not enough is known yet: {redacted(desk, verdict.summary)}")
        pause = min(max(age * _SHARE, _SHORTEST), max(_LONGEST, watch / _MOST))
        due = watch if age < watch else limit
        return Looked(found="watching", pause=round(min(pause, max(due - age, 0.05)), 3))
    evidence = _kept(desk, rollout, stage, verdict, seen, views)
    _record_verdict(desk, rollout, stage, verdict, evidence)
    known = _known(rollout_of(desk, operation).stage(percent) or stage)
    return known or Looked(found=OVER)


def _known(stage: Stage) -> Looked | None:
    """Return what is on record of a stage; None before it was judged."""
    if stage.may_go_on:
        return Looked(found="passed")
    if stage.judged is None:
        return None
    return Looked(found="failed" if stage.judged.verdict is Verdict.FAILED else HELD)


def _look(desk: Desk, rollout: Rollout, stage: Stage) -> tuple[StageSeen, tuple[LogView, ...]]:
    trials = Trials(desk)
    trials.settle(0.0, lambda _: None)
    case = Case(
        since=stage.begun_at,
        broke_at=None,
        calm_from=None,
        originals=frozenset(),
        closed=known_errors(desk),
        ignoring=(),
        changed_at=rollout.stages[0].begun_at,
        exposed=stage.percent / 100,
    )
    views = watch_logs(desk, case, 0.0, lambda _: None, trials.again) if desk.logs else ()
    if desk.probes:
        desk.clock.sleep(PAUSE)  # what fails for a moment is not what a stage broke
    seen = StageSeen(
        percent=stage.percent,
        probes=trials.conclude(keep="none").probes,
        logs=views,
        passing=rollout.passing,
        failing=rollout.failing,
        was_served=target_of(desk, rollout).was_served(stage.begun_at),
    )
    return seen, views


def _kept(
    desk: Desk,
    rollout: Rollout,
    stage: Stage,
    verdict: StageVerdict,
    seen: StageSeen,
    views: tuple[LogView, ...],
) -> EvidenceHash | None:
    """Store what was seen; None where that cannot be stored: the verdict stands all the same."""
    plan = rollout.planned
    lines = [f"{plan.flag}: {plan.variant} at {stage.percent:g} % (operation {plan.operation})"]
    lines += [
        f"since: {stage.begun_at:%Y-%m-%dT%H:%M:%SZ}",
        f"verdict: {verdict.verdict}",
        verdict.summary,
        "",
    ]
    lines += [f"{p.verdict}  {p.name}  {p.summary}" for p in seen.probes]
    for view in views:
        usual = "" if view.expected is None else f", {view.expected:.0f} are usual"
        lines += [f"{view.name}: {view.lines} messages, {view.severe} severe, {view.needed} needed{usual}"]
        lines += [f"  {told}" for told in (*view.new_signatures, *view.doubts, *view.notes)]
    try:
        return desk.evidence.put("\n".join(lines).encode("utf-8", "replace"), "text/plain").evidence
    except AndonError:
        return None


def _record_verdict(
    desk: Desk, rollout: Rollout, stage: Stage, verdict: StageVerdict, evidence: EvidenceHash | None
) -> None:
    judged = RolloutStageJudged(
        operation=rollout.id,
        percent=stage.percent,
        verdict=verdict.verdict,
        summary=redacted(desk, verdict.summary),
        broken=tuple(probe.name for probe in verdict.broken),
        is_critical=verdict.is_critical,
        signs=tuple(redacted(desk, sign) for sign in verdict.signs[:5]),
        evidence=evidence,
    )

    def decide() -> Event | None:
        known = rollout_of(desk, rollout.id)
        now = known.stage(stage.percent)
        return judged if known.ended is None and now is not None and _known(now) is None else None

    record_when(desk, decide)


def seconds_left(desk: Desk, operation: str, percent: float) -> float:
    """Return the seconds until a stage has stayed for its time."""
    rollout = rollout_of(desk, operation)
    stage = rollout.stage(percent)
    if stage is None or stage.in_force_at is None or rollout.ended is not None:
        return 0.0
    due: datetime = stage.in_force_at + timedelta(seconds=rollout.planned.every)
    return max((due - desk.clock.now()).total_seconds(), 0.0)


def hold(desk: Desk, operation: str, why: str) -> str:
    """Record that it does not go on by itself, and why; return HELD or OVER.

    It is over where nothing was put, or where the first stage was refused: then there is nothing to hold.
    """
    rollout = rollout_of(desk, operation)
    if rollout.ended is not None:
        return OVER
    last = rollout.stages[-1] if rollout.stages else None
    if last is not None and last.judged is not None and last.judged.verdict is Verdict.FAILED:
        return HELD  # what follows a failure is not over: a worker takes it up again
    if last is not None and last.act is None:
        _record_end(desk, rollout, last.percent, Outcome.UNKNOWN, why)
    if last is None or (len(rollout.stages) == 1 and last.act and last.act.outcome is Outcome.FAILED):
        end(desk, operation, "stopped", why)
        return OVER
    told = redacted(desk, why)

    def decide() -> Event | None:
        known = rollout_of(desk, operation)
        if known.ended is not None or known.is_held:
            return None
        judged = RolloutStageJudged(
            operation=operation,
            percent=known.percent,
            verdict=Verdict.UNKNOWN,
            summary=f"{told}; {command_of(known, '--resume --reason WHY')} lets it go on",
        )
        return judged

    record_when(desk, decide)
    return HELD


def complete(desk: Desk, operation: str) -> None:
    """Do what is left after the last stage, and record that it is over. Raises what the system raises."""
    rollout = rollout_of(desk, operation)
    if rollout.ended is None:
        target_of(desk, rollout).finish()
        end(desk, operation, "completed")


def end(desk: Desk, operation: str, how: str, reason: str = "", incident: str = "") -> None:
    """Record that it is over, unless somebody has."""

    def decide() -> Event | None:
        known = rollout_of(desk, operation)
        if known.ended is not None:
            return None
        return RolloutEnded(
            operation=operation,
            how=how,
            percent=known.percent,
            reason=redacted(desk, reason),
            incident=incident,
        )

    record_when(desk, decide)
