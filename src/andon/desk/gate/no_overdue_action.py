"""Is no follow-up of a P0 or P1 overdue? The incident's worst severity counts."""

from __future__ import annotations

from andon.response.gates.results import Objection, failed, passed
from andon.review.actions import overdue, standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

RULE = "no-overdue-action"


def check(context: GateContext) -> RuleResult:
    """Object to each open follow-up of an emergency whose day has passed."""
    now = context.desk.clock.now()
    found = [
        (state, action)
        for state in context.incidents
        if state.worst_severity.is_emergency
        for action in overdue(state.actions, now)
    ]
    if not found:
        return passed(RULE, "none")
    objections = tuple(
        Objection(
            rule=RULE,
            text=f"{state.id} {action.id} {standing(action, now)}: {action.title} ({action.owner})",
            snippet=f"{state.id} {action.id}",
        )
        for state, action in found
    )
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    state, action = found[0]
    remedy = f'andon actions done {action.id} --incident {state.id} --proof "..."; or drop it with a reason'
    return failed(RULE, "; ".join(o.text for o in objections[:3]) + more, remedy, objections)
