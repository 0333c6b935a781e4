"""What of a leak goes on the ban list: every old commit and content that has a secret, and the values."""

from __future__ import annotations

from andon.desk.leak.ban import ban
from andon.errors import NotFound, Refused
from andon.incident.leak_events import LeakBanned, LeakLocated
from andon.incident.leaking import leak_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential


def banned_objects(
    desk: Desk, state: Incident, credentials: Sequence[Credential], tell: Callable[[str], None]
) -> tuple[str, ...]:
    """Return the ids of every commit and content that held a secret, as the search found them.

    A report too long to be kept whole is replaced by another search, while this clone still has all of it.
    Raises Refused when it has not.
    """
    leak = leak_of(state)
    found = _reported(desk, leak.located)
    if found is None:
        from andon.desk.leak.locate import locate

        again = locate(desk, credentials, tell)
        if leak.located is not None and again.event.holders < leak.located.holders:
            raise Refused(
                "what the search found is not kept whole, and this clone has not all of it any more",
                where=state.id,
                rule="leak-located",
                remedy="andon leak ban, in a clone that still has the old history",
            )
        found = (*(one.id for one in again.tainted), *again.history.holding)
    first = leak.purged.first_changed if leak.purged else ()
    return tuple(dict.fromkeys((*first, *found)))


def _reported(desk: Desk, located: LeakLocated | None) -> tuple[str, ...] | None:
    """Return the ids in the report of a search; None when it is not there, or not whole."""
    import json

    try:
        stored = located.evidence if located is not None else None
        report = json.loads(desk.evidence.get(stored).content) if stored is not None else {}
        objects, commits = list(report["objects_with_a_secret"]), list(report["commits"])
        is_whole = report.get("commits_holding", len(commits)) == len(commits)
    except (NotFound, ValueError, KeyError, TypeError):
        return None
    if located is None or not is_whole or len(objects) < located.holders:
        return None
    return (*objects, *commits)


def ban_leak(
    desk: Desk,
    state: Incident,
    objects: Sequence[str],
    credentials: Sequence[Credential],
    tell: Callable[[str], None],
) -> LeakBanned:
    """Put objects and values on this repository's list; return what is to be recorded. Raises Unavailable."""
    values = tuple(c.value for c in credentials)
    done = ban(desk, objects, values, tell, why=state.id)
    return LeakBanned(place=done.place, objects=len(objects), values=len(values) - done.left_out)
