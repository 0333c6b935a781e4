"""A durable engine in memory that can be killed at any moment, and a runner that deploys at once.

What outlives a death is in `memory`, which the next engine takes over; held to the contract of the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from andon.desk.rollback import approve, approve_undo
from andon.desk.values import DeployReport
from andon.incident.events import RollbackPlanned
from andon.incident.evolve import fold
from andon.incident.state import Incident, Operation
from andon.incident.words import Outcome
from andon.record import Record
from andon.workflows.engine import Task, attempt, outcome_of
from andon.workflows.rollback import NAME, Act, task_of
from tests.fakes.desk import FakeDesk

if TYPE_CHECKING:
    from andon.workflows.engine import Body, Plain


class Killed(BaseException):
    """The process died here."""


@dataclass
class Remembered:
    """One workflow as it lies in the database."""

    name: str
    arguments: Mapping[str, str]
    state: str = "running"
    steps: list[tuple[str, dict[str, Plain]]] = field(default_factory=list)


class FakeEngine:
    """Runs a body at once, in the caller's thread; dies at the moment it was told to."""

    def __init__(
        self,
        bodies: Mapping[str, Body],
        memory: dict[str, Remembered] | None = None,
        *,
        die_at: int = 0,
        sleep: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.bodies = bodies
        self.memory = {} if memory is None else memory
        self.sleep = sleep
        #: Moments until death, 0 for never: each step has one before its work and one after.
        self.die_at = die_at
        self.moments = 0
        for task in [t for t, known in self.memory.items() if known.state == "running"]:
            self._work(task)

    def start(self, name: str, task: str, arguments: Mapping[str, str]) -> None:
        if task not in self.memory:
            self.memory[task] = Remembered(name, dict(arguments))
            self._work(task)

    def find(self, task: str) -> Task | None:
        known = self.memory.get(task)
        if known is None:
            return None
        last = known.steps[-1][0] if known.steps else ""
        return Task(id=task, name=known.name, state=known.state, step=last, worker="fake")

    def tasks(self) -> tuple[Task, ...]:
        return tuple(found for task in self.memory if (found := self.find(task)) is not None)

    def close(self) -> None:
        """Nothing is held."""

    def _work(self, task: str) -> None:
        known = self.memory[task]
        try:
            self.bodies[known.name](FakeRun(self, known), known.arguments)
        except Exception:  # noqa: BLE001 - as the real one: it is kept as failed
            known.state = "failed"
            return
        known.state = "done"

    def moment(self) -> None:
        """Die here, if it was so decided."""
        self.moments += 1
        if self.moments == self.die_at:
            raise Killed


class FakeRun:
    """The steps of one life of a workflow."""

    def __init__(self, engine: FakeEngine, known: Remembered) -> None:
        self.engine = engine
        self.known = known
        self.place = 0

    def step(self, name: str, work: Callable[[], Plain]) -> Plain:
        if self.place < len(self.known.steps):
            done, remembered = self.known.steps[self.place]
            assert done == name, f"the body changed: {name} where {done} was"
        else:
            self.engine.moment()
            remembered = attempt(work, self.engine.sleep)
            self.engine.moment()
            self.known.steps.append((name, remembered))
        self.place += 1
        return outcome_of(remembered)

    def sleep(self, seconds: float) -> None:
        self.step("sleep", lambda: self.engine.sleep(seconds))


class FakeRunner:
    """Deploys in the caller's thread; what it leaves behind outlives the caller."""

    def __init__(self, desk: FakeDesk, host: str = "here") -> None:
        self.desk = desk
        self.host = host
        self.begun: list[str] = []
        self.reports: dict[str, DeployReport] = {}
        #: "", or how `begin` goes wrong: it `dies` before its end is known, `hangs`, or `never` comes up.
        self.mood = ""

    def begin(self, incident: str, operation: str, actor: str) -> None:
        if operation in self.begun or self.mood == "never":
            return
        self.begun.append(operation)
        act = fold(self.desk.history(incident)).operation(operation)
        assert act is not None, "deployed before it was claimed"
        if self.mood != "hangs":
            deployer = self.desk.deployer
            assert deployer is not None
            report = deployer.deploy(act.version, operation)
            if self.mood != "dies":
                self.reports[operation] = report

    def phase(self, operation: str) -> str:
        if operation in self.reports:
            return "ended"
        if operation not in self.begun:
            return "new"
        return "running" if self.mood == "hangs" else "gone"

    def report(self, operation: str) -> DeployReport | None:
        return self.reports.get(operation)

    def forbid(self, operation: str) -> bool:
        if operation in self.begun:
            return False
        self.begun.append(operation)
        return True


def bodies_at(desk: FakeDesk, runner: FakeRunner, told: list[str] | None = None) -> dict[str, Any]:
    """Return the body of an act whose steps are done at copies of the desk."""

    @contextmanager
    def desks(actor: str) -> Iterator[FakeDesk]:
        yield desk.another(actor or "worker")

    def progress(operation: str, line: str) -> None:
        if told is not None:
            told.append(line)

    return {NAME: Act(desks, runner, progress)}


class Acted(Record):
    """The incident after an approved act went its way, and how the deployment ended; None: not begun."""

    incident: Incident
    outcome: Outcome | None
    detail: str


def carried_out(desk: FakeDesk, state: Incident, runner: FakeRunner | None = None) -> Acted:
    """Let a worker carry out what is approved in the incident, and return how it went."""
    approval = state.approvals[-1]
    engine = FakeEngine(bodies_at(desk, runner or FakeRunner(desk)))
    engine.start(NAME, task_of(approval.operation), {"incident": state.id, "operation": approval.operation})
    after = fold(desk.history(state.id))
    done: Operation | None = after.operation(approval.operation)
    ended = after.approvals[-1].ended
    why = ended.reason if ended else ""
    return Acted(incident=after, outcome=done.outcome if done else None, detail=done.detail if done else why)


def execute(desk: FakeDesk, state: Incident, plan: RollbackPlanned, *, verify: bool = False) -> Acted:
    """Approve a plan and have it carried out."""
    return carried_out(desk, approve(desk, state, plan, verify=verify))


def undo(desk: FakeDesk, state: Incident, operation: str, *, verify: bool = False) -> Acted:
    """Approve the undo of an act and have it carried out."""
    return carried_out(desk, approve_undo(desk, state, operation, verify=verify))
