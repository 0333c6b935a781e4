"""The log of the system that production runs on, as the deployer knows it: pods, dynos, units, services."""

from __future__ import annotations

from andon.desk.values import LogExcerpt
from andon.production.log_asked import AskedLog
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.ports_production import Deployer

_NO_DEPLOYER = "no deployer is configured: [deploy] in andon.toml"


class DeployerLog(AskedLog):
    """What `Deployer.logs` returns, under a name of its own."""

    def __init__(self, name: str, deployer: Callable[[], Deployer | None]) -> None:
        """Keep the name people know it by, and how to come by the deployer."""
        self.name = name
        self._deployer = deployer

    def ask(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end of production's own log; never raises."""
        deployer = self._deployer()
        if deployer is None:
            return LogExcerpt(name=self.name, content=b"", failure=_NO_DEPLOYER)
        return replace(deployer.logs(since, max(limit, 0)), name=self.name)
