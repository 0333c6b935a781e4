"""Asking which processes have a change of a flag, and the end of an act that this makes."""

from __future__ import annotations

from andon.errors import AndonError
from andon.incident.flag_events import FlagActEnded
from andon.incident.words import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.ports import Desk
    from andon.desk.ports_flags import FlagSystem

#: Silent processes that are named in the record.
_NAMED = 20


def confirmed_end(
    desk: Desk, system: FlagSystem, operation: str, version: str, tell: Callable[[str], None]
) -> FlagActEnded:
    """Wait for the confirmations, `[flags] confirm` seconds at most, and return the end of the act.

    What was taken has been taken, so that is a success whoever confirms; a system that cannot say who has it,
    or does not answer any more, leaves that unknown.
    """
    try:
        found = system.confirmations(version, desk.config.flag_system.confirm, tell)
    except AndonError as problem:
        return FlagActEnded(
            operation=operation,
            outcome=Outcome.SUCCEEDED,
            can_confirm=False,
            detail=f"it was taken; which processes have it could not be asked: {problem}",
            version=version,
        )
    more = len(found.silent) - _NAMED
    return FlagActEnded(
        operation=operation,
        outcome=Outcome.SUCCEEDED,
        connected=found.connected,
        confirmed=found.confirmed,
        silent=(*found.silent[:_NAMED], *((f"and {more} more",) if more > 0 else ())),
        milliseconds=found.milliseconds,
        slowest=found.slowest,
        can_confirm=found.can_confirm,
        detail=found.detail,
        version=version,
    )
