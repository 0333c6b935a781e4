"""An approved rollback whose worker dies at every moment in turn: deployed once, and to its end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.desk.casefile import load, service_stream
from andon.desk.deployments import read_ledger
from andon.desk.interrupted import resume
from andon.desk.recording import record
from andon.desk.rollback import approve, approve_undo, plan_rollback, proposed
from andon.desk.verify import run_verification
from andon.errors import Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.codec import type_of
from andon.incident.state import Incident
from andon.incident.words import Choice, Outcome, ReleaseVerdict, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import FakeEngine, FakeRunner, Killed, Remembered, bodies_at, carried_out, execute
from tests.fakes.production import FakeDeployer, FakeLogSource, FakeProbe, FakeRepository
from tests.unit.desk.shop import SCHEMA_CHANGE, decided, log_line, on_disk, shop

#: What the redactor of a fake desk knows.
SECRET = "hunter2hunter2"
#: Steps of a rollback that goes well: two moments of death each.
STEPS = ("re-check", "claim", "deploy", "capacity", "verify", "block", "end")
#: What a rollback that goes well leaves in the incident, in order, after its approval.
STORY = ["DeployStarted", "DeployFinished", "EvidenceAttached", "VerificationRan", "OperationEnded"]


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def healing(root: Path, **changes: Any) -> FakeDesk:
    """Return a desk where checkout works again once v3 is gone."""

    class Healed(FakeProbe):
        def run(self) -> Any:
            self.verdicts = [Verdict.FAILED if deployer.live == "v3" else Verdict.PASSED]
            return super().run()

    deployer = FakeDeployer(on_disk("v3", "v2", "v1"), running="v3")
    return shop(
        root,
        **{"deployer": deployer, "probes": (Healed("checkout", Verdict.PASSED, critical=True),), **changes},
    )


def approved(desk: FakeDesk, **wishes: Any) -> Incident:
    """Go the way to an approved plan."""
    state = decided(desk)
    return approve(desk, state, plan_rollback(desk, state, ""), **wishes)


def story(desk: FakeDesk, incident: str) -> list[str]:
    """Return what is recorded after the approval, by type; attached evidence that belongs together once."""
    kinds = [type_of(r.event) for r in desk.history(incident)]
    after = kinds[kinds.index("OperationApproved") + 1 :]
    return [kind for n, kind in enumerate(after) if kind != "EvidenceAttached" or after[n - 1] != kind]


def lives(desk: FakeDesk, state: Incident, runner: FakeRunner, moments: tuple[int, ...]) -> int:
    """Let workers die at these moments of their lives, one after the other, and the last one live."""
    approval = state.approvals[-1]
    memory: dict[str, Remembered] = {}
    arguments = {"incident": state.id, "operation": approval.operation}
    deaths = 0
    for die_at in (*moments, 0):
        try:
            engine = FakeEngine(bodies_at(desk, runner), memory, die_at=die_at)
            engine.start("operation", f"operation:{approval.operation}", arguments)
        except Killed:
            deaths += 1
    return deaths


def assert_once(desk: FakeDesk, runner: FakeRunner, incident: str) -> None:
    """One deployment, every event once, the ledger told once, nothing left over."""
    assert desk.deployer is not None and desk.deployer.deployed == [("v2", runner.begun[0])]
    events = desk.history(incident)
    commands = Counter(r.command for r in events)
    assert story(desk, incident) == STORY
    counted = Counter(type_of(r.event) for r in events)
    for kind in ("DeployStarted", "DeployFinished", "VerificationRan", "OperationEnded"):
        assert counted[kind] == 1, (kind, commands)
    ledger = [type_of(r.event) for r in desk.history(service_stream(desk))][5:]
    assert sorted(ledger) == [
        "ReleaseBlocked",
        "ReleaseDeployed",
        "ReleaseJudged",
        "ReleaseJudged",
    ], "taken out, deployed, judged bad, blocked"
    ended = load(desk, incident).approvals[-1].ended
    assert ended is not None and (ended.outcome, ended.verdict) == (Outcome.SUCCEEDED, Verdict.PASSED)


def test_a_rollback_without_a_death(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    assert lives(desk, state, runner, ()) == 0
    assert_once(desk, runner, state.id)
    ledger = read_ledger(desk)
    assert [b.version for b in ledger.blocks] == ["v3"]
    found = ledger.find("v3")
    assert found is not None and found.verdict is ReleaseVerdict.BAD
    assert all(r.actor == "ann" for r in desk.history(state.id)[-4:]), "in the name of whoever approved it"


@pytest.mark.parametrize("moment", range(1, 2 * len(STEPS) + 1))
def test_a_death_at_every_moment(tmp_path: Path, moment: int) -> None:
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    assert lives(desk, state, runner, (moment,)) == 1
    assert_once(desk, runner, state.id)


@pytest.mark.parametrize("moment", range(1, 2 * len(STEPS) + 1))
def test_a_death_at_every_moment_with_the_engine_lost(tmp_path: Path, moment: int) -> None:
    """The engine's database is gone too: the journal alone says how far it got."""
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    approval = state.approvals[-1]
    arguments = {"incident": state.id, "operation": approval.operation}
    with pytest.raises(Killed):
        FakeEngine(bodies_at(desk, runner), {}, die_at=moment).start("operation", "t", arguments)
    FakeEngine(bodies_at(desk, runner), {}).start("operation", "t", arguments)
    assert_once(desk, runner, state.id)


