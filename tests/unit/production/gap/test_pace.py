"""One host gets so many requests a second, whichever threads ask it; others do not wait for it."""

from __future__ import annotations

import threading
from contextlib import suppress
from itertools import pairwise

import pytest

from andon.production.gap.pace import Pace


class Clock:
    """A clock that moves when somebody sleeps, or when a request takes its time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_second_sees_more_than_five_requests() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    began = []
    for _ in range(12):
        with pace.turn("shop.example.com"):
            began.append(clock())
    assert began[0] == 1000.0  # nobody waits for a first turn
    assert all(later - sooner >= 0.999 for sooner, later in zip(began, began[5:], strict=False))
    assert began[-1] == pytest.approx(1000.0 + 11 / 5)


def test_the_next_turn_waits_from_the_end_of_the_last() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    with pace.turn("shop.example.com"):
        clock.sleep(3.0)  # held up on its way: it may have arrived just now
    with pace.turn("shop.example.com"):
        assert clock() == pytest.approx(1003.2)


def test_a_turn_that_failed_was_a_turn() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    with suppress(OSError), pace.turn("shop.example.com"):
        raise OSError
    with pace.turn("shop.example.com"):
        assert clock() == pytest.approx(1000.2)


def test_a_host_is_one_by_all_its_names_and_at_all_its_ports() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    for host in ("localhost", "127.0.0.1", "::1", "[::1]"):
        with pace.turn(host):
            pass
    assert clock() == pytest.approx(1000.6)
    with pace.turn("Shop.example.com"):
        assert clock() == pytest.approx(1000.6)
    with pace.turn("shop.EXAMPLE.com"):
        assert clock() == pytest.approx(1000.8)


def test_threads_share_the_turns_of_a_host_one_at_a_time() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    moments: list[float] = []
    inside = threading.Semaphore(1)

    def ask() -> None:
        for _ in range(10):
            with pace.turn("shop.example.com"):
                assert inside.acquire(blocking=False), "two at once"
                moments.append(clock())
                inside.release()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    with pace.turn("shop.example.com"):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert len(moments) == 40
    assert all(later - sooner >= 0.199 for sooner, later in pairwise(moments))


def test_one_host_does_not_wait_for_another() -> None:
    pace = Pace()
    entered = threading.Event()

    def ask() -> None:
        with pace.turn("other.example.com"):
            entered.set()

    with pace.turn("shop.example.com"):
        thread = threading.Thread(target=ask)
        thread.start()
        assert entered.wait(60)
    thread.join()


def test_who_gives_up_waiting_holds_nobody_up() -> None:
    class GaveUpError(Exception):
        """The time was over while it waited."""

    clock = Clock()

    def interrupted(seconds: float) -> None:
        if seconds:
            raise GaveUpError

    pace = Pace(clock=clock, sleep=interrupted)
    with pace.turn("shop.example.com"):
        pass
    with pytest.raises(GaveUpError), pace.turn("shop.example.com"):
        pass
    clock.sleep(0.2)
    with pace.turn("shop.example.com"):
        assert clock() == pytest.approx(1000.2)
