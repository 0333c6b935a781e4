"""Planning a rollout: what is refused, and what somebody may sign for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.desk.declare import declare
from andon.desk.flags.kill import kill_flag
from andon.desk.flags.rollout import (
    Wishes,
    plan_rollout,
    resume_rollout,
    risks,
    start_rollout,
    stop_rollout,
    take_back_rollout,
)
from andon.errors import AndonError, Conflict, InvalidInput, NotFound, Refused
from andon.flags.overrides import KILL, ROLLOUT, Override
from andon.incident.words import Severity, Verdict
from andon.workflows.upcoming import upcoming
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeProbe
from tests.unit.desk.flags.rolled import KEY, PRICING, begun, now, rolling, work

WHY = "it is the way out"


def flagged(root: Path, **flag: Any) -> FakeDesk:
    """A desk whose flag is a little different."""
    desk = rolling(root)
    assert desk.flag_system is not None
    desk.flag_system.definitions[KEY] = {**PRICING, **flag}
    return desk


def plan(desk: FakeDesk, *stages: float, **wishes: Any) -> Any:
    return plan_rollout(desk, KEY, Wishes(stages=stages or (5.0, 100.0), every=60.0, **wishes))


def refused(desk: FakeDesk, *stages: float, **wishes: Any) -> AndonError:
    with pytest.raises((Refused, InvalidInput)) as caught:
        plan(desk, *stages, **wishes)
    assert caught.value.remedy
    return caught.value


def test_the_plan_says_everything(tmp_path: Path) -> None:
    made = plan(rolling(tmp_path))
    assert (made.variant, made.safe, made.stages, made.watch) == ("on", "off", (5.0, 100.0), 60.0)
    assert made.undo == f"andon flags rollout {KEY} --back"
    assert (made.passing, made.failing, made.covers) == (("checkout",), (), "checkout")


@pytest.mark.parametrize(
    "stages", [(), (0.0,), (0.001,), (5.005,), (101.0,), (-5.0,), (25.0, 5.0), (5.0, 5.0), (float("nan"),)]
)
def test_stages_rise(tmp_path: Path, stages: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="stage"):
        plan_rollout(rolling(tmp_path), KEY, Wishes(stages=stages, every=60.0))


def test_stages_stay(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        plan_rollout(rolling(tmp_path), KEY, Wishes(stages=(5.0,), every=0.0))


def test_variants(tmp_path: Path) -> None:
    assert "no variant 'maybe'" in refused(rolling(tmp_path), variant="maybe").message
    assert refused(rolling(tmp_path), variant="off").rule == "default-on"
    assert refused(flagged(tmp_path, defaultVariant="on"), variant="off").rule == "safe-variant"
    colours = {"red": "r", "blue": "b"}
    assert "which variant" in refused(flagged(tmp_path, variants=colours, defaultVariant="red")).message
    found = plan(flagged(tmp_path, variants=colours, defaultVariant="red"), variant="blue")
    assert (found.variant, found.safe) == ("blue", "red")


def test_what_everybody_has_is_not_rolled_out(tmp_path: Path) -> None:
    assert refused(flagged(tmp_path, defaultVariant="on")).rule == "default-on"


def test_no_variant_is_safe(tmp_path: Path) -> None:
    desk = flagged(tmp_path, variants={"a": 1, "b": 2}, defaultVariant=None)
    assert refused(desk, variant="a").rule == "safe-variant"


def test_a_disabled_flag(tmp_path: Path) -> None:
    assert refused(flagged(tmp_path, state="DISABLED")).rule == "disabled-flag"


def test_a_killed_flag_is_enabled_instead(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    kill = kill_flag(desk.another("ben"), KEY, reason="wrong").act
    problem = refused(desk)
    assert problem.rule == "killed-flag" and problem.remedy == f"andon flags enable {KEY}"
    rollout = start_rollout(desk, plan(desk, after_kill=kill.id))
    work(desk, rollout)
    assert desk.flag_system is not None and (KEY, KILL) not in desk.flag_system.overrides
    assert now(desk, rollout).ended is not None
    verbs = [(verb, operation) for verb, _, operation in desk.flag_system.acts[1:3]]
    assert verbs == [("put", f"{rollout.id}/5"), ("take", f"{rollout.id}/5")], "first below, then uncovered"


def test_one_rollout_at_a_time(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    first, second = plan(desk), plan(desk)
    start_rollout(desk, first)
    assert refused(desk).rule == "one-rollout-at-a-time"
    with pytest.raises(Refused):
        start_rollout(desk, second)  # both were planned before one was recorded


def test_nobody_loses_it(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    assert desk.flag_system is not None
    above = Override(flag=KEY, layer=ROLLOUT, variant="on", percent=25.0, operation="RO-0/25")
    desk.flag_system.overrides[KEY, ROLLOUT] = above
    assert refused(desk, 5.0, 50.0).rule == "monotone"
    assert plan(desk, 25.0, 50.0).stages == (25.0, 50.0)


def test_no_new_risk_while_a_p1_is_in_response(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    declare(desk.another("ben"), title="search is slow", severity=Severity.P2)
    assert plan(desk).despite == ()
    found = declare(desk.another("ben"), title="checkout is down", severity=Severity.P1).incident.id
    assert refused(desk).rule == "hotfix-no-new-risk"
    assert plan(desk, reason=WHY).despite == (found,)


def test_what_fails_before_does_not_count(tmp_path: Path) -> None:
    search = FakeProbe("search", Verdict.FAILED)
    desk = rolling(tmp_path, probes=(search, FakeProbe("checkout", Verdict.PASSED)))
    assert refused(desk).rule == "well-before"
    rollout = start_rollout(desk, plan(desk, reason="search is another team's"))
    work(desk, rollout)
    ended, judged = now(desk, rollout).ended, now(desk, rollout).stages[0].judged
    assert ended is not None and ended.how == "completed"
    assert judged is not None and "search failed before, too, and does not count" in judged.summary


def test_nothing_watches(tmp_path: Path) -> None:
    desk = rolling(tmp_path, probes=())
    assert refused(desk).rule == "watched-rollout"
    assert refused(rolling(tmp_path), watch=0.0).rule == "watched-rollout"
    made = plan(desk, watch=0.0, reason="only the colour of a button")
    assert any("not watched" in risk for risk in risks(desk, made))
    work(desk, start_rollout(desk, made))
    assert desk.flag_system is not None and desk.flag_system.overrides[KEY, ROLLOUT].percent == 100.0


def test_risks_are_told(tmp_path: Path) -> None:
    desk = flagged(tmp_path, metadata={})
    assert desk.flag_system is not None
    made = plan(desk, 60.0, 100.0)
    found = " ".join(risks(desk, made, desk.flag_system.find(KEY)))
    assert "no owner and purpose" in found and "60 % at once" in found and "no log" in found


def test_somebody_else_approves(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = begun(desk, 5.0, 100.0, every=10.0, waits=True)
    assert rollout.is_held and upcoming(desk, with_messages=False) == ()
    with pytest.raises(Refused):
        resume_rollout(desk, rollout, " ")
    work(desk, resume_rollout(desk.another("ben"), rollout, "go"))
    ended = now(desk, rollout).ended
    assert ended is not None and ended.how == "completed"
    with pytest.raises(Refused, match="over"):
        resume_rollout(desk, now(desk, rollout), "again")
    with pytest.raises(Conflict):
        stop_rollout(desk, now(desk, rollout))


def test_a_plan_is_withdrawn(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    take_back_rollout(desk, begun(desk, waits=True))
    assert desk.flag_system is not None and desk.flag_system.acts == []
    assert plan(desk)


def test_an_unknown_flag(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        plan_rollout(rolling(tmp_path), "no-such-flag", Wishes(stages=(5.0,), every=60.0))
