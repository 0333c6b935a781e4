"""Deploying with the team's own tool: argument lists with `{version}` and `{operation}`, never a shell."""

from __future__ import annotations

import shlex
import time

from andon.desk.values import DeployReport
from andon.errors import AndonError, InvalidInput, Unavailable
from andon.incident.words import Outcome
from andon.production.plain_deployer import PlainDeployer
from andon.production.process import last_lines, run
from andon.production.releases import Listing, read_releases
from andon.production.running import RunningVersion, settle
from andon.production.version import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.values import ReleaseOnDisk
    from andon.production.process import Finished

#: Seconds a command that only tells something may take.
TELLING = 60.0


class CommandDeployer(PlainDeployer):
    """Deploys by running a command, and tells what the team's other commands tell."""

    kind = "command"

    def __init__(
        self,
        deploy: Sequence[str],
        *,
        releases: Sequence[str] = (),
        running: Sequence[str] = (),
        cwd: str | None = None,
        timeout: float = 600.0,
        patience: float = 30.0,
    ) -> None:
        """Take the argument lists; `deploy` may take `timeout` seconds.

        `releases` prints JSON lines (`version`, `commit`, `deployed_at`, `verdict`) or one version a line,
        newest first. `running` prints the version in production; after a deployment it is asked for
        `patience` seconds until it tells the new one.
        """
        self._deploy = tuple(deploy)
        self._releases = tuple(releases)
        self._running = RunningVersion(running, cwd=cwd) if running else None
        self._cwd = cwd
        self._timeout = timeout
        self._patience = patience

    def listing(self) -> Listing:
        """Return the releases together with what could not be understood; raises Unavailable."""
        if not self._releases:
            return Listing(releases=())
        answer = run(self._releases, cwd=self._cwd, timeout=min(self._timeout, TELLING), apart=True)
        where, remedy = shlex.join(self._releases), "run it yourself, then correct `releases` in andon.toml"
        if not answer.succeeded:
            message = f"the command that lists the releases failed: {answer.account}"
            raise Unavailable(message, where=where, remedy=remedy)
        listing = read_releases(answer.output)
        if listing.complaints and not listing.releases:
            message = f"the command that lists the releases printed none: {listing.complaints[0]}"
            raise Unavailable(message, where=where, remedy=remedy)
        return listing

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return what the listing command names, newest first; nothing without such a command."""
        return self.listing().releases

    def running(self) -> str:
        """Return the version in production; "" without a command that tells it; raises Unavailable."""
        return self._running.ask() if self._running else ""

    def describe(self, version: str) -> tuple[str, ...]:
        """Return what `deploy` would do; raises InvalidInput."""
        command = shlex.join(self._filled(version, "OPERATION"))
        steps = [f"run {command} (at most {self._timeout:.0f} s)"]
        if self._running:
            steps.append(f"confirm with {shlex.join(self._running.arguments)} that {version} runs")
        return tuple(steps)

    def deploy(self, version: str, operation: str) -> DeployReport:
        """Run the command to its end and ask what runs then; whatever goes wrong is in the report."""
        began = time.monotonic()
        output, running = "", ""
        try:
            arguments = self._filled(version, operation)
        except AndonError as refused:
            outcome, detail = Outcome.FAILED, str(refused)
            running = self._told()
        else:
            done = run(
                arguments,
                cwd=self._cwd,
                env={"ANDON_OPERATION": operation, "ANDON_VERSION": version},
                timeout=self._timeout,
                leaves_service=True,
            )
            output = last_lines(done.output, 20_000)
            outcome, detail, running = self._judge(done, version)
        return DeployReport(
            outcome=outcome,
            output=output,
            detail=detail,
            seconds=time.monotonic() - began,
            running_version=running,
        )

    def _judge(self, done: Finished, version: str) -> tuple[Outcome, str, str]:
        """Say how it went and what runs: the tool's word counts only as far as production agrees."""
        if not done.succeeded:
            running = self._told()
            # A tool that was stopped half-way may have changed anything, unless production tells.
            outcome = Outcome.UNKNOWN if done.timed_out and not running else Outcome.FAILED
            what = f"; {running} runs" if running else ""
            return outcome, f"deploying {version} failed: {done.ending}{what}", running
        if self._running is None:
            return Outcome.SUCCEEDED, f"{version}: the deploy command succeeded; nothing tells what runs", ""
        running, failure = settle(self._running.ask, version, self._patience)
        if failure:
            return (
                Outcome.UNKNOWN,
                f"the deploy command ran, but nothing confirms that {version} does: {failure}",
                "",
            )
        if running != version:
            return (
                Outcome.FAILED,
                f"the deploy command ran, but {running} still runs instead of {version}",
                running,
            )
        return Outcome.SUCCEEDED, f"{version} runs", running

    def _filled(self, version: str, operation: str) -> tuple[str, ...]:
        """Return the argument list with its placeholders filled in; other braces stay as they are."""
        checked(version)
        if not self._deploy:
            raise InvalidInput(
                "no deploy command is configured",
                remedy='set `deploy = ["...", "{version}"]` under [deploy] in andon.toml',
            )
        parts = [part.split("{version}") for part in self._deploy]
        return tuple(version.join(p.replace("{operation}", operation) for p in part) for part in parts)

    def _told(self) -> str:
        try:
            return self.running()
        except Unavailable:
            return ""