def test_many_deaths_in_a_row(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    assert lives(desk, state, runner, (1, 2, 2, 2, 2, 2, 2, 2)) == 8
    assert_once(desk, runner, state.id)


def test_two_workers_at_once_are_one(tmp_path: Path) -> None:
    """A worker that was wrongly held for dead does its step beside the one that took over."""
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    arguments = {"incident": state.id, "operation": state.approvals[-1].operation}
    bodies = bodies_at(desk, runner)
    second = FakeEngine(bodies, {})

    class Beside(FakeRunner):
        def begin(self, incident: str, operation: str, actor: str) -> None:
            runner.begin(incident, operation, actor)
            second.start("operation", "t", arguments)
            self.reports = runner.reports

    FakeEngine(bodies_at(desk, Beside(desk)), {}).start("operation", "t", arguments)
    assert_once(desk, runner, state.id)


# ---- what changed since the plan


def stopped(desk: FakeDesk, state: Incident, why: str) -> None:
    """It is over, nothing was deployed, and the reason is on record."""
    done = carried_out(desk, state)
    assert done.outcome is None and why in done.detail, done.detail
    assert desk.deployer is not None and desk.deployer.deployed == []
    assert done.incident.pending_approval is None
    assert plan_rollback(desk.another("bob"), done.incident, "v1").to_version == "v1", "somebody else may act"


def test_another_version_runs(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = approved(desk)
    desk.deployer.live = "v1"  # type: ignore[union-attr]
    done = carried_out(desk, state)
    assert done.outcome is None and "another version runs: v1, not v3" in done.detail
    assert desk.deployer is not None and desk.deployer.deployed == []


def test_the_artefact_is_gone(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = approved(desk)
    desk.deployer.available = on_disk("v3", "v1")  # type: ignore[union-attr]
    stopped(desk, state, "v2 cannot be deployed any more")


def test_the_migration_gate_says_something_else(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = approved(desk)
    desk.repository = FakeRepository(str(tmp_path), SCHEMA_CHANGE)
    stopped(desk, state, "the migration gate says")


def test_the_deployer_refuses_beforehand(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = approved(desk)
    desk.deployer.refusal = "it would be put back at once"  # type: ignore[union-attr]
    done = carried_out(desk, state)
    assert done.outcome is None and "it would be put back at once" in done.detail
    assert "way out: as the test says" in done.detail


def test_somebody_cancelled_it(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = approved(desk)
    end = e.OperationEnded(operation=state.approvals[-1].operation, outcome=None, reason="cancelled by bob")
    state = record(desk.another("bob"), state, c.EndOperation(ended=end))
    stopped(desk, state, "cancelled by bob")
    assert [type_of(r.event) for r in desk.history(state.id)].count("OperationEnded") == 1


# ---- the deployment


def test_one_that_failed_is_over_and_verifies_nothing(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = approved(desk)
    desk.deployer.break_with = (Outcome.FAILED, "exit status 3")  # type: ignore[union-attr]
    done = carried_out(desk, state)
    assert (done.outcome, done.detail) == (Outcome.FAILED, "exit status 3")
    assert done.incident.verification is None and read_ledger(desk).blocks == ()


@pytest.mark.parametrize(
    ("runs", "outcome"), [("v2", Outcome.SUCCEEDED), ("v3", Outcome.FAILED), ("", Outcome.UNKNOWN)]
)
def test_a_runner_that_died_is_not_replaced(tmp_path: Path, runs: str, outcome: Outcome) -> None:
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    runner.mood = "dies"
    real = desk.deployer.deploy  # type: ignore[union-attr]

    def deploy(version: str, operation: str) -> Any:
        report = real(version, operation)
        desk.deployer.live = runs  # type: ignore[union-attr]
        return report

    desk.deployer.deploy = deploy  # type: ignore[union-attr,method-assign]
    done = carried_out(desk, state, runner)
    assert done.outcome is outcome
    assert len(desk.deployer.deployed) == 1  # type: ignore[union-attr]
    ended = done.incident.approvals[-1].ended
    assert ended is not None and ended.outcome is outcome
    if outcome is Outcome.UNKNOWN:
        again = resume(desk.another("bob"), state.id, Outcome.FAILED)
        assert again.outcome is Outcome.FAILED, "asked about: a person says how it ended"


def test_a_runner_that_hangs_is_asked_about_after_its_time(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    runner.mood = "hangs"
    began = desk.clock.monotonic()
    done = carried_out(desk, state, runner)
    assert done.outcome is Outcome.UNKNOWN and "it may be at work" in done.detail
    assert desk.clock.monotonic() - began < desk.config.deploy.timeout + 70


def test_a_runner_that_never_comes_up_is_forbidden_to(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state, runner = approved(desk), FakeRunner(desk)
    runner.mood = "never"
    done = carried_out(desk, state, runner)
    assert done.outcome is Outcome.FAILED and "v3 still runs" in done.detail
    runner.mood = ""
    runner.begin(state.id, state.approvals[-1].operation, "ann")
    assert desk.deployer.deployed == [], "it comes up too late"  # type: ignore[union-attr]


def test_a_runner_on_another_machine_is_waited_for_then_asked_about(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state, there = approved(desk), FakeRunner(desk, host="there")
    there.mood = "hangs"
    with pytest.raises(Killed):
        lives_once(desk, state, there, die_at=5)
    began = desk.clock.monotonic()
    done = carried_out(desk, state, FakeRunner(desk, host="here"))
    assert done.outcome is Outcome.FAILED and "v3 still runs" in done.detail
    assert desk.clock.monotonic() - began >= desk.config.deploy.timeout, "it may still have been at work"
    assert desk.deployer.deployed == []  # type: ignore[union-attr]


def lives_once(desk: FakeDesk, state: Incident, runner: FakeRunner, die_at: int) -> None:
    """One life of a worker on the runner's machine."""
    arguments = {"incident": state.id, "operation": state.approvals[-1].operation}
    FakeEngine(bodies_at(desk, runner), {}, die_at=die_at).start("operation", "t", arguments)


def test_exit_0_and_nothing_done_is_caught_by_the_smoke_tests(tmp_path: Path) -> None:
    class Idle(FakeDeployer):
        def deploy(self, version: str, operation: str) -> Any:
            self.deployed.append((version, operation))
            return self._report(Outcome.SUCCEEDED, "exit status 0")

    desk = shop(tmp_path, deployer=Idle(on_disk("v3", "v2", "v1"), running="v3"))
    done = carried_out(desk, approved(desk, watch=0.0))
    assert done.outcome is Outcome.SUCCEEDED, "so the tool said"
    verification = done.incident.verification
    assert verification is not None and verification.verdict is Verdict.FAILED
    assert read_ledger(desk).blocks == (), "taking it out, if it was, did not help"


def test_half_of_the_copies_is_not_verified(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    desk.deployer.slow = 10**6  # type: ignore[union-attr]
    done = carried_out(desk, approved(desk))
    verification = done.incident.verification
    assert verification is not None and verification.verdict is Verdict.FAILED
    assert verification.critical_paths is Verdict.FAILED
    ended = done.incident.approvals[-1].ended
    assert ended is not None and "0 of 1 ready" in ended.reason


def test_copies_that_come_up_slowly_are_waited_for(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    desk.deployer.slow = 5  # type: ignore[union-attr]
    done = carried_out(desk, approved(desk))
    assert done.incident.verification is not None
    assert done.incident.verification.verdict is Verdict.PASSED


def test_a_new_error_in_the_logs_is_no_success(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = approved(desk)

    class Late(FakeLogSource):
        def tail(self, since: Any, limit: int) -> Any:
            self.content = log_line(desk, 30, "INFO ok") * 50
            self.content += log_line(desk, 0, "ERROR KeyError: 'cart'") * 5
            return super().tail(since, limit)

    desk.logs = (Late("app"),)
    done = carried_out(desk, state)
    ended = done.incident.approvals[-1].ended
    assert ended is not None and ended.verdict is Verdict.FAILED


def test_verifying_later_is_possible(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    done = carried_out(desk, approved(desk, verify=False))
    assert done.outcome is Outcome.SUCCEEDED and done.incident.verification is None
    ended = done.incident.approvals[-1].ended
    assert ended is not None and ended.verdict is None


def test_a_way_back_that_did_not_help_is_not_known_to_be_good_any_more(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    done = carried_out(desk, approved(desk))
    assert done.incident.verification is not None
    assert done.incident.verification.verdict is Verdict.FAILED
    release = read_ledger(desk).find("v2")
    assert release is not None and release.verdict is ReleaseVerdict.UNKNOWN
    assert release.reason == f"{done.incident.id}: the failure was still there with v2"
    assert plan_rollback(desk, done.incident, "").to_version == "v1"
    further = carried_out(desk, approve(desk, done.incident, plan_rollback(desk, done.incident, "")))
    with pytest.raises(Refused, match="no last known good"):
        plan_rollback(desk, further.incident, "")


def test_a_secret_in_the_deploy_command_is_neither_shown_nor_in_the_way(tmp_path: Path) -> None:
    class Talking(FakeDeployer):
        def describe(self, version: str) -> tuple[str, ...]:
            return (f"run deploy --token={SECRET} {version}",)

    desk = healing(tmp_path, deployer=Talking(on_disk("v3", "v2", "v1"), running="v3"))
    state = decided(desk)
    plan = plan_rollback(desk, state, "")
    assert SECRET not in repr(plan)
    assert carried_out(desk, approve(desk, state, plan, verify=False)).outcome is Outcome.SUCCEEDED


def test_a_blocked_release_that_came_back_is_not_judged_good(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [Verdict.FAILED, Verdict.PASSED], critical=True),))
    done = carried_out(desk, approved(desk))
    assert [b.version for b in read_ledger(desk).blocks] == ["v3"]
    desk.deployer.live = "v3"  # type: ignore[union-attr]
    desk.clock.moment += timedelta(minutes=5)
    run_verification(desk, done.incident, watch=0.0, tell=lambda _: None)
    release = read_ledger(desk).find("v3")
    assert release is not None and release.verdict is ReleaseVerdict.BAD


# ---- approving and undoing


def test_a_second_person_approves(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = decided(desk)
    plan = plan_rollback(desk, state, "")
    state = record(desk, state, c.PlanRollback(plan=plan))
    bob = desk.another("bob")
    done = carried_out(desk, approve(bob, state, proposed(load(bob, None), plan.operation)))
    assert done.outcome is Outcome.SUCCEEDED
    assert [a.mark.actor for a in done.incident.approvals] == ["bob"]
    assert [type_of(r.event) for r in desk.history(state.id)].count("RollbackPlanned") == 1
    with pytest.raises(Refused, match="is not the newest plan"):
        proposed(done.incident, "another")


def test_an_undo_lifts_the_block(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    done = carried_out(desk, approved(desk))
    assert [b.version for b in read_ledger(desk).blocks] == ["v3"]
    back = carried_out(desk, approve_undo(desk.another("bob"), done.incident, "", verify=False))
    assert back.outcome is Outcome.SUCCEEDED and desk.deployer.live == "v3"  # type: ignore[union-attr]
    assert read_ledger(desk).blocks == ()


def test_a_decision_that_changed_stops_it(tmp_path: Path) -> None:
    desk = healing(tmp_path)
    state = decided(desk)
    done = execute(desk, state, plan_rollback(desk, state, ""))
    assert done.outcome is Outcome.SUCCEEDED
    with pytest.raises(Refused):
        approve(desk, decided(healing(tmp_path), Choice.HOTFIX), plan_rollback(desk, state, "v1"))
