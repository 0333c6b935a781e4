"""Turning a killed flag on again: what is asked for, what can be left out, and when it is on."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.config.model import Config
from andon.config.model_production import FlagSystemConfig
from andon.desk.deployments import record_deployment
from andon.desk.flags.enable import EnableWishes, enable, finish_enabling, prepare
from andon.desk.flags.kill import kill_flag
from andon.desk.flags.undo import undo
from andon.errors import Conflict, InvalidInput, Refused
from andon.flags.overrides import KILL, ROLLOUT, Override
from andon.incident.flag_checks import feature_restored, proper_fix
from andon.incident.state import Incident
from andon.incident.words import Outcome, Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeDeployer, FakeProbe, FakeRepository
from tests.unit.desk.flags.flag_shop import KEY, Died, flagged, named, now, system_of, told
from tests.unit.desk.shop import COMMITS, declared, on_disk

FIX = "d" * 40
FIXED = (*COMMITS, (FIX, "mend the price", ("shop/price.py",), ("v4",)))
WELL = (FakeProbe("checkout", Verdict.PASSED, critical=True),)
ALL = ("fix", "tests", "rollout")


def report(desk: FakeDesk, commit: str = FIX, variants: tuple[str, ...] = ("on", "off"), **more: Any) -> None:
    """Leave the report of tests that ran with the flag in these states."""
    states = [
        {"flag": KEY, "variant": v, "value": v == "on", "tests": ["test_price"], "count": 1} for v in variants
    ]
    text = json.dumps({"format": 1, "commit": commit, "clean": True, "states": states, **more})
    (Path(desk.config.root) / desk.config.flag_system.report).write_text(text)


@pytest.fixture
def killed(tmp_path: Path) -> tuple[FakeDesk, Incident]:
    """A flag that was killed while v3 ran, in an incident."""
    desk = flagged(
        tmp_path,
        probes=WELL,
        repository=FakeRepository(str(tmp_path), FIXED),
        config=Config(service="shop", flag_system=FlagSystemConfig(file="flags.json")),
    )
    state = declared(desk)
    kill_flag(desk, KEY, incident=state.id)
    desk.clock.moment += timedelta(hours=5)
    return desk, state


def mended(desk: FakeDesk) -> None:
    """Deploy the fix and leave the report of its tests."""
    desk.deployer = FakeDeployer(on_disk("v4", "v3", "v2", "v1"), running="v4")
    record_deployment(desk, "v4", source="symlink")
    report(desk)


def resolved(desk: FakeDesk, state: Incident) -> None:
    """Downgrade the incident: while a P1 is in response nothing is rolled out."""
    from andon.desk.recording import record
    from andon.incident.commands import ChangeSeverity
    from andon.incident.words import Severity

    record(desk, now(desk, state), ChangeSeverity(severity=Severity.P3, reason="it is off"))


def test_mended_and_tested_it_comes_back_by_a_rollout(killed: tuple[FakeDesk, Incident]) -> None:
    desk, state = killed
    mended(desk)
    resolved(desk, state)

    done = enable(desk, KEY, EnableWishes(fix="v4"))

    assert done.rollout is not None and done.rollout.planned.after_kill == done.act.planned.undoes
    assert done.rollout.planned.stages == (5.0, 25.0, 100.0)
    assert done.act.planned.fix == f"v4 ({FIX[:10]})" and done.tested_at == FIX
    assert not done.act.is_over and (KEY, KILL) in system_of(desk).overrides
    assert finish_enabling(desk, KEY) is None

    system = system_of(desk)  # what the worker of the rollout does with its first stage
    system.put(Override(flag=KEY, layer=ROLLOUT, variant="on", percent=5.0, operation=f"{done.rollout.id}/5"))
    system.take(KEY, KILL, f"{done.rollout.id}/5")
    act = finish_enabling(desk, KEY)

    assert act is not None and act.succeeded
    after = now(desk, state)
    assert feature_restored(after)[0] is Verdict.PASSED and proper_fix(after)[0] is Verdict.PASSED
    assert [a.state for a in after.actions] == ["done"]


def test_a_rollout_that_ended_before_its_first_stage_leaves_it_killed(
    killed: tuple[FakeDesk, Incident],
) -> None:
    from andon.desk.flags.rollout import stop_rollout

    desk, state = killed
    mended(desk)
    resolved(desk, state)
    done = enable(desk, KEY, EnableWishes(fix="v4"))
    assert done.rollout is not None
    stop_rollout(desk, done.rollout, "no")

    act = finish_enabling(desk, KEY)

    assert act is not None and act.ended is not None and act.ended.outcome is Outcome.FAILED
    assert (KEY, KILL) in system_of(desk).overrides


def refusal(desk: FakeDesk, wishes: EnableWishes) -> Refused:
    with pytest.raises(Refused) as refused:
        enable(desk, KEY, wishes)
    assert refused.value.remedy
    assert [e.purpose for e in told(desk) if hasattr(e, "purpose")] == ["kill"]
    return refused.value


def test_without_a_fix_it_stays_off(killed: tuple[FakeDesk, Incident]) -> None:
    desk, _ = killed
    report(desk, "c" * 40)

    assert refusal(desk, EnableWishes()).rule == "fixed-first"
    assert "git knows no commit" in refusal(desk, EnableWishes(fix="no-such")).message
    assert "is not in v3" in refusal(desk, EnableWishes(fix=FIX)).message
    assert "was in v3 already" in refusal(desk, EnableWishes(fix="v2")).message


def test_without_the_tests_of_both_states_it_stays_off(killed: tuple[FakeDesk, Incident]) -> None:
    desk, _ = killed
    mended(desk)
    path = Path(desk.config.root) / desk.config.flag_system.report
    wishes = EnableWishes(fix="v4")

    report(desk, variants=("on",))
    assert "no test ran with new-pricing = off" in refusal(desk, wishes).message
    report(desk, "a" * 40)
    assert "ran elsewhere" in refusal(desk, wishes).message
    report(desk, clean=False)
    assert "had changes beside it" in refusal(desk, wishes).message
    path.unlink()
    assert refusal(desk, wishes).rule == "both-states-tested"


def test_what_is_left_out_wants_a_reason_and_becomes_a_follow_up(killed: tuple[FakeDesk, Incident]) -> None:
    desk, state = killed

    assert refusal(desk, EnableWishes(without=("tests",))).rule == "evidence-or-a-name"
    with pytest.raises(InvalidInput):
        enable(desk, KEY, EnableWishes(without=("sleep",), reason="tired"))
    done = enable(desk, KEY, EnableWishes(without=ALL, reason="the provider mended it"))

    assert done.rollout is None and done.act.succeeded and done.act.planned.skipped == ALL
    assert (KEY, KILL) not in system_of(desk).overrides
    after = now(desk, state)
    assert [(a.state, a.origin.partition(" ")[0]) for a in after.actions] == [
        ("done", f"kill:{done.act.planned.undoes}"),
        ("open", "shortcut:enable"),
    ]
    assert after.actions[1].title.endswith("fix, tests, rollout")
    assert feature_restored(after)[0] is Verdict.UNKNOWN


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(6))
def test_killed_at_any_moment_the_same_command_finishes_it(
    killed: tuple[FakeDesk, Incident], step: int, after: bool
) -> None:
    desk, _ = killed
    wishes = EnableWishes(without=ALL, reason="the provider mended it")
    countdown = system_of(desk).countdown
    countdown.left, countdown.after = step, after
    with pytest.raises(Died):
        enable(desk, KEY, wishes)

    try:
        enable(desk.another("bob"), KEY, wishes)
    except Refused as refused:  # it had ended
        assert refused.rule == "enable"

    assert [verb for verb, _, _ in system_of(desk).acts] == ["put", "take"]
    assert named(told(desk)) == ["FlagActPlanned", "FlagActEnded"] * 2


def test_a_finished_action_item_of_the_incident_is_a_fix(killed: tuple[FakeDesk, Incident]) -> None:
    from andon.desk.actions import add, finish

    desk, state = killed
    mended(desk)
    resolved(desk, state)
    after, action = add(desk, now(desk, state), title="Renew the contract")
    finish(desk, after, action, "signed on Monday")

    done = enable(desk, KEY, EnableWishes(fix=action))

    assert done.act.planned.fix == f"{state.id} {action}: signed on Monday"


def test_a_flag_that_is_not_killed_is_rolled_out_instead(tmp_path: Path) -> None:
    desk = flagged(tmp_path)

    with pytest.raises(Refused) as refused:
        enable(desk, KEY, EnableWishes(without=ALL, reason="now"))
    assert refused.value.remedy.startswith(f"andon flags rollout {KEY}")


def test_a_kill_while_it_comes_back_wins(killed: tuple[FakeDesk, Incident]) -> None:
    desk, state = killed
    mended(desk)
    resolved(desk, state)
    enable(desk, KEY, EnableWishes(fix="v4"))
    system_of(desk).take(KEY, KILL, "the worker")

    again = kill_flag(desk.another("bob"), KEY)

    assert again.is_new and again.act.succeeded and (KEY, KILL) in system_of(desk).overrides
    purposes = {a.planned.purpose: a.ended.outcome for a in _acts(desk) if a.ended is not None}
    assert purposes["enable"] is Outcome.SUCCEEDED


def _acts(desk: FakeDesk) -> Any:
    from andon.desk.flags.acts import read_acts

    return read_acts(desk).all


def test_a_kill_before_the_first_stage_stops_the_rollout(killed: tuple[FakeDesk, Incident]) -> None:
    from andon.desk.flags.rollouts import rollout_of
    from andon.desk.flags.targets import target_of

    desk, state = killed
    mended(desk)
    resolved(desk, state)
    done = enable(desk, KEY, EnableWishes(fix="v4"))
    assert done.rollout is not None and target_of(desk, done.rollout).obstacle() == ""

    again = kill_flag(desk.another("bob"), KEY, incident=state.id)

    assert again.is_new and again.act.id != done.act.planned.undoes
    assert "was killed by bob" in target_of(desk, rollout_of(desk, done.rollout.id)).obstacle()
    outcomes = {a.planned.purpose: a.ended.outcome for a in _acts(desk) if a.ended is not None}
    assert outcomes["enable"] is Outcome.FAILED
    assert len(now(desk, state).actions) == 1
    back = undo(desk, again.act.id, reason="calm")
    assert back.succeeded and (KEY, KILL) not in system_of(desk).overrides
    assert [a.state for a in now(desk, state).actions] == ["done"]


def test_what_is_missing_is_told_before_anything_is_begun(killed: tuple[FakeDesk, Incident]) -> None:
    desk, _ = killed
    before = len(told(desk))
    with pytest.raises(Refused) as refused:
        prepare(desk, KEY, EnableWishes())
    assert refused.value.rule == "fixed-first" and len(told(desk)) == before


def test_what_was_found_before_somebody_was_asked_counts(killed: tuple[FakeDesk, Incident]) -> None:
    desk, state = killed
    mended(desk)
    resolved(desk, state)
    ready = prepare(desk, KEY, EnableWishes(fix="v4"))
    assert ready is not None
    done = enable(desk, KEY, EnableWishes(fix="v4"), ready=ready)
    assert done.rollout is not None and done.rollout.planned == ready.spread
    assert prepare(desk, KEY, EnableWishes(fix="v4")) is None, "somebody began"


def test_a_kill_while_somebody_is_asked_is_not_taken_away(killed: tuple[FakeDesk, Incident]) -> None:
    desk, _ = killed
    wishes = EnableWishes(without=ALL, reason="calm")
    ready = prepare(desk, KEY, wishes)
    undo(desk, kill_of(desk), reason="wrong flag")
    kill_flag(desk.another("bob"), KEY, reason="it was this one")
    with pytest.raises(Conflict):
        enable(desk, KEY, wishes, ready=ready)
    assert (KEY, KILL) in system_of(desk).overrides


def kill_of(desk: FakeDesk) -> str:
    return system_of(desk).overrides[KEY, KILL].operation


def test_a_flag_that_its_definition_gives_everybody_has_no_stages(killed: tuple[FakeDesk, Incident]) -> None:
    desk, state = killed
    mended(desk)
    resolved(desk, state)
    system_of(desk).definitions[KEY] = {**system_of(desk).definitions[KEY], "defaultVariant": "on"}
    refused = refusal(desk, EnableWishes(fix="v4"))
    assert refused.rule == "default-on" and refused.where == "flags.json"
    assert "defaultVariant off" in refused.remedy and "--at-once" in refused.remedy


def test_a_flag_that_is_on_by_its_definition_is_not_rolled_out_either(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system = system_of(desk)
    system.overrides.clear()
    system.definitions[KEY] = {**system.definitions[KEY], "defaultVariant": "on"}
    with pytest.raises(Refused) as refused:
        enable(desk, KEY, EnableWishes())
    assert "everybody has it by its definition" in str(refused.value)
    assert refused.value.remedy == f"andon flags status {KEY}"


def test_a_second_kill_while_the_first_stage_takes_the_first_away_is_not_lost(
    killed: tuple[FakeDesk, Incident],
) -> None:
    from andon.desk.flags.rollouts import rollout_of
    from tests.unit.desk.flags.rolled import work

    desk, state = killed
    mended(desk)
    resolved(desk, state)
    done = enable(desk, KEY, EnableWishes(fix="v4"))
    assert done.rollout is not None
    system = system_of(desk)
    real = system.take

    def stalled(key: str, layer: str, operation: str, only: str = "", /) -> str:
        kill_flag(desk.another("bob"), KEY, reason="it broke again")  # asked, judged, and slow to write
        return real(key, layer, operation, only)

    system.take = stalled  # type: ignore[method-assign]
    work(desk, done.rollout)

    assert system.overrides[KEY, KILL].by == "bob" and not any(verb == "take" for verb, _, _ in system.acts)
    ended = rollout_of(desk, done.rollout.id).ended
    assert ended is not None and ended.how == "stopped"
    assert system.now(KEY)["defaultVariant"] == "off"
