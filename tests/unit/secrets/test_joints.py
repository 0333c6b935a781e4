"""What joins the parts of a text is found by RE2 wherever the exact expression finds it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.expressions import fast_search
from andon.secrets.hits import _joints

PARTS = [
    '"',
    "'",
    "`",
    "a",
    "b",
    "R",
    " ",
    "\t",
    "\r\n",
    "\n",
    "+",
    ".",
    "&",
    "\\",
    "_",
    "(",
    ")",
    "#",
    "//",
    "x-",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=24).map(lambda parts: "".join(parts).encode())


@given(TEXTS)
def test_both_ways_find_the_same(text: bytes) -> None:
    search = fast_search(_joints.pattern)
    if search is None:
        pytest.skip("RE2 is not installed")
    assert list(_joints._spans_fast(search, text)) == list(_joints.spans_plainly(text))
