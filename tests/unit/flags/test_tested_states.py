"""The report of tested states: collected, merged, read back, and compared with what flags can be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.flags.tested_states import (
    NAMED,
    StateReport,
    collected,
    from_plain,
    is_passing,
    is_under_way,
    merged,
    to_plain,
    untested,
)

TEXT = st.text(max_size=8)
VALUE = st.one_of(st.none(), st.booleans(), st.integers(), TEXT, st.just({"a": 1}))
RAN = st.lists(st.tuples(TEXT, TEXT, VALUE, TEXT), max_size=12)


def report(*ran: tuple[str, str, Any, str], commit: str = "c1", is_clean: bool = True) -> StateReport:
    return StateReport(commit=commit, is_clean=is_clean, states=collected(ran))


@given(ran=RAN, commit=TEXT, is_clean=st.booleans())
def test_what_is_written_is_read_back(ran: list[Any], commit: str, is_clean: bool) -> None:
    made = report(*ran, commit=commit, is_clean=is_clean)
    assert from_plain(json.loads(json.dumps(to_plain(made)))) == made


def test_tests_are_named_once_and_only_so_many() -> None:
    (state,) = collected(("f", "on", True, f"t{n % 300}") for n in range(600))
    assert state.count == 300 and len(state.tests) == NAMED and state.value is True


@pytest.mark.parametrize(
    ("earlier", "adds_up"),
    [
        (report(("f", "on", True, "t1")), True),
        (report(("f", "on", True, "t1"), commit="c2"), False),
        (report(("f", "on", True, "t1"), is_clean=False), False),
        (None, False),
    ],
)
def test_only_runs_at_one_clean_commit_add_up(earlier: StateReport | None, adds_up: bool) -> None:
    found = merged(earlier, report(("f", "off", False, "t2")))
    assert [state.variant for state in found.states] == (["off", "on"] if adds_up else ["off"])
    dirty = report(("f", "off", False, "t2"), is_clean=False)
    assert merged(earlier, dirty) == dirty
    nowhere = report(("f", "off", False, "t2"), commit="")
    assert merged(report(("f", "on", True, "t1"), commit=""), nowhere) == nowhere


def test_a_test_that_fails_takes_back_what_it_showed() -> None:
    earlier = report(("f", "on", True, "t1"), ("f", "on", True, "t2"), ("f", "off", False, "t1"))
    found = merged(earlier, report(), ["t1"])
    assert [(state.variant, state.tests) for state in found.states] == [("on", ("t2",))]


@pytest.mark.parametrize(
    ("variants", "ran", "lacks"),
    [
        ({"on": True, "off": False}, [("on", True)], ("off",)),
        ({"on": True, "off": False}, [("on", True), ("off", False)], ()),
        ({"yes": True, "no": False}, [("on", True), ("off", False)], ()),
        ({"on": True, "off": False}, [("on", None)], ("on", "off")),
        ({"a": "x", "b": "y"}, [("a", "x")], ("b",)),
        ({"a": "x", "b": "y"}, [("x", "x")], ("a", "b")),
        ({"one": 1, "on": True}, [("one", 1)], ("on",)),
        ([], [], ()),
    ],
)
def test_states_that_no_test_ran_with(
    variants: Any, ran: list[tuple[str, Any]], lacks: tuple[str, ...]
) -> None:
    states = collected(("f", variant, value, "t") for variant, value in ran)
    assert untested("f", {"variants": variants}, states) == lacks
    assert untested("other", {"variants": {"on": True}}, states) == ("on",)


def test_which_flags_come_and_go() -> None:
    rule = {"fractional": []} | {"x": 1}
    for kind, passes in (("release", True), ("experiment", True), ("", True), ("ops", False), (7, True)):
        flag = {"metadata": {"kind": kind}, "targeting": rule}
        assert is_passing(flag) is passes and is_under_way(flag) is passes
    assert is_passing({}) and not is_under_way({}) and not is_under_way({"targeting": {}})
    assert not is_under_way({"targeting": rule, "state": "DISABLED"})


WELL = to_plain(report(("f", "on", True, "t")))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {**WELL, "format": 2},
        {**WELL, "commit": 3},
        {**WELL, "clean": "yes"},
        {**WELL, "states": {}},
        {**WELL, "states": [3]},
        *({**WELL, "states": [{**WELL["states"][0], field: {}}]} for field in WELL["states"][0]),
        {**WELL, "states": [{**WELL["states"][0], "count": 0}]},
    ],
)
def test_anything_else_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput):
        from_plain(wrong, "report.json")
