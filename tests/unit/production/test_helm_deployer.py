"""A Helm release: failed and pending revisions, rollbacks of rollbacks, and what a revision is called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from andon.errors import NotFound, Refused, Unavailable
from andon.incident.words import Outcome, ReleaseVerdict, Verdict
from tests.fakes.deploy_tools import Tool, World, history, revisions

Make = Callable[..., World]


def versions(world: World) -> list[str]:
    return [release.version for release in world.deployer.releases()]


def test_revisions_are_called_by_the_number_that_brought_them(make: Make) -> None:
    world = make("helm", names="revision")
    assert versions(world) == ["rev-3", "rev-2", "rev-1"]
    world.deployer.deploy("rev-1", "op-1")  # revision 4
    assert (versions(world), world.deployer.running()) == (["rev-3", "rev-2", "rev-1"], "rev-1")
    world.deployer.deploy("rev-2", "op-2")  # revision 5
    world.deployer.deploy("rev-1", "op-3")  # revision 6, a rollback to the rollback
    assert world.deployer.running() == "rev-1"
    assert [call[5] for call in world.tool.acts("rollback")] == ["1", "2", "4"]


def test_newer_helm_says_itself_what_a_rollback_copied(make: Make) -> None:
    world = make("helm", names="revision")
    copied = {**history()[0], "revision": 4, "status": "deployed", "rollback_revision": 1}
    replaced = [{**one, "status": "superseded"} for one in history()]
    world.tool.set(history=[*replaced, {**copied, "description": "back to the good one"}])
    assert world.deployer.running() == "rev-1"


def test_the_source_of_a_rollback_may_be_pruned(make: Make) -> None:
    world = make("helm", names="revision")
    world.deployer.deploy("rev-1", "op-1")
    world.tool.set(history=[one for one in world.tool.state["history"] if one["revision"] != 1])
    assert versions(world) == ["rev-3", "rev-2", "rev-1"]
    assert world.deployer.deploy("rev-2", "op-2").outcome is Outcome.SUCCEEDED
    assert world.deployer.deploy("rev-1", "op-3").outcome is Outcome.SUCCEEDED
    assert world.tool.acts("rollback")[-1][5] == "4"


def test_two_revisions_with_one_app_version_keep_two_names(make: Make) -> None:
    world = make("helm")
    world.tool.set(history=history(("v1.1.0", "v1.0.0", "v1.0.0")))
    assert versions(world) == ["v1.1.0", "v1.0.0@rev-2", "v1.0.0"]


def test_an_app_version_that_is_none_is_called_by_its_number(make: Make) -> None:
    world = make("helm")
    world.tool.set(history=history(("v1.1.0", "", "odd one")))
    assert versions(world) == ["v1.1.0", "rev-2", "rev-1"]


def test_a_failed_revision_is_marked_and_refused(make: Make) -> None:
    """Helm itself would go back to it: its issue 1796."""
    world = make("helm")
    failed = history()
    failed[1]["status"] = "failed"
    world.tool.set(history=failed)
    assert [r.verdict for r in world.deployer.releases()] == [
        ReleaseVerdict.UNKNOWN,
        ReleaseVerdict.ABORTED,
        ReleaseVerdict.UNKNOWN,
    ]
    with pytest.raises(Refused, match=r"v1\.1\.0 never came up"):
        world.deployer.preflight("v1.1.0")
    assert world.deployer.deploy("v1.1.0", "op-1").outcome is Outcome.FAILED
    assert not world.tool.acts("rollback")
    with pytest.raises(NotFound, match=r"no revision of v1\.1\.0 that came up"):
        world.deployer.describe("v1.1.0")


def test_after_a_failed_upgrade_nobody_says_what_runs_and_the_way_back_is_open(make: Make) -> None:
    world = make("helm")
    failed = history()
    failed[2]["status"] = "failed"
    failed[1]["status"] = "deployed"
    world.tool.set(history=failed)
    with pytest.raises(Unavailable, match="revision 3 is failed"):
        world.deployer.running()
    report = world.deployer.deploy("v1.1.0", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.SUCCEEDED, "v1.1.0")


@pytest.mark.parametrize("status", ["pending-upgrade", "pending-rollback", "pending-install"])
def test_a_release_that_hangs_is_refused_with_the_way_out(make: Make, status: str) -> None:
    world = make("helm")
    hanging = history()
    hanging[2]["status"] = status
    world.tool.set(history=hanging)
    with pytest.raises(Refused) as caught:
        world.deployer.preflight("v1.0.0")
    assert status in caught.value.message
    assert "helm --kube-context=eu --namespace=prod rollback shop 1" in caught.value.remedy
    assert "andon deployed v1.0.0 --rollback" in caught.value.remedy
    with pytest.raises(Unavailable):
        world.deployer.running()


def test_a_rollback_that_fails_leaves_what_runs_open(make: Make) -> None:
    world = make("helm")
    broken = [
        *history(),
        {
            **history()[0],
            "revision": 4,
            "status": "failed",
            "description": 'Rollback "shop" failed: timed out',
        },
    ]
    world.tool.trouble("rollback", exit=1, print="Error: timed out waiting for the condition")
    world.tool.set(history=broken)
    report = world.deployer.deploy("v1.1.0", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.FAILED, "")
    assert "what runs is not known" in report.detail


def test_a_release_that_was_uninstalled_runs_nothing(make: Make) -> None:
    world = make("helm")
    world.tool.set(history=[{**history()[0], "status": "uninstalled"}])
    assert (world.deployer.running(), world.deployer.releases()) == ("", ())


def test_flux_behind_a_helm_release_is_refused(make: Make, tmp_path: Path) -> None:
    world = make("helm")
    labels = {"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "prod"}
    place = tmp_path / "cluster"
    Tool(place, "kubectl", {"kind": "Deployment", "revisions": revisions(), "current": 3, "labels": labels})
    with pytest.raises(Refused, match="Flux keeps this workload equal to git"):
        world.deployer.preflight("v1.0.0")


def test_the_workloads_of_a_release_have_to_be_ready(make: Make, tmp_path: Path) -> None:
    world = make("helm")
    Tool(
        tmp_path / "cluster",
        "kubectl",
        {"kind": "Deployment", "revisions": revisions(), "current": 3, "replicas": 4, "ready": 1},
    )
    seen = world.deployer.capacity("v1.2.0")
    assert (seen.verdict, seen.summary) == (Verdict.FAILED, "1 of 4 replicas are ready")
