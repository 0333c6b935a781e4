"""The separate moments of an incident: declared, acknowledged, mitigated, resolved, closed, reopened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from andon.errors import Conflict
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.declaring import DeclareIncident, declare
from andon.incident.evolve import fold
from andon.incident.words import Outcome, Severity, Status, Verdict
from andon.record import replace
from tests.unit.incident.cases import (
    DECIDED,
    INCIDENT,
    MITIGATED,
    OWNED,
    RESOLVED,
    ROLLED_BACK,
    When,
    adopted,
    assessed,
    closed,
    decided,
    declared,
    finished,
    given,
    history,
    hurt,
    mitigated,
    planned,
    published,
    reopened,
    resolved,
    severity,
    signed,
    skipped,
    started,
    state,
    verified,
)

P0, P1, P2, P3 = Severity.P0, Severity.P1, Severity.P2, Severity.P3
#: P0 and P1 close with every item of the protocol settled; this settles those of the tests' protocol.
SETTLED = (*skipped("s4.3"), signed("s5.2"))
CLOSED = (*RESOLVED, published(), *SETTLED, closed())


def test_declaring_records_the_protocol_and_the_impact_with_it() -> None:
    command = DeclareIncident(
        incident=INCIDENT,
        service="shop",
        title="checkout answers 500",
        severity=P1,
        protocol=adopted(),
        impacts=(hurt(),),
    )
    assert declare(command) == (declared(), adopted(), hurt())


def test_declaring_is_never_refused_for_lack_of_knowledge() -> None:
    command = DeclareIncident(
        incident=INCIDENT, service="shop", title="?", severity=P3, protocol=adopted(items=())
    )
    assert declare(command) == (declared(P3, title="?"), adopted(items=()))


# ---- acknowledged


def test_somebody_owns_it() -> None:
    given(declared()).when(c.Acknowledge(), by="bob").then(e.IncidentAcknowledged())


def test_nobody_owns_it_twice() -> None:
    problem = given(*OWNED).when(c.Acknowledge(), by="ann").refused("acknowledge-once")
    assert "you own" in problem.message


def test_whoever_comes_second_is_told_who_owns_it() -> None:
    problem = given(*OWNED).when(c.Acknowledge(), by="bob").refused("acknowledge-once")
    assert "ann owns INC-7" in problem.message
    assert "andon ack --take-over" in problem.remedy


def test_it_can_be_taken_over_and_the_first_moment_stays() -> None:
    given(*OWNED).when(c.Acknowledge(take_over=True), by="bob").then(e.IncidentAcknowledged())
    after = state(*OWNED, e.IncidentAcknowledged())
    assert after.acknowledged == state(*OWNED).acknowledged
    given(*OWNED).when(c.Acknowledge(take_over=True), by="ann").refused("acknowledge-once")


def test_a_late_owner_does_not_turn_back_the_status() -> None:
    assert state(declared(), verified(), mitigated(), e.IncidentAcknowledged()).status is Status.MITIGATED


# ---- severity


@pytest.mark.parametrize("by", ["ann", "a customer's voice", "bob"])
def test_anyone_escalates_without_a_reason(by: str) -> None:
    given(*OWNED).when(c.ChangeSeverity(severity=P0, reason=""), by=by).then(severity(P1, P0))


def test_going_down_needs_a_reason() -> None:
    case = given(*OWNED)
    case.when(c.ChangeSeverity(severity=P2, reason="  ")).refused("de-escalation")
    case.when(c.ChangeSeverity(severity=P2, reason="one user")).then(severity(P1, P2, "one user"))


def test_a_change_changes_something() -> None:
    given(*OWNED).when(c.ChangeSeverity(severity=P1, reason="still")).refused("severity-change")


def test_the_worst_severity_is_remembered() -> None:
    after = state(*OWNED, severity(P1, P0), severity(P0, P3, "hardly anybody"))
    assert (after.severity, after.worst_severity, after.needs_postmortem) == (P3, P0, True)
    assert not state(declared(P2)).needs_postmortem


# ---- mitigated


def test_a_passing_verification_proves_that_the_harm_has_stopped() -> None:
    given(*ROLLED_BACK, verified()).when(c.Mitigate(by="rollback")).then(
        e.IncidentMitigated(by="rollback", proof="verification")
    )


def test_a_signature_stands_in_where_the_machine_cannot_know() -> None:
    for evidence in ((), (verified(Verdict.UNKNOWN),)):
        given(*ROLLED_BACK, *evidence, signed("failure-resolved")).when(c.Mitigate(by="rollback")).then(
            e.IncidentMitigated(by="rollback", proof="signature")
        )


@pytest.mark.parametrize(
    "evidence",
    [
        (),
        (verified(Verdict.UNKNOWN),),
        (verified(Verdict.FAILED),),
        (signed("failure-resolved"), verified(Verdict.FAILED)),
        (signed("critical-paths-pass"),),
    ],
    ids=["nothing", "unknown", "failed", "failed after a signature", "another signature"],
)
def test_without_proof_the_harm_has_not_stopped(evidence: tuple[e.Event, ...]) -> None:
    given(*ROLLED_BACK, *evidence).when(c.Mitigate(by="rollback")).refused("proof-of-recovery")


@pytest.mark.parametrize("proof", [verified(), signed("failure-resolved")])
def test_what_was_proven_before_the_last_deployment_proves_nothing(proof: e.Event) -> None:
    before = (*DECIDED, proof, planned(), started(), finished())
    given(*before).when(c.Mitigate(by="rollback")).refused("proof-of-recovery")
    given(*before, verified()).when(c.Mitigate(by="rollback")).then(
        e.IncidentMitigated(by="rollback", proof="verification")
    )


def test_an_old_failure_does_not_beat_what_was_signed_after_the_next_deployment() -> None:
    case = given(
        *DECIDED, verified(Verdict.FAILED), planned(), started(), finished(), signed("failure-resolved")
    )
    case.when(c.Mitigate(by="rollback")).then(e.IncidentMitigated(by="rollback", proof="signature"))


def test_nothing_is_mitigated_while_production_is_acted_on() -> None:
    given(*DECIDED, planned(), started(), verified()).when(c.Mitigate(by="x")).refused("one-act-at-a-time")


@pytest.mark.parametrize("history", [MITIGATED, RESOLVED, CLOSED])
def test_the_harm_stops_once(history: tuple[e.Event, ...]) -> None:
    rule = "closed-is-final" if history is CLOSED else "moments-in-order"
    given(*history).when(c.Mitigate(by="x")).refused(rule)


# ---- resolved


def test_resolved_comes_after_mitigated_with_the_cause_and_proof() -> None:
    given(*MITIGATED).when(c.Resolve(cause="a price was null")).then(resolved())


def test_resolving_says_what_the_cause_was() -> None:
    given(*MITIGATED).when(c.Resolve(cause=" ")).refused("evidence-or-a-name")


@pytest.mark.parametrize("history", [OWNED, ROLLED_BACK, RESOLVED])
def test_resolved_out_of_order_is_refused(history: tuple[e.Event, ...]) -> None:
    given(*history).when(c.Resolve(cause="x")).refused("moments-in-order")


def test_a_forward_fix_is_verified_before_the_cause_counts_as_gone() -> None:
    fixed = (*MITIGATED, started("op2", "hotfix"), finished(operation="op2"))
    given(*fixed).when(c.Resolve(cause="x")).refused("proof-of-recovery")
    given(*fixed, verified()).when(c.Resolve(cause="x")).then(resolved("x"))
    given(*MITIGATED, started("op2", "hotfix")).when(c.Resolve(cause="x")).refused("one-act-at-a-time")


# ---- closed


def test_closed_with_everything_settled() -> None:
    given(*RESOLVED, published(), *SETTLED).when(c.Close()).then(closed())


def test_without_the_postmortem_it_is_not_closed() -> None:
    given(*RESOLVED, *SETTLED).when(c.Close()).refused("postmortem-before-close")


def test_with_an_open_item_it_is_not_closed() -> None:
    problem = given(*RESOLVED, published()).when(c.Close()).refused("every-item-settled")
    assert "2 items" in problem.message and "s4.3 Clean up" in problem.message


def test_a_shortcut_without_its_follow_up_is_not_closed() -> None:
    lost = e.ShortcutTaken(item="s4.3", reason="no time", action="A9", pre_justified=True)
    given(*RESOLVED, published(), lost, signed("s5.2")).when(c.Close()).refused("deferred-work-tracked")


@pytest.mark.parametrize("history", [OWNED, ROLLED_BACK, MITIGATED])
def test_closed_comes_after_resolved(history: tuple[e.Event, ...]) -> None:
    given(*history, published()).when(c.Close()).refused("moments-in-order")


def test_what_was_never_an_emergency_closes_without_a_postmortem() -> None:
    small = (declared(P3), adopted(), verified(), mitigated(), resolved())
    given(*small).when(c.Close()).then(closed())
    given(declared(P3), severity(P3, P1), severity(P1, P3, "no"), *small[2:]).when(c.Close()).refused(
        "postmortem-before-close"
    )


def test_closed_is_final() -> None:
    case = given(*CLOSED)
    for command in (
        c.Close(),
        c.Close(duplicate_of="INC-1"),
        c.Acknowledge(),
        c.ChangeSeverity(severity=P0, reason="worse"),
        c.SignItem(item="s4.3", reason="I looked"),
        c.TakeShortcut(item="s4.3", reason="no time", action="A2"),
        c.RecordAssessment(assessment=assessed()),
        c.Resolve(cause="x"),
        c.PlanRollback(plan=planned()),
        c.StartDeploy(operation="op9", purpose="undo", from_version="a", version="b", undo="u"),
    ):
        case.when(command).refused("closed-is-final")


def test_what_comes_late_is_still_written_down() -> None:
    case = given(*CLOSED)
    case.when(c.AddNote(text="the refunds are out")).then(e.NoteAdded(text="the refunds are out"))
    case.when(c.RecordVerification(verification=verified())).then(verified())
    case.when(c.ConfirmImpact(impact=hurt())).then(hurt())
    case.when(c.FinishAction(action="a1", proof="commit 12")).then(
        e.ActionDone(action="A1", proof="commit 12")
    )


# ---- duplicates


def test_a_duplicate_is_closed_at_any_time_before_it_acted() -> None:
    for before in ((declared(),), OWNED, (*OWNED, assessed(), decided(), planned())):
        given(*before).when(c.Close(duplicate_of="INC-6")).then(closed("INC-6"))
    assert state(*OWNED, closed("INC-6")).status is Status.CLOSED


def test_what_acted_on_production_is_no_duplicate() -> None:
    given(*DECIDED, planned(), started()).when(c.Close(duplicate_of="INC-6")).refused("duplicate")


def test_nothing_is_its_own_duplicate() -> None:
    given(*OWNED).when(c.Close(duplicate_of=INCIDENT)).refused("duplicate")


def test_a_duplicate_is_worked_on_in_the_other_one() -> None:
    """Two that are each other's duplicate, a P0 in the shadow of a P3, a second time after the first one."""

    def duplicate(*original: e.Event) -> c.Close:
        return c.Close(duplicate_of="INC-6", original=state(*original))

    for original in ((declared(P1),), (declared(P0),), (declared(P3), severity(P3, P1)), CLOSED):
        given(*OWNED).when(duplicate(*original)).then(closed("INC-6"))
    given(*OWNED).when(duplicate(declared(), closed(INCIDENT))).refused("duplicate")
    given(*OWNED).when(duplicate(declared(P3))).refused("duplicate")
    given(declared(P3)).when(duplicate(declared(Severity.P4))).then(closed("INC-6"))
    later = fold(replace(r, at=r.at + timedelta(days=1)) for r in history(*OWNED))
    When(later, duplicate(*CLOSED), "bob").refused("duplicate")


