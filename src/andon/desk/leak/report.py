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


def report_of(desk: Desk, located: Located, scanned: Scanned) -> Located:
    """Store the report as evidence and return the answer with its hash; raises Unavailable."""
    import json

    document = {
        "form": _FORM,
        "verdict": str(located.verdict),
        "summary": located.event.summary,
        "incomplete": list(located.incomplete),
        "notes": list(located.notes),
        "credentials": [{"mark": c.mark, "kind": c.kind} for c in located.credentials],
        "objects": scanned.objects,
        "bytes": scanned.bytes,
        "commits": sorted(located.history.holding),
        "brought": {mark: list(commits) for mark, commits in located.history.brought.items()},
        "references": list(located.event.references),
        "in_head": located.event.in_head,
        "places": [_place(place, scanned) for place in located.places],
        "objects_with_a_secret": {t.id: t.kind for t in located.tainted},
    }
    content = json.dumps(document, indent=1, ensure_ascii=True, sort_keys=True).encode()
    stored = desk.evidence.put(content, "application/json")
    return replace(located, event=replace(located.event, evidence=stored.evidence))


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
