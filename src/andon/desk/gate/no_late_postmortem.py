"""Is no postmortem late? Closed incidents count as well: closing one does not write it."""

from __future__ import annotations

from andon.incident.policy import postmortem_due, postmortem_is_late
from andon.response.gates.results import failed, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

RULE = "no-late-postmortem"


def check(context: GateContext) -> RuleResult:
    """Name each postmortem that is owed since a moment that has passed."""
    now = context.desk.clock.now()
    late = [i for i in context.incidents if postmortem_is_late(i, now)]
    if not late:
        return passed(RULE, "none")
    told = "; ".join(f"{i.id} {i.title}, due {postmortem_due(i):%Y-%m-%d %H:%M UTC}" for i in late[:3])
    more = f" and {len(late) - 3} more" if len(late) > 3 else ""
    return failed(
        RULE, told + more, f"andon postmortem draft --incident {late[0].id}; andon postmortem publish"
    )
