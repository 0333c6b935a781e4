"""The chance of counts as far from what was meant as these, against published quantiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.sample_ratio import compare, tail


@pytest.mark.parametrize(
    ("squares", "freedom", "chance"),
    # Quantiles of chi-square: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4.
    [
        (2.706, 1, 0.10),
        (3.841, 1, 0.05),
        (10.828, 1, 0.001),
        (5.991, 2, 0.05),
        (13.816, 2, 0.001),
        (9.488, 4, 0.05),
        (18.307, 10, 0.05),
        (124.342, 100, 0.05),
        (149.449, 100, 0.001),
    ],
)
def test_known_quantiles(squares: float, freedom: int, chance: float) -> None:
    assert tail(squares, freedom) == pytest.approx(chance, rel=2e-3)


@given(st.floats(min_value=0, max_value=1e9), st.integers(min_value=1, max_value=50))
def test_a_chance_is_a_chance(squares: float, freedom: int) -> None:
    assert 0.0 <= tail(squares, freedom) <= 1.0


@given(st.integers(min_value=1, max_value=20), st.floats(min_value=0, max_value=200))
def test_farther_is_less_likely(freedom: int, squares: float) -> None:
    assert tail(squares + 0.5, freedom) <= tail(squares, freedom)


def test_shares_as_meant() -> None:
    assert not compare({"a": 5050, "b": 4950}, {"a": 0.5, "b": 0.5}).is_off


def test_shares_not_as_meant() -> None:
    found = compare({"a": 5300, "b": 4700}, {"a": 0.5, "b": 0.5})
    assert found.is_off and found.chance is not None and found.chance < 1e-6


def test_too_few_say_nothing() -> None:
    found = compare({"a": 3, "b": 0}, {"a": 0.5, "b": 0.5})
    assert found.chance is None and "too few" in found.reason


def test_a_variant_for_nobody() -> None:
    found = compare({"a": 100, "c": 1}, {"a": 1.0})
    assert found.is_off and "c was served" in found.reason


def test_unknown_shares() -> None:
    assert compare({"a": 100}, {}).chance is None
    assert compare({"a": 100}, {"a": 1.0}).reason == "there is one variant only"
