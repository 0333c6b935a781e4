"""Reminding of the audit of secret files: a timer that sleeps until a quarter after the last one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from andon.desk.audit_reminder import remind_of_audit, seconds_left
from andon.workflows.kept_errors import desk_of_a_step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from andon.desk.ports import Desk
    from andon.workflows.engine import Run

#: The name under which the engine knows the body.
NAME = "secret-audit"


class Reminder:
    """The body."""

    def __init__(self, desks: Callable[[str], AbstractContextManager[Desk]]) -> None:
        """Take a desk for an actor ("" for the worker itself)."""
        self._desks = desks

    def __call__(self, run: Run, arguments: Mapping[str, str]) -> None:
        """Sleep until the day, then tell everybody, unless it was audited meanwhile."""
        due = datetime.fromisoformat(arguments["due"])
        pause = run.step("wait", lambda: self._left(due))
        if pause is None:
            return
        run.sleep(pause)
        if run.step("look", lambda: self._left(due)) is None:
            return
        number = 0
        while pause is not None:
            number += 1
            pause = self._try(run, due, number)
            if pause is not None:
                run.sleep(pause)

    def _try(self, run: Run, due: datetime, number: int) -> float | None:
        pause: float | None = run.step(f"attempt {number}", lambda: self._remind(due, number))
        return pause

    def _left(self, due: datetime) -> float | None:
        with desk_of_a_step(self._desks) as desk:
            return seconds_left(desk, due)

    def _remind(self, due: datetime, number: int) -> float | None:
        with desk_of_a_step(self._desks) as desk:
            return remind_of_audit(desk, due, number)
