"""Attempts become rare, come apart, and are frequent again after a good connection."""

from __future__ import annotations

from andon.flags.pace import GOOD, LONGEST, Pace


def test_pauses_grow_up_to_a_bound() -> None:
    pace = Pace(lambda: 1.0)
    pauses = [pace.pause() for _ in range(30)]
    assert pauses == sorted(pauses) and pauses[0] == 0.1 and pauses[-1] == LONGEST


def test_chance_spreads_them() -> None:
    assert Pace(lambda: 0.0).pause() == 0.05 and Pace(lambda: 1.0).pause() == 0.1


def test_only_a_good_connection_makes_them_short_again() -> None:
    pace = Pace(lambda: 1.0)
    for _ in range(5):
        pace.pause()
        pace.lasted(0.5)
    assert pace.pause() > 1
    pace.lasted(GOOD)
    assert pace.pause() == 0.1


def test_what_is_known_to_be_missing_is_asked_for_at_once_but_not_for_ever() -> None:
    pace = Pace(lambda: 1.0)
    assert pace.pause(is_urgent=True) == 0.0
    assert pace.pause(is_urgent=True) > 0.0


def test_the_server_may_ask_for_longer_ones_up_to_a_bound() -> None:
    pace = Pace(lambda: 1.0)
    pace.least = 3.0
    assert pace.pause() == 3.0
    pace.least = 1e9
    assert pace.pause() <= 60
