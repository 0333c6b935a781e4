"""A rollout whose worker dies at every moment in turn: each stage is put once, each end happens once."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from andon.desk.casefile import open_incidents
from andon.desk.flags.rollout import resume_rollout, stop_rollout, take_back_rollout
from andon.errors import Refused, Unavailable
from andon.flags.overrides import KILL, ROLLOUT, Override
from andon.incident.production_checks import response_applied
from andon.incident.rollout_state import Rollout
from andon.incident.words import Authority, Choice, Impact, Outcome, Severity, Verdict
from andon.workflows.flag_rollouts import task_of
from andon.workflows.upcoming import upcoming
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import Killed, Remembered
from tests.fakes.production import FakeProbe
from tests.unit.desk.flags.rolled import KEY, begun, lives, now, rolling, story, work

#: What a rollout of two stages that goes well leaves in the service's stream, in order.
STORY = [
    "RolloutPlanned",
    *(2 * ["FlagActPlanned", "FlagActEnded", "RolloutStageJudged"]),
    "RolloutEnded",
]
#: Moments of a life in which two short stages are carried out; each step has one before and one after.
MOMENTS = range(1, 25)


def quick(desk: FakeDesk) -> Rollout:
    """A rollout of two stages with few looks at each."""
    return begun(desk, 5.0, 100.0, every=10.0, watch=3.0)


def acts(desk: FakeDesk) -> list[tuple[str, str, str]]:
    assert desk.flag_system is not None
    return desk.flag_system.acts


def assert_completed_once(desk: FakeDesk, rollout: Rollout) -> None:
    ended = now(desk, rollout).ended
    assert ended is not None and (ended.how, ended.percent) == ("completed", 100.0)
    assert acts(desk) == [("put", KEY, f"{rollout.id}/5"), ("put", KEY, f"{rollout.id}/100")]
    assert story(desk) == STORY
    assert open_incidents(desk) == ()
    assert upcoming(desk, with_messages=False) == ()


def test_a_rollout_without_a_death_takes_its_time(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout, before = begun(desk), desk.clock.now()
    work(desk, rollout)
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "completed"
    assert [act[2] for act in acts(desk)] == [f"{rollout.id}/{p}" for p in ("5", "25", "100")]
    took = desk.clock.now() - before
    assert timedelta(minutes=30) <= took < timedelta(minutes=31), "each stage stays, the last one as well"
    assert desk.flag_system is not None and desk.flag_system.now(KEY)["defaultVariant"] == "on"


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_death_at_every_moment(tmp_path: Path, moment: int) -> None:
    desk = rolling(tmp_path)
    rollout = quick(desk)
    lives(desk, rollout, moment)
    assert_completed_once(desk, rollout)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_death_at_every_moment_with_the_engine_lost(tmp_path: Path, moment: int) -> None:
    """The engine's database is gone too: the journal alone says how far it got."""
    desk = rolling(tmp_path)
    rollout = quick(desk)
    with suppress(Killed):
        work(desk, rollout, die_at=moment)
    work(desk, rollout)
    assert_completed_once(desk, rollout)


def test_a_death_in_the_middle_of_a_step(tmp_path: Path) -> None:
    """The flag system took it, and nobody recorded it."""
    desk = rolling(tmp_path)
    rollout = quick(desk)
    system = desk.flag_system
    assert system is not None
    waits = system.confirmations

    def dies(*given: object) -> None:
        system.confirmations = waits  # type: ignore[method-assign]
        raise Killed

    system.confirmations = dies  # type: ignore[method-assign,assignment]
    with pytest.raises(Killed):
        work(desk, rollout)
    work(desk, rollout)
    assert_completed_once(desk, rollout)


def test_two_workers_at_once_are_one(tmp_path: Path) -> None:
    """A worker that was wrongly held for dead does its steps beside the one that took over."""
    desk = rolling(tmp_path)
    rollout = quick(desk)
    second: list[bool] = []

    def sleep(seconds: float) -> None:
        desk.clock.sleep(seconds)
        if not second:
            second.append(True)
            work(desk, rollout)

    work(desk, rollout, sleep=sleep)
    assert_completed_once(desk, rollout)


