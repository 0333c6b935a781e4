"""Kamal: the containers kept on every server are the releases, named by the version that tags their image.

Sources: Kamal 2.12, `kamal rollback`, `kamal app containers|version|logs`, `kamal lock` (documentation
and source). `kamal rollback` exits with 0 when the version has no container any more, so what runs is
asked for afterwards.
"""

from __future__ import annotations

from andon.desk.values import Capacity, ReleaseOnDisk
from andon.errors import Refused
from andon.incident.words import Verdict
from andon.production.release_names import commit_in_tag, image_tag
from andon.production.tool_answer import ask, unavailable
from andon.production.tool_deployer import Step, ToolDeployer
from andon.production.version import is_version
from andon.record import Record

#: Lines that are asked for of each server's log.
_LINES = 10_000
_NO_LOCK = "There is no deploy lock"


class _Container(Record):
    """One line of `docker container ls` on a server."""

    version: str
    status: str


class KamalDeployer(ToolDeployer):
    """Boots the container of an earlier version on every server."""

    kind = "kamal"
    programs: tuple[str, ...] = ("kamal",)

    def __init__(
        self,
        *,
        destination: str = "",
        file: str = "",
        cwd: str | None = None,
        timeout: float = 300.0,
        patience: float = 30.0,
    ) -> None:
        """Take Kamal's destination and configuration file; empty for its defaults."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._place = (
            *((f"--destination={destination}",) if destination else ()),
            *((f"--config-file={file}",) if file else ()),
        )

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the versions that have a container on every server, newest first."""
        servers = self._servers()
        everywhere = set.intersection(*({one.version for one in server} for server in servers))
        newest_first = dict.fromkeys(one.version for one in servers[0] if one.version in everywhere)
        return tuple(
            ReleaseOnDisk(version=version, commit=commit_in_tag(version)) for version in newest_first
        )

    def running(self) -> str:
        """Return the version all servers run; raises Unavailable when they differ."""
        asked = self._kamal("app", "version", "--quiet")
        told = {line.strip() for line in ask(asked, cwd=self._cwd).splitlines() if line.strip()}
        if len(told) > 1 or not all(map(is_version, told)):
            shown = ", ".join(sorted(line[:80] for line in told))
            raise unavailable(" ".join(asked), f"the servers do not run one version: {shown}")
        return next(iter(told), "")

    def _steps(self, version: str, _operation: str) -> tuple[Step, ...]:
        return (Step(arguments=self._kamal("rollback", version)),)

    def _warnings(self, _version: str) -> tuple[str, ...]:
        return (
            "the hooks pre-deploy and post-deploy run, with this work tree's files",
            "the container keeps the configuration it was made with, older secrets included",
            "accessories (database, cache) stay as they are",
        )

    def _refuse(self, _release: ReleaseOnDisk) -> None:
        status = ask(self._kamal("lock", "status", "--quiet"), cwd=self._cwd).strip()
        if status and _NO_LOCK not in status:
            raise Refused(
                f"the deploy lock is held: {' '.join(status.split())[:200]}",
                where=self.kind,
                rule="deploy-lock",
                remedy="wait for that deployment; when it is dead: kamal lock release",
            )

    def _ready(self, version: str) -> Capacity:
        servers = self._servers()
        good = sum(
            any(
                one.version == version and one.status.startswith("Up") and "unhealthy" not in one.status
                for one in server
            )
            for server in servers
        )
        return Capacity(
            verdict=Verdict.PASSED if good == len(servers) else Verdict.FAILED,
            summary=f"{version} is up on {good} of {len(servers)} servers",
        )

    def _log_command(self) -> tuple[str, ...]:
        return self._kamal("app", "logs", "--since={since}", f"--lines={_LINES}", "--quiet")

    def _kamal(self, *words: str) -> tuple[str, ...]:
        return ("kamal", *words, *self._place)

    def _servers(self) -> list[list[_Container]]:
        """Return the containers of each server; raises Unavailable without a table that is understood."""
        asked = self._kamal("app", "containers", "--quiet")
        servers: list[list[_Container]] = []
        columns: tuple[int, int, int, int] | None = None
        for line in ask(asked, cwd=self._cwd).splitlines():
            if line.startswith("CONTAINER ID"):
                columns = _columns(line)
                servers.append([])
            elif line.strip() and columns and servers:
                image, command, status, ports = columns
                version = image_tag(line[image:command].strip())
                if is_version(version):
                    servers[-1].append(_Container(version=version, status=line[status:ports].strip()))
        if not servers or columns is None:
            raise unavailable(" ".join(asked), "it printed no table of containers")
        return servers


def _columns(header: str) -> tuple[int, int, int, int] | None:
    """Return where image, command, status and ports begin in docker's table; None for another table."""
    image, command, status, ports = (header.find(word) for word in ("IMAGE", "COMMAND", "STATUS", "PORTS"))
    return (image, command, status, ports) if 0 < image < command < status < ports else None
