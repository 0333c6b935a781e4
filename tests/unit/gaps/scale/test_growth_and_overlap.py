"""Growth with rows, and how many requests were under way at once."""

from __future__ import annotations

import pytest

from andon.gaps.beliefs import Exchange
from andon.gaps.scale.growth import growth, steps
from andon.gaps.scale.overlap import most_at_once


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
