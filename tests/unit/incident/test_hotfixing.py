"""A hotfix: for a decided emergency, shipped when the guard has passed exactly it, missed until merged."""

from __future__ import annotations

import pytest

from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import Standing, checklist
from andon.incident.checks import CHECKS
from andon.incident.hotfix_state import in_production, owes_merge
from andon.incident.words import Choice, Outcome, Severity, Verdict
from andon.protocol.compiled import ProtocolItem
from andon.record import replace
from tests.unit.incident.cases import (
    DECIDED,
    OWNED,
    adopted,
    approved,
    assessed,
    decided,
    declared,
    finished,
    given,
    hotfix_checked,
    hotfix_merged,
    hotfix_planned,
    hotfix_started,
    mitigated,
    planned,
    published,
    resolved,
    signed,
    started,
    state,
    verified,
)

CHOSEN = (*OWNED, assessed(), decided(Choice.HOTFIX))
STARTED = (*CHOSEN, hotfix_started())
PASSED = (*STARTED, hotfix_checked())
PLANNED = (*PASSED, hotfix_planned())
SHIPPED = (*PLANNED, started("op1", "hotfix"), finished(), verified())


def start() -> c.StartHotfix:
    return c.StartHotfix(started=hotfix_started())


def deploy(**changes: object) -> c.StartDeploy:
    wanted = {"operation": "op1", "purpose": "hotfix", "from_version": "v3", "version": "v4", "undo": "u"}
    return c.StartDeploy(**{**wanted, **changes})


# ---- beginning


def test_it_begins_when_it_is_decided() -> None:
    given(*CHOSEN).when(start()).then(hotfix_started())


@pytest.mark.parametrize(
    ("events", "rule"),
    [
        (OWNED, "decide-then-act"),
        (DECIDED, "decide-then-act"),
        ((declared(Severity.P2), adopted(), decided(Choice.HOTFIX)), "hotfix-needs-emergency"),
        ((*SHIPPED, mitigated(), resolved()), "hotfix-needs-emergency"),
    ],
    ids=["nothing decided", "a rollback is decided", "no emergency", "it is over"],
)
def test_it_does_not_begin_otherwise(events: tuple[e.Event, ...], rule: str) -> None:
    given(*events).when(start()).refused(rule)


def test_nothing_is_checked_planned_or_merged_without_a_branch() -> None:
    for command in (
        c.CheckHotfix(checked=hotfix_checked()),
        c.PlanHotfix(plan=hotfix_planned()),
        c.MergeHotfix(merged=hotfix_merged()),
    ):
        given(*CHOSEN).when(command).refused(
            "hotfix-branch" if "plan" not in dir(command) else "hotfix-guard"
        )


def test_another_hotfix_begins_afresh() -> None:
    fresh = state(*SHIPPED, hotfix_merged(), hotfix_started(branch="hotfix/INC-7-again"))
    assert (fresh.hotfix_checks, fresh.hotfix_plan, fresh.hotfix_merged) == ((), None, None)


# ---- going out


def test_what_the_guard_has_passed_goes_out() -> None:
    act = approved("op1", "hotfix")
    plan = hotfix_planned()
    given(*PASSED).when(c.ApproveOperation(approved=act, hotfix_plan=plan)).then(plan, act)
    given(*PLANNED).when(c.ApproveOperation(approved=act)).then(act)
    assert len(state(*PLANNED, act, started("op1", "hotfix")).operations) == 1


@pytest.mark.parametrize(
    "before",
    [
        STARTED,
        (*STARTED, hotfix_checked(Verdict.FAILED)),
        (*STARTED, hotfix_checked(Verdict.UNKNOWN)),
        (*STARTED, hotfix_checked(commit="e" * 40)),
        (*STARTED, hotfix_checked(base_commit="c" * 40)),
        (*PASSED, hotfix_checked(Verdict.FAILED)),
    ],
    ids=["not checked", "failed", "unknown", "another commit", "another base", "failed since"],
)
def test_nothing_else_goes_out(before: tuple[e.Event, ...]) -> None:
    given(*before).when(c.PlanHotfix(plan=hotfix_planned())).refused("hotfix-guard")
    act = approved("op1", "hotfix")
    given(*before).when(c.ApproveOperation(approved=act, hotfix_plan=hotfix_planned())).refused(
        "hotfix-guard"
    )
    given(*before, hotfix_planned()).when(deploy()).refused("hotfix-guard")


