"""A service under systemd: how it is restarted, whether it is up, where its log is.

Sources: manual pages systemctl(1) (`is-active` prints the state and exits with 0 only for `active`),
journalctl(1).
"""

from __future__ import annotations

from andon.desk.values import Capacity
from andon.incident.words import Verdict
from andon.production.log_command import LogCommand
from andon.production.process import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.values import LogExcerpt

#: States in which a unit is on its way, or gone.
_DOWN = ("inactive", "failed", "activating", "deactivating", "reloading", "maintenance")


class SystemdUnit:
    """One unit of the system's service manager."""

    programs: tuple[str, ...] = ("systemctl", "journalctl")

    def __init__(self, name: str, *, cwd: str | None = None) -> None:
        """Take the unit's name."""
        self.name = name
        self._cwd = cwd

    @property
    def restart(self) -> tuple[str, ...]:
        """The command that restarts it."""
        return ("systemctl", "restart", self.name)

    def capacity(self) -> Capacity:
        """Say whether it is active; unknown when systemctl does not tell a state; never raises."""
        done = run(
            ("systemctl", "is-active", self.name), cwd=self._cwd, timeout=15, limit=1 << 14, apart=True
        )
        state = done.output.strip()
        if done.succeeded and state == "active":
            return Capacity(verdict=Verdict.PASSED, summary=f"{self.name} is active")
        if state in _DOWN:
            return Capacity(verdict=Verdict.FAILED, summary=f"{self.name} is {state}")
        return Capacity(verdict=Verdict.UNKNOWN, summary=f"systemctl is-active {self.name}: {done.account}")

    def logs(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return the end of its journal; never raises."""
        asked = ("journalctl", f"--unit={self.name}", "--since=@{since_epoch}")
        shown = ("--output=short-iso", "--no-pager", "--quiet")
        return LogCommand(self.name, (*asked, *shown), cwd=self._cwd).tail(since, limit)
