"""Cleaning up after a leak: the values, the mirror and its clones now; the backup when its day has come."""

from __future__ import annotations

from datetime import timedelta

from andon.desk.leak.cleanup import CleanUpOptions, clean_up
from andon.incident.leak_events import LeakCleaned
from andon.incident.leaking import leak_of
from andon.incident.words import Verdict
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def tidy(
    desk: Desk, state: Incident, tell: Callable[[str], None], *, with_backup: bool = False
) -> LeakCleaned:
    """Remove what the work left, `with_backup` before its day too, and return what is to be recorded.

    A backup before its day is no failure: it stays for a reason, with an action item of its own. All else
    that is left is one.
    """
    leak = leak_of(state)
    room = desk.leak_room.place(state.id)
    early: tuple[str, ...] = ()
    if with_backup and leak.backup is not None:
        day = leak.backup.delete_after + timedelta(seconds=1)
        early = desk.histories.clean_up(room, day, tell).removed
    event, done = clean_up(desk, state, CleanUpOptions(room=room, removed=early), tell)
    is_gone = desk.leak_room.forget(state.id)
    removed = (*event.removed, *(("the values",) if is_gone else ()))
    left = (*event.left, *(() if is_gone else ("the values: they cannot be removed",)))
    others = [text for text in left if text not in done.kept]
    told = f"{len(removed)} removed and gone"
    if others:
        told += f", {len(others)} left that must not be"
    elif left and leak.backup is not None:
        told += f"; the backup is kept until {leak.backup.delete_after:%Y-%m-%d}"
    verdict = Verdict.FAILED if others else Verdict.PASSED
    return replace(event, verdict=verdict, summary=told, removed=removed, left=left)
