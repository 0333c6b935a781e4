"""Has somebody recorded the decision to ship what is being released?"""

from __future__ import annotations

from andon.response.gates.protected import is_protected, looks_like_release
from andon.response.gates.results import Objection, failed, passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

_RULE = "ship-recorded"


def check(context: GateContext) -> RuleResult:
    """Ask for a recorded decision that passed, where a release's tag is pushed, or a branch that counts."""
    asked, config = context.asked, context.desk.config.gates
    is_branch = config.ship_branches and is_protected(context.target_branch, context.protected)
    if asked.deletes or not (looks_like_release(asked.target) or is_branch):
        return passed(_RULE, "no release is pushed")
    from andon.desk.gate.answered import gate_record
    from andon.incident.words import Verdict

    shipped = gate_record(context.desk).decision(asked.head)
    if shipped is not None and shipped.event.verdict is Verdict.PASSED:
        return passed(_RULE, f"{shipped.by} recorded {shipped.event.version or asked.head[:10]}")
    what = asked.target.removeprefix("refs/tags/").removeprefix("refs/heads/")
    found = Objection(
        rule=_RULE, text=f"{what}: no ship decision for {asked.head[:10]}", snippet=f"{what} {asked.head}"
    )
    return failed(_RULE, found.text, "andon ship check; andon ship record", (found,))
