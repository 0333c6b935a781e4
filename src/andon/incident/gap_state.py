"""The search for the gap between tests and production: a fold over its events, and what it says to items."""

from __future__ import annotations

from andon.incident import gap_events as e
from andon.incident.words import Verdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from andon.incident.state import Incident

    GapEvent: TypeAlias = e.GapSearchStarted | e.GapSearchEnded | e.GapExplained | e.GapPrevented
    #: Verdict, summary, and where in the history it is proven (0 for nowhere).
    GapAnswer: TypeAlias = tuple[Verdict, str, int]

#: Check to the kind of difference that it asks about.
KINDS = {
    "gap-environment": "environment",
    "gap-data": "data",
    "gap-dependency": "dependency",
    "gap-scale": "scale",
    "gap-network": "network",
}
_LOOK = "nobody looked yet: andon gap"


class Gap(Record):
    """The newest search and what followed from it."""

    started: e.GapSearchStarted | None = None
    #: The newest search that came to an end.
    ended: e.GapSearchEnded | None = None
    explained: e.GapExplained | None = None
    prevented: tuple[e.GapPrevented, ...] = ()
    ended_seq: int = 0
    explained_seq: int = 0
    prevented_seq: int = 0


def fold_gap(gap: Gap | None, event: GapEvent, seq: int) -> Gap:
    """Return the search after one more event."""
    gap = gap or Gap()
    match event:
        case e.GapSearchStarted():
            return replace(gap, started=event)
        case e.GapSearchEnded():
            return gap if event.answer == "given up" else replace(gap, ended=event, ended_seq=seq)
        case e.GapExplained():
            return replace(gap, explained=event, explained_seq=seq)
        case e.GapPrevented():
            return replace(gap, prevented=(*gap.prevented, event), prevented_seq=seq)


def gap_in_words(event: GapEvent) -> tuple[str, str]:
    """Return the part of the timeline an event belongs to, and its sentence."""
    match event:
        case e.GapSearchStarted():
            return (
                "verification",
                f"looking for the gap between tests and production ({event.suite}): {event.failure}",
            )
        case e.GapSearchEnded():
            tier = f" ({event.tier})" if event.tier else ""
            return "verification", f"the gap: {event.answer}{tier}: {event.summary}"
        case e.GapExplained():
            return "review", f"what the tests missed: {event.missed}"
        case e.GapPrevented():
            proof = f": {event.proof}" if event.proof else ""
            return "review", f"{event.what} against the gap in {event.path}{proof}"


def gap_in_short(gap: Gap) -> str:
    """Return what the newest search came to and what was made of it, as one line; "" while none ended."""
    ended = gap.ended
    if ended is None:
        return ""
    told = f"the gap: {' '.join((ended.answer, *ended.place))}" + (f" ({ended.tier})" if ended.tier else "")
    made = tuple(dict.fromkeys(one.what for one in gap.prevented if one.search == ended.search))
    if made:
        return f"{told}; against the next: {', '.join(made)}"
    is_known = ended.answer != "unknown"
    return f"{told}; nothing keeps it from coming back yet: andon gap prevent" if is_known else told


def gap_answer(state: Incident, check: str) -> GapAnswer:
    """Return what the search says to one check of the protocol."""
    gap = state.gap
    if gap is None or gap.ended is None:
        return Verdict.UNKNOWN, _LOOK, 0
    if kind := KINDS.get(check):
        look = next((one for one in gap.ended.looks if one.kind == kind), None)
        if look is None:
            return Verdict.UNKNOWN, f"the search did not come to {kind}", 0
        return look.verdict, look.told, gap.ended_seq
    if check in ("gap-missed", "gap-why", "gap-tests-improved"):
        if gap.explained is None:
            return Verdict.UNKNOWN, "not written yet: andon gap prevent", 0
        told = {
            "gap-missed": gap.explained.missed,
            "gap-why": gap.explained.why,
            "gap-tests-improved": gap.explained.catch,
        }[check]
        return Verdict.PASSED, told, gap.explained_seq
    what = {"environment-parity": "parity", "semantics-updated": "semantics"}[check]
    made = next((one for one in reversed(gap.prevented) if one.what == what), None)
    if made is None and what == "semantics" and gap.explained is not None and _are_answers(gap):
        return Verdict.UNKNOWN, "no wrong question was found in what the tests assert: look, and sign", 0
    if made is None:
        return Verdict.UNKNOWN, "nothing was made yet: andon gap prevent", 0
    item = next((a for a in state.actions if a.id == made.action), None)
    if item is not None and item.state == "open":
        return Verdict.UNKNOWN, f"{made.path}, tracked as {item.id}", gap.prevented_seq
    return Verdict.PASSED, f"{made.path}{f' ({made.proof})' if made.proof else ''}", gap.prevented_seq


def _are_answers(gap: Gap) -> bool:
    """True when the answers are to the newest search, and they know of no wrong question."""
    told, ended = gap.explained, gap.ended
    return told is not None and ended is not None and told.search == ended.search and not told.semantics
