"""A release that is given to a part of the traffic by weight: planned, and the target of a rollout."""

from __future__ import annotations

from andon.desk.flags.rollout import (
    Wishes,
    new_operation,
    refuse_another,
    refuse_incidents,
    refuse_stages,
    take_baseline,
)
from andon.desk.flags.values import Confirmed
from andon.errors import Refused, Unavailable
from andon.incident.events import RolloutPlanned
from andon.incident.rollout_state import stage_operation
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.desk.ports_canary import Canary
    from andon.incident.rollout_state import Rollout


def canary_of(desk: Desk) -> Canary:
    """Return what divides the traffic; raises Unavailable where the deployer cannot."""
    canary: Canary | None = getattr(desk.deployer, "canary", None)
    if canary is None:
        kind = desk.deployer.kind if desk.deployer else "no deployer"
        raise Unavailable(
            f"{kind} cannot give a release to a part of the traffic",
            where=desk.config.path or desk.config.root,
            rule="canary",
            remedy='kind = "argo-rollouts" in [deploy]; or a flag: andon flags rollout KEY 5% 25% 100%',
        )
    return canary


def plan_canary(desk: Desk, version: str, wishes: Wishes) -> RolloutPlanned:
    """Return the plan to spread a version; without stages those of the deployer. Nothing is touched.

    Raises Refused for stages at which the deployer would not wait, and whatever refuses a rollout of a flag.
    """
    canary = canary_of(desk)
    there = canary.stages()
    wishes = replace(wishes, stages=wishes.stages or there)
    refuse_stages(wishes)
    strange = [p for p in wishes.stages if p not in there]
    if strange:
        known = ", ".join(f"{p:g} %" for p in there)
        raise Refused(
            f"it would not wait at {strange[0]:g} %; it waits at: {known}",
            where=canary.name,
            rule="canary-steps",
            remedy=f"andon canary {version} {' '.join(f'{p:g}%' for p in there)}",
        )
    if wishes.stages[-1] != 100:
        raise Refused(
            "a canary that does not end at 100 % keeps two versions for ever",
            where=canary.name,
            rule="canary-steps",
            remedy=f"andon canary {version} {' '.join(f'{p:g}%' for p in wishes.stages)} 100%",
        )
    refuse_another(desk, canary.name, "release")
    canary.preflight(version)
    seen = canary.standing()
    despite = refuse_incidents(desk, wishes.reason, canary.name)
    baseline = take_baseline(desk, wishes, canary.name)
    return RolloutPlanned(
        operation=new_operation(desk),
        system=canary.kind,
        flag=canary.name,
        variant=version,
        stages=wishes.stages,
        every=wishes.every,
        watch=wishes.every if wishes.watch is None else min(wishes.watch, wishes.every),
        before=f"{seen.stable} has all traffic",
        undo="andon canary --back",
        reason=wishes.reason,
        target="release",
        safe=seen.stable,
        patience=wishes.patience,
        passing=baseline.passing,
        failing=baseline.failing,
        waits=wishes.waits,
        despite=despite,
    )


class ReleaseTarget:
    """The port `Target` for a release."""

    def __init__(self, desk: Desk, rollout: Rollout) -> None:
        """Take the desk and the rollout; raises Unavailable where the deployer cannot divide traffic."""
        self._desk = desk
        self._rollout = rollout
        self._canary = canary_of(desk)

    def before(self) -> str:
        """Return which version has which part."""
        return self._canary.standing().told

    def obstacle(self) -> str:
        """Return that it was aborted, or that another version is on its way."""
        if not any(stage.in_force_at for stage in self._rollout.stages):
            return ""
        version, seen = self._rollout.planned.variant, self._canary.standing()
        if seen.version != version:
            return f"{seen.version} is what is deployed now, not {version}"
        return f"{version} was aborted in the cluster" if seen.is_aborted else ""

    def put(self, percent: float, tell: Callable[[str], None]) -> Confirmed:
        """Bring it to the stage and wait until it is there."""
        plan = self._rollout.planned
        told = self._canary.spread(plan.variant, percent, stage_operation(self._rollout.id, percent), tell)
        return Confirmed(connected=0, confirmed=0, can_confirm=False, detail=told)

    def take_back(self) -> None:
        """Give everybody what was before; nothing is done when another version came meanwhile."""
        plan = self._rollout.planned
        if self._rollout.stages:
            self._canary.withdraw(plan.variant, plan.safe, f"{self._rollout.id}/back")

    def finish(self) -> None:
        """Make it the only one."""
        self._canary.complete(self._rollout.planned.variant, self._rollout.id)

    def was_served(self, _since: datetime) -> bool | None:
        """Return None: a weight is not a count."""
        return None