# ---- reopened


@pytest.mark.parametrize("history", [MITIGATED, RESOLVED, CLOSED])
def test_what_was_over_can_begin_again(history: tuple[e.Event, ...]) -> None:
    given(*history).when(c.Reopen(reason="it is back")).then(reopened())
    given(*history).when(c.Reopen(reason=" ")).refused("reopen")


@pytest.mark.parametrize("history", [(declared(),), OWNED, ROLLED_BACK])
def test_what_is_not_over_is_not_reopened(history: tuple[e.Event, ...]) -> None:
    given(*history).when(c.Reopen(reason="it is back")).refused("reopen")


def test_reopening_takes_back_what_was_said_about_the_end() -> None:
    again = state(*CLOSED, reopened())
    assert again.status is Status.ACKNOWLEDGED
    for field in (
        "mitigated",
        "resolved",
        "closed",
        "decision",
        "plan",
        "verification",
        "published",
        "assessment",
    ):
        assert getattr(again, field) is None, field
    assert (again.cause, again.mitigated_by, again.duplicate_of) == ("", "", "")
    assert not again.signed and not again.checked
    assert state(declared(), verified(), mitigated(), reopened()).status is Status.DECLARED


def test_reopening_keeps_what_happened() -> None:
    before, again = state(*CLOSED), state(*CLOSED, reopened())
    for field in (
        "operations",
        "shortcuts",
        "actions",
        "impacts",
        "evidence",
        "acknowledged",
        "owner",
        "declared",
    ):
        assert getattr(again, field) == getattr(before, field), field


