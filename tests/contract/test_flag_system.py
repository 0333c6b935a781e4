"""What every flag system promises: seen as it is, killed once, given back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.errors import Conflict, NotFound, Refused
from andon.flags.overrides import KILL, ROLLOUT, Override
from tests.contract.flag_worlds import WORLDS, World


@pytest.fixture(params=sorted(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with WORLDS[request.param](tmp_path) as made:
        yield made


def kill(flag: str = "new-checkout", variant: str = "off", operation: str = "op-1") -> Override:
    return Override(
        flag=flag,
        layer=KILL,
        variant=variant,
        operation=operation,
        incident="INC-1",
        by="Mia",
        at="2026-11-27T03:00:00Z",
        reason="checkout answers 500",
    )


def stage(percent: float, operation: str = "op-2") -> Override:
    return Override(flag="new-checkout", layer=ROLLOUT, variant="on", percent=percent, operation=operation)


def test_flags_are_seen_as_they_are(world: World) -> None:
    seen = {flag.key: flag for flag in world.system.flags()}
    assert {"new-checkout", "search"} <= set(seen)
    alone = world.system.find("search")
    for part in ("key", "state", "safe_variant", "on_variant", "default_variant", "is_enabled", "purpose"):
        assert getattr(seen["search"], part) == getattr(alone, part)
    assert set(seen["search"].variants) == {"on", "off"}
    assert seen["search"].safe_variant == "off"
    assert seen["search"].on_variant == "on"
    assert all(flag.state and flag.kill is None and flag.rollout is None for flag in seen.values())
    assert world.system.kind
    assert world.system.address


def test_a_flag_that_is_not_there_is_not_found(world: World) -> None:
    before = world.state()
    with pytest.raises(NotFound):
        world.system.find("nowhere")
    with pytest.raises(NotFound):
        world.system.put(kill("nowhere"))
    with pytest.raises(NotFound):
        world.system.take("nowhere", KILL, "op-9")
    assert world.state() == before


def test_a_kill_gives_everybody_the_safe_variant_and_its_undo_the_exact_state(world: World) -> None:
    before = world.state()
    assert world.served("new-checkout") == ""
    assert world.system.put(kill())
    assert world.served("new-checkout") == "off"
    assert world.served("search") == "on"
    seen = world.system.find("new-checkout")
    assert seen.kill is not None
    assert (seen.kill.layer, seen.kill.variant) == (KILL, "off")
    assert "off" in seen.state or "killed" in seen.state
    world.system.take("new-checkout", KILL, "op-1")
    assert world.state() == before
    assert world.system.find("new-checkout").kill is None


def test_the_same_operation_happens_once(world: World) -> None:
    before = world.state()
    version = world.system.put(kill())
    once = world.state()
    assert world.system.put(kill()) == version
    assert world.state() == once
    world.system.take("new-checkout", KILL, "op-1")
    world.system.take("new-checkout", KILL, "op-1")
    assert world.state() == before


def test_nothing_to_take_is_no_error(world: World) -> None:
    before = world.state()
    world.system.take("search", KILL, "op-1")
    assert world.state() == before


def test_another_kill_replaces_the_first(world: World) -> None:
    before = world.state()
    world.system.put(kill())
    world.system.put(kill(operation="op-5"))
    assert world.served("new-checkout") == "off"
    world.system.take("new-checkout", KILL, "op-5")
    assert world.state() == before


def test_only_the_act_that_is_meant_is_taken_away(world: World) -> None:
    world.system.put(kill("search"))
    killed = world.state()
    with pytest.raises(Conflict) as refused:
        world.system.take("search", KILL, "op-9", "op-8")
    assert refused.value.rule == "another-act" and "op-1 stands there now" in str(refused.value)
    assert world.state() == killed and world.served("search") == "off"
    world.system.take("search", KILL, "op-9", "op-1")
    assert world.system.find("search").kill is None
    world.system.take("search", KILL, "op-9", "op-1")


def test_two_flags_are_killed_and_given_back_in_any_order(world: World) -> None:
    before = world.state()
    world.system.put(kill())
    world.system.put(kill("search", operation="op-7"))
    assert (world.served("new-checkout"), world.served("search")) == ("off", "off")
    world.system.take("new-checkout", KILL, "op-1")
    assert (world.served("new-checkout"), world.served("search")) == ("", "off")
    world.system.take("search", KILL, "op-7")
    assert world.state() == before


def test_a_rollout_grows_stands_below_a_kill_and_is_taken_exactly(world: World) -> None:
    before = world.state()
    if not world.rolls_out:
        with pytest.raises(Refused) as caught:
            world.system.put(stage(5))
        assert caught.value.remedy
        assert world.state() == before
        return
    world.system.put(stage(5))
    world.system.put(stage(25))
    at_25 = world.state()
    seen = world.system.find("new-checkout")
    assert seen.rollout is not None
    assert seen.rollout.percent == 25
    world.system.put(kill())
    assert world.served("new-checkout") == "off"
    assert world.system.find("new-checkout").rollout is not None
    world.system.take("new-checkout", KILL, "op-1")
    assert world.state() == at_25
    world.system.put(stage(100))
    assert world.served("new-checkout") == "on"
    world.system.put(kill())
    world.system.take("new-checkout", ROLLOUT, "op-2")
    assert world.served("new-checkout") == "off"
    world.system.take("new-checkout", KILL, "op-1")
    assert world.state() == before


def test_who_has_it_is_told_or_said_to_be_unknown(world: World) -> None:
    version = world.system.put(kill())
    confirmed = world.system.confirmations(version, 0.5, lambda _told: None)
    assert confirmed.can_confirm or confirmed.detail
    assert confirmed.can_confirm or confirmed.confirmed == 0
    assert confirmed.confirmed <= confirmed.connected


def test_it_says_how_it_is_itself(world: World) -> None:
    health = world.system.health()
    assert health.summary
    assert not health.problems


def test_usage_counts_or_is_empty(world: World) -> None:
    assert all(use.key and use.count >= 0 for use in world.system.usage())
