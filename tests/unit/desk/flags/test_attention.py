"""What whoever looks is told of rollouts that are not over, and who is told of one that is held."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.cli.status import _calm
from andon.desk.flags.attention import on_their_way, tell_held
from andon.desk.flags.rollout import resume_rollout, stop_rollout
from andon.desk.values import DeliveryFailed
from andon.incident.words import Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.notifier import FakeNotifier
from tests.fakes.production import FakeProbe
from tests.unit.desk.flags.rolled import KEY, begun, now, rolling, work
from tests.unit.incident.cases import assert_commands_exist


def held(root: Path) -> FakeDesk:
    """A rollout of which nobody knows enough at its first stage."""
    desk = rolling(root, probes=(FakeProbe("checkout", [Verdict.PASSED, Verdict.UNKNOWN]),))
    return desk


def messages(desk: FakeDesk) -> list[tuple[str, str, str]]:
    notifier = desk.notifier
    assert isinstance(notifier, FakeNotifier)
    return notifier.delivered


def test_stakeholders_hear_that_it_is_held_once(tmp_path: Path) -> None:
    desk = held(tmp_path)
    rollout = begun(desk, 5.0, 100.0, every=60.0, patience=300.0)
    work(desk, rollout)
    ((address, title, body),) = messages(desk)
    assert address == "fake://team" and title == f"shop: the rollout of {KEY} is held at 5 %"
    assert "checkout is unknown" in body and f"andon flags rollout {KEY} --resume" in body
    assert tell_held(desk, stop_rollout(desk, now(desk, rollout)).id) == [], "it is over"
    assert len(messages(desk)) == 1


def test_who_could_not_be_told_is_told_again(tmp_path: Path) -> None:
    desk = held(tmp_path)
    notifier = desk.notifier
    assert isinstance(notifier, FakeNotifier)
    notifier.failures.append(DeliveryFailed("503", permanent=False))
    work(desk, begun(desk, 5.0, 100.0, every=60.0, patience=300.0))
    assert len(messages(desk)) == 1


def test_one_that_nobody_works_on_stands_still(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = begun(desk)
    (seen,) = on_their_way(desk)
    assert (seen.state, seen.command) == ("stands still", f"andon flags rollout {KEY} --follow")
    assert "STANDS STILL" in seen.text
    stop_rollout(desk, rollout)
    assert on_their_way(desk) == ()


def test_one_that_waits_for_approval_is_held(tmp_path: Path) -> None:
    desk = rolling(tmp_path)
    rollout = begun(desk, waits=True)
    (seen,) = on_their_way(desk)
    assert seen.state == "held" and "waits to be approved" in seen.text
    assert_commands_exist(seen.command)
    assert tell_held(desk, rollout.id) == [] and messages(desk) == [], "whoever planned it asks themselves"
    resume_rollout(desk, rollout, "fine")
    assert on_their_way(desk)[0].state == "stands still"


def test_andon_status_says_so_when_nothing_burns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = held(tmp_path)
    work(desk, begun(desk, 5.0, 100.0, every=60.0, patience=300.0))
    _calm(desk, _arguments())
    said = capsys.readouterr().out
    assert f"rollout of {KEY} (on): 5 %" in said and "held" in said
    assert f"next: look for yourself, then let it go on  ->  andon flags rollout {KEY} --resume" in said


def _arguments() -> object:
    import argparse

    return argparse.Namespace(json=False)
