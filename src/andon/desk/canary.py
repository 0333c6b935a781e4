"""A release that is given to a part of the traffic by weight, as the target of a rollout."""

from __future__ import annotations

from andon.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.flag_values import Confirmed
    from andon.desk.ports import Desk
    from andon.incident.rollout_state import Rollout


class ReleaseTarget:
    """The port `Target` for a release."""

    def __init__(self, desk: Desk, rollout: Rollout) -> None:
        """Take the desk and the rollout."""
        raise Refused("not yet")
