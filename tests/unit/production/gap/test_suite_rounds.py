"""How many rounds a run may claim, and in which of them a test failed."""

from __future__ import annotations

import pytest

from andon.gaps import suite
from andon.production.gap.suite_rounds import complete, only_first, rounds


def ran(told: str) -> tuple[suite.TestRan, ...]:
    """Return tests by name and outcome: of `a+ b- a?` one passed, one failed, one was cut off."""
    means = {"+": "passed", "-": "failed", "?": "unclear", "s": "skipped"}
    return tuple(suite.TestRan(id=one[0], title=one[0], outcome=means[one[1]]) for one in told.split())


@pytest.mark.parametrize(
    ("told", "most", "claimed"),
    [
        ("", 0, 0),
        ("a+ a+ a+", 3, 3),
        ("a+ a+ a+ b+ b+", 3, 2),  # the time was over in the third round
        ("a+ b+ a+ b?", 2, 1),  # and here a test was cut off
        ("a+ a+ bs bs", 2, 2),
        ("a+ a+ a+ b+ b-", 3, 2),  # one of two, not one of three
        ("a+ a- a+ b+", 3, 3),
    ],
)
def test_a_run_claims_no_more_rounds_than_the_tests_had_of_which_it_speaks(
    told: str, most: int, claimed: int
) -> None:
    assert (rounds(ran(told)), complete(ran(told))) == (most, claimed)


@pytest.mark.parametrize(
    ("told", "is_so"),
    [
        ("a- a+ a+", True),
        ("a- a-", False),
        ("a+ a-", False),
        ("a+ a+", False),
        ("a- a+ b- b+", True),
        ("", False),
    ],
)
def test_a_failure_in_the_first_round_is_told_from_one_in_any_other(told: str, is_so: bool) -> None:
    assert only_first(ran(told)) is is_so
