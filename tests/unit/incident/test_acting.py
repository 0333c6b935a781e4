"""Deciding and acting: authority on record, plan and undo first, one act at a time, the migration gate."""

from __future__ import annotations

from typing import Any

import pytest

from andon.errors import Conflict
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.words import Authority, Choice, Outcome, Verdict
from andon.record import replace
from tests.unit.incident.cases import (
    DECIDED,
    HASH,
    OWNED,
    ROLLED_BACK,
    adopted,
    approved,
    assessed,
    decided,
    declared,
    ended,
    finished,
    given,
    planned,
    signed,
    started,
    state,
    verified,
)

PLANNED = (*DECIDED, planned())


def decide(choice: Choice, recommended: Choice = Choice.ROLLBACK, reason: str = "") -> c.DecideResponse:
    return c.DecideResponse(
        choice=choice,
        rule="recent-deployment",
        recommended=recommended,
        facts=(),
        authority=Authority.ON_CALL,
        decided_by="ann",
        reason=reason,
    )


def start(operation: str = "op1", purpose: str = "rollback", by_hand: bool = False) -> c.StartDeploy:
    return c.StartDeploy(
        operation=operation,
        purpose=purpose,
        from_version="v3",
        version="v2",
        undo="u",
        done_by_hand=by_hand,
    )


def test_what_was_found_is_recorded_as_it_is() -> None:
    given(*OWNED).when(c.RecordAssessment(assessment=assessed())).then(assessed())
    checked = e.ItemChecked(check="fix-minimal", verdict=Verdict.FAILED, summary="400 lines")
    given(*OWNED).when(c.RecordCheck(checked=checked)).then(checked)
    attached = e.EvidenceAttached(evidence=HASH, kind="log", title="end", media_type="text/plain", size=3)
    given(*OWNED).when(c.AttachEvidence(evidence=attached)).then(attached)
    given(*OWNED).when(c.ReportCaptureFailure(source="log", reason="no file")).then(
        e.CaptureFailed(source="log", reason="no file")
    )


# ---- deciding


def test_following_the_rule_needs_no_reason() -> None:
    given(*OWNED, assessed()).when(decide(Choice.ROLLBACK)).then(decided())


def test_overruling_the_rule_needs_a_reason() -> None:
    case = given(*OWNED, assessed())
    case.when(decide(Choice.HOTFIX)).refused("overrule")
    (made,) = [
        e.ResponseDecided(
            choice=Choice.HOTFIX,
            rule="recent-deployment",
            recommended=Choice.ROLLBACK,
            facts=(),
            authority=Authority.ON_CALL,
            decided_by="ann",
            reason="the fix is one character",
        )
    ]
    case.when(decide(Choice.HOTFIX, reason="the fix is one character")).then(made)


def test_nobody_decides_while_production_is_acted_on() -> None:
    given(*PLANNED, started()).when(decide(Choice.ROLLBACK)).refused("one-act-at-a-time")


# ---- plan before act


def test_a_rollback_is_planned_after_it_is_decided() -> None:
    given(*DECIDED).when(c.PlanRollback(plan=planned())).then(planned())
    given(*OWNED).when(c.PlanRollback(plan=planned())).refused("decide-then-act")
    given(*OWNED, decided(Choice.HOTFIX)).when(c.PlanRollback(plan=planned())).refused("decide-then-act")


def test_a_rollback_starts_with_its_own_plan() -> None:
    given(*PLANNED).when(start()).then(started())
    given(*DECIDED).when(start()).refused("plan-before-act")
    given(*PLANNED).when(start("another")).refused("plan-before-act")


def test_a_decision_that_changed_after_the_plan_stops_it() -> None:
    given(*PLANNED, decided(Choice.HOTFIX)).when(start()).refused("decide-then-act")


def test_a_hotfix_is_decided_before_it_goes_out() -> None:
    by_hand = start("op1", "hotfix", by_hand=True)
    given(*OWNED, decided(Choice.HOTFIX)).when(by_hand).then(started("op1", "hotfix"))
    given(*DECIDED).when(by_hand).refused("decide-then-act")
    given(*OWNED).when(by_hand).refused("decide-then-act")


# ---- the migration gate


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.FAILED])
def test_a_schema_change_that_nobody_looked_at_stops_a_rollback(verdict: Verdict) -> None:
    problem = given(*DECIDED, planned(migrations=verdict)).when(start()).refused("migration-gate")
    assert "looked at 3 files" in problem.message


