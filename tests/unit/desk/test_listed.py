"""A deployer's list against the ledger: empty, in no order, twice the same, in the future, or untrue."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.desk.listed import hold
from andon.desk.values import ReleaseOnDisk
from andon.incident import events as e
from andon.incident.words import ReleaseVerdict
from tests.unit.incident.cases import START
from tests.unit.response.situations import ABORTED, BAD, GOOD, UNKNOWN, ago, judged, ledger, put


def on_disk(version: str, minutes: float | None = None, **more: object) -> ReleaseOnDisk:
    moment = None if minutes is None else ago(minutes)
    return ReleaseOnDisk(**{"version": version, "deployed_at": moment, **more})


def doubts(*listed: ReleaseOnDisk, running: str = "", events: tuple[e.Event, ...] = ()) -> tuple[str, ...]:
    return hold(ledger(*events), listed, running, START).doubts


def test_a_list_that_agrees_with_the_ledger_adds_nothing() -> None:
    held = hold(ledger(put("v1", 50), put("v2", 10)), [on_disk("v2", 10), on_disk("v1", 50)], "v2", START)
    assert (held.news, held.verdicts, held.doubts) == ((), (), ())


def test_an_empty_list_adds_only_what_runs() -> None:
    held = hold(ledger(), [], "v1", START)
    assert [(n.release.version, n.is_seen) for n in held.news] == [("v1", True)]
    assert held.releases == () and held.doubts == ()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_the_order_of_a_list_says_nothing(order: tuple[int, ...]) -> None:
    listed = [on_disk("v1", 50), on_disk("v2", 30), on_disk("v3", 10)]
    held = hold(ledger(), [listed[n] for n in order], "v3", START)
    assert [n.release.version for n in held.news] == ["v1", "v2", "v3"]


def test_of_two_entries_the_newer_counts_and_it_is_told() -> None:
    held = hold(ledger(), [on_disk("v1", 50), on_disk("v1", 10), on_disk("v1")], "", START)
    assert [(n.release.version, n.deployed_at) for n in held.news] == [("v1", ago(10))]
    assert held.doubts == ("v1 is listed more than once",)


def test_a_date_that_has_not_come_is_told_and_not_believed() -> None:
    held = hold(ledger(), [on_disk("v1", -60)], "", START)
    assert held.news == ()
    assert held.doubts == (f"v1 is dated {ago(-60):%Y-%m-%d %H:%M UTC}, which has not come",)


@pytest.mark.parametrize(
    ("listed", "running", "events", "doubt"),
    [
        ([on_disk("v1", 50)], "v9", (), "v9 runs, and is in no list of what can be deployed"),
        (
            [on_disk("v1"), on_disk("v2")], "v1", (put("v1", 50), put("v2", 10)),
            f"v1 runs, although v2 was deployed last, at {ago(10):%Y-%m-%d %H:%M UTC}",
        ),
        (
            [on_disk("v1", 50, commit="b" * 40)], "v1",
            (e.ReleaseDeployed(version="v1", commit="a" * 40, deployed_at=ago(50), source="recorded"),),
            "v1 is commit bbbbbbbbbb in the list and aaaaaaaaaa in the ledger",
        ),
        (
            [on_disk("v1", 50, verdict=ABORTED)], "v1", (put("v1", 50), judged("v1")),
            "v1 is listed as aborted, and was judged good: watched",
        ),
    ],
)  # fmt: skip
def test_a_list_that_contradicts_is_told(
    listed: list[ReleaseOnDisk], running: str, events: tuple[e.Event, ...], doubt: str
) -> None:
    assert doubt in doubts(*listed, running=running, events=events)


def test_a_short_commit_contradicts_no_long_one() -> None:
    known = e.ReleaseDeployed(version="v1", commit="a" * 40, deployed_at=ago(50), source="recorded")
    assert doubts(on_disk("v1", 50, commit="a" * 10), running="v1", events=(known,)) == ()


def test_a_list_that_is_wrong_all_over_does_not_fill_the_screen() -> None:
    found = doubts(*(on_disk(f"v{n}", -60) for n in range(40)))
    assert len(found) == 6 and found[-1] == "and 35 more contradictions"


@pytest.mark.parametrize(
    ("verdict", "events", "taken"),
    [
        (ABORTED, (), True),
        (BAD, (), True),
        (GOOD, (), False),  # no list can prove that
        (UNKNOWN, (), False),
        (BAD, (put("v1", 50),), True),
        (BAD, (put("v1", 50), judged("v1")), False),
        (BAD, (put("v1", 50), judged("v1", UNKNOWN, "it was the database")), False),
    ],
)
def test_a_list_can_speak_against_a_release_that_nobody_judged_and_never_for_one(
    verdict: ReleaseVerdict, events: tuple[e.Event, ...], taken: bool
) -> None:
    held = hold(ledger(*events), [on_disk("v1", 50, verdict=verdict)], "", START)
    assert bool(held.verdicts) is taken


MOMENTS = st.none() | st.integers(-100, 100).map(lambda minutes: START - timedelta(minutes=minutes))


@given(
    st.lists(
        st.builds(
            ReleaseOnDisk,
            version=st.sampled_from(("v1", "v2", "v3")),
            deployed_at=MOMENTS,
            verdict=st.sampled_from(list(ReleaseVerdict)),
        ),
        max_size=8,
    ),
    st.sampled_from(("", "v1", "v3", "v9")),
    st.lists(st.builds(put, st.sampled_from(("v1", "v2")), st.integers(0, 90)), max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_listed_nothing_is_believed_that_has_not_come_or_is_known(
    listed: list[ReleaseOnDisk], running: str, known: list[e.ReleaseDeployed]
) -> None:
    history = ledger(*known)
    held = hold(history, listed, running, START)
    versions = [news.release.version for news in held.news]
    assert len(versions) == len(set(versions))
    assert all(isinstance(n.deployed_at, datetime) and n.deployed_at <= START for n in held.news)
    assert {n.release.version for n in held.news if n.is_seen} <= {running}
    for news in held.news:
        before = history.find(news.release.version)
        assert before is None or news.release.version == running
