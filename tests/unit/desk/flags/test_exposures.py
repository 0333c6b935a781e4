"""Who got which variant, against the weights that were meant, where those are known."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.desk.casefile import service_stream
from andon.desk.flags.exposures import exposures, fractional_weights
from andon.desk.flags.values import FlagUsage
from andon.flags.overrides import ROLLOUT, Override
from andon.incident.codec import timestamp
from andon.incident.events import FlagActEnded, FlagActPlanned
from andon.incident.words import CommandId, Outcome
from tests.fakes.desk import FakeDesk
from tests.unit.desk.flags.rolled import KEY, PRICING, rolling


def counted(tmp_path: Path, flag: dict[str, Any], **counts: int) -> FakeDesk:
    desk = rolling(tmp_path)
    assert desk.flag_system is not None
    desk.flag_system.definitions[KEY] = {**PRICING, **flag}
    since = desk.clock.now() - timedelta(days=2)
    desk.flag_system.used = tuple(
        FlagUsage(key=KEY, variant=name.replace("caller", ""), count=n, since=since, last_at=desk.clock.now())
        for name, n in counts.items()
    )
    return desk


EXPERIMENT = {"targeting": {"fractional": [["on", 50], ["off", 50]]}}


def test_an_experiment_as_meant(tmp_path: Path) -> None:
    found = exposures(counted(tmp_path, EXPERIMENT, on=5040, off=4960, caller=7), KEY)
    assert (found.total, found.defaults) == (10_000, 7)
    assert [(v.variant, v.count, v.expected) for v in found.variants] == [
        ("on", 5040, 0.5),
        ("off", 4960, 0.5),
    ]
    assert not found.ratio.is_off and found.source == "the weights of its definition"


def test_an_experiment_that_is_skewed(tmp_path: Path) -> None:
    assert exposures(counted(tmp_path, EXPERIMENT, on=6000, off=4000), KEY).ratio.is_off


def test_weights_that_somebody_gives(tmp_path: Path) -> None:
    desk = counted(tmp_path, {"targeting": {"if": [{"var": "x"}, "on", "off"]}}, on=750, off=250)
    assert exposures(desk, KEY).ratio.chance is None
    assert not exposures(desk, KEY, {"on": 3, "off": 1}).ratio.is_off


def test_counts_that_mix_two_stages_are_not_compared(tmp_path: Path) -> None:
    desk = counted(tmp_path, {}, on=500, off=9500)
    assert desk.flag_system is not None
    for days, compared in ((1, False), (3, True)):
        at = timestamp(desk.clock.now() - timedelta(days=days))
        desk.flag_system.overrides[KEY, ROLLOUT] = Override(
            flag=KEY, layer=ROLLOUT, variant="on", percent=5.0, operation="RO-1/5", at=at
        )
        found = exposures(desk, KEY)
        assert (found.ratio.chance is not None) is compared, found.source


def test_what_an_undone_kill_left_in_the_counts_is_not_compared(tmp_path: Path) -> None:
    desk = counted(tmp_path, EXPERIMENT, on=100, off=9900)
    act = FlagActPlanned(
        operation="K1-0a1b2c3d", purpose="kill", system="andon", flag=KEY, variant="off", before="", undo=""
    )
    ended = FlagActEnded(operation=act.operation, outcome=Outcome.SUCCEEDED)
    desk.append(service_stream(desk), (act, ended), expected=0, command=CommandId("kill"))
    found = exposures(desk, KEY)
    assert found.ratio.chance is None and "counted since before the last act on it" in found.source
    assert exposures(desk, KEY, {"on": 1, "off": 1}).ratio.is_off, "whoever says what was meant is believed"


def test_a_default_that_was_changed_in_the_file_is_no_skewed_experiment(tmp_path: Path) -> None:
    found = exposures(counted(tmp_path, {"targeting": None, "defaultVariant": "off"}, on=3, off=88), KEY)
    assert found.ratio.chance is None and not found.ratio.is_off


def test_nothing_counted(tmp_path: Path) -> None:
    found = exposures(counted(tmp_path, EXPERIMENT), KEY)
    assert (found.total, found.ratio.reason, found.since) == (0, "nothing was counted", None)


@pytest.mark.parametrize(
    ("targeting", "weights"),
    [
        ({"fractional": [["a", 1], ["b", 3]]}, {"a": 1, "b": 3}),
        ({"fractional": [{"var": "user"}, ["a"], ["b"]]}, {"a": 1, "b": 1}),
        ({"fractional": [["a", {"var": "w"}], ["b", 3]]}, {}),
        ({"fractional": "x"}, {}),
        ({"if": [True, "a"]}, {}),
        (None, {}),
    ],
)
def test_weights(targeting: Any, weights: dict[str, float]) -> None:
    assert fractional_weights(targeting) == weights