def test_a_signature_opens_the_migration_gate() -> None:
    unknown = planned(migrations=Verdict.UNKNOWN)
    given(*DECIDED, unknown, signed("migrations-reversible")).when(start()).then(started())
    given(*DECIDED, signed("migrations-reversible"), unknown).when(start()).then(started())
    other = planned(migrations=Verdict.UNKNOWN, to_version="v1")
    given(*DECIDED, signed("migrations-reversible"), other).when(start()).refused("migration-gate")


def test_a_signature_holds_for_a_new_plan_of_the_same_way_back_only() -> None:
    before = (*DECIDED, planned(migrations=Verdict.UNKNOWN), signed("migrations-reversible"))
    same = planned("op2", Verdict.UNKNOWN)
    given(*before, same).when(start("op2")).then(started("op2"))
    farther = planned("op2", Verdict.UNKNOWN, to_version="v1")
    given(*before, farther).when(start("op2")).refused("migration-gate")
    more = replace(same, migrations_found=("db/3_x.sql:1 drops table b",))
    given(*before, more).when(start("op2")).refused("migration-gate")


def test_a_signature_does_not_outlive_the_newer_release_that_comes_again() -> None:
    before = (*DECIDED, planned(migrations=Verdict.UNKNOWN), signed("migrations-reversible"))
    undone = (started(), finished(), started("op1-undo", "undo"), finished(operation="op1-undo"))
    again = planned("op2", Verdict.UNKNOWN)
    given(*before, *undone, again).when(start("op2")).refused("migration-gate")


def test_what_a_person_did_already_has_nothing_left_to_gate() -> None:
    given(*DECIDED, planned(migrations=Verdict.UNKNOWN)).when(start(by_hand=True)).then(started())


def test_skipping_the_schema_item_does_not_open_the_gate() -> None:
    skip = e.ShortcutTaken(item="s6.1", reason="no time", action="A1", pre_justified=True)
    given(*DECIDED, planned(migrations=Verdict.UNKNOWN), skip).when(start()).refused("migration-gate")


# ---- approving


def approve(plan: e.RollbackPlanned | None = None, **changes: Any) -> c.ApproveOperation:
    return c.ApproveOperation(approved=approved(**changes), plan=plan)


def test_plan_and_approval_are_one_batch() -> None:
    given(*DECIDED).when(approve(planned())).then(planned(), approved())


def test_what_was_done_by_hand_is_not_approved_any_more() -> None:
    given(*PLANNED, started(), finished()).when(approve()).refused("one-start-per-operation")


def test_a_second_person_approves_the_plan_on_record() -> None:
    given(*PLANNED).when(approve()).then(approved())
    given(*DECIDED).when(approve()).refused("plan-before-act")
    given(*PLANNED, planned("op2")).when(approve()).refused("plan-before-act")
    given(*PLANNED, decided(Choice.HOTFIX)).when(approve()).refused("decide-then-act")
    given(*DECIDED, planned(migrations=Verdict.UNKNOWN)).when(approve()).refused("migration-gate")


def test_a_signature_for_another_way_back_approves_nothing() -> None:
    farther = planned("op2", Verdict.UNKNOWN, to_version="v1")
    shown = (*DECIDED, planned(migrations=Verdict.UNKNOWN), signed("migrations-reversible"))
    given(*shown).when(approve(farther, operation="op2")).refused("migration-gate")
    same = planned("op2", Verdict.UNKNOWN)
    given(*shown).when(approve(same, operation="op2")).then(same, approved("op2"))


def test_an_operation_is_approved_once() -> None:
    over = (*PLANNED, approved(), ended(None))
    given(*over).when(approve()).refused("one-start-per-operation")
    given(*over).when(approve(planned("op2"), operation="op2")).then(planned("op2"), approved("op2"))


def test_what_is_approved_keeps_everybody_else_out_until_it_is_over() -> None:
    waiting = (*PLANNED, approved())
    problem = given(*waiting).when(start("op2", "undo")).refused("one-act-at-a-time")
    assert "rollback op1 to v2 is approved and about to start" in problem.message
    given(*waiting).when(c.PlanRollback(plan=planned("op2"))).refused("one-act-at-a-time")
    given(*waiting).when(decide(Choice.HOTFIX, reason="r")).refused("one-act-at-a-time")
    given(*waiting).when(c.Mitigate(by="rollback")).refused("one-act-at-a-time")
    given(*waiting).when(start()).then(started())
    given(*waiting, ended(None)).when(c.PlanRollback(plan=planned("op2"))).then(planned("op2"))


