"""The whole answer of a search as a document that can be kept: marks and places, never a value."""

from __future__ import annotations

from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.leak.located import Located
    from andon.desk.leak.scan import Scanned
    from andon.desk.ports import Desk
    from andon.incident.parts import LeakPlace

_FORM = 1
#: Bytes of a report: evidence is cut at 5 MiB, and half a document is none.
_LARGEST = 4 << 20
#: How much of each list is in it: all, and less when that is too long. The counts are always true.
_LISTED = (1 << 30, 5000, 1000, 200)


def report_of(desk: Desk, located: Located, scanned: Scanned) -> Located:
    """Store the report as evidence and return the answer with its hash; raises Unavailable."""
    import json

    content = b""
    for listed in _LISTED:
        content = json.dumps(_document(located, scanned, listed), indent=1, sort_keys=True).encode()
        if len(content) < _LARGEST:
            break
    stored = desk.evidence.put(content, "application/json")
    return replace(located, event=replace(located.event, evidence=stored.evidence))


def _document(located: Located, scanned: Scanned, listed: int) -> dict[str, object]:
    """Return the report with at most so many places, commits and objects."""
    return {
        "form": _FORM,
        "verdict": str(located.verdict),
        "summary": located.event.summary,
        "incomplete": list(located.incomplete),
        "notes": list(located.notes),
        "credentials": [{"mark": c.mark, "kind": c.kind} for c in located.credentials],
        "objects": scanned.objects,
        "bytes": scanned.bytes,
        "commits_holding": len(located.history.holding),
        "commits": sorted(located.history.holding)[:listed],
        "brought": {mark: list(commits[:listed]) for mark, commits in located.history.brought.items()},
        "references": list(located.event.references[:listed]),
        "in_head": located.event.in_head,
        "places_found": len(located.places),
        "places": [_place(place, scanned) for place in located.places[:listed]],
        "objects_with_a_secret": {t.id: t.kind for t in located.tainted[:listed]},
    }


def _place(place: LeakPlace, scanned: Scanned) -> dict[str, object]:
    told: dict[str, object] = {
        "mark": place.mark,
        "kind": place.kind,
        "name": place.name,
        "encoding": place.encoding,
        "reachable": place.is_reachable,
    }
    if place.paths:
        told["paths"] = list(place.paths)
    if place.commit:
        told["commit"] = place.commit
    if place.author:
        told["author"] = place.author
    if place.at is not None:
        told["at"] = place.at.isoformat()
    if part := scanned.parts.get(place.name, ""):
        told["part"] = part
    return told
