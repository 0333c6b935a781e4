"""An approved act on production as a numbered list of steps; each is in `desk.acting` and happens once."""

from __future__ import annotations

from andon.desk import acting
from andon.desk.redacting import redacted
from andon.errors import AndonError
from andon.incident.evolve import fold
from andon.incident.words import Outcome, Verdict
from andon.workflows.kept_errors import desk_of_a_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from andon.desk.ports import Desk
    from andon.desk.ports_workers import DeployRunner
    from andon.workflows.engine import Run

#: The name under which the engine knows the body.
NAME = "operation"


def task_of(operation: str) -> str:
    """Return the id of an operation's workflow: the same for whoever starts it, so that there is one."""
    return f"{NAME}:{operation}"


class Act:
    """The body: carries an approved operation to its end, in the name of whoever approved it."""

    def __init__(
        self,
        desks: Callable[[str], AbstractContextManager[Desk]],
        runner: DeployRunner,
        progress: Callable[[str, str], None],
    ) -> None:
        """Take a desk for an actor ("" for the worker itself), the runner, and who hears of progress."""
        self._desks = desks
        self._runner = runner
        self._progress = progress

    def __call__(self, run: Run, arguments: Mapping[str, str]) -> None:
        """Do the steps that are left; what cannot go on is stopped, with the reason on record."""
        incident, operation = arguments["incident"], arguments["operation"]

        def step(name: str, work: Callable[..., Any], *more: Any) -> Any:
            return run.step(name, lambda: self._at_a_desk(work, incident, operation, *more))

        try:
            # 1. Does everything the approval rests on still hold?
            step("re-check", acting.recheck)
            # 2. From here on it is under way, and nobody else may act.
            step("claim", acting.claim, self._runner.host)
            # 3. Once: by a runner of its own, which outlives us.
            outcome = step("deploy", self._deploy)
            if outcome != Outcome.SUCCEEDED.value:
                step("end", acting.end)
                return
            # 4. All copies of the new version are there.
            missing = step("capacity", self._capacity)
            # 5. Smoke tests, the watch over the logs, the verdict, the ledger.
            verdict = step("verify", self._verify, missing)
            # 6. What was taken out does not come back by itself.
            step("block", self._block, verdict)
            # 7. Over.
            step("end", self._end, verdict, missing)
        except AndonError as problem:
            step("stop", acting.stop, _told(problem))

    def _at_a_desk(self, work: Callable[..., Any], incident: str, operation: str, *more: Any) -> Any:
        """Do a step at a desk of its own: another thread, or another process, may have done the last one."""
        with self._desks("") as own:
            approval = fold(own.history(incident)).approval(operation)
        with desk_of_a_step(self._desks, approval.mark.actor if approval else "") as desk:
            return work(desk, incident, operation, *more)

    def _deploy(self, desk: Desk, incident: str, operation: str) -> str | None:
        approval = fold(desk.history(incident)).approval(operation)
        if approval is None or (approval.ended is not None and approval.ended.outcome is None):
            return None  # somebody stopped it before it began
        return acting.deploy(desk, incident, operation, self._runner).value

    def _capacity(self, desk: Desk, incident: str, operation: str) -> str:
        missing = acting.wait_for_capacity(desk, incident, operation)
        if missing:
            self._progress(operation, f"not all copies are ready: {missing}")
        return missing

    def _verify(self, desk: Desk, incident: str, operation: str, missing: str) -> str | None:
        def tell(line: str) -> None:
            self._progress(operation, redacted(desk, line))

        verdict = acting.verify(desk, incident, operation, missing, tell)
        return verdict.value if verdict else None

    def _block(self, desk: Desk, incident: str, operation: str, verdict: str | None) -> None:
        acting.block(desk, incident, operation, Verdict(verdict) if verdict else None)

    def _end(self, desk: Desk, incident: str, operation: str, verdict: str | None, missing: str) -> None:
        seen = Verdict(verdict) if verdict else None
        reason = f"not all copies are ready: {missing}" if missing else ""
        acting.end(desk, incident, operation, verdict=seen, reason=reason)


def _told(problem: AndonError) -> str:
    return f"{problem}; way out: {problem.remedy}" if problem.remedy else str(problem)
