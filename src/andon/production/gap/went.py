"""What going the failing way once or more often showed, and how two such sights are put together. Pure."""

from __future__ import annotations

from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.beliefs import Exchange
    from andon.gaps.experiment import Picture
    from andon.gaps.failure import Seen

_SHOWN = 4000


class Went(Record):
    """What going the failing way showed."""

    runs: int = 0
    reproduced: int = 0
    #: True when it showed in the first of several rounds, and in no other.
    is_first_only: bool = False
    #: The first sight of production's failure, and of another one.
    failure: Seen | None = None
    other: Seen | None = None
    exchanges: tuple[Exchange, ...] = ()
    pictures: tuple[Picture, ...] = ()
    fastest_document: float = 0.0
    #: Requests of a crowd that were under way at once, at most.
    most_at_once: int = 0
    requests: int = 0
    remarks: tuple[str, ...] = ()
    #: Why nothing could be seen at all.
    problem: str = ""


def both(first: Went, rest: Went) -> Went:
    """Return two goes the same way as one."""
    if rest.problem:
        return replace(first, remarks=(*first.remarks, rest.problem))
    return replace(
        rest,
        runs=first.runs + rest.runs,
        reproduced=first.reproduced + rest.reproduced,
        failure=first.failure or rest.failure,
        other=first.other or rest.other,
        pictures=first.pictures or rest.pictures,
        requests=first.requests + rest.requests,
        remarks=tuple(dict.fromkeys((*first.remarks, *rest.remarks))),
    )


def cut(seen: Seen) -> Seen:
    """Return a sight with no more text than is shown of it."""
    return seen if len(seen.text) <= _SHOWN else replace(seen, text=seen.text[:_SHOWN])
