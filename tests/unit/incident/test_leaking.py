"""A leak: rotated before anything is rewritten, proven before it is pushed, never closed with a step left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from andon.errors import Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import Standing, checklist
from andon.incident.leak_state import HERE, Stage
from andon.incident.leaking import refuse_early_clean_up, residual
from andon.incident.next_step import next_step
from andon.incident.proof import proven_at, recovery
from andon.incident.timeline import timeline
from andon.incident.words import Severity, Verdict
from andon.protocol.compiled import ProtocolItem
from andon.record import replace
from tests.unit.incident.cases import (
    MARK,
    OTHER_MARK,
    START,
    adopted,
    assert_commands_exist,
    assessed,
    backed_up,
    banned,
    cleaned,
    closed,
    decided,
    declared,
    exposed,
    given,
    history,
    hurt,
    leaked,
    located,
    mitigated,
    published,
    purge_verified,
    purged,
    push_planned,
    pushed,
    resolved,
    revoked,
    signed,
    state,
    verified,
)

ITEMS = (
    ProtocolItem(key="s1", text="The failure is gone", phase="act", check="failure-resolved"),
    ProtocolItem(key="s2", text="It is in production", phase="act", check="deployed"),
    ProtocolItem(key="s3", text="Keys are replaced", phase="act", check="leak-revoked"),
    ProtocolItem(key="s4", text="History is clean", phase="act", check="leak-purged"),
    ProtocolItem(key="s5", text="Rollback is weighed", phase="choose", check="rollback-weighed"),
)
OWNED = (declared(Severity.P0), adopted(ITEMS), hurt(), e.IncidentAcknowledged())
LEAKED = (*OWNED, leaked())
LOCATED = (*LEAKED, located(), exposed("origin"))
REVOKED = (*LOCATED, revoked())
READY = (*REVOKED, backed_up())
PURGED = (*READY, purged())
VERIFIED = (*PURGED, purge_verified())
PUSHED = (*VERIFIED, push_planned(), pushed(), pushed(HERE))
CLEAN = (*PUSHED, banned(), cleaned())
SKIPPED = (
    e.RevocationSkipped(mark=MARK, reason="the partner answers on Monday", action="A1"),
    e.ShortcutTaken(
        item=f"leak:rotate:{MARK}", reason="the partner answers on Monday", action="A1", pre_justified=False
    ),
    e.ActionOpened(action="A1", title="Replace it", origin=f"shortcut:leak:rotate:{MARK}"),
)


def keep(event: e.Event, **more: object) -> c.RecordLeak:
    return c.RecordLeak(event=event, **more)


# ---- in order


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        (LEAKED, Stage.LOCATE),
        ((*LEAKED, located()), Stage.EXPOSURE),
        (LOCATED, Stage.ROTATE),
        (REVOKED, Stage.BACKUP),
        (READY, Stage.PURGE),
        (PURGED, Stage.VERIFY),
        ((*PURGED, purge_verified(Verdict.FAILED)), Stage.VERIFY),
        (VERIFIED, Stage.PUSH),
        ((*VERIFIED, push_planned(), pushed("origin", "refs/heads/x")), Stage.PUSH),
        ((*VERIFIED, push_planned(), pushed()), Stage.PUSH),
        ((*VERIFIED, push_planned(), pushed(), pushed(HERE, "a reflog holds it")), Stage.PUSH),
        (PUSHED, Stage.BAN),
        ((*PUSHED, banned()), Stage.CLEAN_UP),
        (CLEAN, Stage.JUDGE),
        ((*CLEAN, e.LeakJudged(residual=Severity.P4, reason="dead")), Stage.DONE),
    ],
)
def test_the_stage_that_comes_next_has_a_command(events: tuple[e.Event, ...], stage: Stage) -> None:
    incident = state(*events)
    assert incident.leak is not None
    assert incident.leak.stage is stage
    step = next_step(incident)
    assert step.text
    assert_commands_exist(step.command)


@pytest.mark.parametrize(
    ("events", "event", "rule"),
    [
        (OWNED, located(), "leak-reported"),
        (LEAKED, revoked("ffffff"), "leak-credential"),
        (LEAKED, e.CredentialRevoked(mark=MARK, statement=" "), "evidence-or-a-name"),
        (REVOKED, revoked(), "settle-once"),
        (LEAKED, e.RevocationSkipped(mark=MARK, reason=""), "evidence-or-a-name"),
        (REVOKED, e.RevocationSkipped(mark=MARK, reason="why not"), "skip-once"),
        ((*LEAKED, revoked(), backed_up()), purged(), "leak-located"),
        (LOCATED, purged(), "rotate-first"),
        (REVOKED, purged(), "leak-backup"),
        (READY, purge_verified(), "leak-purge"),
        (PURGED, purge_verified(operation="p0"), "leak-purge"),
        (PURGED, push_planned(), "leak-verified"),
        ((*PURGED, purge_verified(Verdict.UNKNOWN)), pushed(), "leak-verified"),
        ((*PURGED, purge_verified(Verdict.FAILED)), pushed(), "leak-verified"),
        (LEAKED, banned(), "leak-located"),
        (PUSHED, e.LeakJudged(residual=Severity.P4, reason="dead"), "leak-stages"),
        (CLEAN, e.LeakJudged(residual=Severity.P4, reason=""), "evidence-or-a-name"),
    ],
)
def test_no_step_comes_too_early(events: tuple[e.Event, ...], event: e.Event, rule: str) -> None:
    given(*events).when(keep(event)).refused(rule)


def test_each_step_is_recorded_in_its_place() -> None:
    for events, event in (
        (OWNED, leaked()),
        (LEAKED, located()),
        (LEAKED, exposed()),
        (LEAKED, revoked()),
        (READY, purged()),
        (PURGED, purge_verified()),
        (VERIFIED, push_planned()),
        (VERIFIED, pushed()),
        (PUSHED, banned()),
        (CLEAN, e.LeakJudged(residual=Severity.P4, reason="dead")),
    ):
        given(*events).when(keep(event)).then(event)


# ---- more of it turns up


def test_a_second_secret_opens_the_response_again_and_forgets_what_was_found_of_the_first() -> None:
    leak = state(*CLEAN, leaked(OTHER_MARK)).leak
    assert leak is not None
    assert [c.mark for c in leak.credentials] == [MARK, OTHER_MARK]
    assert [c.mark for c in leak.unrevoked] == [OTHER_MARK]
    assert (leak.located, leak.purged, leak.stage) == (None, None, Stage.LOCATE)
    assert leak.backup is not None


def test_the_same_secret_again_changes_nothing_but_where_its_value_is() -> None:
    leak = state(*CLEAN, leaked(host="server")).leak
    assert leak is not None
    assert leak.hosts == ("laptop", "server")
    assert leak.stage is Stage.CLEAN_UP, "its value is on a machine again"


@pytest.mark.parametrize(
    ("events", "stage"),
    [(LEAKED, "locate"), (LOCATED, "purge"), (PURGED, "verify"), (VERIFIED, "push"), (PUSHED, "ban")],
)
def test_the_values_are_not_removed_while_a_stage_needs_them(events: tuple[e.Event, ...], stage: str) -> None:
    with pytest.raises(Refused) as caught:
        refuse_early_clean_up(state(*events))
    assert caught.value.rule == "leak-stages"
    assert caught.value.remedy.startswith(f"andon leak {stage};")
    refuse_early_clean_up(state(*PUSHED, banned()))


def test_a_backup_is_deleted_on_its_day_although_the_incident_is_closed() -> None:
    owed = e.ActionOpened(action="A1", title="Delete it", origin="leak:backup", owner="ann")
    done = (*CLEAN, owed, mitigated(), resolved(), published(), closed())
    gone = e.ActionDone(action="A1", proof="all gone")
    given(*done).when(keep(cleaned())).then(cleaned(), gone)
    refuse_early_clean_up(state(*LEAKED, closed()))


def test_a_backup_after_the_clean_up_has_to_be_cleaned_up_too() -> None:
    leak = state(*CLEAN, backed_up()).leak
    assert leak is not None and leak.stage is Stage.CLEAN_UP


# ---- what is owed


def test_going_on_with_a_secret_that_works_is_a_shortcut_with_a_follow_up() -> None:
    due = START + timedelta(days=1)
    skip = e.RevocationSkipped(mark=MARK, reason="the partner answers on Monday")
    command = keep(skip, action="A1", owner="ann", due_at=due)
    given(*LOCATED).when(command).then(
        e.RevocationSkipped(mark=MARK, reason=skip.reason, action="A1"),
        e.ShortcutTaken(item=f"leak:rotate:{MARK}", reason=skip.reason, action="A1", pre_justified=False),
        e.ActionOpened(
            action="A1",
            title=f"Replace github-token {MARK}, which leaked and still works",
            origin=f"shortcut:leak:rotate:{MARK}",
            owner="ann",
            due_at=due,
            kind="other",
        ),
    )


def test_the_purge_goes_on_with_it_and_a_later_revocation_pays_it_back() -> None:
    given(*LOCATED, *SKIPPED, backed_up()).when(keep(purged())).then(purged())
    given(*LOCATED, *SKIPPED).when(keep(revoked())).then(
        revoked(), e.ActionDone(action="A1", proof=f"revoked: {revoked().statement}")
    )


def test_a_backup_is_owed_until_it_is_deleted() -> None:
    found = state(*REVOKED)
    assert found.actions == ()
    command = keep(backed_up(), action="A1", owner="ann")
    owed = e.ActionOpened(
        action="A1",
        title="Delete the backup of the history, for it holds what leaked (andon leak cleanup)",
        origin="leak:backup",
        owner="ann",
        due_at=backed_up().delete_after,
        kind="cleanup",
    )
    given(*REVOKED).when(command).then(backed_up(), owed)
    given(*REVOKED, backed_up(), owed).when(command).then(backed_up())
    until = cleaned("backup until 2026-03-31")
    given(*PUSHED, owed).when(keep(until)).then(until)
    given(*PUSHED, owed).when(keep(cleaned())).then(cleaned(), e.ActionDone(action="A1", proof="all gone"))


def test_whoever_finished_without_owning_it_is_told_only_that() -> None:
    judged = e.LeakJudged(residual=Severity.P4, reason="all dead")
    quick = [one for one in (*CLEAN, judged) if one != OWNED[-1]]
    step = next_step(state(*quick))
    assert (step.text, step.command) == ("somebody must own it", "andon ack")


def test_a_backup_may_go_when_the_incident_is_over() -> None:
    over = e.IncidentClosed()
    given(*PUSHED, over).when(keep(cleaned())).then(cleaned())
    given(*PUSHED, over).when(keep(pushed())).refused("closed-is-final")


def test_what_only_the_host_can_remove_holds_no_push_up_and_is_tracked() -> None:
    kept = replace(pushed("origin"), kept=("refs/pull/7/head",))
    asked = e.ActionOpened(
        action="A1",
        title="Ask the support of origin to remove what only it can; then push again",
        origin="leak:host:origin",
        owner="ann",
        kind="cleanup",
    )
    command = keep(kept, action="A1", owner="ann")
    given(*VERIFIED).when(command).then(kept, asked)
    given(*VERIFIED, kept, asked).when(command).then(kept)
    found = state(*VERIFIED, kept, asked)
    assert found.leak is not None
    assert "origin" not in found.leak.unpushed
    severity, why = residual(state(*VERIFIED, kept, asked, pushed(HERE)))
    assert (severity, "refs/pull/7/head" in why) == (Severity.P3, True)
    proof = "origin was asked again, and has none of it any more"
    given(*VERIFIED, kept, asked).when(keep(pushed("origin"))).then(
        pushed("origin"), e.ActionDone(action="A1", proof=proof)
    )


@pytest.mark.parametrize("stage", ["backup", "purge", "push", "ban"])
def test_a_stage_is_left_out_on_the_record_only(stage: str) -> None:
    command = c.TakeShortcut(item=f"leak:{stage}", reason="the fork is gone", action="A1", owner="ann")
    decided_on = given(*LOCATED).when(command)
    taken = e.ShortcutTaken(item=f"leak:{stage}", reason="the fork is gone", action="A1", pre_justified=False)
    title = f"Do what was skipped of the response to the leak: {stage}"
    opened = e.ActionOpened(
        action="A1", title=title, origin=f"shortcut:leak:{stage}", owner="ann", kind="cleanup"
    )
    decided_on.then(taken, opened)
    leak = state(*LOCATED, taken, opened).leak
    assert leak is not None
    assert Stage(stage) in leak.passed_over
    given(*LOCATED, taken, opened).when(command).refused("skip-once")


@pytest.mark.parametrize("stage", ["locate", "rotate", "verify", "clean-up", "judge", "nonsense"])
def test_the_other_stages_are_never_left_out(stage: str) -> None:
    command = c.TakeShortcut(item=f"leak:{stage}", reason="no time", action="A1")
    given(*LOCATED).when(command).refused("never-justified")


def test_leaving_the_purge_out_leads_to_the_ban_list() -> None:
    taken = e.ShortcutTaken(item="leak:purge", reason="nobody can force it", action="A1", pre_justified=False)
    leak = state(*REVOKED, taken).leak
    assert leak is not None
    assert leak.stage is Stage.BAN
    assert residual(state(*REVOKED, taken, banned(), cleaned()))[0] is Severity.P3


# ---- the moments of the incident


def test_the_harm_has_stopped_when_every_secret_is_dead() -> None:
    given(*LOCATED).when(c.Mitigate(by="rotation")).refused("rotate-first")
    given(*REVOKED).when(c.Mitigate(by="rotation")).then(
        e.IncidentMitigated(by="rotation", proof="revocation")
    )
    given(*REVOKED).when(c.Mitigate(by="rotation", changed_since="v9 was deployed")).then(
        e.IncidentMitigated(by="rotation", proof="revocation")
    )
    assert proven_at(state(*REVOKED)) == START + timedelta(minutes=len(REVOKED) - 1)


def test_a_passing_smoke_test_says_nothing_about_a_secret() -> None:
    assert recovery(state(*LOCATED, verified())) == ""
    assert recovery(state(*LOCATED, signed("failure-resolved"))) == ""
    assert recovery(state(*LOCATED, *SKIPPED, verified())) == ""
    assert recovery(state(*LOCATED, *SKIPPED, signed("failure-resolved"))) == "signature"


def test_where_more_is_broken_the_rest_needs_its_own_proof() -> None:
    assert recovery(state(*REVOKED, assessed(), decided())) == ""
    assert recovery(state(*REVOKED, verified(Verdict.FAILED))) == ""


@pytest.mark.parametrize("events", [REVOKED, READY, PURGED, VERIFIED, PUSHED, (*PUSHED, banned())])
def test_it_is_not_resolved_with_a_stage_left(events: tuple[e.Event, ...]) -> None:
    given(*events, mitigated()).when(c.Resolve(cause="no gate")).refused("leak-stages")


def test_it_is_resolved_when_all_is_clean_and_closed_when_it_is_judged() -> None:
    given(*CLEAN, mitigated()).when(c.Resolve(cause="no gate")).then(resolved("no gate"))
    over = (*CLEAN, mitigated(), resolved("no gate"), published())
    given(*over).when(c.Close()).refused("leak-stages")
    judged = e.LeakJudged(residual=Severity.P4, reason="dead")
    given(*over, judged).when(c.Close()).then(e.IncidentClosed())


# ---- what it still means


def test_the_residual_severity_follows_from_what_is_proven() -> None:
    assert residual(state(*CLEAN))[0] is Severity.P4
    assert residual(state(*REVOKED))[0] is Severity.P3
    assert residual(state(*LOCATED, *SKIPPED))[0] is Severity.P0


def test_nobody_calls_a_working_secret_harmless() -> None:
    works = (
        *LOCATED,
        *SKIPPED,
        backed_up(),
        purged(),
        purge_verified(),
        push_planned(),
        pushed(),
        pushed(HERE),
    )
    judged = e.LeakJudged(residual=Severity.P4, reason="nobody saw it")
    given(*works, banned(), cleaned()).when(keep(judged)).refused("residual-severity")
    stays = e.LeakJudged(residual=Severity.P0, reason="it still works")
    given(*works, banned(), cleaned()).when(keep(stays)).then(stays)


# ---- the protocol


def test_the_items_of_the_protocol_are_answered_by_what_was_proven() -> None:
    standing = {line.item.key: line.standing for line in checklist(state(*CLEAN))}
    assert standing == {
        "s1": Standing.PASSED,
        "s2": Standing.NOT_APPLICABLE,
        "s3": Standing.PASSED,
        "s4": Standing.PASSED,
        "s5": Standing.PASSED,
    }


def test_without_a_leak_its_items_ask_nobody() -> None:
    standing = {line.item.key: line.standing for line in checklist(state(*OWNED))}
    assert standing["s3"] is standing["s4"] is Standing.NOT_APPLICABLE
    assert standing["s2"] is Standing.OPEN


def test_the_timeline_tells_every_step() -> None:
    told = [entry.text for entry in timeline(history(*CLEAN))]
    assert any(MARK in text for text in told)
    assert len(told) >= len(CLEAN) - 1
