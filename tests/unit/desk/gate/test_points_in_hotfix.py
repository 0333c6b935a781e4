"""What the rules of a hotfix say on a branch that is not it, at a merge, and where something is missing."""

from __future__ import annotations

from pathlib import Path

from andon.desk.gate.context import Asked
from andon.desk.gate.rules import check_for
from andon.desk.gate.run import run_gate
from andon.incident.gate_record import fold_gates
from andon.incident.words import Gear, Verdict
from andon.record import replace
from andon.response.change import ChangeCommit
from andon.response.gates.judge import Effect
from andon.response.gates.only_the_hotfix import Arrival, judge_arrival, judge_place
from andon.response.gates.table import Point
from tests.unit.desk.gate.examples import BASE, BRANCH, HEAD, HOTFIX, Example, added

COMMIT = ChangeCommit(id="1" * 40, message="x", parents=("0" * 40,))
MERGE = ChangeCommit(id="2" * 40, message="Merge", parents=("0" * 40, "1" * 40))
ARRIVAL = Arrival(branch="main", is_protected=True, hotfix=BRANCH, incident="INC-7")


def test_a_merge_may_only_solve_conflicts_in_the_files_of_the_hotfix() -> None:
    arriving = replace(
        ARRIVAL,
        commits=(MERGE,),
        strays=frozenset({MERGE.id}),
        merged=((MERGE.id, ("app.py",)),),
        hotfix_files=frozenset({"app.py"}),
    )
    assert judge_arrival(arriving).verdict is Verdict.PASSED
    assert judge_arrival(replace(arriving, merged=((MERGE.id, ()),))).verdict is Verdict.PASSED
    more = replace(arriving, merged=((MERGE.id, ("app.py", "colour")),))
    assert judge_arrival(more).verdict is Verdict.FAILED
    assert judge_arrival(replace(arriving, merged=())).verdict is Verdict.FAILED, "nobody looked at it"


def test_where_the_hotfix_is_not_found_nobody_can_say() -> None:
    arriving = replace(ARRIVAL, commits=(COMMIT,), strays=frozenset({COMMIT.id}), is_found=False)
    assert judge_arrival(arriving).verdict is Verdict.UNKNOWN
    begun = judge_arrival(replace(arriving, hotfix=""))
    assert begun.verdict is Verdict.FAILED and begun.remedy.startswith("andon hotfix start")


def test_a_commit_elsewhere_gets_a_hint() -> None:
    assert judge_place(BRANCH, BRANCH, "INC-7").verdict is Verdict.PASSED
    assert judge_place("main", BRANCH, "INC-7").remedy == f"git switch {BRANCH}"
    assert judge_place("main", "", "INC-7").remedy == "andon hotfix start"
    assert judge_place("", BRANCH, "INC-7").verdict is Verdict.PASSED


def test_the_guard_is_not_asked_beside_the_hotfix(tmp_path: Path) -> None:
    check = check_for("minimal")
    assert check is not None
    context = Example(added("a", "x"), stands=HOTFIX, asked=Asked(base=BASE, head=HEAD, branch="x")).context(
        tmp_path
    )
    assert check(context).evidence == "not the hotfix branch"


def test_what_said_no_is_recorded_once_and_only_where_there_is_a_journal(tmp_path: Path) -> None:
    example = Example(added("a", "<<<<<<< mine"), gear=Gear.BUILD)
    context = example.context(tmp_path)
    desk = context.desk
    for _ in range(2):
        judged = run_gate(desk, Point.PRE_PUSH, example.asked, example.stands)
    assert any(r.result.rule == "conflict-markers" and r.effect is Effect.BLOCKS for r in judged.rows)
    assert desk.journal.heads() == (), "a gate makes no journal"
    from andon.incident.events import GearDeclared

    desk.append("service:shop", (GearDeclared(gear="BUILD", reason=""),))
    for point in (Point.PRE_PUSH, Point.PRE_PUSH, Point.CI):
        run_gate(desk, point, example.asked, example.stands)
    record = fold_gates(desk.history("service:shop"))
    found = [v.event for v in record.violations if v.event.rule == "conflict-markers"]
    assert [(v.point, v.effect) for v in found] == [("pre-push", "blocks"), ("ci", "blocks")]
    assert record.strikes("conflict-markers") == 1, "the same marker, wherever it was seen"


def test_a_hard_gate_and_a_waiver_hold(tmp_path: Path) -> None:
    from datetime import timedelta

    from andon.incident.events import RuleHardened, WaiverGranted

    example = Example(added("a", "l", new_mode="120000"), added("b", "/x", new_mode="120000"))
    desk = example.context(tmp_path).desk

    def effect() -> Effect:
        judged = run_gate(desk, Point.PRE_PUSH, example.asked, example.stands)
        return next(r.effect for r in judged.rows if r.result.rule == "links-inside")

    assert effect() is Effect.WARNS
    desk.append("service:shop", (RuleHardened(rule="links-inside", reason="again"),))
    assert effect() is Effect.BLOCKS
    until = desk.clock.now() + timedelta(days=1)
    desk.append(
        "service:shop",
        (WaiverGranted(rule="links-inside", reason="a test image", until=until),),
    )
    assert effect() is Effect.WAIVED
    desk.clock.sleep(2 * 86400)
    assert effect() is Effect.BLOCKS, "a waiver ends by itself"
