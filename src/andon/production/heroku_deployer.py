"""Heroku: releases are `v1`, `v2`, ...; rolling back makes a new release, which is called by what it copies.

Sources: `heroku releases`, `releases:rollback`, `ps` and `logs` of the Heroku command line 11
(documentation and source), Platform API reference (Release). A rollback brings back code and config vars
together, not add-ons, and runs the release phase again, with the old code.
"""

from __future__ import annotations

import os
import re

from andon.desk.values import Capacity, ReleaseOnDisk
from andon.errors import Refused
from andon.incident.words import ReleaseVerdict, Verdict
from andon.production.process import clean
from andon.production.releases import commit_in, moment_in
from andon.production.tool_answer import ask_json, unavailable
from andon.production.tool_deployer import Step, ToolDeployer
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

_ROLLBACK = re.compile(r"Rollback to v(\d{1,9})")
_DEPLOY = re.compile(r"Deploy ([0-9a-f]{7,40})")
_MOST = 50
_LINES = 1500


class _Release(Record):
    """One line of Heroku's history."""

    number: int
    #: The release whose code and configuration it has.
    original: int
    status: str
    commit: str
    created_at: datetime | None
    is_current: bool
    is_eligible: bool


class HerokuDeployer(ToolDeployer):
    """Rolls an app back to the code and the configuration of an earlier release."""

    kind = "heroku"
    programs: tuple[str, ...] = ("heroku",)

    def __init__(
        self, app: str, *, cwd: str | None = None, timeout: float = 300.0, patience: float = 30.0
    ) -> None:
        """Take the app."""
        super().__init__(cwd=cwd, timeout=timeout, patience=patience)
        self._app = app

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return the last releases, newest first, without those that only copy an earlier one."""
        history = self._history()
        last = {one.original: one for one in history if one.status == "succeeded"}
        found = []
        for one in reversed(history):
            is_gone = one.status == "expired" or (one.status == "succeeded" and not one.is_eligible)
            if one.original != one.number or (is_gone and not one.is_current):
                continue
            newest = last.get(one.number, one)
            found.append(
                ReleaseOnDisk(
                    version=f"v{one.number}",
                    commit=one.commit,
                    artefact=f"release v{one.number}",
                    deployed_at=newest.created_at,
                    verdict=ReleaseVerdict.ABORTED if one.status == "failed" else ReleaseVerdict.UNKNOWN,
                )
            )
        return tuple(found)

    def running(self) -> str:
        """Return the current release, or the one that it copies; raises Unavailable when none is current."""
        current = [one for one in self._history() if one.is_current]
        if not current:
            raise unavailable(" ".join(self._list), "no release is marked as the current one")
        return f"v{current[-1].original}"

    def _steps(self, version: str, _operation: str) -> tuple[Step, ...]:
        return (Step(arguments=("heroku", "releases:rollback", version, f"--app={self._app}")),)

    def _warnings(self, version: str) -> tuple[str, ...]:
        command = _release_phase(self._cwd)
        known = f" (today's Procfile: {command})" if command else ""
        return (
            (
                f"the release phase of {version} runs again{known}: an old migration command that "
                "does not know the newer schema fails there, and then the rollback does not take effect"
            ),
            "config vars go back with the code; a secret that was changed since is the old one again",
            "add-ons and their data stay as they are",
        )

    def _refuse(self, _release: ReleaseOnDisk) -> None:
        pending = [one for one in self._history() if one.status == "pending"]
        if pending:
            raise Refused(
                f"the release phase of v{pending[-1].number} still runs",
                where=self._app,
                rule="pending-release",
                remedy=f"wait for it: heroku releases:output v{pending[-1].number} --app={self._app}",
            )

    def _ready(self, version: str) -> Capacity:
        entries = ask_json(("heroku", "ps", f"--app={self._app}", "--json"), cwd=self._cwd).entries()
        dynos = [one for one in entries if one.text("type") not in ("run", "release")]
        same = {one.number for one in self._history() if f"v{one.original}" == version}
        good = [one for one in dynos if one.text("state") == "up" and one.whole("release", "version") in same]
        is_ready = bool(good) and len(good) == len(dynos)
        return Capacity(
            verdict=Verdict.PASSED if is_ready else Verdict.FAILED,
            summary=f"{len(good)} of {len(dynos)} dynos are up with {version}",
        )

    def _log_command(self) -> tuple[str, ...]:
        return ("heroku", "logs", f"--app={self._app}", f"--num={_LINES}")

    @property
    def _list(self) -> tuple[str, ...]:
        return ("heroku", "releases", f"--app={self._app}", "--json", f"--num={_MOST}")

    def _history(self) -> tuple[_Release, ...]:
        """Return the releases, oldest first; a change of configuration has the code of the one before it."""
        entries = ask_json(self._list, cwd=self._cwd).entries()
        numbered = sorted(((one.whole("version") or 0, one) for one in entries), key=lambda pair: pair[0])
        commits: dict[int, str] = {}
        origin: dict[int, int] = {}
        commit = ""
        found = []
        for number, one in numbered:
            said = one.text("description")
            copied, deployed = _ROLLBACK.match(said), _DEPLOY.match(said)
            target = int(copied[1]) if copied else number
            origin[number] = origin.get(target, target)
            # Code that was deployed some other way is of a commit nobody named.
            commit = commits.get(target, "") if copied else commit_in(deployed[1]) if deployed else commit
            if said.startswith("Deploy") and not deployed:
                commit = ""
            commits[number] = commit
            found.append(
                _Release(
                    number=number,
                    original=origin[number],
                    status=one.text("status") or "succeeded",
                    commit=commit,
                    created_at=moment_in(one.text("created_at")),
                    is_current=bool(one.flag("current")),
                    is_eligible=one.flag("eligible_for_rollback") is not False,
                )
            )
            if one.text("status") == "failed":
                commit = next((c.commit for c in reversed(found) if c.status == "succeeded"), "")
        return tuple(found)


def _release_phase(root: str | None) -> str:
    """Return the release command of the Procfile in the work tree; "" when there is none."""
    try:
        with open(os.path.join(root or "", "Procfile"), "rb") as file:
            lines = clean(file.read(65536)).splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip()[:200] for line in lines if line.startswith("release:")), "")
