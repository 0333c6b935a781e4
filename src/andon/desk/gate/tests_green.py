"""Did the whole test command pass on this commit? Reads the runs on record: `andon ship test` makes one."""

from __future__ import annotations

from andon.response.gates.tests_green import judge_suites

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Judge the runs on exactly this commit."""
    return judge_suites(context.asked.head, context.desk.config.ship.test, context.record.suites)
