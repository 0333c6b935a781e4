"""Reminding of a postmortem that is late: a timer per incident, which sleeps until the deadline."""

from __future__ import annotations

from andon.desk.delivery import remind_of_late_postmortems, reminder_of
from andon.incident.evolve import fold
from andon.incident.policy import postmortem_due
from andon.workflows.kept_errors import desk_of_a_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from andon.desk.ports import Desk
    from andon.workflows.engine import Run

__all__ = ["NAME", "Deadline", "reminder_of"]

#: The name under which the engine knows the body.
NAME = "deadline"
#: Seconds after the deadline at which it is looked at, so that it is late by every clock.
_AFTER = 1.0


class Deadline:
    """The body."""

    def __init__(self, desks: Callable[[str], AbstractContextManager[Desk]]) -> None:
        """Take a desk for an actor ("" for the worker itself)."""
        self._desks = desks

    def __call__(self, run: Run, arguments: Mapping[str, str]) -> None:
        """Sleep until the deadline, then remind whoever is to be told, unless it was met."""
        pause = run.step("wait", lambda: self._left(arguments["incident"]))
        if pause is not None:
            run.sleep(pause)
            run.step("remind", self._remind)

    def _left(self, incident: str) -> float | None:
        """Return the seconds until it is late, None when nothing is due any more."""
        with desk_of_a_step(self._desks) as desk:
            state = fold(desk.history(incident))
            due = postmortem_due(state)
            if due is None or state.mitigated is None or state.published is not None:
                return None
            return max((due - desk.clock.now()).total_seconds(), 0.0) + _AFTER

    def _remind(self) -> None:
        with desk_of_a_step(self._desks) as desk:
            remind_of_late_postmortems(desk)
