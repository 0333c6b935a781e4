"""Growth with rows, how many requests were under way at once, and how many of a crowd beside the tests."""

from __future__ import annotations

import math

import pytest

from andon.gaps.beliefs import Exchange
from andon.gaps.scale.growth import growth, steps
from andon.gaps.scale.overlap import NEAR, most_at_once, most_beside


@pytest.mark.parametrize(
    ("first", "last", "grows"),
    [(0.0014, 0.079, True), (0.001, 0.006, False), (0.1, 0.13, False), (0.0, 1.0, False)],
)
def test_growth_needs_the_factor_and_the_milliseconds(first: float, last: float, grows: bool) -> None:
    found = growth("orders", [(10_000, last), (10, first)])
    assert found.is_growing is grows
    assert ("does not grow" in found.told) is not grows
    assert found.curve.points[0] == (10.0, round(first * 1000, 2))


def test_too_few_points_say_so() -> None:
    assert "too few" in growth("orders", [(1, 0.1)]).told
    assert growth("orders", []).times == 0


def test_the_steps_lie_between_the_tests_rows_and_productions() -> None:
    assert steps(4, 60_000) == (4, 10, 100, 1_000, 10_000, 60_000)
    assert steps(500, 500) == (500,)


def under_way(*spans: tuple[float, float]) -> int:
    return most_at_once(
        Exchange(method="GET", path="/", started=begin, seconds=end - begin) for begin, end in spans
    )


def test_requests_that_follow_each_other_do_not_overlap() -> None:
    assert under_way() == 0
    assert under_way((0, 1), (1, 2), (2, 3)) == 1
    assert under_way((0, 3), (1, 2), (1.5, 4)) == 3
    assert under_way((0, 0), (0, 0)) == 2


#: Three at once for ten milliseconds, twice a second.
BURSTS = tuple((begin / 2, begin / 2 + 0.01) for begin in range(20) for _ in range(3))


def test_a_crowd_counts_beside_tests_that_ask_between_its_bursts() -> None:
    assert most_beside(BURSTS, [(4.2, 4.3), (4.6, 4.7)]) == 4
    assert most_beside(BURSTS, [(4.2, 4.9), (4.6, 4.7)]) == 5  # of the tests two were under way


def test_a_crowd_that_was_gone_before_the_tests_asked_is_nobody() -> None:
    gone = 9.51 + NEAR
    assert most_beside(BURSTS, [(gone + 0.1, gone + 0.2)]) == 1
    assert most_beside((), [(0, 1)]) == 1


def test_a_crowd_that_was_gone_before_the_last_test_asked_is_nobody() -> None:
    assert most_beside(BURSTS, [(1, 2), (20, 21)]) == 1


def test_what_a_crowd_did_before_and_after_the_tests_does_not_count() -> None:
    before, after = [(0.0, 1.0)] * 9, [(30.0, 31.0)] * 9
    assert most_beside([*before, *BURSTS, *after], [(5, 6), (8, 9)]) == 4


def test_what_still_hangs_is_under_way() -> None:
    assert most_beside([(0, math.inf)] * 3, [(5, 6)]) == 4
