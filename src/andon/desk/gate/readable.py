"""Could everything that changed be read? What no rule has seen is told here."""

from __future__ import annotations

from andon.incident.words import counted
from andon.response.change import unread
from andon.response.gates.results import passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Name what could not be read, up to three files."""
    change = context.change
    missing = (*change.problems, *unread(change.files))
    if not missing:
        lines = counted(sum(file.size for file in change.files), "line")
        return passed("readable", f"{counted(len(change.files), 'file')}, {lines}")
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return unknown("readable", "; ".join(missing[:3]) + more, "look at them yourself: git diff --stat")
