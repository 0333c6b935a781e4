"""How far each rollout of a service got: a fold over the events of its own stream."""

from __future__ import annotations

from andon.incident import flag_events as e
from andon.incident.words import Outcome, Verdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from andon.incident.recorded import Recorded

#: The events that say how far rollouts are; a journal is asked for these only.
TYPES = (
    "RolloutPlanned",
    "FlagActPlanned",
    "FlagActEnded",
    "RolloutStageJudged",
    "RolloutResumed",
    "RolloutEnded",
)


#: What the operation id of taking a rollout back ends with.
_BACK = "-back"


class Stage(Record):
    """One stage that was begun."""

    percent: float
    begun_at: datetime
    #: When the flag system had taken it; None while it is being put there, or when it did not take it.
    in_force_at: datetime | None = None
    act: e.FlagActEnded | None = None
    judged: e.RolloutStageJudged | None = None
    judged_at: datetime | None = None
    #: True once somebody signed for what was not known of it.
    is_signed: bool = False

    @property
    def may_go_on(self) -> bool:
        """True when the stage after it may begin."""
        return self.is_signed or (self.judged is not None and self.judged.verdict is Verdict.PASSED)


class Rollout(Record):
    """One rollout, from its plan to its end."""

    planned: e.RolloutPlanned
    planned_at: datetime
    #: Who planned it: the stages are put in their name.
    actor: str
    stages: tuple[Stage, ...] = ()
    resumed: tuple[tuple[datetime, str, e.RolloutResumed], ...] = ()
    ended: e.RolloutEnded | None = None
    ended_at: datetime | None = None
    #: When it was taken back, before its end or after it.
    back_at: datetime | None = None

    @property
    def id(self) -> str:
        """Its operation."""
        return self.planned.operation

    @property
    def percent(self) -> float:
        """What the flag system was last asked for; 0 before the first stage."""
        return self.stages[-1].percent if self.stages else 0.0

    @property
    def is_held(self) -> bool:
        """True while it waits for somebody to sign: a stage of which not enough is known, or its plan."""
        if self.ended is not None:
            return False
        if not self.stages:
            return self.planned.waits and not self.resumed
        last = self.stages[-1]
        return last.judged is not None and not last.is_signed and last.judged.verdict is Verdict.UNKNOWN

    @property
    def is_under_way(self) -> bool:
        """True while a worker has something to do for it, now or when the stage's time has come."""
        return self.ended is None and not self.is_held

    @property
    def passing(self) -> frozenset[str]:
        """The smoke tests that passed before the first stage."""
        return frozenset(self._baseline[0])

    @property
    def failing(self) -> frozenset[str]:
        """The smoke tests that failed before the first stage: they say nothing of the flag."""
        return frozenset(self._baseline[1])

    @property
    def _baseline(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        for _, _, resumed in self.resumed:
            if resumed.percent == 0:
                return resumed.passing, resumed.failing
        return self.planned.passing, self.planned.failing

    @property
    def despite(self) -> frozenset[str]:
        """The incidents in response that somebody saw and signed for."""
        seen = (*self.planned.despite, *(name for _, _, r in self.resumed for name in r.despite))
        return frozenset(seen)

    def stage(self, percent: float) -> Stage | None:
        """Return a stage that was begun, None for one that was not."""
        return next((stage for stage in self.stages if stage.percent == percent), None)

    @property
    def next_percent(self) -> float | None:
        """The stage that comes next; None when there is none."""
        return next((p for p in self.planned.stages if p > self.percent), None)


def stage_operation(operation: str, percent: float) -> str:
    """Return the operation id under which a stage is put: the same for whoever does it."""
    return f"{operation}/{percent:g}"


def back_operation(operation: str) -> str:
    """Return the operation id under which a rollout is taken back."""
    return f"{operation}{_BACK}"


def rollout_operation(act: str) -> str:
    """Return the operation id of the rollout whose stage, or whose taking back, an act is."""
    return act.rpartition("/")[0] or act.removesuffix(_BACK)


def stage_percent(act: str) -> float | None:
    """Return the stage that an act put; None for one that took the rollout back."""
    stage = act.rpartition("/")[2]
    try:
        return float(stage) if "/" in act else None
    except ValueError:
        return None


def fold_rollouts(history: Iterable[Recorded]) -> tuple[Rollout, ...]:
    """Return the rollouts of a service, oldest first; other events are passed over."""
    found: dict[str, Rollout] = {}
    for recorded in history:
        match recorded.event:
            case e.RolloutPlanned() as plan:
                if plan.operation not in found:
                    made = Rollout(planned=plan, planned_at=recorded.at, actor=recorded.actor)
                    found[plan.operation] = made
            case e.FlagActPlanned() | e.FlagActEnded() as act:
                owner = found.get(act.operation.rpartition("/")[0])
                if owner is not None:
                    found[owner.id] = _with_act(owner, act, recorded.at)
                elif (known := found.get(act.operation.removesuffix(_BACK))) is not None:
                    found[known.id] = _taken_back(known, act, recorded.at)
            case e.RolloutStageJudged() | e.RolloutResumed() | e.RolloutEnded() as event:
                if (known := found.get(event.operation)) is not None and known.ended is None:
                    found[known.id] = _with(known, event, recorded)
    return tuple(found.values())


def _with_act(known: Rollout, act: e.FlagActPlanned | e.FlagActEnded, at: datetime) -> Rollout:
    percent = _percent_in(known, act.operation)
    if percent is None:
        return known
    stage = known.stage(percent)
    if isinstance(act, e.FlagActPlanned):
        return known if stage else replace(known, stages=(*known.stages, Stage(percent=percent, begun_at=at)))
    if stage is None:
        return known
    if act.outcome is not Outcome.SUCCEEDED:
        return _put(known, replace(stage, act=act))
    # What was judged or signed before it was in force was that it could not be put there.
    fresh = replace(stage, act=act, in_force_at=at, judged=None, judged_at=None, is_signed=False)
    return _put(known, fresh)


def _taken_back(known: Rollout, act: e.FlagActPlanned | e.FlagActEnded, at: datetime) -> Rollout:
    is_done = isinstance(act, e.FlagActEnded) and act.outcome is Outcome.SUCCEEDED
    return replace(known, back_at=at) if is_done and known.back_at is None else known


def _percent_in(known: Rollout, operation: str) -> float | None:
    return next((p for p in known.planned.stages if stage_operation(known.id, p) == operation), None)


def _with(
    known: Rollout, event: e.RolloutStageJudged | e.RolloutResumed | e.RolloutEnded, recorded: Recorded
) -> Rollout:
    match event:
        case e.RolloutStageJudged():
            stage = known.stage(event.percent)
            if stage is None:
                return known
            return _put(known, replace(stage, judged=event, judged_at=recorded.at, is_signed=False))
        case e.RolloutResumed():
            stage = known.stage(event.percent)
            known = replace(known, resumed=(*known.resumed, (recorded.at, recorded.actor, event)))
            return _put(known, replace(stage, is_signed=True)) if stage else known
        case e.RolloutEnded():
            return replace(known, ended=event, ended_at=recorded.at)


def _put(known: Rollout, stage: Stage) -> Rollout:
    stages = tuple(stage if s.percent == stage.percent else s for s in known.stages)
    return replace(known, stages=stages)


def rollout_in_words(rollout: Rollout) -> str:
    """Return in a few words where it stands: `5 % since 03:10, then 25 %, 100 %`."""
    if rollout.ended is not None:
        is_late = rollout.back_at is not None and rollout.ended.how != "taken back"
        return f"{rollout.ended.how} at {rollout.ended.percent:g} %{', taken back since' if is_late else ''}"
    rest = [f"{p:g} %" for p in rollout.planned.stages if p > rollout.percent]
    then = f", then {', '.join(rest)}" if rest else ""
    if not rollout.stages:
        waits = "waits to be approved" if rollout.is_held else "begins"
        return f"{waits}: {', '.join(rest)}"
    last = rollout.stages[-1]
    held = f", held: {last.judged.summary}" if rollout.is_held and last.judged else ""
    since = f" since {last.in_force_at:%H:%M:%S}" if last.in_force_at else ", being put"
    return f"{last.percent:g} %{since}{held}{then}"
