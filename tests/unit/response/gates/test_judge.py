"""The judgement over the answers of the rules: what blocks, and what nothing can change about it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.incident.words import Gear, Verdict
from andon.record import replace
from andon.response.gates.judge import Effect, Waived, is_asked, judge
from andon.response.gates.results import Objection, RuleResult, failed, passed, unknown
from andon.response.gates.table import RULES, Level, Point, rules_at

GEARS = st.sampled_from(list(Gear))
POINTS = st.sampled_from(list(Point))
RULE_IDS = sorted({rule.id for rule in RULES})


def objection(rule: str, number: int) -> Objection:
    return Objection(rule=rule, path=f"f{number}.py", line=1, end_line=1, text="x", snippet=str(number))


@st.composite
def answers(draw: st.DrawFn) -> tuple[RuleResult, ...]:
    found = []
    for rule in draw(st.sets(st.sampled_from(RULE_IDS))):
        places = tuple(objection(rule, n) for n in range(draw(st.integers(0, 3))))
        kind = draw(st.sampled_from(["yes", "no", "cannot say"]))
        found.append(
            passed(rule, "fine")
            if kind == "yes"
            else failed(rule, "bad", "mend it", places)
            if kind == "no"
            else unknown(rule, "who knows", "look")
        )
    return tuple(found)


@st.composite
def waivers(draw: st.DrawFn) -> tuple[Waived, ...]:
    found = []
    for rule in draw(st.sets(st.sampled_from(RULE_IDS))):
        subject = draw(st.sampled_from(["", objection(rule, 0).fingerprint, objection(rule, 1).fingerprint]))
        found.append(Waived(rule=rule, subject=subject, by="ann", reason="because"))
    return tuple(found)


@given(POINTS, GEARS, answers())
def test_it_passes_exactly_when_nothing_blocks(
    point: Point, gear: Gear, results: tuple[RuleResult, ...]
) -> None:
    judged = judge(point, gear, results)
    blocks = [row for row in judged.rows if row.effect is Effect.BLOCKS]
    assert (judged.verdict is Verdict.PASSED) == (not blocks)
    assert (judged.verdict is Verdict.FAILED) == any(r.result.verdict is Verdict.FAILED for r in blocks)


@given(POINTS, GEARS, answers())
def test_every_rule_that_is_asked_has_its_row_in_the_order_of_the_table(
    point: Point, gear: Gear, results: tuple[RuleResult, ...]
) -> None:
    rows = judge(point, gear, results).rows
    assert [row.result.rule for row in rows] == [r.id for r in rules_at(point) if is_asked(r, gear)]


@given(POINTS, GEARS, answers())
def test_unknown_is_never_a_pass(point: Point, gear: Gear, results: tuple[RuleResult, ...]) -> None:
    """A rule that could not say, or that nobody answered, passes only where the table has it off."""
    levels = {rule.id: rule.level(gear, is_undecided=True) for rule in rules_at(point)}
    for row in judge(point, gear, results).rows:
        if row.result.verdict is Verdict.UNKNOWN and row.effect is Effect.PASSES:
            assert levels[row.result.rule] is Level.OFF


@given(POINTS, GEARS, answers(), waivers())
def test_some_rules_can_never_be_waived(
    point: Point, gear: Gear, results: tuple[RuleResult, ...], given_waivers: tuple[Waived, ...]
) -> None:
    never = {rule.id for rule in RULES if rule.never_justified}
    without = {row.result.rule: row for row in judge(point, gear, results).rows}
    for row in judge(point, gear, results, waivers=given_waivers).rows:
        if row.result.rule in never:
            assert row == without[row.result.rule]


@given(POINTS, GEARS, answers(), waivers())
def test_a_waiver_only_takes_away_and_says_who(
    point: Point, gear: Gear, results: tuple[RuleResult, ...], given_waivers: tuple[Waived, ...]
) -> None:
    before = judge(point, gear, results)
    after = judge(point, gear, results, waivers=given_waivers)
    for one, other in zip(before.rows, after.rows, strict=True):
        assert other.effect in (one.effect, Effect.WAIVED)
        assert (other.effect is Effect.WAIVED) == bool(other.waived_by)
        assert set(other.result.objections) <= set(one.result.objections) or other.effect is Effect.WAIVED


@given(POINTS, GEARS, answers(), st.sets(st.sampled_from(RULE_IDS)))
def test_a_hard_gate_turns_a_warning_into_a_stop_and_nothing_else(
    point: Point, gear: Gear, results: tuple[RuleResult, ...], hardened: set[str]
) -> None:
    before = judge(point, gear, results)
    after = judge(point, gear, results, hardened=hardened)
    for one, other in zip(before.rows, after.rows, strict=True):
        hard = one.effect is Effect.WARNS and one.result.rule in hardened
        assert other == (replace(one, effect=Effect.BLOCKS, is_hardened=True) if hard else one)


def test_a_waived_objection_leaves_the_others() -> None:
    result = failed("minimal", "bad", "mend", (objection("minimal", 0), objection("minimal", 1)))
    first = Waived(rule="minimal", subject=objection("minimal", 0).fingerprint, by="ann", reason="r")
    second = replace(first, subject=objection("minimal", 1).fingerprint)
    (row,) = [
        r for r in judge(Point.CI, Gear.HOTFIX, [result], waivers=[first]).rows if r.result.rule == "minimal"
    ]
    assert row.effect is Effect.BLOCKS and row.result.objections == (objection("minimal", 1),)
    (row,) = [
        r
        for r in judge(Point.CI, Gear.HOTFIX, [result], waivers=[first, second]).rows
        if r.result.rule == "minimal"
    ]
    assert row.effect is Effect.WAIVED


HINT = Objection(rule="no-feature", path="a.py", text="may be", snippet="1", is_hint=True)
SURE = Objection(rule="no-feature", path="a.py", text="is", snippet="2")


@given(POINTS, GEARS, answers())
def test_hints_alone_warn_where_the_rule_blocks(
    point: Point, gear: Gear, results: tuple[RuleResult, ...]
) -> None:
    hints = tuple(
        replace(r, objections=tuple(replace(o, is_hint=True) for o in r.objections)) for r in results
    )
    for row, was in zip(judge(point, gear, hints).rows, judge(point, gear, results).rows, strict=True):
        softened = was.result.verdict is Verdict.FAILED and was.result.objections
        expected = Effect.WARNS if softened and was.effect is Effect.BLOCKS else was.effect
        assert row.effect is expected


def test_a_hint_beside_a_sure_sign_changes_nothing_until_that_is_justified() -> None:
    result = failed("no-feature", "2 signs", "take it out", (SURE, HINT))
    (row,) = (r for r in judge(Point.HOTFIX, Gear.HOTFIX, (result,)).rows if r.result.rule == "no-feature")
    assert row.effect is Effect.BLOCKS
    waived = Waived(rule="no-feature", subject=SURE.fingerprint, by="ann", reason="because")
    judged = judge(Point.HOTFIX, Gear.HOTFIX, (result,), waivers=(waived,))
    (row,) = (r for r in judged.rows if r.result.rule == "no-feature")
    assert row.effect is Effect.WARNS and row.result.objections == (HINT,)


def test_a_hint_has_the_fingerprint_of_what_it_would_be_otherwise() -> None:
    assert replace(HINT, is_hint=False).fingerprint == HINT.fingerprint


def test_a_hard_gate_does_not_make_a_hint_sure() -> None:
    result = failed("no-feature", "1 sign", "take it out", (HINT,))
    judged = judge(Point.PRE_COMMIT, Gear.HOTFIX, (result,), hardened=("no-feature",))
    (row,) = (r for r in judged.rows if r.result.rule == "no-feature")
    assert row.effect is Effect.WARNS and not row.is_hardened
