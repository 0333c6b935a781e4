"""GitHub Actions: the run of this very operation is followed, and only GitHub's word about it counts."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from andon.errors import Refused, Unavailable
from andon.incident.words import Outcome, ReleaseVerdict
from tests.fakes.deploy_tools import World
from tests.fakes.tools import gh

Make = Callable[..., World]


def test_a_run_that_the_tool_names_is_followed_whatever_it_is_called(make: Make) -> None:
    world = make("github-actions")
    world.tool.set(prints_address=True, nameless=True)
    assert world.deployer.deploy("v1.0.0", "op-1").outcome is Outcome.SUCCEEDED
    assert world.tool.acts("watch")[0][3] == "104"


def test_a_run_without_our_name_is_not_taken_for_ours(make: Make) -> None:
    world = make("github-actions")
    world.tool.set(nameless=True)
    report = world.deployer.deploy("v1.0.0", "op-1")
    assert report.outcome is Outcome.UNKNOWN
    assert "run-name with inputs.operation" in report.detail
    assert not world.tool.acts("watch")


def test_an_operation_is_not_mistaken_for_its_undo(make: Make) -> None:
    world = make("github-actions")
    world.tool.set(runs=[gh.run(103, "deploy v1.2.0 op-1-undo-9"), gh.run(101, "deploy v1.0.0")])
    assert world.deployer.deploy("v1.0.0", "op-1").outcome is Outcome.SUCCEEDED
    assert len(world.tool.acts("workflow")) == 1


def test_a_repeated_operation_starts_no_second_run(make: Make) -> None:
    world = make("github-actions")
    for _ in range(2):
        assert world.deployer.deploy("v1.0.0", "op-1").outcome is Outcome.SUCCEEDED
    assert len(world.tool.acts("workflow")) == 1
    assert len(world.tool.acts("watch")) == 2


@pytest.mark.parametrize("ends", ["failure", "cancelled", "timed_out"])
def test_a_run_that_fails_is_a_failure_with_where_to_look(make: Make, ends: str) -> None:
    world = make("github-actions")
    world.tool.set(ends=ends)
    report = world.deployer.deploy("v1.0.0", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "")
    assert f"ended with {ends}: gh run view 104 --log-failed --repo=acme/shop" in report.detail


def test_watching_that_breaks_off_proves_nothing_either_way(make: Make) -> None:
    world = make("github-actions")
    world.tool.trouble("watch", exit=1, print="HTTP 502")
    assert world.deployer.deploy("v1.0.0", "op-1").outcome is Outcome.SUCCEEDED  # GitHub says it did
    world.tool.set(ends="")
    report = world.deployer.deploy("v1.1.0", "op-2")
    assert report.outcome is Outcome.UNKNOWN
    assert "is in_progress" in report.detail and "gh run watch 105" in report.detail


def test_a_run_that_cannot_be_asked_about_any_more_is_unknown(make: Make) -> None:
    world = make("github-actions")
    world.tool.trouble("view", exit=1, print="HTTP 404")
    assert world.deployer.deploy("v1.0.0", "op-1").outcome is Outcome.UNKNOWN


def test_the_commit_is_the_runs_own_only_when_a_push_made_it(make: Make) -> None:
    """A run that was started by hand is recorded at the branch, whatever it deploys."""
    world = make("github-actions")
    runs = [
        gh.run(9, "deploy v1.0.0 op-1", event="workflow_dispatch"),
        gh.run(8, "deploy 3f2a91c7 op-2", event="workflow_dispatch"),
        gh.run(7, f"deploy {'d' * 40}", head="d" * 40),
    ]
    world.tool.set(runs=runs)
    assert [r.commit for r in world.deployer.releases()] == ["", "3f2a91c7", "d" * 40]


def test_a_version_that_only_failed_is_marked_and_refused(make: Make) -> None:
    world = make("github-actions")
    runs = [
        gh.run(9, "deploy v1.2.0", "failure"),
        gh.run(8, "deploy v1.1.0", "failure"),
        gh.run(7, "deploy v1.1.0"),
        gh.run(6, "Some other run"),
    ]
    world.tool.set(runs=runs)
    found = {r.version: r.verdict for r in world.deployer.releases()}
    assert found == {"v1.2.0": ReleaseVerdict.ABORTED, "v1.1.0": ReleaseVerdict.UNKNOWN}
    with pytest.raises(Refused, match="never came up"):
        world.deployer.preflight("v1.2.0")


@pytest.mark.parametrize(("conclusion", "said"), [("failure", "is failure"), ("", "is in_progress")])
def test_after_a_run_that_did_not_succeed_nobody_says_what_runs(
    make: Make, conclusion: str, said: str
) -> None:
    world = make("github-actions")
    world.tool.set(runs=[gh.run(9, "deploy v1.2.0", conclusion), gh.run(8, "deploy v1.1.0")])
    with pytest.raises(Unavailable, match=said):
        world.deployer.running()


def test_production_itself_may_be_asked(make: Make) -> None:
    world = make("github-actions", running=(sys.executable, "-IS", "-c", "print('v7')"))
    assert world.deployer.running() == "v7"
    report = world.deployer.deploy("v1.0.0", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v7")  # the run lies


@pytest.mark.parametrize(
    ("title", "name", "version"),
    [
        ("deploy {version} {operation}", "deploy v1", "v1"),
        ("deploy {version} {operation}", "deploy v1 op-1", "v1"),
        ("deploy {version} {operation}", "Merge pull request #7", None),
        ("deploy {version} {operation}", "deploy v1 op-1 now", None),
        ("{version}: production ({operation})", "v1: production (op-1)", "v1"),
        ("{version}: production ({operation})", "v1: production ()", "v1"),
        ("deploy.{version}", "deployXv1", None),
        ("deploy {version}", "deploy --rm", None),
    ],
)
def test_the_name_of_a_run_tells_its_version(make: Make, title: str, name: str, version: str | None) -> None:
    world = make("github-actions", title=title)
    world.tool.set(runs=[gh.run(9, name)])
    assert [r.version for r in world.deployer.releases()] == ([version] if version else [])
