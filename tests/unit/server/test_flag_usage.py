"""Counts of evaluations: added up, bounded, kept."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from andon.server.flag_usage import Usage
from tests.flag_server import switch

FLAGS = {"a": switch(), "odd": "no object"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=3), below, max_size=3),
    max_leaves=10,
)


def test_counts_add_up_over_processes_and_restarts() -> None:
    usage = Usage(None, 100.0)
    usage.count([["a", "on", 3], ["a", "on", 4], ["a", "", 1], ["odd", "x", 2]], FLAGS, 110.0)
    again = Usage(json.loads(json.dumps(usage.plain())), 500.0)
    again.count([["a", "on", 1]], FLAGS, 510.0)
    told = again.plain()
    assert told["since"] == 100.0
    assert told["counts"] == {"a": {"on": [8, 510.0], "": [1, 110.0]}, "odd": {"": [2, 110.0]}}


def test_a_clock_that_goes_back_does_not_make_a_flag_look_unused() -> None:
    usage = Usage(None, 100.0)
    usage.count([["a", "on", 1]], FLAGS, 200.0)
    usage.count([["a", "on", 1]], FLAGS, 150.0)
    assert usage.plain()["counts"]["a"]["on"] == [2, 200.0]


@given(st.lists(JSON, max_size=5), JSON)
def test_whatever_is_sent_or_was_kept_is_no_error(sent: list[object], kept: object) -> None:
    usage = Usage(kept, 1.0)
    usage.count(sent, FLAGS, 2.0)
    assert Usage(json.loads(json.dumps(usage.plain())), 3.0).plain() == usage.plain()


def test_memory_is_bounded() -> None:
    usage = Usage(None, 1.0)
    usage.count([[f"k{n}" + "x" * 1000, "v", 1] for n in range(5000)], FLAGS, 2.0)
    told = usage.plain()
    assert len(told["unknown"]) == 500
    assert max(map(len, told["unknown"])) <= 200
