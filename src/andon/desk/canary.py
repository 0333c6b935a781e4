"""A release that is given to a part of the traffic by weight, as the target of a rollout."""

from __future__ import annotations

from andon.desk.flag_values import Confirmed
from andon.errors import Refused, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.rollout_state import Rollout


class ReleaseTarget:
    """The port `Target` for a release."""

    def __init__(self, desk: Desk, rollout: Rollout) -> None:
        """Take the desk and the rollout."""
        self._desk, self._rollout = desk, rollout
        raise Unavailable("not yet")

    def before(self) -> str:
        """x."""
        return ""

    def obstacle(self) -> str:
        """x."""
        return ""

    def put(self, percent: float, tell: Callable[[str], None]) -> Confirmed:
        """x."""
        raise Refused("")

    def take_back(self) -> None:
        """x."""

    def is_ours(self) -> bool:
        """x."""
        return True

    def was_served(self, since: datetime) -> bool | None:
        """x."""
        return None
