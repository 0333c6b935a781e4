"""Is it known which gear is active?"""

from __future__ import annotations

from andon.response.gates.results import passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Say which gear is active and why, or that the journal could not be asked."""
    stands = context.standing
    if stands.problem:
        return unknown("gear-known", stands.problem, "andon doctor")
    return passed("gear-known", f"{stands.gear}: {stands.why}")
