"""Vercel: production deployments are the releases, named by their address; the domain tells which one serves.

Sources: documentation of `vercel rollback`, `promote`, instant rollback; the command line 64 (`list`,
`inspect`, `logs`). Going back is `rollback`, forward again is `promote`. On the Hobby plan only the
previous production deployment can be gone back to.
"""

from __future__ import annotations

from andon.desk.values import Capacity, ReleaseOnDisk
from andon.errors import NotFound
from andon.incident.words import ReleaseVerdict, Verdict
from andon.production.releases import commit_in, moment_in
from andon.production.tool_answer import ask_json, unavailable
from andon.production.tool_deployer import Step, ToolDeployer
from andon.production.version import is_version

_ABORTED = ("ERROR", "CANCELED")


class VercelDeployer(ToolDeployer):
    """Points a project's production domains at an earlier deployment."""

    kind = "vercel"
    programs: tuple[str, ...] = ("vercel",)

    def __init__(
        self,
        project: str,
        *,
        domain: str,
        scope: str = "",
        cwd: str | None = None,
        timeout: float = 300.0,
        patience: float = 30.0,
    ) -> None:
        """Take the project, a domain that production has, and the team's name if there is one."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._project = project
        self._domain = domain
        self._scope = (f"--scope={scope}",) if scope else ()

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the production deployments Vercel lists, newest first; failed ones are marked."""
        asked = self._vercel("list", self._project, "--prod", "--format=json", "--yes")
        dated = []
        for entry in ask_json(asked, cwd=self._cwd).entries("deployments"):
            url, state = _host(entry.text("url")), entry.text("state")
            if not is_version(url):
                continue
            created = entry.whole("createdAt") or 0
            release = ReleaseOnDisk(
                version=url,
                commit=commit_in(entry.text("meta", "githubCommitSha")),
                artefact=entry.text("id"),
                deployed_at=moment_in(created / 1000) if created else None,
                verdict=ReleaseVerdict.ABORTED if state in _ABORTED else ReleaseVerdict.UNKNOWN,
            )
            dated.append((created, release))
        return tuple(release for _, release in sorted(dated, key=lambda pair: pair[0], reverse=True))

    def running(self) -> str:
        """Return the deployment that the domain leads to; raises Unavailable."""
        asked = self._vercel("inspect", self._domain, "--format=json")
        url = _host(ask_json(asked, cwd=self._cwd).text("url"))
        if not is_version(url):
            raise unavailable(" ".join(asked), "it tells no deployment's address")
        return url

    def _steps(self, version: str, _operation: str) -> tuple[Step, ...]:
        order = [release.version for release in self.releases()]
        if version not in order:
            raise NotFound(f"there is no deployment {version}", where=self._project, remedy="andon releases")
        running = self._told()
        # Going back when it is not known what serves: a rollback is what was asked for.
        is_earlier = running not in order or order.index(version) >= order.index(running)
        limit = f"--timeout={self._own_limit}s"
        verb = "rollback" if is_earlier else "promote"
        return (Step(arguments=self._vercel(verb, version, "--yes", limit)),)

    def _warnings(self, _version: str) -> tuple[str, ...]:
        return (
            "environment variables are those of the old build, and its cron jobs come back with it",
            "after a rollback pushes do not reach production by themselves: vercel promote URL ends it",
            "on the Hobby plan only the deployment just before the present one is accepted",
        )

    def _ready(self, version: str) -> Capacity:
        running = self.running()
        is_it = running == version
        return Capacity(
            verdict=Verdict.PASSED if is_it else Verdict.FAILED, summary=f"{self._domain} leads to {running}"
        )

    def _log_command(self) -> tuple[str, ...]:
        return self._vercel("logs", f"--deployment={self.running()}", "--json")

    def _vercel(self, *words: str) -> tuple[str, ...]:
        return ("vercel", *words, *self._scope)


def _host(address: str) -> str:
    return address.removeprefix("https://").rstrip("/")
