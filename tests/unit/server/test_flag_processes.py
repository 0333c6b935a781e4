"""Who is expected to confirm, who is silent, and who was slowest."""

from __future__ import annotations

import asyncio

import pytest

from andon.errors import NotFound, Unavailable
from andon.server import flag_processes
from andon.server.flag_processes import Processes


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(clock: Clock) -> Processes:
    return Processes(clock)


def test_the_slowest_is_named_and_timed_from_the_acceptance(known: Processes, clock: Clock) -> None:
    for name in ("web-1", "web-2"):
        known.connect(name, name)
    known.send(5, clock.now)
    clock.now += 0.004
    known.acknowledge("web-2", "web-2", 5)
    clock.now += 0.030
    known.acknowledge("web-1", "web-1", 5)
    clock.now += 9
    known.acknowledge("web-1", "web-1", 5)
    asked = known.asked(5, 5)
    assert (asked.connected, asked.confirmed, asked.slowest) == (2, 2, "web-1")
    assert asked.milliseconds == pytest.approx(34)


def test_a_later_version_confirms_the_earlier_ones(known: Processes, clock: Clock) -> None:
    known.connect("p", "web-1")
    known.send(5, clock.now)
    clock.now += 1
    known.send(6, clock.now)
    clock.now += 1
    known.acknowledge("p", "web-1", 6)
    assert known.asked(5, 6).milliseconds == pytest.approx(2000)
    assert known.asked(6, 6).milliseconds == pytest.approx(1000)


def test_who_was_away_and_came_back_is_timed_and_who_is_new_is_not(known: Processes, clock: Clock) -> None:
    away = known.connect("away", "away")
    known.disconnect(away)
    known.send(5, clock.now)
    clock.now += 3
    known.connect("away", "away")
    known.connect("new", "new")
    known.acknowledge("away", "away", 5)
    clock.now += 3
    known.acknowledge("new", "new", 5)
    asked = known.asked(5, 5)
    assert (asked.confirmed, asked.slowest, asked.milliseconds) == (2, "away", 3000)


def test_who_vanished_is_silent_for_a_minute_and_who_said_goodbye_is_not(
    known: Processes, clock: Clock
) -> None:
    vanished, polite = known.connect("v", "web-1"), known.connect("p", "web-2")
    known.goodbye(polite)
    known.disconnect(polite)
    known.disconnect(vanished)
    clock.now += 12
    known.send(5, clock.now)
    assert known.asked(5, 5).silent == ("web-1 (connection lost 12 s ago)",)
    clock.now += 49
    assert known.asked(5, 5).connected == 0


def test_who_vanished_with_the_version_is_not_counted_any_more(known: Processes, clock: Clock) -> None:
    vanished = known.connect("v", "web-1")
    known.send(5, clock.now)
    known.acknowledge("v", "web-1", 5)
    known.disconnect(vanished)
    assert (known.asked(5, 5).connected, known.asked(5, 5).silent) == (0, ())


def test_a_process_with_two_streams_leaves_with_the_last(known: Processes) -> None:
    process = known.connect("p", "web-1")
    known.connect("p", "web-1")
    known.disconnect(process)
    assert known.connected == 1
    known.disconnect(process)
    assert known.connected == 0


def test_what_an_earlier_server_knew_is_missed(known: Processes, clock: Clock) -> None:
    before = Processes(clock)
    before.connect("a", "web-1")
    polite = before.connect("b", "web-2")
    before.goodbye(polite)
    before.disconnect(polite)
    known.remember(before.kept())
    known.remember([["x"], 7, None, ["y", 1]])
    assert [name.partition(" ")[0] for name in known.asked(1, 1).silent] == ["web-1"]
    known.connect("a", "web-1", 1)
    assert known.asked(1, 1).silent == ()


def test_nobody_waits_longer_than_needed() -> None:
    async def play() -> None:
        known = Processes(Clock())
        one, two = known.connect("1", "one"), known.connect("2", "two")
        known.send(5, 100.0)
        done = asyncio.Event()
        wait = known.begin_to_wait(5, 5, done)
        known.acknowledge("1", "one", 4)
        assert not done.is_set()
        known.acknowledge("1", "one", 5)
        known.connect("3", "three", 4)
        known.goodbye(two)
        assert not done.is_set(), "three is connected now"
        known.acknowledge("3", "three", 7)
        assert done.is_set()
        known.stop_waiting(wait)
        assert one.version == 5

    asyncio.run(play())


def test_nobody_connected_is_nobody_to_wait_for() -> None:
    async def play() -> None:
        done = asyncio.Event()
        Processes(Clock()).begin_to_wait(5, 5, done)
        assert done.is_set()

    asyncio.run(play())


def test_a_version_that_was_not_sent_is_not_found_and_an_old_one_is_not_timed(known: Processes) -> None:
    with pytest.raises(NotFound):
        known.asked(6, 5)
    assert "not timed" in known.asked(5, 5).detail


def test_processes_are_bounded_and_never_left_out_in_silence(
    known: Processes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flag_processes, "MOST", 3)
    first = known.connect("0", "zero")
    for number in ("1", "2"):
        known.connect(number, number)
    with pytest.raises(Unavailable):
        known.connect("3", "three")
    known.disconnect(first)
    with pytest.raises(Unavailable):
        known.acknowledge("3", "three", 1)
    clock.now += 700
    known.connect("3", "three")
    assert known.connected == 3


def test_many_silent_names_are_counted(known: Processes) -> None:
    for number in range(250):
        known.connect(str(number), f"web-{number}")
    known.send(5, 100.0)
    asked = known.asked(5, 5)
    assert len(asked.silent) == 200 and "50 more are silent" in asked.detail


def test_every_process_is_listed(known: Processes, clock: Clock) -> None:
    known.acknowledge("child", "worker", 4, forked_from="parent")
    gone = known.connect("gone", "web-1")
    known.disconnect(gone)
    clock.now += 2
    known.connect("here", "web-2")
    listed = {one["process"]: one for one in known.listed()}
    assert listed["child"]["forkedFrom"] == "parent" and listed["child"]["left"] == ""
    assert (listed["gone"]["left"], listed["gone"]["silentSeconds"]) == ("vanished", 2.0)
    assert listed["here"]["connected"] is True
