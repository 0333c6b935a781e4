"""What of a leak goes on the ban list: every old commit and content that has a secret, and the values."""

from __future__ import annotations

from andon.desk.leak.ban import ban
from andon.errors import NotFound, Refused
from andon.incident.leak_events import LeakBanned
from andon.incident.leaking import leak_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential


def banned_objects(desk: Desk, state: Incident) -> tuple[str, ...]:
    """Return the ids of every commit and content that held a secret, as the search found them.

    Raises Refused when the report of the search is not whole any more.
    """
    import json

    leak = leak_of(state)
    stored = leak.located.evidence if leak.located else None
    try:
        content = desk.evidence.get(stored).content if stored is not None else b""
        report = json.loads(content)
        found = [*report["objects_with_a_secret"], *report["commits"]]
    except (NotFound, ValueError, KeyError, TypeError) as problem:
        raise Refused(
            "what the search found is not whole, so it is not known what to refuse",
            where=state.id,
            rule="leak-located",
            remedy="andon leak locate, in a clone that still has the old history",
        ) from problem
    first = leak.purged.first_changed if leak.purged else ()
    return tuple(dict.fromkeys((*first, *found)))


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