def failed(desk: FakeDesk, rollout: Rollout) -> None:
    """It was killed once, and one incident says so."""
    ended = now(desk, rollout).ended
    assert ended is not None and (ended.how, ended.percent) == ("killed", 100.0)
    assert Counter(verb for verb, _, _ in acts(desk)) == {"put": 3}, "two stages and one kill"
    assert desk.flag_system is not None
    kill = desk.flag_system.overrides[KEY, KILL]
    assert (kill.variant, kill.by) == ("off", f"andon rollout {rollout.id}")
    assert desk.flag_system.now(KEY)["defaultVariant"] == "off"
    (incident,) = open_incidents(desk)
    assert ended.incident == incident.id and incident.severity is Severity.P1
    assert [(i.kind, i.sign) for i in incident.impacts] == [(Impact.PROBE, "checkout")]
    assert [act.id for act in incident.flag_acts] == [kill.operation]
    assert incident.flag_acts[0].succeeded
    assert len(incident.notifications) == 1, "stakeholders are told as of any other incident"
    decision = incident.decision
    assert decision is not None and (decision.choice, decision.rule) == (Choice.KILL_SWITCH, "stage-failed")
    assert (decision.decided_by, decision.authority) == (rollout.actor, Authority.SOLO)
    assert response_applied(incident).verdict is Verdict.PASSED
    counted = Counter(story(desk))
    assert (counted["RolloutEnded"], counted["RolloutStageJudged"], counted["FlagActPlanned"]) == (1, 2, 3)
    assert upcoming(desk, with_messages=False) == ()


@pytest.mark.parametrize("moment", range(1, 27))
def test_a_failing_stage_is_killed_and_declared_once(tmp_path: Path, moment: int) -> None:
    desk = rolling(tmp_path, breaks_at=100)
    rollout = quick(desk)
    lives(desk, rollout, moment)
    failed(desk, rollout)


@pytest.mark.parametrize("moment", range(1, 27))
def test_a_failing_stage_with_the_engine_lost(tmp_path: Path, moment: int) -> None:
    desk = rolling(tmp_path, breaks_at=100)
    rollout = quick(desk)
    with suppress(Killed):
        work(desk, rollout, die_at=moment)
    work(desk, rollout)
    failed(desk, rollout)


def test_the_kill_comes_before_the_declaration(tmp_path: Path) -> None:
    desk = rolling(tmp_path, breaks_at=5)
    rollout = quick(desk)
    work(desk, rollout)
    (incident,) = open_incidents(desk)
    assert desk.flag_system is not None
    kill = desk.flag_system.overrides[KEY, KILL]
    assert kill.at <= f"{incident.declared.at:%Y-%m-%dT%H:%M:%S}Z"
    assert incident.title == "new-pricing turned off at 5 % of its rollout"
    assert "checkout fails and passed before" in incident.description
    assert incident.began_at == now(desk, rollout).stages[0].begun_at


def test_what_is_not_critical_is_milder(tmp_path: Path) -> None:
    desk = rolling(tmp_path, breaks_at=5, critical=False)
    work(desk, quick(desk))
    assert [i.severity for i in open_incidents(desk)] == [Severity.P2]


def test_a_flag_system_that_refuses_the_kill_gets_the_rollout_back(tmp_path: Path) -> None:
    desk = rolling(tmp_path, breaks_at=5)
    system = desk.flag_system
    assert system is not None
    put = system.put

    def refuses(override: Override, /) -> str:
        if override.layer == KILL:
            raise Refused("this token may not kill", rule="token", remedy="another token")
        return put(override)

    system.put = refuses  # type: ignore[method-assign]
    rollout = quick(desk)
    work(desk, rollout)
    assert (KEY, ROLLOUT) not in system.overrides, "exactly what was before"
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "killed" and "taken back" in ended.reason
    (incident,) = open_incidents(desk)
    assert incident.severity is Severity.P1


