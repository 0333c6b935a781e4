"""Is every merge conflict resolved? Looks at the lines that are added."""

from __future__ import annotations

from andon.response.gates.conflicts import markers
from andon.response.gates.results import failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Object to every added line that begins, parts or ends a conflict."""
    found = markers(context.change)
    unseen = [f.path for f in context.change.files if f.unread and not (f.is_binary or f.is_submodule)]
    if not found and (context.change.problems or unseen):
        why = "; ".join(context.change.problems) or f"nobody could read {unseen[0]}"
        return unknown("conflict-markers", why, "look for them yourself: git diff --check")
    if not found:
        return passed("conflict-markers", "none in what is added")
    places = ", ".join(o.place for o in found[:3])
    remedy = "resolve them in a further commit" if context.asked.head else "resolve them, then: git add"
    return failed("conflict-markers", f"markers at {places}", remedy, found)
