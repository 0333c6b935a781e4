"""Releases in `<root>/releases/<version>/` and a `current` link, switched in one step, and a restart."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import time
from datetime import UTC, datetime

from andon.desk.values import Capacity, DeployReport, ReleaseOnDisk
from andon.errors import AndonError, NotFound, Refused, Unavailable
from andon.incident.words import Outcome, Verdict
from andon.production.plain_deployer import PlainDeployer
from andon.production.process import last_lines, run
from andon.production.releases import commit_in, moment_in
from andon.production.running import PAUSE, settle
from andon.production.version import checked, is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.desk.ports_production import Probe
    from andon.desk.values import LogExcerpt
    from andon.production.process import Finished
    from andon.production.running import RunningVersion
    from andon.production.systemd_unit import SystemdUnit

#: Ends of names under which deploy tools keep a release that is not complete yet.
UNFINISHED = (".part", ".tmp", ".new", ".partial")
#: What a release may say about itself; the second is Capistrano's.
MANIFEST, REVISION = ".andon-release.json", "REVISION"


class SymlinkDeployer(PlainDeployer):
    """Deploys by pointing a link at a release directory and restarting the service."""

    kind = "symlink"

    def __init__(
        self,
        root: str,
        *,
        restart: Sequence[str] = (),
        cwd: str | None = None,
        timeout: float = 120.0,
        health: Probe | None = None,
        patience: float = 30.0,
        running: RunningVersion | None = None,
        unit: SystemdUnit | None = None,
    ) -> None:
        """Take `root` with its `releases` and `current`, and how to restart (at most `timeout` seconds).

        `health` is asked for `patience` seconds until it passes; `running` asks the service itself which
        version it is, which the link cannot know. `unit` is the systemd unit of the service: it is restarted
        unless `restart` says how, and it tells its state and its log.
        """
        self.root = os.path.abspath(root)
        self._unit = unit
        self.programs = unit.programs if unit else ()
        self._restart_command = tuple(restart) or (unit.restart if unit else ())
        self._cwd = cwd
        self._timeout = timeout
        self._health = health
        self._patience = patience
        self._running = running

    # -- what there is -----------------------------------------------------------------------------

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the release directories, newest first by what they say or when they were made."""
        place = os.path.join(self.root, "releases")
        try:
            with os.scandir(place) as entries:
                found = [_release(entry) for entry in entries if self._is_release(entry)]
        except OSError as error:
            raise Unavailable(
                f"the releases cannot be listed: {error.strerror}",
                where=place,
                remedy="set `root` of the deployer in andon.toml to the directory that holds `releases`",
            ) from error
        oldest = datetime.min.replace(tzinfo=UTC)
        return tuple(sorted(found, key=lambda r: (r.deployed_at or oldest, r.version), reverse=True))

    def running(self) -> str:
        """Return the version the service says it is, else the one `current` points at; "" without one.

        Raises Unavailable when the link was switched and nobody knows whether the restart came to its end.
        """
        if self._running:
            return self._running.ask()
        if os.path.lexists(self._mark):
            raise Unavailable(
                f"{self._current} points at {self._linked()}, but whether the service was restarted "
                "is not known",
                where=self._mark,
                remedy="restart the service, remove this file, then: andon rollback --resume",
            )
        return self._linked()

    def describe(self, version: str) -> tuple[str, ...]:
        """Return what `deploy` would do; raises InvalidInput, NotFound or Refused when it would not."""
        self._check(version)
        steps = [f"point {self._current} at releases/{version} (now: {self._linked() or 'nothing'})"]
        if self._restart_command:
            steps.append(f"run {shlex.join(self._restart_command)} (at most {self._timeout:.0f} s)")
        if self._health:
            steps.append(f"wait up to {self._patience:.0f} s until {self._health.name} passes")
        if self._running:
            steps.append(f"confirm with {shlex.join(self._running.arguments)} that {version} runs")
        return tuple(steps)

    def capacity(self, version: str) -> Capacity:
        """Say whether the unit is active with `version` under the link; unknown without a unit."""
        if self._unit is None:
            return super().capacity(version)
        if self._linked() != version:
            summary = f"{self._current} points at {self._linked() or 'nothing'}, not at {version}"
            return Capacity(verdict=Verdict.FAILED, summary=summary)
        return self._unit.capacity()

    def logs(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return the end of the unit's journal; none without a unit."""
        return self._unit.logs(since, limit) if self._unit else super().logs(since, limit)

    # -- deploying ---------------------------------------------------------------------------------

    def deploy(self, version: str, operation: str) -> DeployReport:
        """Switch to `version`, restart, wait for health; repeating it restarts again and is harmless."""
        began = time.monotonic()
        output = ""
        try:
            with self._alone():
                self._check(version)
                restarted = self._switch_and_restart(version, operation)
                output = restarted.output if restarted else ""
                outcome, detail = self._judge(version, restarted)
        except AndonError as refused:
            outcome, detail = Outcome.FAILED, f"{refused}{refused.remedy and f' ({refused.remedy})'}"
        except OSError as error:
            outcome, detail = Outcome.FAILED, f"cannot switch {self._current}: {error.strerror or error}"
        return DeployReport(
            outcome=outcome,
            output=last_lines(output, 20_000),
            detail=detail,
            seconds=time.monotonic() - began,
            running_version=self._tell(),
        )

    def _judge(self, version: str, restarted: Finished | None) -> tuple[Outcome, str]:
        """Say how the deployment went, from the restart, the health and the service's own word."""
        if restarted and not restarted.succeeded:
            return Outcome.FAILED, (
                f"{self._current} points at {version}, but the restart failed ({restarted.ending}): "
                "what the service runs now is uncertain"
            )
        verdict, summary = self._wait_for_health()
        if verdict is not Verdict.PASSED:
            outcome = Outcome.FAILED if verdict is Verdict.FAILED else Outcome.UNKNOWN
            return outcome, f"switched to {version}, but not healthy after {self._patience:.0f} s: {summary}"
        if self._running:
            running, failure = settle(self._running.ask, version, self._patience)
            if failure:
                return Outcome.UNKNOWN, f"switched to {version}, but nothing confirms that it runs: {failure}"
            if running != version:
                return Outcome.FAILED, f"switched to {version}, but {running} still runs"
        how = "switched and restarted" if restarted else "switched; no restart is configured"
        return Outcome.SUCCEEDED, f"{version}: {how}"

    def _switch_and_restart(self, version: str, operation: str) -> Finished | None:
        """Switch and restart, with a mark that stays behind when this process dies in between."""
        if not self._restart_command:
            self._switch(version)
            return None
        with open(self._mark, "w", encoding="utf-8") as file:
            file.write(f"{operation}\n")
        try:
            self._switch(version)
        except OSError:
            os.unlink(self._mark)
            raise
        restarted = self._restart(version, operation)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._mark)
        return restarted

    def _switch(self, version: str) -> None:
        """Point `current` at the release in one step, durably."""
        target = os.path.join("releases", version)
        if not (os.path.islink(self._current) and os.readlink(self._current) == target):
            fresh = f"{self._current}.andon-{os.getpid()}"
            with contextlib.suppress(FileNotFoundError):
                os.unlink(fresh)
            os.symlink(target, fresh)
            try:
                os.replace(fresh, self._current)
            except OSError:
                os.unlink(fresh)
                raise
        with contextlib.suppress(OSError):  # a file system that cannot; the switch has happened all the same
            _sync(self.root)

    def _restart(self, version: str, operation: str) -> Finished:
        return run(
            self._restart_command,
            cwd=self._cwd or self.root,
            env={"ANDON_OPERATION": operation, "ANDON_VERSION": version},
            timeout=self._timeout,
            leaves_service=True,
        )

    def _wait_for_health(self) -> tuple[Verdict, str]:
        if self._health is None:
            return Verdict.PASSED, ""
        deadline = time.monotonic() + self._patience
        while True:
            report = self._health.run()
            if report.verdict is Verdict.PASSED or time.monotonic() >= deadline:
                return report.verdict, report.summary
            time.sleep(PAUSE)

    # -- looking -----------------------------------------------------------------------------------

    @property
    def _current(self) -> str:
        return os.path.join(self.root, "current")

    @property
    def _mark(self) -> str:
        """Where it is noted that a restart is under way; there only while it is, or after a death."""
        return f"{self._current}.andon-restart"

    def _check(self, version: str) -> None:
        """Raise unless `version` is a release directory inside the root and `current` can be switched."""
        checked(version)
        names = [release.version for release in self.releases()]
        if version not in names:
            place = os.path.join(self.root, "releases", version)
            if "/" not in version and os.path.islink(place):
                raise Refused(
                    f"the release {version} is a link that leads out of {self.root}",
                    where=place,
                    rule="a release lies inside the deployment's root",
                    remedy="put the release itself there",
                )
            there = ", ".join(names[:8]) or "nothing"
            raise NotFound(
                f"there is no release {version}; there is {there}",
                where=os.path.join(self.root, "releases"),
                remedy="choose one of these, or put the release there first",
            )
        if os.path.lexists(self._current) and not os.path.islink(self._current):
            raise Refused(
                f"{self._current} is not a link, so it cannot be switched in one step",
                where=self._current,
                rule="`current` is a symbolic link to a release",
                remedy="move it away, or deploy with a command",
            )

    def _is_release(self, entry: os.DirEntry[str]) -> bool:
        if not is_version(entry.name) or entry.name.endswith(UNFINISHED) or not entry.is_dir():
            return False
        return os.path.realpath(entry.path).startswith(os.path.realpath(self.root) + os.sep)

    def _linked(self) -> str:
        """Return the version `current` points at; "" when it points at no release."""
        try:
            target = os.path.join(self.root, os.readlink(self._current))
        except OSError:  # not there, or not a link
            return ""
        place, name = os.path.split(os.path.normpath(target))
        place = os.path.realpath(place)
        return name if place == os.path.realpath(os.path.join(self.root, "releases")) else ""

    def _tell(self) -> str:
        try:
            return self.running()
        except Unavailable:
            return ""

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the root, so that two deployments never mix; raises Unavailable while another holds it."""
        try:
            directory = os.open(self.root, os.O_RDONLY)
        except OSError as error:
            raise Unavailable(f"no such deployment: {error.strerror}", where=self.root) from error
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise Unavailable("another deployment is going on here", where=self.root) from error
        finally:
            os.close(directory)


def _sync(place: str) -> None:
    directory = os.open(place, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _release(entry: os.DirEntry[str]) -> ReleaseOnDisk:
    said = _manifest(entry.path)
    try:
        made = datetime.fromtimestamp(entry.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        made = None
    commit = commit_in(said.get("commit")) or commit_in(
        _beginning(os.path.join(entry.path, REVISION)).strip()
    )
    return ReleaseOnDisk(
        version=entry.name,
        commit=commit,
        artefact=entry.path,
        deployed_at=moment_in(said.get("deployed_at")) or made,
    )


def _manifest(release: str) -> dict[str, object]:
    try:
        said = json.loads(_beginning(os.path.join(release, MANIFEST)) or "{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _beginning(path: str) -> str:
    """Return the beginning of a small file; "" when there is none that could be read."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.read(file, 4096).decode("utf-8", "replace")
        finally:
            os.close(file)
    except OSError:
        return ""
