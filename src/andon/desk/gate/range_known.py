"""Is it known what is to be judged? Without that the other rules would pass what they have not seen."""

from __future__ import annotations

from andon.response.gates.results import passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Say from where to where; what could not be found out is raised, and so unknown."""
    asked, change = context.asked, context.change
    if asked.deletes:
        return passed("range-known", f"{asked.target} is removed")
    if not asked.head:
        return passed("range-known", f"{len(change.files)} staged files")
    start = asked.base[:10] or "the beginning"
    forced = ", and what was there before is given up" if asked.rewinds else ""
    return passed("range-known", f"{len(context.commits)} commits from {start} to {asked.head[:10]}{forced}")
