"""The use cases of the response on fakes: capture, assess, decide, verify, and what went out by hand."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.config.model_production import DeployConfig, LogConfig, VerifyConfig
from andon.desk.assess import run_assessment
from andon.desk.capture import capture
from andon.desk.casefile import load
from andon.desk.decide import decide_on, recommendation
from andon.desk.deployments import read_ledger, record_deployment
from andon.desk.hotfix import record_hotfix
from andon.desk.recording import record
from andon.desk.rollback import plan_rollback
from andon.desk.verify import failing_signs, run_verification, verify_quietly
from andon.errors import AndonError, Refused, Unavailable
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.policy import People
from andon.incident.state import Incident
from andon.incident.words import Authority, Choice, Impact, Outcome, ReleaseVerdict, Verdict
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import execute
from tests.fakes.production import FakeDeployer, FakeLogSource, FakeProbe, FakeRepository
from tests.unit.desk.shop import SCHEMA_CHANGE, decided, declared, log_line, on_disk, shop
from tests.unit.incident.cases import assert_commands_exist
from tests.unit.incident.cases import decided as decision

PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
SETTINGS = Config(
    service="shop",
    deploy=DeployConfig(kind="symlink", root="/srv", settle=2.0),
    logs=(LogConfig(name="shop", file="shop.log", component="web"),),
)


def quiet(line: str) -> None:
    """Nobody listens."""


def verify(desk: FakeDesk, state: Incident, **more: Any) -> e.VerificationRan:
    return run_verification(desk, state, watch=1.0, tell=quiet, **more).verification


def refused(rule: str, action: Any, *arguments: Any, **more: Any) -> AndonError:
    with pytest.raises(Refused) as caught:
        action(*arguments, **more)
    assert caught.value.rule == rule
    assert_commands_exist(caught.value.remedy)
    return caught.value


# ---- capture


def test_everything_that_may_be_gone_tomorrow_is_kept(tmp_path: Path) -> None:
    desk = shop(tmp_path, config=SETTINGS)
    desk.logs = (FakeLogSource("shop", log_line(desk, 8, "ERROR TypeError: price is None") * 3),)
    done = capture(desk, declared(desk))
    kinds = {attached.kind for attached in done.incident.evidence}
    assert kinds == {"probe", "release", "log", "git"}
    (impact,) = done.incident.impacts
    assert (impact.kind, impact.sign) == (Impact.PROBE, "checkout") and impact.evidence is not None
    assert all(desk.evidence.get(attached.evidence).content for attached in done.incident.evidence)
    told = "\n".join(done.lines)
    assert "failed: checkout" in told and "0 of 1 smoke tests pass" in told
    assert "running v3, before it v2" in told and "1 commit between v2 and v3" in told


def test_what_does_not_answer_is_a_recorded_gap(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, logs=(FakeLogSource("shop", failure="permission denied"),))
    done = capture(desk, declared(desk))
    gaps = {gap.source: gap.reason for gap in done.incident.capture_failures}
    assert gaps.keys() == {"deployer", "log shop"} and gaps["log shop"] == "permission denied"
    told = "\n".join(done.lines)
    assert "unknown: no smoke test is configured" in told and "unknown: no deployment is recorded" in told


def test_a_store_that_is_full_loses_the_evidence_not_the_incident(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shop(tmp_path)
    state = declared(desk)

    def full(content: bytes, media_type: str) -> None:
        raise Unavailable("the disk is full", where="evidence", rule="disk", remedy="make room")

    monkeypatch.setattr(desk.evidence, "put", full)
    done = capture(desk, state)
    assert any("the disk is full" in gap.reason for gap in done.incident.capture_failures)
    assert load(desk, None) == done.incident


def test_a_probe_that_crashes_is_unknown(tmp_path: Path) -> None:
    class Crashing(FakeProbe):
        def run(self) -> Any:
            raise RuntimeError("a bug in the probe")

    desk = shop(tmp_path, probes=(Crashing("checkout", PASSED, critical=True), FakeProbe("front", PASSED)))
    done = capture(desk, declared(desk))
    assert "unknown: checkout" in "\n".join(done.lines)
    assert done.incident.impacts == (), "what is not known confirms nothing"


def test_no_secret_is_kept(tmp_path: Path) -> None:
    desk = shop(tmp_path, config=SETTINGS)
    desk.logs = (FakeLogSource("shop", log_line(desk, 8, "ERROR key=hunter2hunter2")),)
    done = capture(desk, declared(desk))
    assert not any(b"hunter2hunter2" in blob.content for blob in desk.evidence.blobs.values())
    assert "1 secret(s) redacted" in "\n".join(done.lines)


# ---- assess


def test_an_assessment_is_recorded_with_what_it_saw(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    done = run_assessment(desk, declared(desk))
    made = done.assessment
    assert (made.suspect, made.suspect_version, made.last_known_good) == ("deployment", "v3", "v2")
    assert (made.migrations, made.migrations_reason) == (PASSED, "no schema change among 2 changed files")
    assert load(desk, None).assessment == made
    assert any(attached.kind == "probe" for attached in done.incident.evidence)


def test_a_schema_change_in_the_range_is_part_of_it(tmp_path: Path) -> None:
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), SCHEMA_CHANGE))
    made = run_assessment(desk, declared(desk)).assessment
    assert made.migrations is UNKNOWN and "0002_price.sql" in made.migrations_reason


def test_what_a_person_said_holds_until_they_say_otherwise(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    said = {"cause": "a price is null", "minutes_to_fix": 20.0, "fix_is_risky": True}
    first = run_assessment(desk, declared(desk), **said)
    second = run_assessment(desk, first.incident).assessment
    assert {field: getattr(second, field) for field in said} == said
    third = run_assessment(desk, load(desk, None), cause="another", minutes_to_fix=5.0).assessment
    assert (third.cause, third.minutes_to_fix) == ("another", 5.0)


def test_the_same_gap_is_recorded_once(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    state = run_assessment(desk, declared(desk)).incident
    state = run_assessment(desk, state).incident
    assert [gap.source for gap in state.capture_failures] == ["deployer"]


def test_what_broke_before_a_reopening_does_not_count_after_it(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = run_assessment(desk, declared(desk), cause="a price is null").incident
    state = record(desk, state, c.SignItem(item="failure-resolved", reason="looked"))
    state = record(desk, record(desk, state, c.Mitigate(by="x")), c.Reopen(reason="it is back"))
    assert state.assessment is None
    assert run_assessment(desk, state).assessment.cause == ""


# ---- decide


def test_the_recommendation_becomes_a_decision_with_its_authority(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = run_assessment(desk, declared(desk)).incident
    recommended = recommendation(desk, state)
    assert (recommended.choice, recommended.rule) == (Choice.ROLLBACK, "recent-deployment")
    state = decide_on(desk, state, recommended, Choice.ROLLBACK, "")
    assert state.decision is not None
    assert (state.decision.authority, state.decision.decided_by) == (Authority.ON_CALL, "ann")
    assert state.decision.facts == recommended.facts


def test_nothing_is_recommended_before_anybody_looked(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    refused("assess-then-decide", recommendation, desk, declared(desk))


def test_it_is_decided_by_whoever_may(tmp_path: Path) -> None:
    desk = shop(tmp_path, people=People(on_call=("bob",)))
    state = run_assessment(desk, declared(desk)).incident
    recommended = recommendation(desk, state)
    refused("authority", decide_on, desk, state, recommended, Choice.ROLLBACK, "")
    assert load(desk, None).decision is None
    done = decide_on(desk, state, recommended, Choice.ROLLBACK, "bob is unreachable")
    assert done.decision is not None and done.decision.authority is Authority.SOLO
    refused("overrule", decide_on, desk.another("bob"), done, recommended, Choice.HOTFIX, "")


def test_the_teams_own_minutes_are_used(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = run_assessment(desk, declared(desk), cause="known", minutes_to_fix=4.0).incident
    assert recommendation(desk, state).rule == "known-quick-fix", "a fix in 4 minutes beats a rollback in 5"
    own = SETTINGS.decision.__class__(quick_fix=3.0)
    desk.config = SETTINGS.__class__(service="shop", root=str(tmp_path), decision=own)
    assert recommendation(desk, state).rule == "recent-deployment"


# ---- verify


def rolled_back(desk: FakeDesk) -> Incident:
    state = decided(desk)
    return execute(desk, state, plan_rollback(desk, state, "")).incident


def test_a_rollback_that_cured_it_is_verified_and_the_releases_are_judged(tmp_path: Path) -> None:
    desk = shop(tmp_path, config=SETTINGS, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    desk.logs = (FakeLogSource("shop", b""),)
    state = rolled_back(desk)
    desk.clock.moment += timedelta(seconds=30)
    desk.logs = (FakeLogSource("shop", b"".join(log_line(desk, 0.1, f"INFO order {n}") for n in range(300))),)
    found = verify(desk, state)
    assert (found.verdict, found.failure_gone, found.logs) == (PASSED, PASSED, PASSED)
    assert found.operation == state.operations[-1].id
    assert found.evidence is not None and b"failure gone: passed" in desk.evidence.get(found.evidence).content
    ledger = read_ledger(desk)
    verdicts = {r.version: r.verdict for r in ledger.releases}
    assert verdicts == {"v1": ReleaseVerdict.GOOD, "v2": ReleaseVerdict.GOOD, "v3": ReleaseVerdict.BAD}


@pytest.mark.parametrize("probe", [FAILED, UNKNOWN])
def test_what_does_not_pass_judges_no_release(tmp_path: Path, probe: Verdict) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, probe], critical=True),))
    state = rolled_back(desk)
    assert verify(desk, state).verdict is probe
    release = read_ledger(desk).find("v3")
    assert release is not None and release.verdict is ReleaseVerdict.UNKNOWN


def test_smoke_tests_are_given_time_to_settle(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", [FAILED, FAILED, FAILED, PASSED], critical=True),))
    state = rolled_back(desk)
    told: list[str] = []
    found = run_verification(desk, state, watch=0.0, tell=told.append).verification
    assert found.verdict is PASSED
    assert told == ["waiting for checkout (at most 2 s)"]


def test_a_smoke_test_that_comes_and_goes_is_unknown(tmp_path: Path) -> None:
    flapping = FakeProbe("checkout", [FAILED, *[PASSED, FAILED] * 50], critical=True)
    desk = shop(tmp_path, probes=(flapping,))
    state = rolled_back(desk)
    found = verify(desk, state)
    assert (found.verdict, found.probes[0].verdict) == (UNKNOWN, UNKNOWN)
    summary = found.probes[0].summary
    assert re.match(r"flaps \(\d of \d passed\); the last time it (passed|failed): checkout", summary), (
        summary
    )
    release = read_ledger(desk).find("v3")
    assert release is not None and release.verdict is ReleaseVerdict.UNKNOWN


def test_smoke_tests_go_on_while_the_logs_are_watched(tmp_path: Path) -> None:
    """It passed when it had settled, and not any more while the log was waited for."""
    relapsing = FakeProbe("checkout", [FAILED, PASSED, PASSED, PASSED, FAILED, PASSED], critical=True)
    desk = shop(tmp_path, config=SETTINGS, probes=(relapsing,))
    desk.logs = (FakeLogSource("shop", b""),)
    state = rolled_back(desk)
    found = run_verification(desk, state, watch=8.0, tell=lambda _: None).verification
    assert relapsing.runs >= 6
    assert found.verdict is not PASSED
    assert found.probes[0].verdict is UNKNOWN
    assert "flaps (" in found.probes[0].summary


def test_how_often_a_smoke_test_has_to_pass_is_configured(tmp_path: Path) -> None:
    settings = replace(SETTINGS, verify=VerifyConfig(in_a_row=5), logs=())
    desk = shop(tmp_path, config=settings, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    state = rolled_back(desk)
    runs = desk.probes[0].runs
    assert verify(desk, state).verdict is PASSED
    assert desk.probes[0].runs == runs + 6  # the last one is what is kept


def test_the_wait_has_an_end(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", FAILED, critical=True),))
    state = rolled_back(desk)
    before = desk.clock.now()
    assert verify(desk, state).verdict is FAILED
    assert desk.clock.now() - before < timedelta(seconds=5)


def test_errors_after_the_change_fail_it(tmp_path: Path) -> None:
    desk = shop(tmp_path, config=SETTINGS, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    desk.logs = (FakeLogSource("shop", b""),)
    state = rolled_back(desk)
    desk.clock.moment += timedelta(seconds=30)
    content = log_line(desk, 0.1, "ERROR KeyError: mail") * 4 + log_line(desk, 0.1, "INFO order") * 300
    desk.logs = (FakeLogSource("shop", content),)
    found = verify(desk, state)
    assert (found.verdict, found.failure_gone, found.logs) == (FAILED, PASSED, FAILED)
    harmless = verify(desk, load(desk, None), ignoring=("KeyError",), reason="known since May")
    assert harmless.verdict is PASSED
    assert "ignored: KeyError (known since May)" in harmless.logs_summary
    action = load(desk, None).actions[-1]
    assert "KeyError" in action.title and action.owner == "ann"


@pytest.mark.parametrize(
    ("ignoring", "reason", "rule"),
    [
        (("KeyError",), " ", "evidence-or-a-name"),
        (("",), "why", "never-justified"),
        (("x", " "), "why", "never-justified"),
    ],
)
def test_an_error_is_ignored_by_name_and_for_a_reason(
    tmp_path: Path, ignoring: tuple[str, ...], reason: str, rule: str
) -> None:
    desk = shop(tmp_path)
    refused(rule, verify, desk, rolled_back(desk), ignoring=ignoring, reason=reason)
    assert load(desk, None).verification is None


def test_a_log_that_says_nothing_since_the_change_proves_nothing(tmp_path: Path) -> None:
    desk = shop(tmp_path, config=SETTINGS, probes=(FakeProbe("checkout", [FAILED, PASSED], critical=True),))
    desk.logs = (FakeLogSource("shop", log_line(desk, 60, "INFO order 1")),)
    state = rolled_back(desk)
    assert verify(desk, state).verdict is UNKNOWN


def test_what_had_failed_is_known_from_capture_and_assessment(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("api: checkout", FAILED), FakeProbe("front", PASSED)))
    state = declared(desk)
    assert failing_signs(state) == frozenset()
    captured = capture(desk, state).incident
    assert failing_signs(captured) == {"api: checkout"}, "whatever is in its name"
    assert failing_signs(run_assessment(desk, captured).incident) == {"api: checkout"}
    by_hand = e.ImpactConfirmed(kind=Impact.PROBE, summary="front: is slow for me")
    assert failing_signs(record(desk, captured, c.ConfirmImpact(impact=by_hand))) == {"api: checkout"}


def test_outside_an_incident_a_passing_release_is_judged_good(tmp_path: Path) -> None:
    desk = shop(tmp_path, probes=(FakeProbe("checkout", PASSED, critical=True),))
    _, verdict, version = verify_quietly(desk)
    assert (verdict, version) == (PASSED, "v3")
    release = read_ledger(desk).find("v3")
    assert release is not None and release.verdict is ReleaseVerdict.GOOD


@pytest.mark.parametrize(
    ("probes", "verdict"),
    [
        ((), UNKNOWN),
        ((FakeProbe("a", UNKNOWN),), UNKNOWN),
        ((FakeProbe("a", PASSED), FakeProbe("b", UNKNOWN)), UNKNOWN),
        ((FakeProbe("a", PASSED), FakeProbe("b", FAILED)), FAILED),
    ],
)
def test_outside_an_incident_unknown_is_not_good_either(
    tmp_path: Path, probes: tuple[FakeProbe, ...], verdict: Verdict
) -> None:
    desk = shop(tmp_path, probes=probes)
    _, found, version = verify_quietly(desk)
    assert (found, version) == (verdict, "")
    release = read_ledger(desk).find("v3")
    assert release is not None and release.verdict is ReleaseVerdict.UNKNOWN


# ---- what went out by hand


def test_a_hotfix_that_the_deployer_confirms_is_recorded(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk, Choice.HOTFIX)
    desk.deployer = FakeDeployer(on_disk("v4", "v3", "v2"), running="v4")
    done = record_hotfix(desk, state, "v4", purpose="hotfix", commit="d" * 40)
    (operation,) = done.operations
    assert (operation.purpose, operation.from_version, operation.version) == ("hotfix", "v3", "v4")
    assert operation.outcome is Outcome.SUCCEEDED and "recorded by ann" in operation.detail
    assert_commands_exist(operation.undo)
    release = read_ledger(desk).find("v4")
    assert release is not None and release.commit == "d" * 40


def test_what_the_deployer_denies_is_not_recorded(tmp_path: Path) -> None:
    desk = shop(tmp_path)
    state = decided(desk, Choice.HOTFIX)
    problem = refused("deployed-for-real", record_hotfix, desk, state, "v4", purpose="hotfix", commit="")
    assert "the deployer says v3 runs, not v4" in problem.message
    assert load(desk, None).operations == ()


@pytest.mark.parametrize(("purpose", "choice"), [("hotfix", Choice.ROLLBACK), ("rollback", Choice.HOTFIX)])
def test_by_hand_too_it_is_decided_first(tmp_path: Path, purpose: str, choice: Choice) -> None:
    desk = shop(tmp_path)
    state = decided(desk, choice)
    refused("decide-then-act", record_hotfix, desk, state, "v2", purpose=purpose, commit="")


def test_a_rollback_by_hand_has_its_plan_and_leaves_the_gate_open(tmp_path: Path) -> None:
    """It is done: refusing to record it would only hide it. The open item still asks for a signature."""
    desk = shop(tmp_path, repository=FakeRepository(str(tmp_path), SCHEMA_CHANGE))
    state = declared(desk)
    desk.append(state.id, (decision(),))
    desk.deployer = FakeDeployer(on_disk("v3", "v2"), running="v2")
    done = record_hotfix(desk, load(desk, None), "v2", purpose="rollback", commit="")
    assert done.plan is not None and done.plan.migrations is UNKNOWN
    assert done.operations[0].outcome is Outcome.SUCCEEDED
    assert "migrations-reversible" not in done.signed


def test_without_a_deployer_a_persons_word_is_recorded_as_such(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path, people=People(on_call=("ann",)))
    record_deployment(desk, "v3")
    state = declared(desk)
    desk.append(state.id, (decision(Choice.HOTFIX),))
    desk.clock.moment += timedelta(minutes=9)
    done = record_hotfix(desk, load(desk, None), "v4", purpose="hotfix", commit="")
    assert done.operations[0].from_version == "v3"
    ledger = read_ledger(desk)
    assert ledger.running is not None and ledger.running.version == "v4"
