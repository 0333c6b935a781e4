"""The rollouts on record: reading them, and recording the next event of one beside whatever others record."""

from __future__ import annotations

from shlex import quote

from andon.desk.casefile import service_stream
from andon.errors import Conflict, NotFound
from andon.incident.rollout_state import TYPES, fold_rollouts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.ports import Desk
    from andon.incident.events import Event
    from andon.incident.rollout_state import Rollout
    from andon.incident.words import CommandId

#: More than there are people who do something to the same service in the same second.
_ATTEMPTS = 40


def rollouts(desk: Desk) -> tuple[Rollout, ...]:
    """Return the rollouts of the service, oldest first; raises Unavailable."""
    return fold_rollouts(desk.journal.read_types(service_stream(desk), TYPES))


def rollout_of(desk: Desk, operation: str) -> Rollout:
    """Return one rollout; raises NotFound."""
    for known in rollouts(desk):
        if known.id == operation:
            return known
    raise NotFound(
        f"no rollout is called {operation!r}",
        where=desk.config.service,
        rule="rollout",
        remedy="andon flags rollout KEY",
    )


def newest_of(desk: Desk, flag: str, target: str = "flag") -> Rollout:
    """Return the newest rollout of a flag, or of a release; raises NotFound when there never was one."""
    found = [r for r in rollouts(desk) if r.planned.flag == flag and r.planned.target == target]
    if not found:
        command = f"andon flags rollout {quote(flag)} 5% 25% 100% --every 10m"
        raise NotFound(
            f"{flag} was never rolled out",
            where=desk.config.service,
            rule="rollout",
            remedy=command if target == "flag" else "andon canary VERSION 5% 25% 100% --every 10m",
        )
    return found[-1]


def record_when(desk: Desk, decide: Callable[[], Event | None], under: CommandId | None = None) -> bool:
    """Record what `decide` returns of the service as it is; False when it returns None: nothing to record.

    It is asked again when somebody recorded something meanwhile, so what it saw holds when its event is
    recorded. `under`: as for `recording.record`. Raises Conflict after many attempts.
    """
    stream = service_stream(desk)
    if under is not None and desk.journal.recall(under) is not None:
        return True
    for _ in range(_ATTEMPTS):
        length = next((head.length for head in desk.journal.heads() if head.stream == stream), 0)
        event = decide()
        if event is None:
            return False
        try:
            desk.append(stream, (event,), expected=length, command=under)
        except Conflict:
            continue
        return True
    raise Conflict(
        f"others kept changing {stream}; nothing of this was recorded",
        where=stream,
        remedy="andon flags rollout KEY, then try again",
    )
