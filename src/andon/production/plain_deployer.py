"""What a deployer answers where its system knows no more: no refusal, no capacity, no logs of its own."""

from __future__ import annotations

from andon.desk.values import Capacity, LogExcerpt
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


class PlainDeployer:
    """The answers that a deployer keeps until it has better ones."""

    kind = ""
    #: Programs it runs, which have to be on the PATH.
    programs: tuple[str, ...] = ()

    def preflight(self, _version: str) -> None:
        """Refuse nothing: what stands in the way, `describe` and `deploy` say."""

    def capacity(self, _version: str) -> Capacity:
        """Return unknown: only the smoke tests can say whether the version serves."""
        return Capacity(verdict=Verdict.UNKNOWN, summary="this deployer cannot tell; the smoke tests decide")

    def logs(self, _since: datetime | None, _limit: int) -> LogExcerpt:
        """Return none: the logs are configured as [[logs]]."""
        failure = "this deployer has no logs of its own: [[logs]] in andon.toml"
        return LogExcerpt(name=self.kind, content=b"", failure=failure)