def test_a_declaration_that_fails_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag is off, the incident could not be recorded: whoever takes it up again records it."""
    from andon.desk.flags import failing

    desk = rolling(tmp_path, breaks_at=5)
    rollout = quick(desk)
    declare = failing.declare

    def full(*_args: object, **_kinds: object) -> None:
        raise Refused("no room", rule="journal", remedy="make room")

    monkeypatch.setattr(failing, "declare", full)
    work(desk, rollout)
    assert open_incidents(desk) == () and (KEY, KILL) in desk.flag_system.overrides  # type: ignore[union-attr]
    assert [u.task for u in upcoming(desk, with_messages=False)] == [task_of(rollout)], "it is not over"
    monkeypatch.setattr(failing, "declare", declare)
    work(desk, rollout)
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "killed" and len(open_incidents(desk)) == 1


def test_what_cannot_be_turned_off_is_declared_and_tried_again(tmp_path: Path) -> None:
    desk = rolling(tmp_path, breaks_at=5)
    system = desk.flag_system
    assert system is not None
    rollout = quick(desk)
    naps: list[float] = []
    memory: dict[str, Remembered] = {}

    def sleep(seconds: float) -> None:
        desk.clock.sleep(seconds)
        naps.append(seconds)
        if now(desk, rollout).stages and now(desk, rollout).stages[-1].judged is not None:
            system.is_reachable = len([n for n in naps if n == 30.0]) > 1

    usage = system.usage

    def gone() -> object:
        system.is_reachable = False  # after the probes were asked, before anything is turned off
        return ()

    system.usage = gone  # type: ignore[method-assign,assignment]
    work(desk, rollout, memory=memory, sleep=sleep)
    system.usage = usage  # type: ignore[method-assign]
    (incident,) = open_incidents(desk)
    assert incident.severity is Severity.P1
    assert incident.title == "new-pricing STILL ON at 5 % of its rollout"
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "killed", "it was turned off in the end"
    assert [act.succeeded for act in incident.flag_acts] == [True], "and the incident knows"
    assert incident.decision is not None and incident.decision.rule == "stage-failed"
    assert (KEY, KILL) in system.overrides


# ---- what holds it


def test_nothing_known_holds_it_after_patience(tmp_path: Path) -> None:
    desk = rolling(tmp_path, probes=(FakeProbe("checkout", [Verdict.PASSED, Verdict.UNKNOWN]),))
    rollout, before = begun(desk, 5.0, 100.0, every=60.0, patience=300.0), desk.clock.now()
    work(desk, rollout)
    known = now(desk, rollout)
    assert known.is_held and known.percent == 5.0
    assert timedelta(seconds=360) <= desk.clock.now() - before < timedelta(seconds=420)
    assert upcoming(desk, with_messages=False) == (), "nobody works on it"
    assert "checkout is unknown" in known.stages[0].judged.summary  # type: ignore[union-attr]
    known = resume_rollout(desk, known, "I looked at the dashboards")
    (task,) = upcoming(desk, with_messages=False)
    assert task.task == task_of(known) != task_of(rollout)
    work(desk, known)
    assert now(desk, rollout).percent == 100.0, "the next stage, with the signature for the one before"
    assert now(desk, rollout).is_held, "which is not known either"


def test_a_p1_that_comes_up_holds_the_next_stage(tmp_path: Path) -> None:
    from andon.desk.declare import declare

    desk = rolling(tmp_path)
    rollout = quick(desk)
    done: list[str] = []

    def sleep(seconds: float) -> None:
        desk.clock.sleep(seconds)
        if not done:
            declared = declare(desk.another("ben"), title="search is slow", severity=Severity.P1)
            done.append(declared.incident.id)

    work(desk, rollout, sleep=sleep)
    known = now(desk, rollout)
    assert known.is_held and known.percent == 5.0
    assert done[0] in known.stages[0].judged.summary  # type: ignore[union-attr]
    work(desk, resume_rollout(desk, known, "it has nothing to do with prices"))
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "completed"


def test_an_unreachable_flag_system_holds_it(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = quick(desk)
    system = desk.flag_system
    assert system is not None
    put = system.put

    def sometimes(override: Override, /) -> str:
        if override.percent == 100:
            raise Unavailable("it does not answer", where="memory", remedy="andon doctor")
        return put(override)

    system.put = sometimes  # type: ignore[method-assign]
    work(desk, rollout)
    known = now(desk, rollout)
    assert known.is_held and known.stages[-1].in_force_at is None
    system.put = put  # type: ignore[method-assign]
    work(desk, resume_rollout(desk, known, "it is back"))
    judged = [s.judged for s in now(desk, rollout).stages]
    assert all(j is not None and j.verdict is Verdict.PASSED for j in judged), "watched all the same"


def test_a_flag_system_that_refuses_the_first_stage_ends_it(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = quick(desk)
    assert desk.flag_system is not None
    desk.flag_system.breaks = Refused("it spreads by its own strategies", rule="layer", remedy="its page")
    work(desk, rollout)
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "stopped" and "its own strategies" in ended.reason
    act = now(desk, rollout).stages[0].act
    assert act is not None and act.outcome is Outcome.FAILED, "what was planned has an end"
    assert upcoming(desk, with_messages=False) == ()


def test_a_stage_that_breaks_while_the_flag_system_is_away(tmp_path: Path) -> None:
    """The smoke tests count all the same; it is killed as soon as it can be."""
    desk = rolling(tmp_path, breaks_at=5)
    rollout = begun(desk, 5.0, 100.0, every=60.0)
    system, naps = desk.flag_system, list[float]()
    assert system is not None
    usage = system.usage

    def away() -> tuple[object, ...]:
        system.is_reachable = False
        return ()

    def sleep(seconds: float) -> None:
        desk.clock.sleep(seconds)
        naps.append(seconds)
        system.is_reachable = len(naps) > 3

    system.usage = away  # type: ignore[method-assign,assignment]
    work(desk, rollout, sleep=sleep)
    system.usage = usage  # type: ignore[method-assign]
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "killed"
    assert (KEY, KILL) in system.overrides and len(open_incidents(desk)) == 1


# ---- what somebody else does meanwhile


def meanwhile(desk: FakeDesk, rollout: Rollout, act: object) -> None:
    """Carry it out while somebody does something during the first sleep."""
    done: list[bool] = []

    def sleep(seconds: float) -> None:
        desk.clock.sleep(seconds)
        if not done:
            done.append(True)
            act()  # type: ignore[operator]

    work(desk, rollout, sleep=sleep)


def test_somebody_kills_the_flag(tmp_path: Path) -> None:
    from andon.desk.flags.kill import kill_flag

    desk = rolling(tmp_path)
    rollout = quick(desk)
    meanwhile(desk, rollout, lambda: kill_flag(desk.another("ben"), KEY, reason="prices are wrong"))
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "stopped" and "was killed by ben" in ended.reason
    assert open_incidents(desk) == ()


def test_somebody_stops_it(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = quick(desk)
    meanwhile(desk, rollout, lambda: stop_rollout(desk.another("ben"), now(desk, rollout), "enough"))
    ended = now(desk, rollout).ended
    assert ended is not None and (ended.how, ended.percent) == ("stopped", 5.0)
    assert [act[0] for act in acts(desk)] == ["put"]
    assert desk.flag_system is not None and desk.flag_system.overrides[KEY, ROLLOUT].percent == 5.0


def test_somebody_takes_it_back(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = quick(desk)
    before = dict(desk.flag_system.now(KEY))  # type: ignore[union-attr]
    meanwhile(desk, rollout, lambda: take_back_rollout(desk.another("ben"), now(desk, rollout), "not yet"))
    assert desk.flag_system is not None and desk.flag_system.now(KEY) == before
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "taken back"
    take_back_rollout(desk, now(desk, rollout))
    assert len(acts(desk)) == 2, "twice is once"


def test_a_way_back_that_is_not_taken_is_tried_again(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = quick(desk)
    meanwhile(desk, rollout, lambda: stop_rollout(desk.another("ben"), now(desk, rollout)))
    assert desk.flag_system is not None
    desk.flag_system.breaks = Refused("somebody edited the file", rule="edited", remedy="look")
    with pytest.raises(Refused):
        take_back_rollout(desk.another("ben"), now(desk, rollout))
    assert now(desk, rollout).back_at is None
    take_back_rollout(desk.another("ben"), now(desk, rollout))
    assert now(desk, rollout).back_at is not None and (KEY, ROLLOUT) not in desk.flag_system.overrides


def test_somebody_takes_it_back_while_a_stage_is_being_put(tmp_path: Path) -> None:
    """The worker comes to its turn after the layer was taken away: it takes its own back."""
    desk = rolling(tmp_path)
    rollout = quick(desk)
    system = desk.flag_system
    assert system is not None
    put = system.put

    def late(override: Override, /) -> str:
        take_back_rollout(desk.another("ben"), now(desk, rollout))
        system.put = put  # type: ignore[method-assign]
        return put(override)

    system.put = late  # type: ignore[method-assign]
    work(desk, rollout)
    assert (KEY, ROLLOUT) not in system.overrides


def test_somebody_takes_it_back_and_the_worker_dies_after_it_put(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = quick(desk)
    system = desk.flag_system
    assert system is not None
    put, memory = system.put, dict[str, Remembered]()

    def late(override: Override, /) -> str:
        take_back_rollout(desk.another("ben"), now(desk, rollout))
        system.put = put  # type: ignore[method-assign]
        put(override)
        raise Killed

    system.put = late  # type: ignore[method-assign]
    with pytest.raises(Killed):
        work(desk, rollout, memory=memory)
    assert (KEY, ROLLOUT) in system.overrides
    work(desk, rollout, memory=memory)
    assert (KEY, ROLLOUT) not in system.overrides, "whoever takes the workflow up again sees to it"
