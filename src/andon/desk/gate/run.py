"""Asking every rule of a point and judging the answers."""

from __future__ import annotations

from andon.desk.gate.context import GateContext
from andon.desk.gate.rules import check_for
from andon.desk.gate.standing import standing
from andon.errors import AndonError
from andon.response.gates.judge import is_asked, judge
from andon.response.gates.results import unknown
from andon.response.gates.table import rules_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import Asked
    from andon.desk.gate.standing import Standing
    from andon.desk.ports import Desk
    from andon.response.gates.judge import Judgement
    from andon.response.gates.results import RuleResult
    from andon.response.gates.table import GateRule, Point


def run_gate(desk: Desk, point: Point, asked: Asked, stands: Standing | None = None) -> Judgement:
    """Return what the gate at `point` says about what is asked; a rule that cannot be answered is unknown."""
    stands = stands or standing(desk)
    context = GateContext(desk, point, stands, asked)
    results = [_answer(rule, context) for rule in rules_at(point) if is_asked(rule, stands.gear)]
    return judge(point, stands.gear, results)


def _answer(rule: GateRule, context: GateContext) -> RuleResult:
    check = check_for(rule.id)
    if check is None:
        return unknown(rule.id, "nothing answers this rule yet", "andon doctor")
    try:
        return check(context)
    except AndonError as problem:
        return unknown(rule.id, str(problem), problem.remedy)
