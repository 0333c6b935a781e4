"""What a bad verdict says about the releases around it, and what takes a release out of the range again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.incident import events as e
from andon.incident.words import ReleaseVerdict
from andon.response.bad_ranges import bad_ranges, broke_with, in_range
from andon.response.last_known_good import last_known_good
from tests.unit.response.situations import BAD, GOOD, UNKNOWN, ago, judged, ledger, put


def inside(*events: e.Event) -> list[tuple[tuple[str, ...], str]]:
    """The releases of every range and what closed it."""
    return [(r.releases, r.closed_by) for r in bad_ranges(ledger(*events))]


def test_without_a_bad_verdict_there_is_no_range() -> None:
    assert bad_ranges(ledger()) == ()
    assert bad_ranges(ledger(put("v1", 90), judged("v1"), put("v2", 50), judged("v2", UNKNOWN))) == ()


def test_a_later_release_has_the_fault_however_good_it_looked_before_the_fault_was_known() -> None:
    events = (put("v1", 90), judged("v1"), put("v2", 50), put("v3", 30), judged("v3"), judged("v2", BAD))
    assert inside(*events) == [(("v2", "v3"), "")]
    found = bad_ranges(ledger(*events))
    assert found[0].is_open and in_range(found, "v3") == found[0] and in_range(found, "v1") is None


def test_a_good_verdict_on_newer_code_closes_the_range_behind_it() -> None:
    events = (
        put("v1", 90), judged("v1"), put("v2", 50), put("v3", 30), judged("v3"), judged("v2", BAD),
        put("v4", 20), judged("v4"), put("v5", 10),
    )  # fmt: skip
    assert inside(*events) == [(("v2", "v3"), "v4")]


def test_the_fix_of_the_same_incident_closes_the_range_although_it_was_judged_first() -> None:
    """One verification judges both: the fix that runs, then what it replaced."""
    events = (
        put("v1", 90), judged("v1"), put("v2", 50), judged("v2"), put("v3", 20, source="hotfix"),
        judged("v3", incident="INC-1"), judged("v2", BAD, incident="INC-1"),
    )  # fmt: skip
    assert inside(*events) == [(("v2",), "v3")]
    other = (*events[:-2], judged("v3", incident="INC-2"), judged("v2", BAD, incident="INC-1"))
    assert inside(*other) == [(("v2", "v3"), "")]


def test_the_release_that_was_put_back_closes_nothing() -> None:
    """It is older than the fault; and it is no part of the range for having run after it."""
    events = (
        put("v1", 90), put("v2", 50), put("v1", 20, source="rollback"), judged("v1"),
        judged("v2", BAD, broke_at=ago(45)),
    )  # fmt: skip
    assert inside(*events) == [(("v2",), "")]


def test_what_ran_from_the_break_on_is_bad_as_well() -> None:
    """Two bad releases: v2 broke it, v3 did not mend it, and only v3 was judged."""
    events = (
        put("v1", 90), judged("v1"), put("v2", 50), judged("v2"), put("v3", 30),
        put("v1", 10, source="rollback"), judged("v3", BAD, broke_at=ago(48)), judged("v1"),
    )  # fmt: skip
    assert inside(*events) == [(("v2", "v3"), "")]
    assert inside(*(*events, judged("v3", UNKNOWN, "it was the database"))) == []


@pytest.mark.parametrize(
    ("broke", "version"),
    [(49, "v2"), (30.5, "v2"), (29, "v3"), (51.5, "v2"), (53, "v1"), (100, "")],
)
def test_which_release_ran_when_it_broke(broke: float, version: str) -> None:
    """Errors may come a little before the entry in the ledger, where nothing else explains them."""
    found = broke_with(ledger(put("v1", 90), put("v2", 50), put("v3", 30)), ago(broke))
    assert (found.version if found else "") == version


def test_in_a_quick_sequence_the_one_before_the_break_is_meant() -> None:
    found = broke_with(ledger(put("v1", 90), put("v2", 50), put("v3", 49)), ago(49.5))
    assert found is not None and found.version == "v2"


# ---- what git knows


def test_code_from_another_branch_has_neither_the_fault_nor_the_fix() -> None:
    """v3 was made from v1: it came after v2 and has nothing of it."""
    events = (
        put("v1", 90), judged("v1"), put("v2", 50), put("v3", 30), judged("v3"), judged("v2", BAD),
        judged("v3", reason="again"),
    )  # fmt: skip
    found = bad_ranges(ledger(*events), lambda *_: False)
    assert [(r.releases, r.closed_by) for r in found] == [(("v2",), "")]


def test_what_git_does_not_know_the_order_tells() -> None:
    events = (put("v2", 50), put("v3", 30), judged("v3"), judged("v2", BAD))
    assert bad_ranges(ledger(*events), lambda *_: None)[0].releases == ("v2", "v3")


def test_git_is_asked_about_good_releases_only() -> None:
    asked = []

    def contains(version: str, other: str) -> bool:
        asked.append((version, other))
        return True

    bad_ranges(ledger(put("v1", 9), put("v2", 8), put("v3", 7), judged("v3"), judged("v1", BAD)), contains)
    assert set(asked) == {("v3", "v1")}


# ---- the way back and the ranges


def test_a_release_in_a_range_is_no_way_back_and_says_why() -> None:
    history = ledger(
        put("v1", 900), judged("v1"), put("v2", 500), put("v3", 300), judged("v3"),
        judged("v2", BAD, "it lost orders"), put("v4", 10),
    )  # fmt: skip
    found = last_known_good(history, broke_at=ago(8), running="v4", available=None)
    assert found.version == "v1"
    assert found.passed_over[1] == (
        "v3: it has the fault of v2, judged bad: it lost orders (not fixed since)"
    )


def test_a_release_behind_the_fix_is_a_way_back_and_one_before_it_is_not() -> None:
    history = ledger(
        put("v1", 900), judged("v1"), put("v2", 500), put("v3", 300), judged("v3"), judged("v2", BAD),
        put("v4", 200), judged("v4"), put("v5", 10),
    )  # fmt: skip
    assert last_known_good(history, broke_at=ago(8), running="v5", available=None).version == "v4"
    gone = last_known_good(history, broke_at=ago(8), running="v5", available=frozenset(("v1", "v3")))
    assert gone.version == "v1", "v3 never had the fix"


ACTS = st.lists(
    st.tuples(
        st.sampled_from(("v1", "v2", "v3", "v4")),
        st.integers(0, 60),
        st.none() | st.sampled_from(list(ReleaseVerdict)),
        st.none() | st.integers(0, 70),
    ),
    max_size=12,
)


@given(ACTS, st.sampled_from((True, False, None)))
@settings(max_examples=200, deadline=None)
def test_no_way_back_leads_into_a_range(
    acts: list[tuple[str, int, ReleaseVerdict | None, int | None]], knows: bool | None
) -> None:
    events: list[e.Event] = []
    for version, minutes, verdict, broke in acts:
        events.append(put(version, minutes))
        if verdict is not None:
            events.append(judged(version, verdict, broke_at=None if broke is None else ago(broke)))
    history = ledger(*events)

    def contains(version: str, other: str) -> bool | None:
        return knows

    ranges = bad_ranges(history, contains)
    bad = {r.version for r in history.releases if r.verdict is BAD}
    assert {r.version for r in ranges} == bad
    for one in ranges:
        assert one.version in one.releases and one.closed_by not in one.releases
        closing = history.find(one.closed_by)
        assert closing is None or (closing.verdict is GOOD and closing.judged_at > one.opened_at)
    found = last_known_good(history, broke_at=None, running="", available=None, contains=contains)
    assert in_range(ranges, found.version) is None
