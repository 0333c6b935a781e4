"""Deploying by a system's own command line tool: look first, run exact argument lists, ask afterwards.

Which lists, and what the answers mean, each deployer says in its own file. No shell, no retry, no guess.
"""

from __future__ import annotations

import shlex
import time
from abc import ABC, abstractmethod

from andon.desk.values import Capacity, DeployReport
from andon.errors import AndonError, InvalidInput, NotFound, Refused, Unavailable
from andon.incident.words import Outcome, ReleaseVerdict, Verdict
from andon.production.log_command import LogCommand
from andon.production.plain_deployer import PlainDeployer
from andon.production.process import last_lines, run
from andon.production.running import settle
from andon.production.version import checked
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.values import LogExcerpt, ReleaseOnDisk
    from andon.production.process import Finished

#: Share of the time limit that a tool's own time limit gets, so that it can say what it waited for.
_OWN_SHARE = 0.9


class Step(Record):
    """One command of a deployment."""

    arguments: tuple[str, ...]
    #: Names and values in its environment, beyond ANDON_OPERATION and ANDON_VERSION.
    environment: tuple[tuple[str, str], ...] = ()
    #: True when it only leaves a note: the deployment does not fail with it.
    is_note: bool = False

    @property
    def shown(self) -> str:
        """The command as one would type it."""
        return " ".join([*(f"{n}={shlex.quote(v)}" for n, v in self.environment), shlex.join(self.arguments)])


class Ending(Record):
    """How a deployment ended, as far as its commands tell."""

    outcome: Outcome
    detail: str


class Act:
    """One deployment under way: runs its commands within the time limit and keeps what they print."""

    def __init__(self, *, cwd: str | None, version: str, operation: str, timeout: float) -> None:
        """Take where to run, what goes into the environment, and the seconds everything may take."""
        self.version = version
        self.operation = operation
        self._cwd = cwd
        self._deadline = time.monotonic() + timeout
        self._printed: list[str] = []
        #: True once a command was started: from then on production may have changed.
        self.has_begun = False

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(self._deadline - time.monotonic(), 0.1)

    @property
    def output(self) -> str:
        """Everything that was run and printed, cut to a readable size."""
        return last_lines("\n".join(self._printed), 20_000)

    def run(self, step: Step) -> Finished:
        """Run a command to its end or until no time is left; it knows the operation from its environment."""
        told = {"ANDON_OPERATION": self.operation, "ANDON_VERSION": self.version, **dict(step.environment)}
        self.has_begun = True
        done = run(step.arguments, cwd=self._cwd, env=told, timeout=self.left, leaves_service=True)
        self._printed += [f"$ {step.shown}", done.output]
        return done


