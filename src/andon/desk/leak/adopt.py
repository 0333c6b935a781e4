"""Bringing the user's own clone to the purged history."""

from __future__ import annotations

from andon.incident.leaking import refuse_unverified
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.leak.accounts import Adoption
    from andon.desk.ports import Desk
    from andon.desk.ports_histories import Tell
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential


class AdoptOptions(Record):
    """Whether the clone is to be changed."""

    room: str
    credentials: Sequence[Credential]
    write: bool = False


def adopt(desk: Desk, state: Incident, options: AdoptOptions, tell: Tell) -> Adoption:
    """Return what adopting the purged history would do to this clone, or do it; raises Refused, Unavailable.

    Nothing is done while something hinders it: changes in the work tree, a stash, commits of one's own.
    """
    refuse_unverified(state)
    return desk.histories.adopt(options.room, options.credentials, write=options.write, tell=tell)