def test_after_reopening_everything_is_proven_again() -> None:
    case = given(*CLOSED, reopened())
    case.when(c.Mitigate(by="x")).refused("proof-of-recovery")
    case.when(c.PlanRollback(plan=planned("op2"))).refused("decide-then-act")
    given(*CLOSED, reopened(), verified()).when(c.Mitigate(by="x")).then(
        e.IncidentMitigated(by="x", proof="verification")
    )


# ---- what was seen must be of now


@pytest.mark.parametrize(
    "meanwhile",
    [(started("op2", "undo"),), (started("op2", "undo"), finished(operation="op2")), (reopened(),)],
)
def test_what_was_seen_before_somebody_acted_proves_nothing(meanwhile: tuple[e.Event, ...]) -> None:
    """One verifies, another deploys: the verdict that is recorded last was seen first."""
    began = len(MITIGATED)
    late = c.RecordVerification(verification=verified(), began_after=began)
    given(*MITIGATED).when(late).then(verified())
    given(*MITIGATED, e.NoteAdded(text="hm")).when(late).then(verified())
    given(*MITIGATED, *meanwhile).when(late).refused("proof-of-recovery", Conflict)


def test_a_deployment_whose_end_nobody_knows_may_still_undo_what_was_verified() -> None:
    unknown = (*DECIDED, planned(), started(), finished(Outcome.UNKNOWN), verified())
    given(*unknown).when(c.Mitigate(by="x")).refused("one-act-at-a-time")
    given(*unknown, mitigated()).when(c.Resolve(cause="x")).refused("one-act-at-a-time")
    given(*unknown, finished()).when(c.Mitigate(by="x")).refused("proof-of-recovery")
