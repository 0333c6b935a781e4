"""Delivering one message to one target: tried again after pauses, until it is taken or given up."""

from __future__ import annotations

from andon.desk.delivery import deliver_one
from andon.workflows.kept_errors import desk_of_a_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from andon.desk.ports import Desk
    from andon.workflows.engine import Run

#: The name under which the engine knows the body.
NAME = "message"


class Delivery:
    """The body."""

    def __init__(self, desks: Callable[[str], AbstractContextManager[Desk]]) -> None:
        """Take a desk for an actor ("" for the worker itself)."""
        self._desks = desks

    def __call__(self, run: Run, arguments: Mapping[str, str]) -> None:
        """Try until nothing is left to try; the journal says how often that was, and when it is due."""
        number = 0
        while True:
            number += 1
            pause = run.step(f"attempt {number}", lambda: self._attempt(arguments))
            if pause is None:
                return
            run.sleep(pause)

    def _attempt(self, arguments: Mapping[str, str]) -> float | None:
        """Return the seconds until the next attempt, None when there is none."""
        with desk_of_a_step(self._desks) as desk:
            again = deliver_one(desk, arguments["incident"], arguments["request"], arguments["target"])
            return max((again - desk.clock.now()).total_seconds(), 0.0) if again else None
