"""Which added lines are the markers of a conflict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.gates.conflicts import markers


def change(*lines: str, start: int = 1) -> Change:
    hunk = Hunk(old_start=0, new_start=start, added=lines)
    return Change(base="", head="", files=(ChangedFile(path="a", kind=Kind.CHANGED, hunks=(hunk,)),))


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        (("<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> topic"), [1, 5]),
        (("<<<<<<< HEAD", "||||||| base", "=======", ">>>>>>> x"), [1, 2, 4]),
        (("<<<<<<< HEAD\r", ">>>>>>>\r"), [1, 2]),
        (("x", "=======", "y"), []),
        (("<<<<<<<", ">>>>>>>"), []),
        (("<<<<<<<< eight",), []),
        (("<<<<<<<no space",), []),
        ((" <<<<<<< indented", "a <<<<<<< b"), []),
        (("|||||||",), []),
    ],
)
def test_markers(lines: tuple[str, ...], at: list[int]) -> None:
    assert [o.line for o in markers(change(*lines))] == at


def test_a_marker_is_the_same_wherever_it_moves() -> None:
    lines = ("<<<<<<< a", "x", "<<<<<<< a", ">>>>>>> b")
    here, there = markers(change(*lines)), markers(change(*lines, start=70))
    assert [o.fingerprint for o in here] == [o.fingerprint for o in there]
    assert len({o.fingerprint for o in here}) == 3 and there[0].line == 70


@given(st.lists(st.sampled_from(["<<<<<<< a", ">>>>>>> b", "", "x"]), max_size=400))
def test_any_number_of_them_is_bounded(lines: list[str]) -> None:
    assert len(markers(change(*lines))) <= 100
