"""The ledger next to a deployer that lists without dates, in no order, or not the truth."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from andon.desk.deployments import (
    block_release,
    changed_between,
    commit_of,
    judge,
    read_ledger,
    record_deployment,
    survey,
    unblock_release,
)
from andon.desk.values import ReleaseOnDisk
from andon.errors import NotFound, Unavailable
from andon.incident.ledger import SEEN
from andon.incident.words import ReleaseVerdict
from tests.fakes.desk import FakeDesk
from tests.fakes.production import FakeDeployer, FakeRepository
from tests.unit.desk.shop import COMMITS, ago, on_disk
from tests.unit.incident.cases import assert_commands_exist


def desk_with(root: Path, *releases: ReleaseOnDisk, running: str = "", **more: Any) -> FakeDesk:
    return FakeDesk(
        root, deployer=FakeDeployer(releases, running), repository=FakeRepository(str(root), COMMITS), **more
    )


def entered(desk: FakeDesk) -> list[tuple[str, float, str]]:
    """Version, minutes ago and source of every deployment in the ledger."""
    now = desk.clock.now()
    return [
        (d.version, (now - d.deployed_at).total_seconds() / 60, d.source)
        for d in read_ledger(desk).deployments
    ]


def test_what_the_deployer_knows_is_entered_once_oldest_first(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, running="v3")
    assert desk.deployer is not None
    desk.deployer.available = (
        ReleaseOnDisk(version="v2", deployed_at=ago(desk, 50), artefact="releases/v2"),
        ReleaseOnDisk(version="v3", deployed_at=ago(desk, 10)),
        ReleaseOnDisk(version="v1", deployed_at=ago(desk, 90)),
    )
    first = survey(desk)
    assert entered(desk) == [("v1", 90, "fake"), ("v2", 50, "fake"), ("v3", 10, "fake")]
    assert (first.running, first.is_confirmed, first.failures) == ("v3", True, ())
    assert first.available == {"v1", "v2", "v3"}
    release = first.ledger.find("v2")
    assert release is not None and (release.commit, release.artefact) == ("b" * 40, "releases/v2")
    length = first.ledger.length
    assert survey(desk).ledger.length == length


def test_without_dates_only_what_runs_is_entered_as_seen(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, *on_disk("v3", "v2", "v1"), running="v2")
    survey(desk)
    assert entered(desk) == [("v2", 0, SEEN)]
    desk.clock.moment += timedelta(hours=5)
    survey(desk)
    assert entered(desk) == [("v2", 300, SEEN)], "seen once; running on is no deployment"


def test_what_runs_and_is_in_no_list_is_entered_as_seen(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, ReleaseOnDisk(version="v1", deployed_at=None), running="v9")
    assert survey(desk).running == "v9"
    assert entered(desk) == [("v9", 0, SEEN)]


@pytest.mark.parametrize("minutes", [-6, -60, -60 * 24 * 365])
def test_a_date_that_has_not_come_is_not_believed(tmp_path: Path, minutes: float) -> None:
    desk = desk_with(tmp_path, running="v3")
    assert desk.deployer is not None
    desk.deployer.available = (
        ReleaseOnDisk(version="v3", deployed_at=ago(desk, minutes)),
        ReleaseOnDisk(version="v2", deployed_at=ago(desk, minutes)),
    )
    survey(desk)
    assert entered(desk) == [("v3", 0, SEEN)]


def test_a_clock_that_is_a_little_ahead_is_believed(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, running="v3")
    assert desk.deployer is not None
    desk.deployer.available = (ReleaseOnDisk(version="v3", deployed_at=ago(desk, -2)),)
    survey(desk)
    assert entered(desk) == [("v3", 0, "fake")]


def test_a_deployer_that_lies_again_and_again_does_not_fill_the_ledger(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, running="v3")
    assert desk.deployer is not None
    for _ in range(5):
        desk.clock.moment += timedelta(minutes=7)
        desk.deployer.available = (ReleaseOnDisk(version="v3", deployed_at=desk.clock.now()),)
        survey(desk)
    assert len(entered(desk)) == 1


def test_a_version_that_was_put_back_behind_our_back_is_noticed(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, *on_disk("v1", "v2"), running="v1")
    record_deployment(desk, "v1", deployed_at=ago(desk, 90))
    record_deployment(desk, "v2", deployed_at=ago(desk, 50))
    found = survey(desk)
    assert found.ledger.running is not None and found.ledger.running.version == "v1"
    assert entered(desk)[-1] == ("v1", 0, SEEN)
    survey(desk)
    assert len(entered(desk)) == 3


def test_a_version_that_was_deployed_again_has_its_new_date(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, running="v1")
    record_deployment(desk, "v1", deployed_at=ago(desk, 90))
    record_deployment(desk, "v2", deployed_at=ago(desk, 50))
    assert desk.deployer is not None
    desk.deployer.available = (ReleaseOnDisk(version="v1", deployed_at=ago(desk, 4)),)
    survey(desk)
    assert entered(desk)[-1] == ("v1", 4, "fake")


def test_somebody_who_looks_at_the_same_moment_enters_nothing_twice(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, *on_disk("v1"), running="v1")
    real, raced = desk.journal.append, []

    def append(stream: str, batch: Any) -> Any:
        if not raced:
            raced.append(True)
            survey(desk.another("bob"))
        return real(stream, batch)

    desk.journal.append = append  # type: ignore[method-assign]
    found = survey(desk)
    assert entered(desk) == [("v1", 0, SEEN)]
    assert found.ledger.length == 1


def test_a_deployer_that_does_not_answer_is_a_gap_not_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_with(tmp_path, *on_disk("v1"), running="v1")

    def silent() -> None:
        raise Unavailable("no route to host", where="deployer", rule="deployer", remedy="look")

    monkeypatch.setattr(desk.deployer, "running", silent)
    monkeypatch.setattr(desk.deployer, "releases", silent)
    found = survey(desk)
    assert (found.running, found.is_confirmed, found.available) == ("", False, None)
    assert [source for source, _ in found.failures] == ["releases", "running release"]
    assert entered(desk) == []


def test_without_a_deployer_the_ledger_says_what_runs_and_that_nothing_confirms_it(tmp_path: Path) -> None:
    desk = FakeDesk(tmp_path)
    record_deployment(desk, "v1")
    found = survey(desk)
    assert (found.running, found.is_confirmed) == ("v1", False)
    assert found.failures[0][0] == "deployer"


# ---- verdicts, commits, ranges


def test_a_verdict_is_on_what_was_deployed(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    with pytest.raises(NotFound, match="the ledger knows no release 'v1'") as caught:
        judge(desk, "v1", ReleaseVerdict.GOOD, "watched")
    assert_commands_exist(caught.value.remedy)
    record_deployment(desk, "v1", seconds=4.0)
    judge(desk, "v1", ReleaseVerdict.GOOD, "watched")
    release = read_ledger(desk).find("v1")
    assert release is not None
    assert (release.verdict, release.reason, release.commit) == (ReleaseVerdict.GOOD, "watched", "a" * 40)


@pytest.mark.parametrize(
    ("version", "commit"), [("v1", "a" * 40), ("1", "a" * 40), ("v9", ""), ("", ""), ("--upload-pack=x", "")]
)
def test_a_version_means_a_commit_where_git_knows_it(tmp_path: Path, version: str, commit: str) -> None:
    assert commit_of(desk_with(tmp_path), version) == commit


def test_the_range_between_two_releases(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    record_deployment(desk, "till-2026-03", commit="c" * 40)
    ledger = read_ledger(desk)
    assert changed_between(desk, ledger, "v1", "v3") == ("shop/cart.py", "shop/price.py")
    assert changed_between(desk, ledger, "v2", "till-2026-03") == ("shop/cart.py", "shop/price.py")
    assert changed_between(desk, ledger, "v9", "v3") is None
    assert changed_between(desk, ledger, "v1", "") is None
    empty = FakeDesk(tmp_path, repository=FakeRepository(str(tmp_path), ()))
    record_deployment(empty, "v1", commit="a" * 40)
    record_deployment(empty, "v2", commit="b" * 40)
    assert changed_between(empty, read_ledger(empty), "v1", "v2") is None, "commits that this clone has not"


# ---- blocked releases


def test_a_release_is_blocked_once_for_an_incident_however_often_a_step_is_tried(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    record_deployment(desk, "v2")
    first = block_release(desk, "v2", "INC-1", "the failure was gone without it")
    assert (first.version, first.incident, first.commit) == ("v2", "INC-1", "b" * 40)
    length = read_ledger(desk).length
    assert block_release(desk, "v2", "INC-1", "the failure was gone without it") == first
    assert read_ledger(desk).length == length
    assert block_release(desk, "v2", "INC-2", "again").incident == "INC-2"


def test_a_release_that_the_ledger_does_not_know_can_be_blocked(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    assert block_release(desk, "v3", "INC-1", "it never served").commit == "c" * 40
    assert block_release(desk, "v77", "INC-1", "it never served").commit == ""
    assert read_ledger(desk).block_on("v77") is not None


def test_only_a_blocked_release_can_be_unblocked(tmp_path: Path) -> None:
    desk = desk_with(tmp_path)
    with pytest.raises(NotFound, match="'v2' is not blocked") as caught:
        unblock_release(desk, "v2", "it was the database")
    assert_commands_exist(caught.value.remedy)
    block_release(desk, "v2", "", "a customer lost an order")
    assert unblock_release(desk, "v2", "it was the database").reason == "a customer lost an order"
    assert read_ledger(desk).blocks == ()
