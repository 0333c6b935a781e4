"""What somebody justifies is one objection: not its equal, nor what was not shown or came later."""

from __future__ import annotations

from andon.incident.words import Gear
from andon.response.gates.judge import Effect, Waived, judge
from andon.response.gates.message import judge_messages
from andon.response.gates.results import Objection, RuleResult, at_most, failed
from andon.response.gates.table import Point


def effect(result: RuleResult, waived: RuleResult) -> Effect:
    """Return what follows from a result when all the objections of another are justified."""
    waivers = [Waived(rule=o.rule, subject=o.fingerprint) for o in waived.objections]
    found = judge(Point.PRE_PUSH, Gear.HOTFIX, [result], waivers=waivers)
    return next(row.effect for row in found.rows if row.result.rule == result.rule)


def test_two_equal_objections_are_justified_one_by_one() -> None:
    one = Objection(rule="tests-kept", path="a", line=1, snippet="assert True")
    other = Objection(rule="tests-kept", path="a", line=9, snippet="assert True")
    first = failed("tests-kept", "one", "", (one,))
    both = failed("tests-kept", "two", "", (one, other))
    assert len({o.fingerprint for o in both.objections}) == 2
    assert effect(first, first) is Effect.WAIVED and effect(both, both) is Effect.WAIVED
    assert effect(both, first) is Effect.BLOCKS


def test_what_is_not_shown_is_justified_by_what_stands_for_it() -> None:
    def silent(count: int) -> RuleResult:
        return judge_messages("INC-1", [(f"{n:040}", f"change {n}") for n in range(count)])

    assert len(silent(25).objections) == 20 and silent(25).objections[-1].text == "and 6 more"
    assert effect(silent(25), silent(25)) is Effect.WAIVED
    assert effect(silent(26), silent(25)) is Effect.BLOCKS


def test_few_are_all_shown() -> None:
    some = [Objection(rule="minimal", text=str(n)) for n in range(3)]
    assert at_most(3, some) == tuple(some)
    assert [o.text for o in at_most(2, some)] == ["0", "and 2 more"]


def test_a_justified_size_is_no_licence_to_grow() -> None:
    from andon.response.change import Change, ChangedFile, Hunk, Kind
    from andon.response.guard.context import IncidentContext
    from andon.response.guard.judge import judge_fix

    def size(small: int) -> RuleResult:
        hunks = [Hunk(old_start=0, new_start=1, added=tuple(f"a{n} = {n}" for n in range(70)))]
        hunks += [Hunk(old_start=0, new_start=100 + 2 * n, added=(f"b{n} = {n}",)) for n in range(small)]
        lines = {h.new_start + n: text for h in hunks for n, text in enumerate(h.added)}
        text = "\n".join(lines.get(n, "") for n in range(1, 400))
        file = ChangedFile(path="a.py", kind=Kind.CHANGED, hunks=tuple(hunks), before="", after=text)
        return judge_fix(Change(base="a", head="b", files=(file,)), IncidentContext())[0]

    assert size(0).rule == "minimal" and effect(size(0), size(0)) is Effect.WAIVED
    assert effect(size(50), size(0)) is Effect.BLOCKS
