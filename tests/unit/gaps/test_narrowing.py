"""The least amount that fails is found with few questions, and the same one whatever was guessed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.gaps.narrowing import threshold


def asked(most: int, cause: int, guess: float | None) -> tuple[tuple[float, float], list[float]]:
    tried: list[float] = []

    def fails(amount: float) -> bool:
        tried.append(amount)
        return amount >= cause

    return threshold(1, most, fails, is_whole=True, guess=guess), tried


@given(st.integers(3, 64), st.data())
def test_no_guess_changes_what_is_found(most: int, data: st.DataObject) -> None:
    cause, guess = data.draw(st.integers(2, most)), data.draw(st.integers(-5, 80))
    found, tried = asked(most, cause, guess)
    assert found == (cause, cause - 1)
    assert len(tried) == len(set(tried))
    assert all(1 < amount < most for amount in tried)


def test_a_right_guess_takes_two_questions() -> None:
    assert asked(24, 13, 13) == ((13, 12), [13, 12])
    assert asked(24, 13, 12) == ((13, 12), [12, 13])


def test_a_guess_that_is_nearly_right_takes_a_few() -> None:
    assert len(asked(64, 30, 33)[1]) <= 6
    assert len(asked(64, 30, 27)[1]) <= 6


def test_a_wrong_guess_takes_hardly_more_than_none() -> None:
    assert max(len(asked(64, cause, guess)[1]) for cause in range(2, 65) for guess in range(2, 64)) <= 12
