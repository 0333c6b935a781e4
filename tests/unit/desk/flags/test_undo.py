"""Taking a kill back: exactly, once, for a reason, and not beneath a newer act."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.flags.acts import read_acts
from andon.desk.flags.enable import EnableWishes, enable
from andon.desk.flags.kill import carry_out, kill_flag, plan_kill
from andon.desk.flags.ready import PARTS
from andon.desk.flags.undo import plan_undo, take_away, undo
from andon.errors import NotFound, Refused, Unavailable
from andon.flags.overrides import KILL, ROLLOUT, Override
from andon.incident.flag_checks import feature_restored
from andon.incident.words import Outcome, Verdict
from tests.unit.desk.flags.flag_shop import KEY, PRICING, QUARTER, Died, flagged, named, now, system_of, told
from tests.unit.desk.shop import declared


def test_the_exact_rollout_from_before_counts_again(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    before = system_of(desk).now(KEY)
    kill = kill_flag(desk, KEY, incident=state.id).act

    act = undo(desk, kill.id, reason="it was the cache")

    assert act.succeeded and act.planned.undoes == kill.id
    assert system_of(desk).now(KEY) == before
    assert system_of(desk).overrides == {(KEY, ROLLOUT): QUARTER}
    assert system_of(desk).definitions[KEY] == PRICING
    assert named(told(desk, state.id)) == ["FlagActPlanned", "FlagActEnded"] * 2
    (action,) = now(desk, state).actions
    assert (action.state, action.proof) == ("done", f"undo {act.id}")
    assert feature_restored(now(desk, state))[0] is Verdict.UNKNOWN


def test_it_wants_a_reason(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill = kill_flag(desk, KEY).act

    with pytest.raises(Refused) as refused:
        undo(desk, kill.id, reason=" ")
    assert refused.value.rule == "evidence-or-a-name"
    assert (KEY, KILL) in system_of(desk).overrides


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(6))
def test_killed_at_any_moment_the_same_command_finishes_it(tmp_path: Path, step: int, after: bool) -> None:
    desk = flagged(tmp_path)
    state = declared(desk)
    kill = kill_flag(desk, KEY, incident=state.id).act
    countdown = system_of(desk).countdown
    countdown.left, countdown.after = step, after
    with pytest.raises(Died):
        undo(desk, kill.id, reason="it was the cache")

    act = undo(desk.another("bob"), kill.id, reason="it was the cache") if _is_left(desk, kill.id) else None

    assert [verb for verb, _, _ in system_of(desk).acts] == ["put", "take"]
    assert system_of(desk).overrides == {(KEY, ROLLOUT): QUARTER}
    assert named(told(desk)) == ["FlagActPlanned", "FlagActEnded"] * 2
    assert act is None or act.succeeded


def _is_left(desk: object, kill: str) -> bool:
    from andon.desk.flags.acts import read_acts

    acts = read_acts(desk).all  # type: ignore[arg-type]
    return not any(a.planned.undoes == kill and a.is_over for a in acts)


def test_what_is_no_kill_in_force_cannot_be_taken_back(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill = kill_flag(desk, KEY).act
    back = undo(desk, kill.id, reason="calm")

    with pytest.raises(Refused) as twice:
        undo(desk, kill.id, reason="calm")
    assert "taken back already" in twice.value.message
    with pytest.raises(Refused) as undone:
        undo(desk, back.id, reason="calm")
    assert undone.value.remedy == f"andon flags kill {KEY}"
    with pytest.raises(NotFound):
        undo(desk, "K99", reason="calm")


def test_only_the_newest_kill_is_taken_back_and_the_older_one_counts_again(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    first = kill_flag(desk, "banner", "none").act
    second = kill_flag(desk, "banner", "blue").act

    with pytest.raises(Refused) as refused:
        undo(desk, first.id, reason="calm")
    assert second.id in refused.value.message
    undo(desk, second.id, reason="blue is as bad")

    assert system_of(desk).now("banner")["defaultVariant"] == "none"
    assert system_of(desk).overrides["banner", KILL].operation == first.id
    undo(desk, first.id, reason="calm")
    assert ("banner", KILL) not in system_of(desk).overrides


def test_an_undo_that_was_late_leaves_the_newer_kill_alone(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    first = kill_flag(desk, "banner", "none").act
    late = plan_undo(desk, first.id, reason="calm")
    kill_flag(desk.another("bob"), "banner", "blue")

    act = take_away(desk, late)

    assert act.ended is not None and act.ended.outcome is Outcome.FAILED
    assert system_of(desk).now("banner")["defaultVariant"] == "blue"


def test_a_kill_planned_while_an_undo_takes_its_layer_away_is_never_lost(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    first = kill_flag(desk, KEY).act
    late = plan_undo(desk, first.id, reason="calm")
    bob = desk.another("bob")
    system = system_of(desk)
    real = system.take

    def slow(key: str, layer: str, operation: str, only: str = "", /) -> str:
        planned = plan_kill(bob, KEY, "on")
        carry_out(bob, planned)
        return real(key, layer, operation, only)

    system.take = slow  # type: ignore[method-assign]
    before = len(system.acts)
    act = take_away(desk, late)
    assert [verb for verb, _, _ in system.acts[before:]] == ["put"], "not for one moment"

    assert act.ended is not None and act.ended.outcome is Outcome.FAILED
    assert system.overrides[KEY, KILL].variant == "on"


def test_a_system_that_does_not_answer_leaves_it_unknown_and_it_can_be_finished(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill = kill_flag(desk, KEY).act
    system_of(desk).breaks = Unavailable("503")

    first = undo(desk, kill.id, reason="calm")
    second = undo(desk, kill.id, reason="calm")

    assert first.ended is not None and first.ended.outcome is Outcome.UNKNOWN
    assert second.id == first.id and second.succeeded


def test_an_undo_above_an_enabling_without_an_answer_is_finished_not_begun_again(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    kill = kill_flag(desk, KEY).act
    system_of(desk).breaks = Unavailable("503")
    enable(desk, KEY, EnableWishes(without=PARTS, reason="calm"))
    countdown = system_of(desk).countdown
    countdown.left = 1
    with pytest.raises(Died):
        undo(desk, kill.id, reason="calm")

    assert undo(desk.another("bob"), kill.id, reason="calm").succeeded
    undos = [act for act in read_acts(desk).all if act.planned.purpose == "undo"]
    assert [act.succeeded for act in undos] == [True], "not one that nobody finishes, and another"


def test_a_kill_of_another_journal_that_came_meanwhile_stays(tmp_path: Path) -> None:
    desk = flagged(tmp_path)
    late = plan_undo(desk, kill_flag(desk, KEY).act.id, reason="calm")
    other = Override(flag=KEY, layer=KILL, variant="off", operation="K7-elsewhere", by="eve")
    system_of(desk).put(other)

    act = take_away(desk, late)

    assert act.ended is not None and act.ended.outcome is Outcome.FAILED
    assert "K7-elsewhere stands there now" in act.ended.detail
    assert system_of(desk).overrides[KEY, KILL] == other
