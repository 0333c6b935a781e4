"""Is no P0 or P1 open?"""

from __future__ import annotations

from andon.response.gates.results import failed, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

RULE = "no-open-incident"


def check(context: GateContext) -> RuleResult:
    """Name what is in response; then nothing is shipped but its hotfix. Tell what was calmed down."""
    found = [i for i in context.incidents if i.severity.is_emergency and i.status.in_response]
    if not found:
        calmed = [i for i in context.incidents if i.worst_severity.is_emergency and i.status.in_response]
        told = ", ".join(f"{i.id} was {i.worst_severity}, is {i.severity} and {i.status}" for i in calmed[:3])
        return passed(RULE, f"none; {told}" if told else "none")
    told = "; ".join(f"{i.id} {i.severity} is {i.status}: {i.title}" for i in found[:3])
    remedy = f"resolve it; its fix goes out with: andon hotfix start --incident {found[0].id}"
    return failed(RULE, told, remedy)
