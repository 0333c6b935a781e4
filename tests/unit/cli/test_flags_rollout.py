"""How a rollout is told: where it stands, what comes next, and the exit code that says it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from andon.cli import flags_exposures, flags_rollout
from andon.errors import Refused
from andon.flags.overrides import ROLLOUT
from andon.incident.words import Verdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeProbe
from tests.unit.desk.flags.rolled import KEY, begun, now, rolling, work


def given(*words: str, as_json: bool = False) -> Namespace:
    parser = ArgumentParser()
    flags_rollout.configure(parser)
    found = parser.parse_args([KEY, *words])
    found.json = as_json
    return found


def said(desk: FakeDesk, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = flags_rollout.run(desk, given(*words))
    return code, capsys.readouterr().out


def test_a_plan_is_shown_before_anybody_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = rolling(tmp_path)
    with pytest.raises(Refused, match="nobody is there to confirm"):
        flags_rollout.run(desk, given("5%", "100%"))
    told = capsys.readouterr().out
    assert "on for 5 %, 100 %" in told and "undo     andon flags rollout new-pricing --back" in told
    assert "failing  off for everybody at once, and an incident" in told
    assert desk.flag_system is not None and desk.flag_system.acts == []


def test_detached_it_begins_and_a_worker_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = rolling(tmp_path)
    code, told = said(desk, capsys, "5%", "100%", "--yes", "--detach")
    assert code == 0 and desk.workers == 1
    assert "begins: 5 %, 100 %" in told and "--follow" in told


def test_what_is_held_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = rolling(tmp_path, probes=(FakeProbe("checkout", [Verdict.PASSED, Verdict.UNKNOWN]),))
    rollout = begun(desk, 5.0, 100.0, every=10.0, patience=5.0)
    work(desk, rollout)
    code, told = said(desk, capsys)
    assert code == 0 and "held: checkout is unknown" in told
    assert 'andon flags rollout new-pricing --resume --reason "what I saw"' in told
    assert said(desk, capsys, "--follow")[0] == 3, "whoever waits for it is told that it is not well"


def test_what_failed_names_the_incident(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = rolling(tmp_path, breaks_at=5)
    rollout = begun(desk, 5.0, 100.0, every=10.0)
    work(desk, rollout)
    ended = now(desk, rollout).ended
    assert ended is not None
    code, told = said(desk, capsys, "--follow")
    assert code == 1 and "killed at 5 %" in told and f"andon status {ended.incident}" in told


def test_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = rolling(tmp_path)
    work(desk, begun(desk, 5.0, 100.0, every=10.0))
    assert flags_rollout.run(desk, given(as_json=True)) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["percent"], found["ended"]["how"]) == ("over", 100.0, "completed")
    assert [stage["judged"]["verdict"] for stage in found["stages"]] == ["passed", "passed"]
    assert found["next"]["command"] == "andon flags rollout new-pricing --back"


def test_back_asks_and_stop_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = rolling(tmp_path)
    work(desk, begun(desk, 5.0, 100.0, every=10.0, watch=0.0, reason="a colour"))
    with pytest.raises(Refused):
        flags_rollout.run(desk, given("--back"))
    code, told = said(desk, capsys, "--back", "--yes")
    assert code == 0 and "completed at 100 %, taken back since" in told
    assert "everybody has what the definition says" in told
    assert desk.flag_system is not None and (KEY, ROLLOUT) not in desk.flag_system.overrides


def test_exposures_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = ArgumentParser()
    flags_exposures.configure(parser)
    words = parser.parse_args([KEY, "--expect", "on=50%", "off=50%"])
    words.json = False
    assert flags_exposures.run(rolling(tmp_path), words) == 3
    told = capsys.readouterr().out
    assert "0 evaluations" in told and "not people" in told and "nothing was counted" in told


def test_a_stage_that_waits_says_the_same_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["5 %: not enough is known yet", "5 %: not enough is known yet", "5 %: no log", "5 %: no log"]
    monkeypatch.setattr("andon.cli.rollout_followed.listen", lambda *_: iter(lines))
    _, told = said(rolling(tmp_path), capsys, "5%", "100%", "--yes")
    assert [line.strip() for line in told.splitlines() if line.startswith("  5 %: ")] == [lines[0], lines[2]]
