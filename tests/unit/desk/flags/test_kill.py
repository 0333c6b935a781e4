"""Killing a flag: planned first, done once whatever dies, told to whoever comes second."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.flags.acts import settle_removed
from andon.desk.flags.kill import kill_flag, plan_kill
from andon.desk.flags.standing import standing_of
from andon.desk.flags.undo import plan_undo
from andon.desk.recording import record
from andon.errors import NotFound, Refused, Unavailable
from andon.flags.overrides import KILL, ROLLOUT, Override
from andon.incident.commands import Close
from andon.incident.events import FlagActEnded, FlagActPlanned
from andon.incident.words import Outcome
from tests.fakes.desk import FakeDesk
from tests.unit.desk.flags.flag_shop import KEY, QUARTER, Died, flagged, named, now, system_of, told
from tests.unit.desk.shop import declared


def test_everybody_gets_the_safe_variant_and_the_rollout_is_kept_below(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)

    done = kill_flag(desk, KEY, incident=state.id, reason="prices are wrong")

    system = system_of(desk)
    assert system.now(KEY)["defaultVariant"] == "off"
    assert "targeting" not in system.now(KEY)
    assert system.overrides[KEY, ROLLOUT] == QUARTER
    assert done.is_new and done.act.succeeded
    plan, end = told(desk)
    assert isinstance(plan, FlagActPlanned) and isinstance(end, FlagActEnded)
    assert plan.before == "on for 25 %"
    assert plan.undo == f"andon flags undo {plan.operation}"
    assert (plan.covers, plan.variant, plan.incident) == ("checkout", "off", state.id)
    assert (end.outcome, end.connected, end.confirmed) == (Outcome.SUCCEEDED, 3, 3)
    assert told(desk, state.id) == [plan, end]
    kill = system.overrides[KEY, KILL]
    assert (kill.by, kill.incident, kill.reason) == ("ann", state.id, "prices are wrong")


def test_the_follow_up_belongs_to_the_flags_owner(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)

    done = kill_flag(desk, KEY, incident=state.id)

    (action,) = now(desk, state).actions
    assert action.title == f"Turn {KEY} on again, or remove it"
    assert (action.owner, action.origin) == ("mina", f"kill:{done.act.id}")


def test_outside_an_incident_the_services_own_history_has_it(tmp_path: Path) -> None:
    desk = flagged(tmp_path)

    done = kill_flag(desk, KEY, by="andon rollout R1")

    assert done.act.planned.incident == ""
    assert named(told(desk)) == ["FlagActPlanned", "FlagActEnded"]
    assert system_of(desk).overrides[KEY, KILL].by == "andon rollout R1"


def test_the_plan_is_on_record_before_the_flag_system_is_touched(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    system_of(desk).countdown.left = 2

    with pytest.raises(Died):
        kill_flag(desk, KEY, incident=state.id)

    assert system_of(desk).acts == []
    assert named(told(desk)) == named(told(desk, state.id)) == ["FlagActPlanned"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(6))
def test_killed_at_any_moment_the_same_command_finishes_the_same_act(
    tmp_path: Path, step: int, after: bool
) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    countdown = system_of(desk).countdown
    countdown.left, countdown.after = step, after
    with pytest.raises(Died):
        kill_flag(desk, KEY, incident=state.id)

    done = kill_flag(desk.another("bob"), KEY, incident=state.id)

    assert [act for act in system_of(desk).acts if act[0] == "put"] == [("put", KEY, done.act.id)]
    assert done.act.succeeded
    for stream in ("", state.id):
        assert named(told(desk, stream)) == ["FlagActPlanned", "FlagActEnded"]
    assert len(now(desk, state).actions) == 1


def test_there_are_no_other_moments(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill_flag(desk, KEY, incident=declared(desk).id)

    assert system_of(desk).countdown.steps == 6  # plan twice, put, confirmations, end twice


def test_who_is_second_is_told_and_does_nothing(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    first = kill_flag(desk, KEY, incident=state.id)

    second = kill_flag(desk.another("bob"), KEY, incident=state.id)

    assert not second.is_new and second.act.id == first.act.id
    assert f"{KEY} is killed already: ann since" in second.remark
    assert len(system_of(desk).acts) == 1
    assert len(told(desk)) == 2


def test_a_kill_from_before_the_incident_is_entered_into_it(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    first = kill_flag(desk, KEY)
    state = declared(desk)

    kill_flag(desk.another("bob"), KEY, incident=state.id)

    assert [act.id for act in now(desk, state).flag_acts] == [first.act.id]
    assert len(now(desk, state).actions) == 1
    assert len(system_of(desk).acts) == 1


def test_a_kill_of_another_journal_is_entered_as_it_is(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    theirs = Override(flag=KEY, layer=KILL, variant="off", operation="K1-other", by="eve", at="2026-03-01")
    system_of(desk).overrides[KEY, KILL] = theirs

    done = kill_flag(desk, KEY)

    assert done.act.id == "K1-other"
    assert system_of(desk).overrides[KEY, KILL] == theirs
    assert system_of(desk).acts == []


def test_silent_processes_are_named_and_asked_again(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    system_of(desk).silent = ("web-2",)

    first = kill_flag(desk, KEY, incident=state.id)
    assert first.act.ended is not None and first.act.ended.silent == ("web-2",)
    system_of(desk).silent = ()
    second = kill_flag(desk, KEY, incident=state.id)

    assert second.act.ended is not None and second.act.ended.confirmed == 3
    assert named(told(desk, state.id)) == ["FlagActPlanned", "FlagActEnded", "FlagActEnded"]
    assert len(system_of(desk).acts) == 1
    assert len(now(desk, state).actions) == 1


def test_many_silent_ones_are_counted(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system_of(desk).silent = tuple(f"web-{n}" for n in range(50))
    system_of(desk).processes = 60

    ended = kill_flag(desk, KEY).act.ended

    assert ended is not None and len(ended.silent) == 21 and ended.silent[-1] == "and 30 more"


def test_without_a_safe_variant_somebody_names_one(tmp_path: Path) -> None:
    desk = flagged(tmp_path)

    with pytest.raises(Refused) as refused:
        kill_flag(desk, "banner")
    assert refused.value.rule == "safe-variant" and "red, blue, none" in refused.value.message
    with pytest.raises(Refused):
        kill_flag(desk, "banner", "green")
    assert told(desk) == []

    kill_flag(desk, "banner", "none")
    assert system_of(desk).now("banner")["defaultVariant"] == "none"


def test_another_variant_replaces_the_kill_that_stands(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill_flag(desk, "banner", "none")

    done = kill_flag(desk, "banner", "blue")

    assert done.is_new and done.act.planned.before == "killed: everybody gets none"
    assert system_of(desk).now("banner")["defaultVariant"] == "blue"


def test_an_unknown_flag_and_a_closed_incident_leave_no_trace(tmp_path: Path) -> None:
    desk = flagged(tmp_path)

    with pytest.raises(NotFound):
        kill_flag(desk, "no-such")
    assert told(desk) == []
    with pytest.raises(Unavailable):
        kill_flag(FakeDesk(tmp_path), KEY)


def test_a_system_that_does_not_answer_makes_an_act_that_failed_and_can_be_tried_again(
    tmp_path: Path,
) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    system_of(desk).is_reachable = False

    done = kill_flag(desk, KEY, incident=state.id)

    assert done.act.ended is not None and done.act.ended.outcome is Outcome.FAILED
    assert "does not answer" in done.act.ended.detail and "andon doctor" in done.act.ended.detail
    assert now(desk, state).actions == ()
    system_of(desk).is_reachable = True
    again = kill_flag(desk, KEY, incident=state.id)
    assert again.is_new and again.act.succeeded


def test_an_answer_that_got_lost_is_found_out(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system = system_of(desk)

    class Lossy(Unavailable):
        pass

    real = system.put

    def lossy(override: Override, /) -> str:
        real(override)
        raise Lossy("timed out")

    system.put = lossy  # type: ignore[method-assign]
    done = kill_flag(desk, KEY)

    assert done.act.succeeded and done.act.ended is not None and not done.act.ended.can_confirm
    system.put = real  # type: ignore[method-assign]
    again = kill_flag(desk, KEY)
    assert again.act.ended is not None and again.act.ended.confirmed == 3
    assert len(system.acts) == 1


def test_what_nobody_can_tell_is_unknown_and_the_same_act_goes_on(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system = system_of(desk)
    real = system.put

    def gone(override: Override, /) -> str:
        system.is_reachable = False
        raise Unavailable("timed out")

    system.put = gone  # type: ignore[method-assign]
    first = kill_flag(desk, KEY)
    assert first.act.ended is not None and first.act.ended.outcome is Outcome.UNKNOWN
    system.put, system.is_reachable = real, True  # type: ignore[method-assign]
    second = kill_flag(desk, KEY)

    assert second.act.id == first.act.id and second.act.succeeded


def test_what_is_not_taken_failed(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system_of(desk).breaks = Unavailable("503")

    failed = kill_flag(desk, KEY)
    assert failed.act.ended is not None and failed.act.ended.outcome is Outcome.FAILED
    assert kill_flag(desk, KEY).act.succeeded


def test_two_at_once_do_one_act(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    bob = desk.another("bob")
    planned = plan_kill(desk, KEY)

    done = kill_flag(bob, KEY)

    assert done.act.id == planned.act.id
    assert "ann began it" in done.remark


def test_a_kill_that_was_late_gives_way_to_the_newer_one(tmp_path: Path) -> None:
    from andon.desk.flags.kill import carry_out

    desk = flagged(tmp_path)
    late = plan_kill(desk, "banner", "none")
    newer = kill_flag(desk.another("bob"), "banner", "blue")

    carry_out(desk, late)

    assert system_of(desk).now("banner")["defaultVariant"] == "blue"
    ends = [e for e in told(desk) if isinstance(e, FlagActEnded) and e.operation == late.act.id]
    assert [e.outcome for e in ends] == [Outcome.FAILED]
    assert ends[0].detail == f"overtaken by {newer.act.id}"


def test_a_flag_that_is_removed_settles_the_follow_up_of_its_kill(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    kill_flag(desk, KEY, incident=state.id)

    assert settle_removed(desk, KEY, "removed in 1234567") == (f"{state.id} A1",)
    assert settle_removed(desk, KEY, "removed in 1234567") == ()

    (action,) = now(desk, state).actions
    assert (action.state, action.proof) == ("done", "removed in 1234567")


def test_a_closed_incident_takes_no_kill(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    record(desk, state, Close(false_alarm="nobody called"))

    with pytest.raises(Refused) as refused:
        kill_flag(desk, KEY, incident=state.id)
    assert refused.value.rule == "closed-is-final" and told(desk) == []


def test_an_incident_in_which_a_flag_was_killed_was_no_false_alarm(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    kill_flag(desk, KEY, incident=state.id)

    with pytest.raises(Refused):
        record(desk, now(desk, state), Close(false_alarm="nobody called"))


def test_a_hostile_key_is_quoted_in_every_command_that_is_shown(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    key = "x; touch owned #"
    system_of(desk).definitions[key] = {"variants": {"a": 1, "b": 2}, "defaultVariant": "a"}

    with pytest.raises(Refused) as refused:
        kill_flag(desk, key)
    assert f"andon flags kill '{key}' --variant" in refused.value.remedy
    kill_flag(desk, key, "b")
    assert desk.history("service:shop")[-2].event.flag == key  # type: ignore[union-attr]


def test_a_mistyped_key_names_the_nearest(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    for act in (plan_kill, standing_of):
        with pytest.raises(NotFound) as refused:
            act(desk, "New-Pricng")
        assert f"did you mean {KEY}?" in str(refused.value)
    with pytest.raises(NotFound) as refused:
        plan_kill(desk, "zzz")
    assert "did you mean" not in str(refused.value)
    assert told(desk) == []


def test_who_names_the_flag_to_undo_is_given_the_operation(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    act = kill_flag(desk, KEY).act
    with pytest.raises(NotFound) as refused:
        plan_undo(desk, KEY, reason="calm")
    assert refused.value.remedy == f'andon flags undo {act.id} --reason "why"'


def test_without_its_server_somebody_is_told_what_programs_do_meanwhile(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    system_of(desk).is_reachable = False
    ended = kill_flag(desk, KEY, "off").act.ended
    assert ended is not None and ended.outcome is Outcome.UNKNOWN
    assert "programs keep what they have" in ended.detail or "by hand: in" in ended.detail
