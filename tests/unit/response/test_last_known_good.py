"""The release to go back to: newest with a good verdict from before the break. Unknown is never chosen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.incident import events as e
from andon.incident.words import ReleaseVerdict, Verdict
from andon.response.last_known_good import last_known_good
from tests.unit.response.situations import ABORTED, BAD, GOOD, UNKNOWN, ago, judged, ledger, put

ALL = frozenset(("v1", "v2", "v3", "v4"))


def test_it_is_the_newest_good_one_with_its_reason() -> None:
    history = ledger(
        put("v1", 9000), judged("v1"), put("v2", 5000), judged("v2", reason="a week"), put("v3", 10)
    )
    found = last_known_good(history, broke_at=ago(8), running="v3", available=ALL)
    assert found.version == "v2"
    assert found.reason == "judged good at 2026-03-01 02:03 UTC (a week), first deployed 2026-02-25 14:40 UTC"


@pytest.mark.parametrize(
    ("event", "available", "objection"),
    [
        (None, ALL, "v2: nobody knows whether it is good"),
        (judged("v2", BAD, "it broke"), ALL, "v2: judged bad: it broke"),
        (judged("v2", ABORTED, "stopped"), ALL, "v2: judged aborted: stopped"),
        (judged("v2", UNKNOWN, "no traffic"), ALL, "v2: nobody knows whether it is good"),
        (judged("v2"), ALL - {"v2"}, "v2: its artefact is gone"),
    ],
)
def test_why_a_release_is_passed_over(
    event: e.Event | None, available: frozenset[str], objection: str
) -> None:
    history = ledger(
        put("v1", 9000),
        judged("v1"),
        put("v2", 5000),
        *([event] if event else []),
        put("v3", 10),
        judged("v3"),
    )
    found = last_known_good(history, broke_at=ago(8), running="v3", available=available)
    assert found.version == "v1"
    assert found.passed_over == ("v3: it is what runs now", objection)


def test_what_came_after_the_break_is_passed_over_however_good() -> None:
    history = ledger(put("v1", 9000), judged("v1"), put("v2", 20), put("v3", 5), judged("v3"), put("v4", 1))
    found = last_known_good(history, broke_at=ago(8), running="v4", available=ALL)
    assert found.version == "v1"
    assert found.passed_over[1] == "v3: it was first deployed after the break"
    unknown_break = last_known_good(history, broke_at=None, running="v4", available=ALL)
    assert unknown_break.version == "v3", "a break nobody can date passes nothing over"


@pytest.mark.parametrize("running", ["v2", ""])
def test_what_was_in_production_when_it_broke_is_no_way_back(running: str) -> None:
    """Somebody put v2 back by hand before they pulled the cord, or nobody can say what runs."""
    history = ledger(
        put("v1", 9000), judged("v1"), put("v2", 5000), judged("v2"), put("v3", 10), judged("v3"),
        *([put("v2", 4)] if running else []),
    )  # fmt: skip
    found = last_known_good(history, broke_at=ago(8), running=running, available=ALL)
    assert found.version == ("v1" if running else "v2")
    assert "v3: it was in production when it broke" in found.passed_over


def test_what_was_first_deployed_before_the_break_is_no_newcomer_for_having_been_put_back() -> None:
    history = ledger(put("v1", 9000), judged("v1"), put("v2", 20), put("v1", 5), put("v3", 2))
    assert last_known_good(history, broke_at=ago(8), running="v3", available=ALL).version == "v1"


def test_a_deployer_that_cannot_say_what_it_has_passes_nothing_over() -> None:
    history = ledger(put("v1", 9000), judged("v1"), put("v3", 10))
    assert last_known_good(history, broke_at=ago(8), running="v3", available=None).version == "v1"
    nothing_left = last_known_good(history, broke_at=ago(8), running="v3", available=frozenset())
    assert nothing_left.version == "" and nothing_left.reason == "no release passes"


def test_an_empty_ledger_has_none() -> None:
    found = last_known_good(ledger(), broke_at=None, running="", available=None)
    assert (found.version, found.reason, found.passed_over) == ("", "the ledger is empty", ())


def test_two_bad_releases_in_a_row() -> None:
    history = ledger(
        put("v1", 9000), judged("v1"), put("v2", 60), judged("v2"), judged("v2", BAD, "rolled back"),
        put("v3", 30), judged("v3", BAD, "rolled back"), put("v4", 10),
    )  # fmt: skip
    found = last_known_good(history, broke_at=ago(61), running="v4", available=ALL)
    assert found.version == "v1"
    assert [text.partition(":")[0] for text in found.passed_over] == ["v4", "v3", "v2"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(ALL)),
            st.integers(0, 60),
            st.none() | st.sampled_from(list(ReleaseVerdict)),
        ),
        max_size=10,
    ),
    st.sampled_from((*sorted(ALL), "")),
    st.none() | st.integers(0, 60),
    st.none() | st.frozensets(st.sampled_from(sorted(ALL))),
)
@settings(max_examples=200)
def test_whatever_is_chosen_is_good_old_enough_and_there(
    deployments: list[tuple[str, int, ReleaseVerdict | None]],
    running: str,
    broke: int | None,
    available: frozenset[str] | None,
) -> None:
    events: list[e.Event] = []
    for version, minutes, verdict in deployments:
        events.append(put(version, minutes))
        if verdict is not None:
            events.append(judged(version, verdict))
    history = ledger(*events)
    broke_at = None if broke is None else ago(broke)
    found = last_known_good(history, broke_at=broke_at, running=running, available=available)
    release = history.find(found.version)
    if release is None:
        assert found.version == ""
        assert len(found.passed_over) == len(history.releases), "every release has its objection"
        return
    assert release.verdict is GOOD
    assert release.version != running
    assert broke_at is None or release.first_deployed_at < broke_at
    assert available is None or release.version in available
    newer = [r for r in history.releases if r.deployed_at > release.deployed_at]
    assert len(found.passed_over) >= len(newer)


# ---- the safety gates and the artefact

THREE_GOOD = (put("v1", 900), judged("v1"), put("v2", 500), judged("v2"), put("v3", 10))
CLOSED = (Verdict.UNKNOWN, "the range changes the schema")


def test_the_newest_that_the_gate_lets_through_is_chosen() -> None:
    gates = {"v2": (Verdict.FAILED, "v3 dropped a column"), "v1": (Verdict.PASSED, "no schema change")}
    found = last_known_good(
        ledger(*THREE_GOOD), broke_at=ago(8), running="v3", available=ALL, gate=lambda v: gates[v]
    )
    assert (found.version, found.gate, found.gate_reason) == ("v1", Verdict.PASSED, "no schema change")
    assert found.passed_over[-1] == "v2: going back to it is not safe: v3 dropped a column"


def test_when_every_gate_is_closed_the_newest_is_named_with_its_gate() -> None:
    found = last_known_good(
        ledger(*THREE_GOOD), broke_at=ago(8), running="v3", available=ALL, gate=lambda _: CLOSED
    )
    assert (found.version, found.gate, found.gate_reason) == ("v2", *CLOSED)
    assert found.passed_over == ("v3: it is what runs now",)


def test_the_gate_is_asked_about_candidates_only_and_about_few() -> None:
    asked: list[str] = []

    def gate(version: str) -> tuple[Verdict, str]:
        asked.append(version)
        return CLOSED

    events = [event for n in range(30) for event in (put(f"v{n}", 900 - n), judged(f"v{n}"))]
    last_known_good(
        ledger(*events, put("bad", 10)), broke_at=ago(8), running="bad", available=None, gate=gate
    )
    assert asked == ["v29", "v28", "v27", "v26", "v25"]


@pytest.mark.parametrize(
    ("present", "version", "said"),
    [
        (True, "v2", ""),
        (None, "v2", "whether its artefact still exists is not known"),
        (False, "v1", ""),
    ],
)
def test_without_a_list_git_is_asked_whether_it_is_still_there(
    present: bool | None, version: str, said: str
) -> None:
    found = last_known_good(
        ledger(*THREE_GOOD),
        broke_at=ago(8),
        running="v3",
        available=None,
        present=lambda release: present if release.version == "v2" else True,
    )
    assert found.version == version and found.reason.endswith(said)
    listed = last_known_good(
        ledger(*THREE_GOOD), broke_at=ago(8), running="v3", available=ALL, present=lambda _: False
    )
    assert listed.version == "v2", "the deployer's own list counts more"


def test_what_never_came_through_to_production_is_no_way_back() -> None:
    aborted = e.ReleaseDeployed(
        version="v2", commit="", deployed_at=ago(500), source="symlink", is_aborted=True
    )
    history = ledger(put("v1", 900), judged("v1"), aborted, judged("v2"), put("v3", 10))
    found = last_known_good(history, broke_at=ago(8), running="v3", available=ALL)
    assert found.version == "v1"
    assert found.passed_over[-1] == "v2: it never came through to production"
