"""JSON without the package means what the package says, for every value and every text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.incident.json_text import canonical, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def theirs(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


@given(VALUES)
def test_what_is_written_and_read_is_what_json_writes_and_reads(value: object) -> None:
    assert canonical(value) == theirs(value)
    assert loads(canonical(value)) == value
    assert loads(json.dumps(value, indent=1)) == value


@given(st.text(alphabet='{}[]",:0123456789.eE+- \n\\utrfalsn"NIfiy', max_size=40))
def test_any_text_means_what_json_says(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError as problem:
        with pytest.raises(type(problem)):
            loads(text)
    else:
        assert repr(loads(text)) == repr(expected)


@pytest.mark.parametrize("text", ["", " ", " 1", "1 ", "\ufeff1", "[1] x", '"\x00"', '"open', '"\\ud800"'])
def test_the_odd_ones_too(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):
            loads(text)
    else:
        assert loads(text) == expected


def test_what_json_does_not_know_is_turned_or_refused() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    assert canonical({"b": moment, "a": (1, 2)}, str) == theirs({"b": moment, "a": (1, 2)})
    with pytest.raises(TypeError, match="datetime"):
        canonical(moment)
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError):
        canonical(circle)
