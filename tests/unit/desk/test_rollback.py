"""Rolling back: planned with its undo, carried out once, resumed after a death, never repeated silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.desk.casefile import load
from andon.desk.deployments import block_release, judge, read_ledger, survey
from andon.desk.interrupted import resume
from andon.desk.operation import hold
from andon.desk.recording import record
from andon.desk.rollback import approve_undo, pass_gate, plan_rollback
from andon.desk.values import ReleaseOnDisk
from andon.errors import Conflict, NotFound, Refused, Unavailable
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.state import Incident
from andon.incident.words import Choice, Outcome, ReleaseVerdict, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import carried_out, execute, undo
from tests.fakes.production import FakeDeployer, FakeRepository
from tests.unit.desk.shop import SCHEMA_CHANGE, DyingDeployer, Killed, decided, declared, on_disk, shop
from tests.unit.incident.cases import assert_commands_exist, assessed, finished, started
from tests.unit.incident.cases import decided as rollback_decided


def refused(rule: str, action: Any, *arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        action(*arguments)
    assert caught.value.rule == rule, caught.value
    assert caught.value.remedy
    assert_commands_exist(caught.value.remedy)
    return caught.value


def deployer(desk: FakeDesk) -> FakeDeployer:
    assert desk.deployer is not None
    return desk.deployer


def verdict(desk: FakeDesk, version: str) -> ReleaseVerdict:
    release = read_ledger(desk).find(version)
    assert release is not None
    return release.verdict


# ---- planning


def test_the_plan_names_the_way_back_and_the_undo(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    plan = plan_rollback(desk, decided(desk), "")
    assert (plan.from_version, plan.to_version, plan.steps) == ("v3", "v2", ("put v2 into production",))
    assert plan.undo == f"andon rollback --undo {plan.operation}"
    assert plan.migrations is Verdict.PASSED
    assert plan.migrations_reason == "no schema change among 2 changed files"
    assert plan.reason.startswith("judged good")
    assert plan.risks == ()
    assert deployer(desk).deployed == [], "planning touches nothing"
    assert_commands_exist(plan.undo)


def test_a_schema_change_in_the_range_is_in_the_plan(tmp_path: Path) -> None:
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), SCHEMA_CHANGE))
    plan = plan_rollback(desk, decided(desk), "")
    assert plan.migrations is Verdict.UNKNOWN and "0002_price.sql" in plan.migrations_reason


def test_a_range_that_git_does_not_know_is_unknown(tmp_path: Path) -> None:
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), ()))
    plan = plan_rollback(desk, decided(desk), "")
    assert plan.migrations is Verdict.UNKNOWN


def test_a_version_can_be_named_and_its_doubts_are_said(tmp_path: Path) -> None:
    desk = shop(tmp_path, deployer=FakeDeployer(on_disk("v3", "v2", "v1", "v0"), running="v3"))
    state = decided(desk)
    assert plan_rollback(desk, state, "v1").reason == "named by ann; its verdict is good"
    plan = plan_rollback(desk, state, "v0")
    assert plan.reason == "named by ann; its verdict is not in the ledger"
    assert "v0 has no good verdict: whether it works is not known" in plan.risks


@pytest.mark.parametrize(
    ("target", "said"), [("v3", "v3 is what runs now"), ("v9", "v9 cannot be deployed any more")]
)
def test_a_pointless_target_is_refused(tmp_path: Path, target: str, said: str) -> None:
    desk = shop(tmp_path)
    assert said in refused("rollback-target", plan_rollback, desk, decided(desk), target).message


def test_without_a_last_known_good_release_there_is_no_plan(tmp_path: Path) -> None:
    desk = shop(tmp_path, deployer=FakeDeployer(on_disk("v3"), running="v3"))
    problem = refused("last-known-good", plan_rollback, desk, decided(desk), "")
    assert "v2: its artefact is gone" in problem.message


def test_without_a_deployer_there_is_no_plan(tmp_path: Path) -> None:
    desk = shop(tmp_path, deployer=None)
    with pytest.raises(Unavailable) as caught:
        plan_rollback(desk, decided(desk), "")
    assert caught.value.rule == "deployer"
    assert_commands_exist(caught.value.remedy)


def test_what_cannot_be_told_of_production_is_a_risk(tmp_path: Path) -> None:
    desk = shop(tmp_path, deployer=FakeDeployer(on_disk("v3", "v2"), running=""))
    plan = plan_rollback(desk, decided(desk), "v2")
    assert plan.from_version == ""
    assert "which version runs now is not known, so the undo is not known either" in plan.risks
    assert plan.migrations is Verdict.UNKNOWN


# ---- carrying it out


def test_a_rollback_that_works(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    plan = plan_rollback(desk, state, "")
    done = execute(desk, state, plan)
    assert (done.outcome, done.detail) == (Outcome.SUCCEEDED, "v2 deployed")
    assert deployer(desk).deployed == [("v2", plan.operation)]
    assert deployer(desk).live == "v2"
    (operation,) = done.incident.operations
    assert (operation.purpose, operation.outcome) == ("rollback", Outcome.SUCCEEDED)
    assert operation.running_version == "v2"
    ledger = read_ledger(desk)
    assert ledger.running is not None and ledger.running.version == "v2"
    assert ledger.deployments[-1].source == "rollback" and ledger.deployments[-1].incident == state.id
    assert verdict(desk, "v3") is ReleaseVerdict.UNKNOWN, "no way back until somebody knows better"
    assert any(attached.kind == "report" for attached in done.incident.evidence)
    kinds = [type(r.event).__name__ for r in desk.history(state.id)]
    order = [kinds.index(k) for k in ("RollbackPlanned", "DeployStarted", "DeployFinished")]
    assert order == sorted(order), "the plan and the claim are on record before the act"


def test_a_deployment_that_fails(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    deployer(desk).break_with = (Outcome.FAILED, "exit status 3")
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    assert (done.outcome, done.detail) == (Outcome.FAILED, "exit status 3")
    assert done.incident.running_operation is None
    ledger = read_ledger(desk)
    assert ledger.running is not None and ledger.running.version == "v3", "what failed is in no ledger"
    assert verdict(desk, "v3") is ReleaseVerdict.UNKNOWN
    deployer(desk).break_with = None
    again = execute(desk.another("ann"), done.incident, plan_rollback(desk, done.incident, ""))
    assert again.outcome is Outcome.SUCCEEDED, "after a failure the next plan may be carried out"


def test_a_deployer_that_hangs(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    deployer(desk).break_with = (Outcome.UNKNOWN, "stopped after 300 s")
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    assert done.outcome is Outcome.UNKNOWN
    ledger = read_ledger(desk)
    assert ledger.running is not None and ledger.running.version == "v3"
    following = plan_rollback(desk, done.incident, "v1")
    problem = refused("one-act-at-a-time", execute, desk.another("ann"), done.incident, following)
    assert "it may still be under way" in problem.message
    assert len(deployer(desk).deployed) == 1


def test_the_migration_gate_is_before_the_act(tmp_path: Path) -> None:
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), SCHEMA_CHANGE))
    state = declared(desk)
    desk.append(state.id, (assessed(), rollback_decided()))
    state = load(desk, None)
    refused("migration-gate", execute, desk, state, plan_rollback(desk, state, ""))
    refused("migration-gate", pass_gate, desk, state, plan_rollback(desk, state, ""))
    assert deployer(desk).deployed == []
    state = load(desk, None)
    state = record(desk, state, c.SignItem(item="migrations-reversible", reason="only adds a column"))
    assert execute(desk, state, plan_rollback(desk, state, "")).outcome is Outcome.SUCCEEDED


def test_whatever_is_decided_otherwise_is_not_rolled_back(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk, Choice.HOTFIX)
    refused("decide-then-act", execute, desk, state, plan_rollback(desk, state, ""))
    assert deployer(desk).deployed == []


def test_a_full_evidence_store_does_not_hide_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    plan = plan_rollback(desk, state, "")

    def full(content: bytes, media_type: str) -> None:
        raise Unavailable("the disk is full", where="evidence", rule="disk", remedy="make room")

    monkeypatch.setattr(desk.evidence, "put", full)
    done = execute(desk, state, plan)
    assert done.outcome is Outcome.SUCCEEDED
    assert load(desk, None).operations[0].outcome is Outcome.SUCCEEDED
    assert any("the disk is full" in gap.reason for gap in done.incident.capture_failures)


# ---- killed in the middle


def dying(root: Path, *, takes_effect: bool) -> tuple[FakeDesk, Incident]:
    """Return a desk whose process died during the rollback, as the next command finds it."""
    made = DyingDeployer(on_disk("v3", "v2", "v1"), running="v3")
    made.takes_effect = takes_effect
    desk = shop(root, deployer=made)
    state = decided(desk)
    with pytest.raises(Killed):
        execute(desk, state, plan_rollback(desk, state, ""))
    return desk.another("bob"), load(desk, None)


def test_killed_after_it_took_effect(tmp_path: Path) -> None:
    desk, state = dying(tmp_path, takes_effect=True)
    assert state.running_operation is not None
    done = resume(desk, None, None)
    assert done.outcome is Outcome.SUCCEEDED and "it was interrupted; v2 runs, as intended" in done.detail
    ledger = read_ledger(desk)
    assert ledger.running is not None and ledger.running.version == "v2"
    assert verdict(desk, "v3") is ReleaseVerdict.UNKNOWN
    assert len(deployer(desk).deployed) == 1, "looked at, not repeated"


def test_killed_before_it_took_effect(tmp_path: Path) -> None:
    desk, _ = dying(tmp_path, takes_effect=False)
    done = resume(desk, None, None)
    assert done.outcome is Outcome.FAILED and "v3 still runs" in done.detail
    assert verdict(desk, "v3") is ReleaseVerdict.UNKNOWN
    assert len(deployer(desk).deployed) == 1


@pytest.mark.parametrize("runs", ["", "v1"])
def test_killed_and_nobody_can_tell_until_somebody_says(tmp_path: Path, runs: str) -> None:
    desk, _ = dying(tmp_path, takes_effect=False)
    deployer(desk).live = runs
    first = resume(desk, None, None)
    assert first.outcome is Outcome.UNKNOWN
    assert f"the deployer says {runs or 'nothing'} runs; look, then state the outcome" in first.detail
    length = first.incident.length
    again = resume(desk, None, None)
    assert again.outcome is Outcome.UNKNOWN and again.incident.length == length, (
        "nothing new, nothing recorded"
    )
    if runs:  # what the deployer says beats what a person says
        refused("evidence-beats-signature", resume, desk.another("bob"), None, Outcome.SUCCEEDED)
        assert resume(desk.another("bob"), None, Outcome.FAILED).outcome is Outcome.FAILED
    else:
        stated = resume(desk.another("bob"), None, Outcome.SUCCEEDED)
        assert stated.outcome is Outcome.SUCCEEDED and "stated by bob: succeeded" in stated.detail
        ledger = read_ledger(desk)
        assert ledger.running is not None and ledger.running.version == "v2"
    assert len(deployer(desk).deployed) == 1


def test_what_was_unknown_becomes_known_when_the_deployer_answers(tmp_path: Path) -> None:
    desk, _ = dying(tmp_path, takes_effect=False)
    deployer(desk).live = ""
    assert resume(desk, None, None).outcome is Outcome.UNKNOWN
    deployer(desk).live = "v2"
    assert resume(desk.another("bob"), None, None).outcome is Outcome.SUCCEEDED


def test_a_deployer_that_cannot_be_asked_does_not_stop_a_person_from_saying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = dying(tmp_path, takes_effect=False)

    def unreachable() -> str:
        raise Unavailable("no route to host", where="deployer", rule="deployer", remedy="look")

    monkeypatch.setattr(deployer(desk), "running", unreachable)
    first = resume(desk, None, None)
    assert first.outcome is Outcome.UNKNOWN and "no route to host" in first.detail
    assert resume(desk.another("bob"), None, Outcome.FAILED).outcome is Outcome.FAILED


def test_without_a_deployer_a_person_can_still_say(tmp_path: Path) -> None:
    desk, _ = dying(tmp_path, takes_effect=False)
    desk.deployer = None
    assert resume(desk, None, Outcome.FAILED).outcome is Outcome.FAILED


def test_killed_between_the_plan_and_the_start_nothing_was_begun(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    plan = plan_rollback(desk, state, "")
    state = record(desk, state, c.PlanRollback(plan=plan))
    refused("resume", resume, desk, None, None)
    assert execute(desk.another("bob"), state, plan_rollback(desk, state, "")).outcome is Outcome.SUCCEEDED


def test_killed_between_the_end_and_the_ledger(tmp_path: Path) -> None:
    """Whoever comes next makes up for it, once: the broken release must not become a way back."""
    desk = shop(tmp_path)
    state = decided(desk)
    plan = plan_rollback(desk, state, "")
    start = e.DeployStarted(
        operation=plan.operation, purpose="rollback", from_version="v3", version="v2", undo=plan.undo
    )
    end = e.DeployFinished(
        operation=plan.operation, outcome=Outcome.SUCCEEDED, running_version="v2", seconds=4.0
    )
    desk.append(state.id, (plan, start, end))
    deployer(desk).live = "v2"
    following = plan_rollback(desk.another("bob"), load(desk, None), "")
    assert following.to_version == "v1"
    assert verdict(desk, "v3") is ReleaseVerdict.UNKNOWN
    plan_rollback(desk.another("bob"), load(desk, None), "")
    assert len(read_ledger(desk).deployments) == 4


def test_while_the_tool_still_runs_nothing_is_resumed(tmp_path: Path) -> None:
    desk, state = dying(tmp_path, takes_effect=False)
    operation = state.running_operation
    assert operation is not None
    with hold(operation.id):
        for stated in (None, Outcome.FAILED):
            assert (
                "still running (process" in refused("one-act-at-a-time", resume, desk, None, stated).message
            )
    assert resume(desk, None, None).outcome is Outcome.FAILED


def test_the_same_operation_is_held_once(tmp_path: Path) -> None:
    with hold("op1"), pytest.raises(Conflict, match="is being carried out by process") as caught, hold("op1"):
        pytest.fail("held twice")
    assert_commands_exist(caught.value.remedy)
    with hold("op1"), hold("op2"):
        pass


def test_nothing_to_resume_is_said(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    decided(desk)
    refused("resume", resume, desk, None, None)
    refused("resume", resume, desk, None, Outcome.SUCCEEDED)


# ---- sent twice


@pytest.mark.parametrize("outcome", [None, Outcome.FAILED, Outcome.UNKNOWN])
def test_the_same_command_sent_twice_deploys_once(tmp_path: Path, outcome: Outcome | None) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    if outcome is not None:
        deployer(desk).break_with = (outcome, "as planned")
    first = desk.another("ann", "rollback-1")
    execute(first, state, plan_rollback(first, state, ""))
    deployer(desk).break_with = None
    again = desk.another("ann", "rollback-1")
    now = load(again, None)
    if outcome is None:
        refused("rollback-target", plan_rollback, again, now, "v2")
    elif outcome is Outcome.UNKNOWN:
        refused("one-act-at-a-time", execute, again, now, plan_rollback(again, now, "v2"))
    else:
        execute(again, now, plan_rollback(again, now, "v2"))
    assert len(deployer(desk).deployed) == 1


@pytest.mark.parametrize("rule", ["judged-bad", "blocked-release"])
def test_a_known_fault_is_not_brought_back_by_name(tmp_path: Path, rule: str) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    if rule == "judged-bad":
        judge(desk, "v1", ReleaseVerdict.BAD, "it loses orders")
    else:
        block_release(desk, "v1", "", "it loses orders")
    problem = refused(rule, plan_rollback, desk, state, "v1")
    assert "it loses orders" in problem.message
    assert_commands_exist(problem.remedy)


def test_a_list_that_names_other_code_is_a_risk(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    deployer(desk).available = (*on_disk("v3", "v1"), ReleaseOnDisk(version="v2", commit="f" * 40))
    risks = plan_rollback(desk, state, "v2").risks
    assert "releases: v2 is commit ffffffffff in the list and bbbbbbbbbb in the ledger" in risks


# ---- undoing


def test_undo_puts_back_what_ran_before(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    back = undo(desk.another("bob"), done.incident, "")
    assert back.outcome is Outcome.SUCCEEDED and deployer(desk).live == "v3"
    assert [o.purpose for o in back.incident.operations] == ["rollback", "undo"]
    assert_commands_exist(back.incident.operations[-1].undo)
    assert verdict(desk, "v3") is ReleaseVerdict.UNKNOWN, "putting it back does not make it good"
    problem = refused("undo", undo, desk.another("bob"), back.incident, "")
    assert "migration gate" in problem.message, "back to v2 is a rollback, whatever it is called"
    assert problem.remedy == "andon rollback --to v2"
    assert deployer(desk).live == "v3"


def test_only_the_last_act_is_undone(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    first = execute(desk, state, plan_rollback(desk, state, ""))
    second = execute(desk, first.incident, plan_rollback(desk, first.incident, "v1"))
    problem = refused("undo", undo, desk, second.incident, second.incident.operations[0].id)
    assert "came after it" in problem.message and deployer(desk).live == "v1"


def test_an_undo_does_not_take_out_what_nobody_planned_for(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    deployer(desk).live = "v4"
    problem = refused("undo", undo, desk, done.incident, "")
    assert "v4 runs now" in problem.message and deployer(desk).live == "v4"


def test_an_approved_undo_looks_again_at_what_runs(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    approved = approve_undo(desk, done.incident, "")
    deployer(desk).live = "v4"
    carried_out(desk, approved)
    assert deployer(desk).live == "v4", "somebody deployed between the approval and the act"


def test_an_undo_that_failed_can_be_tried_again(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    first = done.incident.operations[0].id
    deployer(desk).break_with = (Outcome.FAILED, "exit status 3")
    failed = undo(desk.another("bob"), done.incident, first)
    assert failed.outcome is Outcome.FAILED
    deployer(desk).break_with = None
    assert undo(desk.another("bob"), failed.incident, first).outcome is Outcome.SUCCEEDED


def test_what_cannot_be_undone_is_said(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    refused("undo", undo, desk, state, "")
    refused("undo", undo, desk, state, "another")
    hotfix = (rollback_decided(Choice.HOTFIX), started("op1", "hotfix", version="v4"), finished())
    desk.append(state.id, hotfix)
    fixed = load(desk, None)
    problem = refused("undo", undo, desk, fixed, "op1")
    assert "migration gate" in problem.message, "going back is a rollback, whatever it is called"


def test_undo_knows_when_it_does_not_know(tmp_path: Path) -> None:
    desk = shop(tmp_path, deployer=FakeDeployer(on_disk("v3", "v2"), running=""))
    state = decided(desk)
    state = record(desk, state, c.SignItem(item="migrations-reversible", reason="looked"))
    done = execute(desk, state, plan_rollback(desk, state, "v2"))
    refused("undo", undo, desk.another("bob"), done.incident, "")


def test_a_deployer_that_does_not_know_the_version_says_so(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    plan = plan_rollback(desk, state, "")
    deployer(desk).available = on_disk("v3", "v1")
    done = execute(desk, state, plan)
    assert done.outcome is None and "v2 cannot be deployed any more" in done.detail
    assert deployer(desk).deployed == [], "what changed since the plan stops it before anything is touched"
    with pytest.raises(NotFound):
        deployer(desk).describe("v2")


# ---- two bad releases in a row


def test_two_bad_releases_in_a_row(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    assert deployer(desk).live == "v2"
    following = plan_rollback(desk, done.incident, "")
    assert following.to_version == "v1"
    assert following.risks == ("passed over v3: nobody knows whether it is good",)
    assert survey(desk).running == "v2"
