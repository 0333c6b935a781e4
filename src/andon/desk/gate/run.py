"""Asking every rule of a point and judging the answers."""

from __future__ import annotations

from andon.desk.gate.context import GateContext
from andon.desk.gate.rules import check_for
from andon.desk.gate.standing import standing
from andon.errors import AndonError
from andon.record import replace
from andon.response.gates.judge import Effect, is_asked, judge
from andon.response.gates.results import passed, unknown
from andon.response.gates.table import RANGE, rules_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from andon.desk.gate.context import Asked
    from andon.desk.gate.standing import Standing
    from andon.desk.ports import Desk
    from andon.response.gates.judge import Judgement
    from andon.response.gates.results import RuleResult
    from andon.response.gates.table import GateRule, Point

#: Rules that look at no commit.
_WITHOUT_A_RANGE = ("configuration", "gear-known")
#: Rules that have something to say about a reference that is removed.
_OF_A_REMOVAL = ("range-known", "only-the-hotfix", "ship-recorded")


def run_gate(
    desk: Desk,
    point: Point,
    asked: Asked,
    stands: Standing | None = None,
    tell: Callable[[str], None] | None = None,
    known: Mapping[str, Any] | None = None,
) -> Judgement:
    """Return what the gate at `point` says about what is asked; a rule that cannot be answered is unknown.

    Waivers and hard gates are only looked up when a rule did not pass. What said no is recorded. `tell` hears
    of each rule before it is asked; `known` is what the rules need not find out again.
    """
    stands = stands or standing(desk)
    context = GateContext(desk, point, stands, asked)
    context.shared.update(known or {})
    results = [
        _hidden(desk, _answer(rule, context, tell)) for rule in rules_at(point) if is_asked(rule, stands.gear)
    ]
    judgement = judge(point, stands.gear, results)
    if all(row.effect is Effect.PASSES for row in judgement.rows):
        return judgement
    return _with_answers(context, judgement, results)


def _hidden(desk: Desk, result: RuleResult) -> RuleResult:
    """Return an answer without secrets: what a rule quotes was written by whoever made the change."""
    hide = desk.redactor.redact_words
    objections = tuple(
        replace(one, path=hide(one.path), text=hide(one.text), snippet=hide(one.snippet))
        for one in result.objections
    )
    return replace(result, evidence=hide(result.evidence), remedy=hide(result.remedy), objections=objections)


def _with_answers(context: GateContext, first: Judgement, results: Sequence[RuleResult]) -> Judgement:
    """Return the judgement with what somebody answers for, and with the rules that were hardened."""
    from andon.desk.gate.answered import answered_for, gate_record
    from andon.desk.gate.violations import note_violations

    desk, stands = context.desk, context.standing
    if stands.problem:  # no journal: nobody can have answered for anything
        return first
    try:
        record = gate_record(desk)
        waivers = answered_for(desk, stands, record, context.asked.head)
    except AndonError:
        return first
    judgement = judge(first.point, first.gear, results, hardened=record.hardened, waivers=waivers)
    note_violations(context, judgement)
    return judgement


def _answer(rule: GateRule, context: GateContext, tell: Callable[[str], None] | None) -> RuleResult:
    if tell is not None:
        tell(rule.id)
    asked = context.asked
    if asked.problem and context.point in RANGE and rule.id not in _WITHOUT_A_RANGE:
        return unknown(rule.id, asked.problem, asked.remedy)
    if asked.deletes and rule.id not in (*_WITHOUT_A_RANGE, *_OF_A_REMOVAL):
        return passed(rule.id, "nothing comes with a removal")
    check = check_for(rule.id)
    if check is None:
        return unknown(rule.id, "nothing answers this rule yet", "andon doctor")
    try:
        return check(context)
    except AndonError as problem:
        return unknown(rule.id, str(problem), problem.remedy)
