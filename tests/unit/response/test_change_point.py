"""Locating a step in counts a minute: where there is one, and that nothing is said where there is none."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.response.change_point import ChangePoint, change_point


@pytest.mark.parametrize(
    ("counts", "index"),
    [
        ([0, 0, 0, 5, 5, 5], 3),
        ([2] * 100 + [10] * 20, 100),
        ([0] * 700 + [3] * 20, 700),
        ([2] * 30 + [40] * 690, 30),
        ([1, 0, 2, 1, 0, 1, 90], 6),
        ([2] * 300 + [10] * 30 + [2] * 390, 300),  # it is over: when it began is asked all the same
        ([0, 7], 1),
    ],
)
def test_a_step_is_found_where_it_is(counts: list[int], index: int) -> None:
    found = change_point(counts)
    assert found is not None and found.index == index


@pytest.mark.parametrize("counts", [[], [5], [0, 0, 0], [4] * 50, [9, 6, 4, 2, 1, 0], [7, 0]])
def test_where_nothing_rises_nothing_is_found(counts: list[int]) -> None:
    assert change_point(counts) is None


def test_the_rates_are_those_close_to_the_step() -> None:
    found = change_point([9] * 100 + [2] * 100 + [10] * 100)
    assert found is not None and (found.index, found.before, found.after) == (200, 2.0, 10.0)
    assert found.times == 5.0
    assert ChangePoint(index=1, before=0.0, after=2.0, gain=9.0).times == inf


@pytest.mark.parametrize(
    ("counts", "is_clear"),
    [
        ([2] * 60 + [10] * 10, True),
        ([0] * 60 + [9], True),
        ([0] * 3 + [1], False),  # one error dates nothing
        ([10] * 60 + [16] * 60, False),  # not even twice as many
    ],
)
def test_only_a_clear_step_dates_a_break(counts: list[int], is_clear: bool) -> None:
    found = change_point(counts)
    assert found is not None and found.is_clear is is_clear


def test_known_traffic_explains_a_rise_that_it_caused() -> None:
    counts, messages = [2] * 60 + [8] * 60, [100.0] * 60 + [400.0] * 60
    assert change_point(counts) is not None
    assert change_point(counts, messages) is None, "the same share of four times the messages fails"
    broken = [2] * 60 + [8] * 30 + [80] * 30
    found = change_point(broken, messages)
    assert found is not None and found.index == 90
    assert (found.before, found.after) == (360 / 18000, 80 / 400)


@pytest.mark.parametrize("exposure", [[1.0], [1.0, -1.0, 1.0], [0.0, 0.0, 0.0]])
def test_an_impossible_exposure_finds_nothing(exposure: list[float]) -> None:
    assert change_point([0, 1, 9], exposure) is None


@given(st.lists(st.integers(0, 50), max_size=200), st.integers(1, 90))
@settings(max_examples=200, deadline=None)
def test_whatever_is_found_is_a_rise_inside_the_series(counts: list[int], reach: int) -> None:
    found = change_point(counts, reach=reach)
    if found is None:
        return
    assert 0 < found.index < len(counts)
    assert found.after > found.before >= 0 and found.gain > 0


@given(st.integers(1, 6), st.integers(5, 8), st.integers(20, 200), st.integers(20, 200))
@settings(max_examples=60, deadline=None)
def test_without_noise_the_step_is_found_exactly(base: int, times: int, before: int, after: int) -> None:
    found = change_point([base] * before + [base * times] * after)
    assert found is not None and found.index == before and found.times == times
