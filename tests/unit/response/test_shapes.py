"""The shape of a message keeps its words and nothing that changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.shapes import NAMES, VALUES, gathered, masked, merging, resemble, shape

WORDS = ("alpha", "bravo", "carol", "delta", "echo", "frank", "golf", "hotel")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("order 4711 lost", "order <*> lost"),
        ("order o-4711x lost", "order <*> lost"),
        ("user=bob id=77 done", "user=bob id=<*> done"),
        ("charge(12, EUR) failed", "charge(<*> EUR) failed"),
        ("took 12 34 56 ms", "took <*> ms"),
        ("nodes 1, 2, 3 down", "nodes <*> down"),
        ("10.0.0.1:8080 refused", "<*> refused"),
        ("nothing changes", "nothing changes"),
        ("", ""),
    ],
)
def test_what_changes_is_masked(message: str, expected: str) -> None:
    assert shape(message) == expected


@given(st.lists(st.text(alphabet="ab1=(, \t", max_size=20), max_size=8))
def test_many_lines_are_masked_like_one(lines: list[str]) -> None:
    many = masked("\n".join(lines).encode()).decode().split("\n")
    assert [gathered(line) for line in many] == [shape(line) for line in lines] or not lines


@given(st.text(max_size=60))
def test_no_digit_is_left(text: str) -> None:
    assert not any(c in "0123456789" for c in shape(text))


def test_a_position_that_takes_many_words_changes() -> None:
    few = [f"order of {who} lost" for who in WORDS[: VALUES - 1]]
    assert {merging(few).of(one) for one in few} == set(few)
    many = [f"order of {who} lost" for who in WORDS[:VALUES]]
    found = merging(many)
    assert {found.of(one) for one in many} == {"order of <*> lost"}
    assert found.of("order of zoe lost") == "order of <*> lost", "also for what was not there"
    assert found.of("order by zoe lost") == "order by zoe lost"


def test_names_of_things_need_fewer() -> None:
    many = [f"cannot read /srv/{who} now" for who in WORDS[:NAMES]]
    assert {merging(many).of(one) for one in many} == {"cannot read <*> now"}


def test_what_a_message_begins_with_never_changes_nor_does_one_without_words() -> None:
    first = [f"{who} lost" for who in WORDS]
    bare = [f"<*> {who} <*>" for who in WORDS]
    for shapes in (first, bare):
        found = merging(shapes)
        assert {found.of(one) for one in shapes} == set(shapes)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Failed password for ann from <*>", "Failed password for bob from <*>", True),
        ("chrome.exe - <*> error : proxy closed", "QQ.exe - <*> error : proxy closed", True),
        ("order lost", "order kept and paid", False),
        ("<*>", "<*>", True),
        ("<*> !", "<*> ?", False),
    ],
)
def test_what_resembles_each_other(one: str, other: str, expected: bool) -> None:
    assert resemble(one, other) is resemble(other, one) is expected


@given(st.sets(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), max_size=60))
def test_merging_does_not_depend_on_the_order(shapes: set[str]) -> None:
    one, other = merging(sorted(shapes)), merging(sorted(shapes, reverse=True))
    assert all(one.of(s) == other.of(s) for s in shapes)
    assert all(len(one.of(s).split()) == len(s.split()) for s in shapes)
