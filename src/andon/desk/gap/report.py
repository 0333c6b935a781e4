"""The page of an incident's newest search for the gap, out of the record."""

from __future__ import annotations

import json

from andon.desk.gap.kept import read_search
from andon.errors import NotFound, Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.failure import Failure
from andon.gaps.report.page import page, with_prevention
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.gap_events import GapSearchEnded
    from andon.incident.gap_state import Gap
    from andon.incident.state import Incident

#: With what a page ends, and what is in one of which the middle was not kept.
_END, _CUT = "</html>", " bytes left out here]\n"


class Report(Record):
    """A page, and the search it shows."""

    search: str
    page: str


def report(desk: Desk, state: Incident) -> Report:
    """Return the page of the newest search, with what was done since to prevent the next one.

    It is the page that was stored with the search; where that could not be stored whole, it is made again
    from the search's record, without pictures. Raises NotFound where no search came to an end.
    """
    gap = state.gap
    if gap is None or gap.ended is None:
        raise NotFound(
            "no search for the gap came to an end in this incident",
            where=state.id,
            rule="gap-report",
            remedy="andon gap",
        )
    stored = _stored(desk, gap.ended) or _made_again(desk, gap, gap.ended)
    return Report(search=gap.ended.search, page=with_prevention(stored, _steps(gap)))


def _stored(desk: Desk, ended: GapSearchEnded) -> str:
    """Return the page as it was stored; "" when there is none, or not all of it."""
    if ended.report is None:
        return ""
    try:
        found = desk.evidence.get(ended.report).content.decode("utf-8", "replace")
    except NotFound:
        return ""
    return found if found.rstrip().endswith(_END) and _CUT not in found else ""


def _made_again(desk: Desk, gap: Gap, ended: GapSearchEnded) -> str:
    try:
        if ended.evidence is None:
            raise NotFound
        search = read_search(json.loads(desk.evidence.get(ended.evidence).content))
    except (NotFound, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Unavailable(
            "neither the page nor the search was stored whole",
            where=ended.search,
            rule="gap-report",
            remedy="search again: andon gap --report FILE",
        ) from problem
    told = gap.started.failure if gap.started else ""
    return page(search, Beliefs(), search.failure or Failure(text=told, source="the incident"))


def _steps(gap: Gap) -> list[tuple[str, str]]:
    """Return what was made and written since the search, by what it is."""
    steps = [(f"{one.what}: {one.path}", one.proof) for one in gap.prevented]
    if gap.explained is not None:
        told = gap.explained
        steps += [("What the tests missed", told.missed), ("Why", told.why), ("What catches it", told.catch)]
        steps += [("What to ask instead", told.semantics)] if told.semantics else []
    return steps
