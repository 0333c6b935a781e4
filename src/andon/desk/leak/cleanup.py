"""Removing what the work on a leak left behind, and proving that it is gone."""

from __future__ import annotations

from andon.incident.leak_events import LeakCleaned
from andon.incident.leaking import leak_of
from andon.incident.words import Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.leak.accounts import Removal
    from andon.desk.ports import Desk
    from andon.desk.ports_histories import Tell
    from andon.incident.state import Incident


class CleanUpOptions(Record):
    """What is to be removed besides the mirror and its clones."""

    room: str
    #: What the caller removed itself (the values), and what of that is left, with the reason.
    removed: Sequence[str] = ()
    left: Sequence[str] = ()


def clean_up(desk: Desk, state: Incident, options: CleanUpOptions, tell: Tell) -> tuple[LeakCleaned, Removal]:
    """Remove mirror, clones, notes, and a backup whose day has come.

    Passed means that all is gone but backups whose day has not come; those are named as left, with the day.
    """
    leak_of(state)
    done = desk.histories.clean_up(options.room, desk.clock.now(), tell)
    removed, left = (*options.removed, *done.removed), (*options.left, *done.left)
    event = LeakCleaned(
        verdict=Verdict.FAILED if left else Verdict.PASSED,
        summary=f"{len(removed)} removed and gone"
        + (f", {len(left)} still there" if left else "")
        + (f", {len(done.kept)} kept until their day" if done.kept else ""),
        removed=removed,
        left=(*left, *done.kept),
    )
    return event, done
