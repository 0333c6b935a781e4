"""A smoke test that comes and goes is unknown, whatever it said last."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.incident.words import Verdict
from andon.response.flapping import is_settled, steadiness

RUNS = {"P": Verdict.PASSED, "F": Verdict.FAILED, "U": Verdict.UNKNOWN}


def runs(letters: str) -> tuple[Verdict, ...]:
    return tuple(RUNS[letter] for letter in letters)


@pytest.mark.parametrize(
    ("settling", "watched", "verdict", "remark"),
    [
        ("PP", "", "P", ""),
        ("PP", "PPP", "P", ""),
        ("FFFPP", "P", "P", ""),
        ("FPFUPFPP", "PP", "P", ""),
        ("FPF", "PP", "P", ""),
        ("FFF", "F", "F", ""),
        ("FUF", "U", "U", ""),
        ("UUU", "", "U", ""),
        ("FFF", "P", "U", "flaps (1 of 4 passed)"),
        ("FPFPF", "P", "U", "flaps (3 of 6 passed)"),
        ("PP", "F", "U", "flaps (2 of 3 passed)"),
        ("PP", "PFP", "U", "flaps (4 of 5 passed)"),
        ("FFPP", "FPFPF", "U", "flaps (4 of 7 passed)"),
        ("PP", "FPP", "U", "flaps (4 of 5 passed)"),
        ("PP", "PUP", "U", "flaps (4 of 5 passed)"),
        ("PP", "PFF", "F", "flaps (3 of 5 passed), and the last 2 failed"),
        ("PP", "PFU", "U", "flaps (3 of 5 passed)"),
        ("P", "", "U", "it passed 1 of the 2 times in a row that are needed"),
        ("", "", "U", "it was not run"),
    ],
)
def test_what_all_runs_say(settling: str, watched: str, verdict: str, remark: str) -> None:
    found = steadiness(runs(settling), runs(watched), 2)
    assert (found.verdict, found.remark) == (RUNS[verdict], remark)


LETTERS = st.text("PFU", max_size=8).map(runs)


@given(LETTERS, LETTERS, st.integers(1, 4))
def test_a_pass_has_enough_in_a_row_and_none_that_did_not_while_watched(
    settling: tuple[Verdict, ...], watched: tuple[Verdict, ...], in_a_row: int
) -> None:
    found = steadiness(settling, watched, in_a_row)
    every = (*settling, *watched)
    steady = is_settled(every, in_a_row) and set(watched) <= {Verdict.PASSED}
    assert (found.verdict is Verdict.PASSED) == steady
    if found.verdict is Verdict.FAILED:
        assert every[-1] is Verdict.FAILED
    if found.verdict is not Verdict.PASSED and Verdict.PASSED in every:
        assert found.remark