class ToolDeployer(PlainDeployer, ABC):
    """What the deployers with a tool of their own have in common."""

    def __init__(self, *, cwd: str | None = None, timeout: float = 300.0, patience: float = 30.0) -> None:
        """Take where to run the tool, and the seconds a deployment and its confirmation may take."""
        self._cwd = cwd
        self._timeout = timeout
        self._patience = patience

    # -- what each deployer says ---------------------------------------------------------------------

    @abstractmethod
    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return what could be deployed, newest first; raises Unavailable."""

    @abstractmethod
    def running(self) -> str:
        """Return the version in production, "" when nothing runs; raises Unavailable."""

    @abstractmethod
    def _steps(self, version: str, operation: str) -> tuple[Step, ...]:
        """Return the commands that put `version` into production; raises NotFound, Unavailable."""

    def _warnings(self, _version: str) -> tuple[str, ...]:
        """Return what the system does not do, or does besides, in sentences."""
        return ()

    def _refuse(self, _release: ReleaseOnDisk) -> None:
        """Raise Refused when the system knows that going to this release fails or does not last."""

    def _ready(self, version: str) -> Capacity:
        """Say whether all copies of `version` are ready; raises Unavailable."""
        return super().capacity(version)

    def _log_command(self) -> tuple[str, ...]:
        """Return the command that prints production's log, with `{since}` in it; () for none."""
        return ()

    # -- what follows from it -----------------------------------------------------------------------

    def find(self, version: str) -> ReleaseOnDisk:
        """Return a release of the list; raises InvalidInput, NotFound with what there is, Unavailable."""
        checked(version)
        releases = self.releases()
        for release in releases:
            if release.version == version:
                return release
        there = ", ".join(release.version for release in releases[:8]) or "nothing"
        raise NotFound(
            f"there is no release {version}; there is {there}", where=self.kind, remedy="andon releases"
        )

    def preflight(self, version: str) -> None:
        """Raise Refused when going to `version` would not work or would not last, NotFound without it."""
        release = self.find(version)
        if release.verdict is ReleaseVerdict.ABORTED:
            raise Refused(
                f"{version} never came up when it was deployed: {self.kind} lists it as failed or aborted",
                where=self.kind,
                rule="aborted-release",
                remedy="andon releases; choose one that ran",
            )
        self._refuse(release)

    def describe(self, version: str) -> tuple[str, ...]:
        """Return the commands `deploy` would run and what to know about them; raises as `find` does."""
        checked(version)
        steps = [f"run {step.shown}" for step in self._steps(version, "OPERATION")]
        steps.append(f"stop after {self._timeout:.0f} s; then ask {self.kind} whether {version} runs")
        return (*steps, *(f"know: {warning}" for warning in self._warnings(version)))

    def deploy(self, version: str, operation: str) -> DeployReport:
        """Check again, run the commands, and ask what runs then; whatever goes wrong is in the report."""
        began = time.monotonic()
        act = Act(cwd=self._cwd, version=version, operation=operation, timeout=self._timeout)
        running = ""
        try:
            checked(version)
        except InvalidInput as problem:  # nothing to ask anybody about
            return DeployReport(outcome=Outcome.FAILED, output="", detail=str(problem), seconds=0.0)
        try:
            self.preflight(version)
            ending = self._carry_out(act)
            if ending is None:
                ending, running = self._confirm(version)
        except AndonError as problem:
            # Once something was started, not knowing how it ended is not the same as a failure.
            outcome = Outcome.UNKNOWN if act.has_begun else Outcome.FAILED
            ending = Ending(outcome=outcome, detail=_told_with_remedy(version, problem))
        return DeployReport(
            outcome=ending.outcome,
            output=act.output,
            detail=ending.detail,
            seconds=time.monotonic() - began,
            running_version=running or self._told(),
        )

    def capacity(self, version: str) -> Capacity:
        """Say whether all copies of `version` are ready to serve; never raises."""
        try:
            return self._ready(checked(version))
        except AndonError as problem:
            return Capacity(verdict=Verdict.UNKNOWN, summary=str(problem))

    def logs(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return the end of production's log, as far as the tool prints it; never raises."""
        try:
            command = self._log_command()
        except AndonError as problem:
            return replace(super().logs(since, limit), failure=str(problem))
        if not command:
            return super().logs(since, limit)
        return LogCommand(self.kind, command, cwd=self._cwd).tail(since, limit)

    def _carry_out(self, act: Act) -> Ending | None:
        """Run the steps in order; returns how it ended badly, None when all of them succeeded."""
        steps = self._steps(act.version, act.operation)
        for number, step in enumerate(steps):
            done = act.run(step)
            if not done.succeeded and not step.is_note:
                earlier = f"{steps[number - 1].shown} was accepted, but then " if number else ""
                return self._failed(act.version, f"{earlier}{step.shown}", done)
        return None

    def _failed(self, version: str, what: str, done: Finished) -> Ending:
        """Say how it ended when a command failed; what a stopped one did, only the system can tell."""
        running = self._told()
        is_open = done.timed_out and running in ("", version)
        runs = f"; {running} is what {self.kind} says runs" if running else "; what runs is not known"
        return Ending(
            outcome=Outcome.UNKNOWN if is_open else Outcome.FAILED,
            detail=f"deploying {version}: {what} failed: {done.account}{runs}",
        )

    def _confirm(self, version: str) -> tuple[Ending, str]:
        """Ask what runs until it is `version`: the tool's word counts as far as the system agrees."""
        running, failure = settle(self.running, version, self._patience)
        if failure:
            detail = f"the commands succeeded, but nothing confirms that {version} runs: {failure}"
            return Ending(outcome=Outcome.UNKNOWN, detail=detail), ""
        if running != version:
            still = f"{running} still runs" if running else "nothing runs"
            detail = f"the commands succeeded, but {still} instead of {version}"
            return Ending(outcome=Outcome.FAILED, detail=detail), running
        return Ending(outcome=Outcome.SUCCEEDED, detail=f"{version} runs"), running

    def _told(self) -> str:
        try:
            return self.running()
        except Unavailable:
            return ""

    @property
    def _own_limit(self) -> int:
        """Seconds for the tool's own time limit, a little below ours."""
        return max(int(self._timeout * _OWN_SHARE), 1)


def _told_with_remedy(version: str, problem: AndonError) -> str:
    remedy = f" ({problem.remedy})" if problem.remedy else ""
    return f"{version}: {problem}{remedy}" if version not in str(problem) else f"{problem}{remedy}"
