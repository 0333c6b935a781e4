"""Keeping the history as it was, secrets included, until the response to a leak is over."""

from __future__ import annotations

from datetime import timedelta

from andon.incident.leak_events import HistoryBackedUp
from andon.incident.leaking import leak_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.leak.accounts import BundleFile
    from andon.desk.ports import Desk
    from andon.desk.ports_histories import Tell
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential


#: For as many days as the team has configured.
KEPT_DAYS = 0


class BackupOptions(Record):
    """How the backup is to be made."""

    room: str
    credentials: Sequence[Credential]
    #: Days it is kept.
    days: int = KEPT_DAYS


def back_up(
    desk: Desk, state: Incident, options: BackupOptions, tell: Tell
) -> tuple[HistoryBackedUp, BundleFile]:
    """Write a verified bundle that only this user may read; raises Refused, Unavailable."""
    leak_of(state)
    days = options.days or desk.config.leak.keep_backup_days
    delete_after = desk.clock.now() + timedelta(days=days)
    bundle = desk.histories.back_up(options.room, options.credentials, delete_after, tell)
    event = HistoryBackedUp(
        path=bundle.path, sha256=bundle.sha256, size=bundle.size, delete_after=delete_after
    )
    return event, bundle
