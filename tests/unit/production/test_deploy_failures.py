"""What goes wrong with any tool: missing, failing, hanging, printing nonsense, half done, doing nothing."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from andon.errors import Unavailable
from andon.incident.words import Outcome, Verdict
from tests.fakes.deploy_tools import WORLDS, World

Make = Callable[..., World]
KINDS = tuple(WORLDS)

#: For each kind, words of the command that lists the releases, and of the one that acts.
LISTS = {
    "compose": "ls",
    "kubectl": "replicasets",
    "helm": "history",
    "argo-rollouts": "replicasets",
    "github-actions": "list",
    "kamal": "containers",
    "fly": "releases",
    "heroku": "releases",
    "vercel": "list",
}
ACTS = {
    "compose": ("up",),
    "kubectl": ("undo",),
    "helm": ("rollback",),
    "argo-rollouts": ("undo",),
    "github-actions": ("workflow",),
    "kamal": ("rollback",),
    "fly": ("deploy",),
    "heroku": ("releases:rollback",),
    "vercel": ("rollback",),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_tool_is_unavailable_and_fails_no_other_way(
    make: Make, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    world = make(kind)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))  # type: ignore[call-overload]
    with pytest.raises(Unavailable, match="no such program"):
        world.deployer.releases()
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "")
    assert "no such program" in report.detail
    assert world.deployer.capacity(world.versions[0]).verdict is not Verdict.PASSED
    assert world.deployer.logs(None, 1000).failure
    assert set(world.deployer.programs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_listing_that_is_no_listing_is_unavailable_and_says_what_to_run(make: Make, kind: str) -> None:
    world = make(kind)
    printed = {
        "a page": "<!DOCTYPE html><title>502 Bad Gateway</title>",
        "half of it": '[{"revision": 1, "metadata": {',
        "a number": "7",
        "a deep one": "[" * 100_000,
        "odd inside": '[{"revision": "x", "Version": [], "version": {}, "databaseId": true, "Tag": 5}]',
    }
    for text in printed.values():
        world.tool.set(trouble=[])
        world.tool.trouble(LISTS[kind], print=text)
        with pytest.raises(Unavailable) as caught:
            world.deployer.releases()
        assert caught.value.remedy.startswith("run it yourself: ") or "andon.toml" in caught.value.remedy
        assert len(caught.value.message) < 400
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("kind", ["helm", "kamal"])
def test_more_output_than_anybody_prints_is_unavailable(make: Make, kind: str) -> None:
    world = make(kind)
    world.tool.trouble(LISTS[kind], print="x" * 1000 + "\n", times=9000)
    with pytest.raises(Unavailable, match="more than 8 MB"):
        world.deployer.releases()


@pytest.mark.parametrize("kind", KINDS)
def test_a_listing_that_fails_says_why(make: Make, kind: str) -> None:
    world = make(kind)
    world.tool.trouble(LISTS[kind], exit=1, print="you are not \x1b[31mlogged in")
    with pytest.raises(Unavailable, match="exit code 1"):
        world.deployer.releases()
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert report.outcome is Outcome.FAILED
    assert not world.tool.acts(*ACTS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_tool_that_exits_with_0_and_did_nothing_is_found_out(make: Make, kind: str) -> None:
    world = make(kind)
    world.tool.trouble(*ACTS[kind], exit=0, print="done")
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert report.running_version == world.versions[0]
    if kind == "github-actions":  # no run of ours appeared: it may still
        assert report.outcome is Outcome.UNKNOWN
        assert "no run with op-1" in report.detail
    else:
        assert report.outcome is Outcome.FAILED
        assert f"{world.versions[0]} still runs instead of {world.versions[2]}" in report.detail


@pytest.mark.parametrize("kind", KINDS)
def test_a_tool_that_fails_is_a_failure_with_what_runs(make: Make, kind: str) -> None:
    world = make(kind)
    world.tool.trouble(*ACTS[kind], exit=3, print="\x1b[31mquota")
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, world.versions[0])
    assert "exit code 3" in report.detail and world.versions[0] in report.detail
    assert "quota" in report.output and "\x1b" not in report.output + report.detail


@pytest.mark.parametrize("kind", ["kubectl", "heroku", "fly"])
def test_a_tool_that_hangs_after_it_acted_leaves_it_open(make: Make, kind: str) -> None:
    world = make(kind, timeout=3)
    world.tool.trouble(*ACTS[kind], acts=True, sleep=60)
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert report.outcome is Outcome.UNKNOWN  # it is set, but the command never came to its end
    assert "time limit" in report.detail
    assert report.seconds < 20


def test_a_tool_that_hangs_before_it_acted_is_a_failure(make: Make) -> None:
    world = make("vercel", timeout=1.5)
    world.tool.trouble("rollback", sleep=60)
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, world.versions[0])


@pytest.mark.parametrize("kind", ["kubectl", "argo-rollouts"])
def test_half_a_deployment_says_how_far_it_came(make: Make, kind: str) -> None:
    world = make(kind)
    world.tool.trouble("status", exit=1, print="error: timed out waiting for the condition")
    report = world.deployer.deploy("v1.0.0", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "v1.0.0")
    assert "--to-revision=1 was accepted, but then" in report.detail
    assert not world.tool.acts("annotate")


def test_a_note_that_cannot_be_left_fails_nothing(make: Make) -> None:
    world = make("kubectl")
    world.tool.trouble("annotate", exit=1, print="forbidden")
    report = world.deployer.deploy("v1.0.0", "op-1")
    assert report.outcome is Outcome.SUCCEEDED
    assert "forbidden" in report.output


def test_what_cannot_be_asked_afterwards_is_unknown(make: Make) -> None:
    world = make("vercel")
    deployer = world.deployer
    world.tool.trouble("inspect", exit=1, print="503")
    report = deployer.deploy(world.versions[2], "op-1")
    assert (report.outcome, report.running_version) == (Outcome.UNKNOWN, "")
    assert "nothing confirms" in report.detail
