"""Logs that a command prints: `journalctl`, `docker logs`, `kubectl logs`, and whatever the team has."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from andon.desk.values import LogExcerpt
from andon.production.log_asked import AskedLog
from andon.production.process import run
from andon.response.logs import after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: How far back a command with a place for it is asked to look when nobody says.
HOUR = timedelta(hours=1)


class LogCommand(AskedLog):
    """An argument list; `{since}` and `{since_epoch}` become the moment, in ISO 8601 and as a number."""

    def __init__(
        self, name: str, arguments: Sequence[str], *, cwd: str | None = None, timeout: float = 15.0
    ) -> None:
        """Keep the name people know it by, the command, and how many seconds it may take."""
        self.name = name
        self._arguments = tuple(arguments)
        self._cwd = cwd
        self._timeout = timeout

    def ask(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end of what the command prints; never raises.

        A command that fails or does not end (one that follows the log, say) is a failure; what it had
        printed is kept.
        """
        done = run(self._filled(since), cwd=self._cwd, timeout=self._timeout, limit=max(limit, 0), head=0)
        content = done.raw.partition(b"\n")[2] or done.raw if done.left_out else done.raw
        if since is not None:
            content = after(content, since)
        failure = ""
        if not done.succeeded:
            failure = done.failure or f"the command failed: {done.account}"
        return LogExcerpt(
            name=self.name, content=content, failure=failure, total_size=len(done.raw) + done.left_out
        )

    def _filled(self, since: datetime | None) -> tuple[str, ...]:
        moment = since or datetime.fromtimestamp(time.time(), UTC) - HOUR
        filled = {"{since}": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "{since_epoch}": f"{moment.timestamp():.0f}"}
        arguments = self._arguments
        for place, value in filled.items():
            arguments = tuple(part.replace(place, value) for part in arguments)
        return arguments
