"""What a rollout spreads, behind one face: a variant of a flag. A release by weight is in `desk.canary`."""

from __future__ import annotations

from shlex import quote

from andon.desk.flags.system import flag_system_of
from andon.flags.overrides import KILL, ROLLOUT, Override
from andon.incident.codec import timestamp
from andon.incident.rollout_state import stage_operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Protocol

    from andon.desk.flags.values import Confirmed
    from andon.desk.ports import Desk
    from andon.incident.rollout_state import Rollout

    class Target(Protocol):
        """Something that can be given to a part of everybody."""

        def before(self) -> str:
            """Return in a few words what everybody has now."""

        def obstacle(self) -> str:
            """Return what somebody else did so that it is over, "" for nothing; raises Unavailable."""

        def put(self, percent: float, tell: Callable[[str], None]) -> Confirmed:
            """Give it to `percent` of everybody; done again, it happens once. Raises Refused, Unavailable."""

        def take_back(self) -> None:
            """Make it exactly what it was before the rollout; done again, it is no error."""

        def finish(self) -> None:
            """Do what is left once the last stage passed; done again, it is no error."""

        def was_served(self, since: datetime) -> bool | None:
            """Say whether anybody got it since then; None when that is not counted. Never raises."""


class FlagTarget:
    """The port `Target` for a flag: an override in the layer `rollout`."""

    def __init__(self, desk: Desk, rollout: Rollout) -> None:
        """Take the desk and the rollout; raises Unavailable without a flag system."""
        self._desk = desk
        self._rollout = rollout
        self._key = rollout.planned.flag
        self._system = flag_system_of(desk)

    def before(self) -> str:
        """Return what the flag does now."""
        return self._system.find(self._key).state

    def obstacle(self) -> str:
        """Return who killed the flag, or that another rollout of it was put there."""
        seen = self._system.find(self._key)
        kill, above = seen.kill, seen.rollout
        if kill is not None and kill.operation != self._rollout.planned.after_kill:
            where = f" in {kill.incident}" if kill.incident else ""
            return f"{self._key} was killed by {kill.by or kill.operation}{where}"
        if not any(stage.in_force_at for stage in self._rollout.stages):
            return ""
        if above is None:
            return f"the rollout of {self._key} was taken away in the flag system"
        if not self._is_own(above):
            return f"{self._key} was given {above.percent:g} % by {above.by or above.operation}"
        return ""

    def put(self, percent: float, tell: Callable[[str], None]) -> Confirmed:
        """Put the stage's override and wait for the processes; a kill that it follows is taken away."""
        plan = self._rollout.planned
        stage = self._rollout.stage(percent)
        operation = stage_operation(plan.operation, percent)
        override = Override(
            flag=plan.flag,
            layer=ROLLOUT,
            variant=plan.variant,
            percent=percent,
            operation=operation,
            by=self._rollout.actor,
            at=timestamp(stage.begun_at) if stage else "",
            reason=plan.reason,
        )
        version = self._system.put(override)
        kill = self._system.find(self._key).kill if plan.after_kill else None
        if kill is not None and kill.operation == plan.after_kill:
            version = self._system.take(self._key, KILL, operation, plan.after_kill)
        return self._system.confirmations(version, self._desk.config.flag_system.confirm, tell)

    def take_back(self) -> None:
        """Take the layer away, unless somebody else's is there."""
        above = self._system.find(self._key).rollout
        if above is not None and self._is_own(above):
            self._system.take(self._key, ROLLOUT, f"{self._rollout.id}/back", above.operation)

    def finish(self) -> None:
        """Nothing is left: the layer stays until the definition says the same."""

    def was_served(self, since: datetime) -> bool | None:
        """Say what the counts of the processes show."""
        from andon.errors import AndonError

        try:
            dated = [u for u in self._system.usage() if u.last_at is not None]
        except AndonError:
            return None
        if not dated:  # it counts nothing, or nothing yet
            return None
        key, variant = self._key, self._rollout.planned.variant
        own = [u.last_at for u in dated if (u.key, u.variant) == (key, variant)]
        return any(at is not None and at >= since for at in own)

    def _is_own(self, above: Override) -> bool:
        return above.operation.rpartition("/")[0] == self._rollout.id


def target_of(desk: Desk, rollout: Rollout) -> Target:
    """Return what the rollout spreads; raises Unavailable when it is not configured any more."""
    if rollout.planned.target == "release":
        from andon.desk.canary import ReleaseTarget

        return ReleaseTarget(desk, rollout)
    return FlagTarget(desk, rollout)


def command_of(rollout: Rollout, words: str = "") -> str:
    """Return the command that shows or steers the rollout."""
    plan = rollout.planned
    beginning = "andon canary" if plan.target == "release" else f"andon flags rollout {quote(plan.flag)}"
    return f"{beginning} {words}".rstrip()
