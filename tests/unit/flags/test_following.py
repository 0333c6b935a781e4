"""What is older than the set in force is never applied, what was missed is asked for, garbage is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.flags.following import Following, OutOfStep, changed_keys

ON, OFF = {"defaultVariant": "on"}, {"defaultVariant": "off"}


def take(following: Following, name: str, message: Any) -> bool:
    """Take and commit a message; return whether it changed something."""
    change = following.take(name, message if isinstance(message, str) else json.dumps(message))
    if change is not None:
        following.commit(change)
    return change is not None


def following(version: int = 5) -> Following:
    made = Following()
    assert take(made, "put", {"version": version, "flags": {"a": ON, "b": ON}})
    return made


def test_a_patch_changes_what_it_names() -> None:
    one = following()
    assert take(one, "patch", {"version": 6, "previous": 5, "flags": {"a": OFF}, "removed": ["b"]})
    assert one.document == {"flags": {"a": OFF}} and one.version == 6 and one.is_in_step


def test_a_patch_leaves_evaluators_and_the_document_before_it_alone() -> None:
    one = Following()
    take(one, "put", {"version": 1, "flags": {"a": ON}, "$evaluators": {"e": True}, "unknown": 1})
    before = one.document
    take(one, "patch", {"version": 2, "previous": 1, "flags": {"a": OFF}})
    assert one.document == {"flags": {"a": OFF}, "$evaluators": {"e": True}}
    assert before["flags"] == {"a": ON}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("put", {"version": 4, "flags": {}}),
        ("patch", {"version": 4, "previous": 3, "flags": {"a": OFF}}),
        ("ping", {"version": 4}),
    ],
)
def test_an_older_server_is_said_and_not_followed(name: str, message: Any) -> None:
    one = following()
    assert not take(one, name, message)
    assert one.behind == 4 and one.version == 5 and not one.is_in_step
    assert one.document["flags"]["a"] == ON


def test_a_server_that_catches_up_is_followed_again() -> None:
    one = following()
    take(one, "put", {"version": 3, "flags": {}})
    with pytest.raises(OutOfStep):
        take(one, "patch", {"version": 7, "previous": 3, "flags": {}})
    assert take(one, "put", {"version": 7, "flags": {"a": OFF}})
    assert not one.behind and one.is_in_step


def test_what_was_missed_is_asked_for() -> None:
    with pytest.raises(OutOfStep):
        take(following(), "patch", {"version": 9, "previous": 8, "flags": {"a": OFF}})
    with pytest.raises(OutOfStep):
        take(following(), "ping", {"version": 6})


def test_a_ping_of_the_same_version_confirms_it() -> None:
    one = following()
    one.connected()
    assert not one.is_in_step
    take(one, "ping", {"version": 5})
    assert one.is_in_step


@pytest.mark.parametrize("name", ["put", "patch", "ping"])
@pytest.mark.parametrize(
    "message",
    [
        "", "{", "null", "[]", "7", '"x"', "{}", '{"version": "6"}', '{"version": true}', '{"version": 6.5}',
        '{"version": -1}', '{"version": 9007199254740993}', '{"version": null, "flags": {}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_garbage_changes_nothing(name: str, message: str) -> None:
    one = following()
    with pytest.raises(InvalidInput):
        take(one, name, message)
    assert one.version == 5 and one.document["flags"] == {"a": ON, "b": ON}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("put", {"flags": []}),
        ("put", {}),
        ("patch", {"previous": 5, "flags": []}),
        ("patch", {"previous": 5, "flags": {}, "removed": "a"}),
        ("patch", {"flags": {}}),
    ],
)
def test_wrong_parts_change_nothing(name: str, more: dict[str, Any]) -> None:
    one = following()
    with pytest.raises(InvalidInput):
        take(one, name, {"version": 6, **more})
    assert one.version == 5


def test_events_of_a_later_server_are_passed_over() -> None:
    assert not take(following(), "weather", "rain")


@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "patch", "ping"]), st.integers(0, 12), st.integers(0, 12)),
        max_size=30,
    )
)
def test_the_version_never_goes_back(messages: list[tuple[str, int, int]]) -> None:
    one = Following()
    for name, version, previous in messages:
        before = one.version
        try:
            take(one, name, {"version": version, "previous": previous, "flags": {"v": {"n": version}}})
        except OutOfStep:
            assert one.version == before
        assert one.version >= before
        assert one.document["flags"].get("v", {"n": 0})["n"] == one.version


def test_changed_keys() -> None:
    old, new = {"flags": {"a": 1, "b": 1, "c": None}}, {"flags": {"a": 1, "b": 2, "d": None}}
    assert changed_keys(old, new) == {"b", "c", "d"}
    assert changed_keys(old, {**old, "$evaluators": {}}) == {"a", "b", "c"}