def test_it_is_over_once_and_not_while_it_is_under_way() -> None:
    stop = c.EndOperation(ended=ended(None))
    given(*PLANNED, approved()).when(stop).then(ended(None))
    given(*PLANNED, approved(), e.IncidentClosed()).when(stop).then(ended(None))
    given(*PLANNED).when(stop).refused("plan-before-act")
    under_way = (*PLANNED, approved(), started())
    problem = given(*under_way).when(stop).refused("one-act-at-a-time")
    assert "it cannot be stopped" in problem.message
    given(*under_way, finished()).when(c.EndOperation(ended=ended())).then(ended())
    with pytest.raises(Conflict, match="op1 is over already"):
        given(*under_way, finished(), ended()).when(c.EndOperation(ended=ended())).then()


# ---- one act at a time, once


@pytest.mark.parametrize("purpose", ["rollback", "hotfix", "undo"])
def test_one_act_at_a_time(purpose: str) -> None:
    problem = given(*PLANNED, started()).when(start("op2", purpose)).refused("one-act-at-a-time")
    assert "rollback op1 to v2" in problem.message
    given(*PLANNED, started()).when(c.PlanRollback(plan=planned("op2"))).refused("one-act-at-a-time")


@pytest.mark.parametrize("purpose", ["rollback", "undo"])
def test_nothing_starts_while_the_end_of_the_last_act_is_not_known(purpose: str) -> None:
    unclear = (*PLANNED, started(), finished(Outcome.UNKNOWN))
    given(*unclear).when(start("op2", purpose)).refused("one-act-at-a-time")
    given(*unclear).when(c.PlanRollback(plan=planned("op2"))).refused("one-act-at-a-time")
    known = (*unclear, finished(Outcome.FAILED))
    given(*known).when(start("op2", "undo")).then(started("op2", "undo"))


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.SUCCEEDED])
@pytest.mark.parametrize("purpose", ["rollback", "undo"])
def test_an_operation_starts_once(outcome: Outcome, purpose: str) -> None:
    given(*PLANNED, started(), finished(outcome)).when(start("op1", purpose)).refused(
        "one-start-per-operation"
    )


def test_after_a_failed_act_the_next_plan_may_start() -> None:
    again = (*PLANNED, started(), finished(Outcome.FAILED), planned("op2"))
    given(*again).when(start("op2")).then(started("op2"))


# ---- the end


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_end_is_recorded(outcome: Outcome) -> None:
    given(*PLANNED, started()).when(c.FinishDeploy(finished=finished(outcome))).then(finished(outcome))


def test_an_end_without_a_start_is_refused() -> None:
    given(*PLANNED).when(c.FinishDeploy(finished=finished())).refused("plan-before-act")


@pytest.mark.parametrize("outcome", [Outcome.SUCCEEDED, Outcome.FAILED])
def test_an_act_ends_once(outcome: Outcome) -> None:
    case = given(*PLANNED, started(), finished(outcome))
    with pytest.raises(Conflict, match=f"op1 has ended already: {outcome}"):
        case.when(c.FinishDeploy(finished=finished())).then()


def test_an_unknown_end_can_become_known() -> None:
    unclear = (*PLANNED, started(), finished(Outcome.UNKNOWN))
    given(*unclear).when(c.FinishDeploy(finished=finished())).then(finished())
    assert state(*unclear).running_operation is None
    assert state(*unclear, finished()).operations[0].outcome is Outcome.SUCCEEDED


def test_the_end_is_recorded_even_when_somebody_closed_the_incident() -> None:
    case = given(*PLANNED, started(), e.IncidentClosed())
    case.when(c.FinishDeploy(finished=finished())).then(finished())


def test_the_state_follows_the_acts() -> None:
    after = state(*ROLLED_BACK)
    assert [(o.id, o.purpose, o.outcome, o.running_version) for o in after.operations] == [
        ("op1", "rollback", Outcome.SUCCEEDED, "v2")
    ]
    assert state(*PLANNED, started()).running_operation is not None
    assert state(declared(), adopted(), verified()).verification == verified()
