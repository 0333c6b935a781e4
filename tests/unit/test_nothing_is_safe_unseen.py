"""No verdict without evidence: cases in which Andon could have said "good" or "safe" and must not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from andon.desk.assess import run_assessment
from andon.desk.capture import capture
from andon.desk.casefile import load
from andon.desk.deployments import changed_since_proof, judge, read_ledger, record_deployment
from andon.desk.recording import record
from andon.desk.rollback import pass_gate, plan_rollback
from andon.desk.verify import run_verification, verify_quietly
from andon.errors import Conflict, Refused
from andon.incident import commands as c
from andon.incident.state import Incident
from andon.incident.words import Outcome, ReleaseVerdict, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import execute
from tests.fakes.production import FakeLogSource, FakeProbe, FakeRepository
from tests.unit.desk.shop import COMMITS, SCHEMA_CHANGE, ago, decided, declared, shop


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of these tests stay in their own directory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def verdict(desk: FakeDesk, version: str) -> ReleaseVerdict | None:
    release = read_ledger(desk).find(version)
    return release.verdict if release else None


# ---- the database


def test_a_schema_change_counts_although_its_code_is_gone_again(tmp_path: Path) -> None:
    """v1 and v3 are the same code; v2 between them changed the database."""

    path = "migrations/0002_price.sql"
    history = (COMMITS[0], ("b" * 40, "second", ("shop/cart.py", path), ("v2",)), COMMITS[2])
    gone = FakeRepository(str(tmp_path), history, {("c" * 40, path): None})
    desk = shop(tmp_path, repository=gone)
    judge(desk, "v2", ReleaseVerdict.BAD, "it lost orders")
    state = decided(desk)
    assert state.assessment is not None and state.assessment.last_known_good == "v1"
    assert state.assessment.migrations is Verdict.UNKNOWN
    plan = plan_rollback(desk, state, "")
    assert plan.to_version == "v1"
    assert plan.migrations is Verdict.UNKNOWN and "0002_price.sql" in plan.migrations_reason


def test_what_ran_before_the_way_back_does_not_count(tmp_path: Path) -> None:
    history = (("a" * 40, "first", ("migrations/0001.sql",), ("v1",)), *COMMITS[1:])
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), history))
    assert plan_rollback(desk, decided(desk), "v2").migrations is Verdict.PASSED


def test_a_release_in_between_that_git_does_not_know_is_unknown(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    record_deployment(desk, "by-hand-42", deployed_at=ago(desk, 60))
    assert plan_rollback(desk, decided(desk), "v2").migrations is Verdict.UNKNOWN


# ---- verdicts on releases


def test_a_release_that_an_incident_judged_bad_is_not_good_for_passing_smoke_tests(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", Verdict.PASSED, critical=True),))
    judge(desk, "v3", ReleaseVerdict.BAD, "INC-1: the failure was gone with v2", incident="INC-1")
    assert verify_quietly(desk)[1:] == (Verdict.PASSED, "")
    assert verdict(desk, "v3") is ReleaseVerdict.BAD
    judge(desk, "v3", ReleaseVerdict.UNKNOWN, "it was the database")
    assert verify_quietly(desk)[1:] == (Verdict.PASSED, "v3")


# ---- verifying


def test_what_was_seen_while_somebody_else_acted_is_not_recorded(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", Verdict.PASSED, critical=True),))
    state = decided(desk)
    other = desk.another("bob")

    class Acting(FakeProbe):
        def run(self):  # type: ignore[no-untyped-def]
            if not acted:
                acted.append(execute(other, load(other, None), plan_rollback(other, load(other, None), "")))
            return super().run()

    acted: list[object] = []
    desk.probes = (Acting("checkout", Verdict.PASSED, critical=True),)
    with pytest.raises(Conflict, match="somebody acted while you verified"):
        run_verification(desk, state, watch=0.0, tell=lambda _: None)
    assert load(desk, None).verification is None
    assert run_verification(
        desk.another("ann"), load(desk, None), watch=0.0, tell=lambda _: None
    ).incident.verification


def test_what_failed_the_first_time_proves_nothing_the_second_time(tmp_path: Path) -> None:
    """Reopened because customers say so, while every smoke test passes: that is not known to be over."""
    desk = shop(tmp_path)
    state = capture(desk, declared(desk)).incident
    state = record(desk, state, c.SignItem(item="failure-resolved", reason="I ordered something"))
    state = record(desk, record(desk, state, c.Mitigate(by="luck")), c.Reopen(reason="customers call again"))
    desk.probes = (FakeProbe("checkout", Verdict.PASSED, critical=True),)
    found = run_verification(desk, state, watch=0.0, tell=lambda _: None).verification
    assert (found.failure_gone, found.verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)


def test_the_assessment_says_which_log_it_could_not_read(tmp_path: Path) -> None:
    desk = shop(tmp_path, logs=(FakeLogSource("shop", failure="permission denied"),))
    state = decided(desk)
    assert ("log shop", "permission denied") in [(f.source, f.reason) for f in state.capture_failures]
    desk.clock.moment += timedelta(minutes=1)
    again = run_assessment(desk.another("ann"), state).incident
    assert len(again.capture_failures) == len(state.capture_failures), "said once"


def test_what_was_deployed_elsewhere_was_not_verified(tmp_path: Path) -> None:
    """Another incident, or a colleague with the deploy tool, changed production after the proof."""
    desk = shop(tmp_path)
    state = record(desk, decided(desk), c.SignItem(item="failure-resolved", reason="I ordered something"))
    assert changed_since_proof(desk, state) == ""
    desk.clock.moment += timedelta(minutes=1)
    record_deployment(desk, "v4")
    found = changed_since_proof(desk, state)
    assert found == "v4 was deployed"
    with pytest.raises(Refused, match="v4 was deployed after that was proven"):
        record(desk, state, c.Mitigate(by="luck", changed_since=found))
    again = record(desk.another("bob"), state, c.SignItem(item="failure-resolved", reason="with v4 too"))
    desk.clock.moment += timedelta(minutes=1)
    assert changed_since_proof(desk, again) == ""


# ---- acting


def test_two_incidents_do_not_act_on_one_production_at_once(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    first = decided(desk)
    plan = plan_rollback(desk, first, "")
    first = record(desk, first, c.PlanRollback(plan=plan))
    start = c.StartDeploy(
        operation=plan.operation, purpose="rollback", from_version="v3", version="v2", undo=plan.undo
    )
    record(desk, first, start)
    other = desk.another("bob")
    second = declared(other, title="mails are late")
    second = run_assessment(other, record(other, second, c.Acknowledge())).incident
    decision = decided_as(first, second)
    second = record(other, second, decision)
    with pytest.raises(Refused, match=f"in {first.id} is running") as caught:
        execute(other, second, plan_rollback(other, second, ""))
    assert caught.value.remedy == f"andon rollback --resume --incident {first.id}"
    assert desk.deployer is not None and desk.deployer.deployed == []


def decided_as(first: Incident, second: Incident) -> c.DecideResponse:
    """The same decision in another incident."""
    made = first.decision
    assert made is not None and second.assessment is not None
    return c.DecideResponse(
        choice=made.choice,
        rule=made.rule,
        recommended=made.choice,
        facts=(),
        authority=made.authority,
        decided_by="bob",
    )


def test_a_plan_that_is_refused_is_kept_for_the_signature(tmp_path: Path) -> None:
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), SCHEMA_CHANGE))
    state = decided(desk)
    plan = plan_rollback(desk, state, "v1")
    with pytest.raises(Refused, match="whether the database allows this rollback"):
        pass_gate(desk, state, plan)
    sign = c.SignItem(item="migrations-reversible", reason="the column may stay")
    state = record(desk.another("ann"), load(desk, None), sign)
    again = desk.another("ann")
    plan = plan_rollback(again, state, "v1")
    pass_gate(again, state, plan)
    assert execute(again, state, plan).outcome is Outcome.SUCCEEDED