def test_nothing_goes_out_without_its_plan() -> None:
    given(*PASSED).when(c.ApproveOperation(approved=approved("op1", "hotfix"))).refused("plan-before-act")
    given(*PLANNED).when(deploy(operation="op9")).refused("plan-before-act")


def test_what_somebody_did_by_hand_is_recorded() -> None:
    decision = given(*CHOSEN).when(deploy(done_by_hand=True))
    decision.then(started("op1", "hotfix", version="v4"))


def test_one_act_at_a_time() -> None:
    waiting = (*PLANNED, approved("op1", "hotfix"))
    given(*waiting).when(c.PlanHotfix(plan=hotfix_planned("op2"))).refused("one-act-at-a-time")
    lost = (*PLANNED, started("op1", "hotfix"), finished(Outcome.UNKNOWN))
    given(*lost).when(c.PlanHotfix(plan=hotfix_planned("op2"))).refused("one-act-at-a-time")


# ---- coming back


def test_a_hotfix_in_production_is_owed_to_the_main_line() -> None:
    assert not owes_merge(state(*PLANNED))
    assert owes_merge(state(*SHIPPED))
    assert not owes_merge(state(*SHIPPED, hotfix_merged()))
    assert not owes_merge(state(*CHOSEN, started("op1", "hotfix"), finished())), "not begun with Andon"


def test_one_that_was_taken_back_is_not() -> None:
    back = (decided(), planned("op2"), started("op2"), finished(operation="op2"))
    assert in_production(state(*SHIPPED, *back)) is None
    assert not owes_merge(state(*SHIPPED, *back))
    assert owes_merge(state(*SHIPPED, *back[:3], finished(Outcome.FAILED, "op2"))), "it failed: the fix runs"


def test_it_is_not_closed_before_it_is_there() -> None:
    over = (*SHIPPED, mitigated(), resolved(), published())
    given(*over).when(c.Close()).refused("hotfix-merged")
    given(*over, hotfix_merged()).when(c.Close()).refused("every-item-settled")
    given(*over).when(c.MergeHotfix(merged=hotfix_merged())).then(hotfix_merged())


def test_a_reopened_incident_needs_a_hotfix_of_its_own() -> None:
    again = state(*SHIPPED, e.IncidentReopened(reason="it is back"))
    assert again.hotfix is None and again.hotfix_plan is None and again.hotfix_tests == ()


# ---- what the checklist says


def _standing(check: str, *events: e.Event) -> Standing:
    items = (ProtocolItem(key="k", text="t", phase="policy", check=check, when="hotfix"),)
    told = (declared(), adopted(items), *events)
    return checklist(state(*told))[0].standing


def test_the_guard_answers_for_the_fix() -> None:
    begun = (decided(Choice.HOTFIX), hotfix_started())
    assert _standing("fix-minimal", *begun) is Standing.OPEN
    assert _standing("fix-minimal", *begun, signed("fix-minimal")) is Standing.SIGNED, "as by hand"
    for check in ("fix-minimal", "fix-no-new-vulnerability", "fix-no-secrets"):
        assert _standing(check, *begun, hotfix_checked()) is Standing.PASSED
    stopped = hotfix_checked(Verdict.FAILED)
    assert _standing("fix-minimal", *begun, stopped) is Standing.FAILED
    assert _standing("fix-minimal", *begun, stopped, signed("fix-minimal")) is Standing.FAILED
    looked = hotfix_checked()
    hint = replace(looked.answers[1], verdict=Verdict.FAILED, effect="warns")
    hinted = replace(looked, answers=(looked.answers[0], hint, *looked.answers[2:]))
    assert _standing("fix-minimal", *begun, hinted) is Standing.PASSED
    assert _standing("fix-no-secrets", *begun, stopped) is Standing.PASSED
    assert _standing("fix-minimal", *begun, stopped, hotfix_checked()) is Standing.PASSED, "mended"


def test_a_rule_that_did_not_answer_is_no_pass() -> None:
    silent = hotfix_checked(answers=())
    assert CHECKS["fix-no-secrets"](state(*STARTED, silent)).verdict is Verdict.UNKNOWN


def test_what_was_justified_is_told() -> None:
    failed = hotfix_checked(Verdict.FAILED)
    first = e.RuleAnswer(rule="minimal", verdict=Verdict.FAILED, effect="waived", summary="90 lines")
    waived = hotfix_checked(Verdict.PASSED, answers=(first, *failed.answers[1:]))
    found = CHECKS["fix-minimal"](state(*STARTED, waived))
    assert found.verdict is Verdict.PASSED and "justified: minimal" in found.summary
