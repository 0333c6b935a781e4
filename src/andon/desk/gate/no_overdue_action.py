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
    """Object to each open follow-up of an emergency whose day has passed; tell whose day was moved then."""
    now = context.desk.clock.now()
    found = [
        (state, action)
        for state in context.incidents
        if state.worst_severity.is_emergency
        for action in overdue(state.actions, now)
    ]
    if not found:
        return passed(RULE, _moved(context) or "none")
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


def _moved(context: GateContext) -> str:
    """Return what is only in time because somebody moved its day after that had passed; "" for nothing."""
    moved = [
        f"{state.id} {action.id} (was due {action.was_due_at:%Y-%m-%d}, now {standing(action, now)})"
        for now in (context.desk.clock.now(),)
        for state in context.incidents
        if state.worst_severity.is_emergency
        for action in state.actions
        if action.state == "open" and action.was_due_at is not None
    ]
    more = f" and {len(moved) - 3} more" if len(moved) > 3 else ""
    return f"none, with a day moved after it had passed: {', '.join(moved[:3])}{more}" if moved else ""
