"""The configuration's cache: what was written is read, and anything else is refused as such."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.config.compact import dumps, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_was_written_is_read(value: object) -> None:
    assert loads(dumps(value)) == value
    assert type(loads(dumps(value))) is type(value)


@given(VALUES, st.data())
def test_what_was_cut_is_refused(value: object, data: st.DataObject) -> None:
    text = dumps(value)
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ValueError):
        loads(text[:cut])


@given(st.text(alphabet="ntfids:;lme0123456789-.a\n"))
def test_any_other_text_is_a_value_error(text: str) -> None:
    try:
        loads(text)
    except ValueError:
        return
    assert dumps(loads(text))


@pytest.mark.parametrize(
    "text", ["", "l" * 1000, "ms1:ae", "mi1;ne", "s-1:", "s²:ab", "i;", "dnope;", "nn", "z"]
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        loads(text)


def test_a_word_of_the_model_is_kept_as_text() -> None:
    class Word(str):
        __slots__ = ()

    assert loads(dumps((Word("a"), 1))) == ["a", 1]
