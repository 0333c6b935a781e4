"""Does the message name the incident of the hotfix? Asked of one being written, and of all that arrive."""

from __future__ import annotations

from andon.response.gates.message import judge_messages
from andon.response.gates.results import passed
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Object to every commit of the hotfix that does not name its incident; elsewhere there is none."""
    if not context.is_hotfix:
        return passed("names-incident", "not the hotfix branch")
    incident = context.standing.incident_id
    if context.point is Point.COMMIT_MSG:
        return judge_messages(incident, (("", context.asked.message),))
    told = tuple((c.id, c.message) for c in context.commits if len(c.parents) < 2)
    return judge_messages(incident, told)
