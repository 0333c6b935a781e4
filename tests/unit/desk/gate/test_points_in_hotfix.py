"""What the rules of a hotfix say on a branch that is not it, at a merge, and where something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.gate.context import Asked
from andon.desk.gate.rules import check_for
from andon.desk.gate.run import run_gate
from andon.desk.gate.standing import Standing
from andon.incident.emergency import Emergency
from andon.incident.events import PurgePushPlanned, RefPush
from andon.incident.gate_record import fold_gates
from andon.incident.words import Gear, IncidentId, Severity, Status, Verdict
from andon.record import replace
from andon.response.change import ChangeCommit
from andon.response.gates.judge import Effect
from andon.response.gates.only_the_hotfix import Arrival, judge_arrival, judge_place, judge_release
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


@pytest.mark.parametrize(
    ("planned", "asked", "verdict"),
    [
        ((RefPush(ref="refs/heads/main", old=BASE, new=HEAD),), {"rewinds": True}, Verdict.PASSED),
        ((RefPush(ref="refs/heads/main", old=BASE, new=""),), {"deletes": True}, Verdict.PASSED),
        ((), {"rewinds": True}, Verdict.FAILED),
        # Another branch, another beginning, another end, and what the host was to refuse.
        ((RefPush(ref="refs/heads/next", old=BASE, new=HEAD),), {"rewinds": True}, Verdict.FAILED),
        ((RefPush(ref="refs/heads/main", old="d" * 40, new=HEAD),), {"rewinds": True}, Verdict.FAILED),
        ((RefPush(ref="refs/heads/main", old=BASE, new="d" * 40),), {"rewinds": True}, Verdict.FAILED),
        (
            (RefPush(ref="refs/heads/main", old=BASE, new=HEAD, refused="x"),),
            {"rewinds": True},
            Verdict.FAILED,
        ),
        ((RefPush(ref="refs/heads/main", old=BASE, new=HEAD),), {"deletes": True}, Verdict.FAILED),
    ],
)
def test_a_purge_may_replace_exactly_what_its_plan_names(
    tmp_path: Path, planned: tuple[RefPush, ...], asked: dict[str, bool], verdict: Verdict
) -> None:
    name = IncidentId("INC-7")
    incident = Emergency(id=name, service="shop", severity=Severity.P0, status=Status.MITIGATED)
    stands = Standing(gear=Gear.HOTFIX, why="INC-7 P0 is in response", incident=incident)
    way = Asked(base=BASE, head=HEAD, onto=BASE, branch="main", target="refs/heads/main", **asked)
    context = Example(point=Point.PRE_RECEIVE, stands=stands, asked=way).context(tmp_path)
    plan = PurgePushPlanned(operation="OP-1", remote="origin", refs=planned)
    context.desk.append(name, (plan,))
    check = check_for("only-the-hotfix")
    assert check is not None
    assert check(context).verdict is verdict
    superseded = replace(plan, refs=(RefPush(ref="refs/heads/other", old=BASE, new=HEAD),))
    context.desk.append(name, (superseded,))
    assert check(context).verdict is Verdict.FAILED, "the newest plan counts"


def test_a_purge_may_replace_the_tag_of_a_release_by_the_one_that_its_plan_names(tmp_path: Path) -> None:
    name, tag = IncidentId("INC-7"), "refs/tags/v1.2.3"
    incident = Emergency(id=name, service="shop", severity=Severity.P0, status=Status.MITIGATED)
    stands = Standing(gear=Gear.HOTFIX, why="INC-7 P0 is in response", incident=incident)
    for named, verdict in (("e" * 40, Verdict.PASSED), ("d" * 40, Verdict.FAILED)):
        way = Asked(base=BASE, head=HEAD, onto=BASE, target=tag, rewinds=True, beside=((tag, named),))
        context = Example(point=Point.PRE_RECEIVE, stands=stands, asked=way).context(tmp_path)
        planned = (RefPush(ref=tag, old="c" * 40, new="e" * 40),)
        context.desk.append(name, (PurgePushPlanned(operation="OP-1", remote="origin", refs=planned),))
        check = check_for("only-the-hotfix")
        assert check is not None
        assert check(context).verdict is verdict


def test_a_release_without_a_hotfix_or_without_its_branch() -> None:
    none = judge_release("v2", "", "INC-7", is_of_it=None, commit=COMMIT.id)
    assert none.verdict is Verdict.FAILED and none.remedy == "andon hotfix start"
    lost = judge_release("v2", BRANCH, "INC-7", is_of_it=None, commit=COMMIT.id)
    assert lost.verdict is Verdict.UNKNOWN and BRANCH in lost.remedy


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
