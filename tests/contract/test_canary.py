"""What a canary promises, over a recorded command line of Argo Rollouts: each act once, nothing by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.errors import InvalidInput, Refused, Unavailable
from andon.production.rollouts_canary import RolloutsCanary
from andon.production.rollouts_deployer import RolloutsDeployer
from tests.fakes.deploy_tools import World, rollouts

STEPS: list[dict[str, Any]] = [
    {"setWeight": 5},
    {"pause": {}},
    {"setWeight": 25},
    {"pause": {}},
    {"analysis": {"templates": [{"templateName": "errors"}]}},
]
NEW = "v1.3.0"


def world_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: Any = STEPS) -> World:
    place = tmp_path / "bin"
    world = rollouts(place, timeout=5.0)
    world.tool.set(steps=steps)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    monkeypatch.setattr("andon.production.rollouts_canary._PAUSE", 0.01)
    return world


def canary_of(world: World) -> RolloutsCanary:
    assert isinstance(world.deployer, RolloutsDeployer)
    return world.deployer.canary


def quietly(_line: str) -> None:
    """Nobody listens."""


def acts(world: World) -> list[list[str]]:
    """Return what was done to the Rollout, without looks and notes."""
    done = [call["argv"] for call in world.tool.calls()]
    words = [[w for w in argv if not w.startswith("--context")] for argv in done]
    return [argv[3:] for argv in words if argv[1:3] == ["argo", "rollouts"]]


def test_the_stages_are_where_the_strategy_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, monkeypatch)
    assert canary_of(world).stages() == (5.0, 25.0, 100.0)
    world.tool.set(steps=[*STEPS, {"setWeight": 100}, {"pause": {}}])
    assert canary_of(world).stages() == (5.0, 25.0, 100.0)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([], "waits nowhere"),
        ([{"setWeight": 5}, {"pause": {"duration": "10m"}}], "goes on by itself after 10m"),
        ([{"setWeight": 5}, {"setWeight": 25}, {"pause": {}}], "does not wait at 5 %"),
        ([{"setWeight": 5}, {"pause": {}}, {"setWeight": 50}], "does not wait at 50 %"),
    ],
)
def test_a_strategy_that_goes_on_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: Any, why: str
) -> None:
    world = world_of(tmp_path, monkeypatch, steps)
    with pytest.raises(Refused, match=why) as caught:
        canary_of(world).stages()
    assert "setWeight" in caught.value.remedy


def test_stage_by_stage_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, monkeypatch)
    canary = canary_of(world)
    canary.preflight(NEW)
    for percent in canary.stages():
        told = canary.spread(NEW, percent, f"RO-1/{percent:g}", quietly)
        assert NEW in told
        seen = canary.standing()
        assert (seen.version, seen.percent) == (NEW, percent)
        assert seen.stable == ("v1.2.0" if percent < 100 else NEW)
        before = len(acts(world))
        canary.spread(NEW, percent, f"RO-1/{percent:g}", quietly)
        assert len(acts(world)) == before, "at it, nothing is done"
    canary.spread(NEW, 25.0, "RO-1/25", quietly)
    assert acts(world) == [
        ["set", "image", "shop", f"web=registry.example.com:5000/acme/shop:{NEW}"],
        ["promote", "shop"],
        ["promote", "shop"],
    ]
    canary.complete(NEW, "RO-1")
    assert len(acts(world)) == 3


def test_a_last_stage_that_waits_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, monkeypatch, [*STEPS, {"setWeight": 100}, {"pause": {}}])
    canary = canary_of(world)
    canary.spread(NEW, 5.0, "RO-1/5", quietly)
    with pytest.raises(Refused, match="not at its last stage"):
        canary.complete(NEW, "RO-1")
    canary.spread(NEW, 100.0, "RO-1/100", quietly)
    assert canary.standing().is_waiting and canary.standing().stable == "v1.2.0"
    canary.complete(NEW, "RO-1")
    canary.complete(NEW, "RO-1")
    assert canary.standing().stable == NEW
    assert [argv[0] for argv in acts(world)] == ["set", "promote", "promote", "promote"]


def test_it_is_aborted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, monkeypatch)
    canary = canary_of(world)
    canary.spread(NEW, 5.0, "RO-1/5", quietly)
    assert canary.withdraw(NEW, "v1.2.0", "RO-1/back") == f"{NEW} is aborted: v1.2.0 has all traffic"
    canary.withdraw(NEW, "v1.2.0", "RO-1/back")
    assert [argv[0] for argv in acts(world)] == ["set", "abort"]
    with pytest.raises(Refused, match="was aborted"):
        canary.spread(NEW, 25.0, "RO-1/25", quietly)
    with pytest.raises(Refused, match="was aborted when it was tried last"):
        canary.preflight(NEW)
    canary.preflight("v1.3.1")


def test_what_everybody_has_is_replaced_past_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(tmp_path, monkeypatch)
    canary = canary_of(world)
    canary.spread(NEW, 100.0, "RO-1/100", quietly)
    assert canary.withdraw(NEW, "v1.2.0", "RO-1/back") == "v1.2.0 has all traffic"
    assert acts(world)[-2:] == [["undo", "shop", "--to-revision=3"], ["promote", "shop", "--full"]]


def test_nothing_is_done_to_somebody_elses_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, monkeypatch)
    canary = canary_of(world)
    canary.spread("v1.2.9", 5.0, "by hand", quietly)
    before = acts(world)
    with pytest.raises(Refused, match="under way"):
        canary.preflight(NEW)
    with pytest.raises(Refused, match="on its way in"):
        canary.spread(NEW, 5.0, "RO-1/5", quietly)
    assert "v1.2.9" in canary.withdraw(NEW, "v1.2.0", "RO-1/back")
    assert acts(world) == before


@pytest.mark.parametrize("version", ["", "-x", "a b", "v1;id", "../x", "a:b", "x" * 200, "v1\n"])
def test_hostile_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    world = world_of(tmp_path, monkeypatch)
    with pytest.raises(InvalidInput):
        canary_of(world).preflight(version)
    assert acts(world) == []


def test_what_runs_is_no_canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, monkeypatch)
    with pytest.raises(Refused, match="what everybody has"):
        canary_of(world).preflight("v1.2.0")


def test_a_stage_that_does_not_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "bin"
    world = rollouts(place, timeout=0.5)
    world.tool.set(steps=STEPS)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    world.tool.trouble("promote")
    canary = canary_of(world)
    canary.spread(NEW, 5.0, "RO-1/5", quietly)
    with pytest.raises(Unavailable, match="not at 25 %"):
        canary.spread(NEW, 25.0, "RO-1/25", quietly)
    assert [argv[0] for argv in acts(world)].count("promote") == 1, "told once, then waited for"
