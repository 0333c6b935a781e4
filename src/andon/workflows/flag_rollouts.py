"""A rollout as a list of steps: each stage is put, watched, judged. The steps are in `desk.flags`."""

from __future__ import annotations

from contextlib import suppress

from andon.desk.flags import failing, stages
from andon.desk.flags.attention import tell_held
from andon.desk.flags.failing import TurnedOff
from andon.desk.flags.rollouts import rollout_of
from andon.desk.flags.stages import HELD, ON
from andon.desk.redacting import redacted
from andon.errors import AndonError
from andon.workflows.kept_errors import desk_of_a_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from andon.desk.ports import Desk
    from andon.incident.rollout_state import Rollout
    from andon.workflows.engine import Run

#: The name under which the engine knows the body.
NAME = "flag-rollout"
#: Seconds before it is tried again to turn off what failed, and how often: beyond the patience of a step.
_AGAIN, _TRIES = 30.0, 40
#: Seconds before those are told again that it is held whose address did not take it.
_TELL_AGAIN = 60.0


def task_of(rollout: Rollout) -> str:
    """Return the id of a rollout's workflow; another one after each time that somebody let it go on."""
    again = f".{len(rollout.resumed)}" if rollout.resumed else ""
    return f"{NAME}:{rollout.id}{again}"


class Stages:
    """The body: carries a planned rollout to its end, in the name of whoever planned it."""

    def __init__(
        self, desks: Callable[[str], AbstractContextManager[Desk]], progress: Callable[[str, str], None]
    ) -> None:
        """Take a desk for an actor ("" for the worker itself), and who hears of progress."""
        self._desks = desks
        self._progress = progress

    def __call__(self, run: Run, arguments: Mapping[str, str]) -> None:
        """Do the stages that are left; what cannot go on is held, with the reason on record."""
        operation = arguments["operation"]

        def step(name: str, work: Callable[..., Any], *more: Any) -> Any:
            return run.step(name, lambda: self._at_a_desk(work, operation, *more))

        try:
            percents = step("read", _percents)
            for percent in percents:
                # 1. Put it there, and hear which processes have it.
                begun = step(f"begin {percent:g} %", self._begin, percent)
                if begun == HELD:
                    self._held(run, step)
                if begun != ON:
                    return
                # 2. Look at it until enough is known, its time is over, or something is wrong.
                found = self._watched(run, step, percent)
                if found == "failed":
                    self._failed(run, step)
                if found == HELD:
                    self._held(run, step)
                if found != "passed":
                    return
                # 3. It stays for its time, wherever we are by then.
                if percent != percents[-1]:
                    run.sleep(step(f"time left at {percent:g} %", stages.seconds_left, percent))
            # 4. Over.
            step("end", _completed)
        except AndonError as problem:
            if step("hold", stages.hold, _told(problem)) == HELD:
                self._held(run, step)

    def _held(self, run: Run, step: Callable[..., Any]) -> None:
        """Tell those who must know that it waits for somebody; who cannot be reached is tried once more."""
        with suppress(AndonError):  # it is held whoever hears of it
            left = step("tell that it is held", tell_held)
            if left:
                run.sleep(_TELL_AGAIN)
                step("tell that it is held again", tell_held, left)

    def _watched(self, run: Run, step: Callable[..., Any], percent: float) -> str:
        number = 0
        while True:
            number += 1
            seen = step(f"look {number} at {percent:g} %", self._look, percent)
            if seen["found"] != "watching":
                found: str = seen["found"]
                return found
            run.sleep(seen["pause"])

    def _failed(self, run: Run, step: Callable[..., Any]) -> None:
        """Turn it off first, then declare; what cannot be turned off is declared as such, and tried again."""
        off = self._turned_off(step, "turn off")
        incident = step("declare", _declare, off["is_off"], off["told"], off["act"])
        was_off, number = off["is_off"], 1
        while not off["is_off"] and number < _TRIES:
            number += 1
            run.sleep(_AGAIN)
            off = self._turned_off(step, f"turn off, try {number}")
        if off["is_off"] and not was_off:
            step("tell the incident", _tell, off["told"], off["act"], incident)
        step("end", _killed, off["is_off"], off["told"], incident)

    def _turned_off(self, step: Callable[..., Any], name: str) -> dict[str, Any]:
        try:
            off: dict[str, Any] = step(name, _turn_off)
        except AndonError as problem:
            off = {"is_off": False, "told": _told(problem), "act": ""}
        return off

    def _at_a_desk(self, work: Callable[..., Any], operation: str, *more: Any) -> Any:
        """Do a step at a desk of its own: another thread, or another process, may have done the last one."""
        with self._desks("") as own:
            actor = rollout_of(own, operation).actor
        with desk_of_a_step(self._desks, actor) as desk:
            return work(desk, operation, *more)

    def _begin(self, desk: Desk, operation: str, percent: float) -> str:
        return stages.begin(desk, operation, percent, self._teller(desk, operation))

    def _look(self, desk: Desk, operation: str, percent: float) -> dict[str, Any]:
        seen = stages.look_at(desk, operation, percent, self._teller(desk, operation))
        return {"found": seen.found, "pause": seen.pause}

    def _teller(self, desk: Desk, operation: str) -> Callable[[str], None]:
        return lambda line: self._progress(operation, redacted(desk, line))


def _percents(desk: Desk, operation: str) -> list[float]:
    return list(rollout_of(desk, operation).planned.stages)


def _turn_off(desk: Desk, operation: str) -> dict[str, Any]:
    off = failing.turn_off(desk, operation)
    return {"is_off": off.is_off, "told": off.told, "act": off.act}


def _declare(desk: Desk, operation: str, is_off: bool, told: str, act: str) -> str:
    return failing.declare_failure(desk, operation, TurnedOff(is_off=is_off, told=told, act=act))


def _tell(desk: Desk, operation: str, told: str, act: str, incident: str) -> None:
    failing.tell_incident(desk, operation, incident, TurnedOff(is_off=True, told=told, act=act))


def _killed(desk: Desk, operation: str, is_off: bool, told: str, incident: str) -> None:
    judged = failing.failed_stage(rollout_of(desk, operation))
    why = f"{judged.summary}; " if judged else ""
    stages.end(desk, operation, "killed" if is_off else "failed", f"{why}{told}", incident)


def _completed(desk: Desk, operation: str) -> None:
    stages.complete(desk, operation)


def _told(problem: AndonError) -> str:
    return f"{problem}; way out: {problem.remedy}" if problem.remedy else str(problem)
