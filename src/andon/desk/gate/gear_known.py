"""Is it known which gear is active?"""

from __future__ import annotations

from andon.response.gates.results import passed, unknown
from andon.response.gates.table import Point

#: In CI and on a server the doctor has no more to say; the place of the journal has to come with the call.
AWAY = (Point.CI, Point.PRE_RECEIVE)
_AWAY = "name the team's journal: ANDON_JOURNAL, or journal in andon.toml; without one say --gear BUILD"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Say which gear is active and why, or that the journal could not be asked."""
    stands = context.standing
    if stands.problem:
        return unknown("gear-known", stands.problem, _AWAY if context.point in AWAY else "andon doctor")
    return passed("gear-known", f"{stands.gear}: {stands.why}")
