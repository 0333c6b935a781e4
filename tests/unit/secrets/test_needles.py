"""The literals of secrets: the slow and the fast way of looking find the same, at every place."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.needles import MUCH, Needles
from andon.secrets.patterns import NEEDLES

LETTERS = st.text(alphabet="abAB_\\.k\xff\n", min_size=1, max_size=5).map(lambda text: text.encode("latin-1"))
TEXTS = st.text(alphabet="abABkK_\\.\xff\n\x00", max_size=60).map(lambda text: text.encode("latin-1"))


@given(st.lists(LETTERS, min_size=1, max_size=8), TEXTS, st.booleans())
def test_both_ways_find_the_same(literals: list[bytes], text: bytes, folded: bool) -> None:
    needles = Needles([one.lower() if folded else one for one in literals], folded=folded)
    expected = needles.find_plainly(text)
    assert needles.find_fast(text) == expected
    assert needles.find(text) == expected
    assert all(text[at : at + len(one)].lower() == one.lower() for one in expected for at in expected[one])


@given(st.lists(st.one_of(st.sampled_from(NEEDLES).map(str.encode), TEXTS), max_size=30).map(b"".join))
def test_both_ways_find_the_same_literals_of_the_known_formats(text: bytes) -> None:
    needles = Needles(map(str.encode, NEEDLES), folded=True)
    assert needles.find_fast(text) == needles.find_plainly(text)


def test_a_place_is_found_inside_and_across_another_one() -> None:
    needles = Needles([b"token", b"kent", b"ken", b"entok"])
    expected = {b"token": [0, 5], b"kent": [2], b"ken": [2, 7], b"entok": [3]}
    assert needles.find_plainly(b"tokentoken") == expected
    assert needles.find_fast(b"tokentoken") == expected


def test_little_text_is_read_without_loading_what_much_text_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)  # as if it were not installed: importing it fails
    needles = Needles([b"needle"])
    assert needles.find(b"a needle") == {b"needle": [2]}
    assert needles.find_fast(b"a needle") is None
    much = b"." * MUCH + b"needle"
    assert needles.find(much) == {b"needle": [MUCH]}


def test_no_literals_are_nowhere() -> None:
    assert Needles([]).find(b"." * MUCH * 2) == {}
    assert Needles([b""]).find(b"text") == {}
