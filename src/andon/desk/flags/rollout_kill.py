"""Killing a flag for a rollout that failed: planned on record, put, confirmed, ended; once, however often."""

from __future__ import annotations

from shlex import quote

from andon.desk.casefile import service_stream
from andon.desk.flag_system import flag_system_of
from andon.errors import AndonError
from andon.flags.overrides import KILL, Override
from andon.incident.codec import timestamp
from andon.incident.events import FlagActEnded, FlagActPlanned
from andon.incident.words import CommandId, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk


def kill_flag(
    desk: Desk, key: str, variant: str, *, operation: str, incident: str = "", reason: str, by: str
) -> FlagActEnded:
    """Give everybody `variant` and return which processes have it; done again, it happens once.

    Raises what the flag system raises; its plan is on record then, and the end of another attempt may be.
    """
    stream = service_stream(desk)
    planned, ended = CommandId(f"{operation}/planned"), CommandId(f"{operation}/ended")
    system = flag_system_of(desk)
    if desk.journal.recall(planned) is None:
        seen = system.find(key)
        plan = FlagActPlanned(
            operation=operation,
            purpose="kill",
            system=system.kind,
            flag=key,
            variant=variant,
            before=seen.state,
            undo=f"andon flags enable {quote(key)}",
            reason=reason,
            covers=seen.covers,
            incident=incident,
        )
        desk.append(stream, (plan,), command=planned)
    known = desk.journal.recall(ended)
    if known is not None and isinstance(known.recorded[0].event, FlagActEnded):
        return known.recorded[0].event
    # Everything in it comes from the record, so that putting it again is the same act.
    first = desk.journal.recall(planned)
    at = timestamp(first.recorded[0].at) if first else ""
    version = system.put(
        Override(
            flag=key,
            layer=KILL,
            variant=variant,
            operation=operation,
            incident=incident,
            by=by,
            at=at,
            reason=reason,
        )
    )
    try:
        who = system.confirmations(version, desk.config.flag_system.confirm, lambda _: None)
    except AndonError as problem:
        event = FlagActEnded(
            operation=operation, outcome=Outcome.SUCCEEDED, can_confirm=False, detail=str(problem)
        )
    else:
        event = FlagActEnded(
            operation=operation,
            outcome=Outcome.SUCCEEDED,
            connected=who.connected,
            confirmed=who.confirmed,
            silent=who.silent[:20],
            milliseconds=who.milliseconds,
            slowest=who.slowest,
            can_confirm=who.can_confirm,
            detail=who.detail,
        )
    desk.append(stream, (event,), command=ended)
    return event
