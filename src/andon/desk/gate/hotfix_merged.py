"""Has every hotfix reached the main line, and is it in what is shipped?"""

from __future__ import annotations

from andon.desk.casefile import all_incidents
from andon.desk.lost_fixes import lost_fixes
from andon.incident.hotfix_state import owes_merge, unmerged_in_words
from andon.response.gates.results import Objection, failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

RULE = "hotfix-merged"


def check(context: GateContext) -> RuleResult:
    """Name the hotfixes that only production has, and those that the commit to ship does not hold."""
    owing = [state for state in all_incidents(context.desk) if owes_merge(state)]
    if owing:
        told = "; ".join(f"{state.id}: {unmerged_in_words(state)}" for state in owing[:3])
        objections = tuple(Objection(rule=RULE, text=f"{s.id}: {unmerged_in_words(s)}") for s in owing)
        return failed(RULE, told, f"andon hotfix finish --incident {owing[0].id}", objections)
    lost = lost_fixes(context.desk, context.asked.head) if context.asked.head else ()
    missing = [fix for fix in lost if fix.is_certain]
    if missing:
        told = ", ".join(f"{fix.version} of {fix.incident}" for fix in missing[:3])
        objections = tuple(
            Objection(rule=RULE, text=f"it lacks the hotfix {fix.version} of {fix.incident}")
            for fix in missing
        )
        remedy = f"git merge {missing[0].commit[:12]}; then: andon ship check"
        return failed(RULE, f"what is to be shipped lacks the hotfix {told}", remedy, objections)
    if lost:
        fix = lost[0]
        told = f"whether it holds the hotfix {fix.version} of {fix.incident} cannot be told: {fix.reason}"
        return unknown(RULE, told, "git fetch --unshallow --tags")
    return passed(RULE, "every hotfix in production is on the main line and in this commit")
