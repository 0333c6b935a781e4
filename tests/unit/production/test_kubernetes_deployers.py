"""Deployments and Rollouts: names that stay, automation that undoes, revisions that never came up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from andon.errors import NotFound, Refused, Unavailable
from andon.incident.words import Outcome, ReleaseVerdict, Verdict
from tests.fakes.deploy_tools import World, revisions

Make = Callable[..., World]
APPLICATIONS, ARGO = "applications.argoproj.io", "argocd.argoproj.io"


def application(name: str = "shop", automated: object = None, namespace: str = "argocd") -> dict[str, Any]:
    policy = {} if automated is None else {"automated": automated}
    source = {"repoURL": "https://git.example.com/acme/deploy"}
    metadata = {"name": name, "namespace": namespace}
    return {"metadata": metadata, "spec": {"syncPolicy": policy, "source": source}}


def refusal(world: World, version: str = "v1.0.0") -> Refused:
    """Return why a rollback is refused; the deployment then fails too, and nothing is touched."""
    with pytest.raises(Refused) as caught:
        world.deployer.preflight(version)
    report = world.deployer.deploy(version, "op-1")
    assert report.outcome is Outcome.FAILED
    assert caught.value.message in report.detail
    assert not world.tool.acts("undo") and not world.tool.acts("rollback")
    assert caught.value.remedy and caught.value.rule
    return caught.value


# -- names -----------------------------------------------------------------------------------------


def test_going_back_gives_a_new_number_and_the_name_stays(make: Make) -> None:
    world = make("kubectl")
    world.deployer.deploy("v1.0.0", "op-1")
    assert world.tool.state["current"] == 4
    assert world.deployer.running() == "v1.0.0"
    world.deployer.deploy("v1.2.0", "op-2")
    world.deployer.deploy("v1.0.0", "op-3")
    assert [call[-1] for call in world.tool.acts("undo")] == [f"--to-revision={n}" for n in (1, 3, 4)]


def test_a_later_template_with_the_same_tag_has_its_own_name(make: Make) -> None:
    world = make("kubectl")
    world.tool.set(revisions=revisions(("v1.1.0", "v1.1.0", "v1.0.0")))
    assert [r.version for r in world.deployer.releases()] == ["v1.1.0@hash3", "v1.1.0", "v1.0.0"]
    assert world.deployer.running() == "v1.1.0@hash3"
    report = world.deployer.deploy("v1.1.0", "op-1")
    assert (report.outcome, report.running_version) == (Outcome.SUCCEEDED, "v1.1.0")


def test_the_named_container_names_the_version(make: Make) -> None:
    world = make("kubectl", container="sidecar")
    assert {r.version for r in world.deployer.releases()} == {"9", "9@hash2", "9@hash3"}


@pytest.mark.parametrize(
    ("image", "version", "commit"),
    [
        ("registry.example.com:5000/shop", "latest", ""),
        (f"shop@sha256:{'a' * 64}", f"sha256:{'a' * 64}", ""),
        (f"shop:v7@sha256:{'a' * 64}", "v7", ""),
        ("shop:3f2a91c", "3f2a91c", "3f2a91c"),
        ("shop:sha-3f2a91c", "sha-3f2a91c", "3f2a91c"),
    ],
)
def test_what_an_image_is_called(make: Make, image: str, version: str, commit: str) -> None:
    world = make("kubectl")
    only = [{**revisions()[0], "image": image}]
    world.tool.set(revisions=only, current=1)
    (release,) = world.deployer.releases()
    assert (release.version, release.commit, release.artefact) == (version, commit, image)


def test_replica_sets_of_others_and_without_a_number_are_left_out(make: Make) -> None:
    world = make("kubectl")
    template = {"spec": {"template": {"spec": {"containers": [{"name": "x", "image": "x:stranger"}]}}}}
    numbered = {"deployment.kubernetes.io/revision": "9"}
    strangers = [
        {"metadata": {"annotations": numbered}, **template},
        {
            "metadata": {"annotations": numbered, "ownerReferences": [{"kind": "Job", "name": "shop"}]},
            **template,
        },
        {
            "metadata": {
                "annotations": {"deployment.kubernetes.io/revision": "x"},
                "ownerReferences": [{"kind": "Deployment", "name": "shop"}],
            },
            **template,
        },
    ]
    world.tool.set(strangers=strangers)
    assert len(world.deployer.releases()) == 3


def test_what_the_cluster_no_longer_keeps_cannot_be_gone_back_to(make: Make) -> None:
    world = make("kubectl")
    world.tool.set(revisions=revisions()[1:])
    with pytest.raises(NotFound, match=r"there is no release v1\.0\.0; there is v1\.2\.0, v1\.1\.0"):
        world.deployer.preflight("v1.0.0")
    with pytest.raises(NotFound):
        world.deployer.describe("v1.0.0")


# -- what came up, and what is ready ---------------------------------------------------------------


def test_a_deployment_past_its_deadline_never_came_up(make: Make) -> None:
    world = make("kubectl")
    stuck = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    world.tool.set(conditions=[stuck])
    assert [r.verdict for r in world.deployer.releases()] == [
        ReleaseVerdict.ABORTED,
        ReleaseVerdict.UNKNOWN,
        ReleaseVerdict.UNKNOWN,
    ]
    assert refusal(world, "v1.2.0").rule == "aborted-release"
    world.deployer.preflight("v1.1.0")


@pytest.mark.parametrize("kind", ["kubectl", "argo-rollouts"])
def test_capacity_is_there_when_every_copy_is(make: Make, kind: str) -> None:
    world = make(kind)
    world.tool.set(ready=2)
    seen = world.deployer.capacity("v1.2.0")
    assert (seen.verdict, seen.summary) == (Verdict.FAILED, "2 of 3 replicas are ready")


def test_a_rollout_that_is_not_healthy_is_not_ready(make: Make) -> None:
    world = make("argo-rollouts")
    world.tool.set(phase="Degraded")
    assert world.deployer.capacity("v1.2.0").summary == "the rollout is Degraded"


# -- Argo Rollouts ---------------------------------------------------------------------------------


def test_an_aborted_revision_is_never_gone_back_to(make: Make) -> None:
    """Argo Rollouts itself does: its issue 3039."""
    world = make("argo-rollouts")
    marked = revisions()
    marked[0]["annotations"] = {"argo-rollouts.argoproj.io/state": "abort"}
    world.tool.set(revisions=marked)
    assert refusal(world).rule == "aborted-release"


def test_a_revision_whose_analysis_failed_counts_as_aborted(make: Make) -> None:
    world = make("argo-rollouts")
    runs = [
        {"metadata": {"labels": {"rollouts-pod-template-hash": f"hash{n}"}}, "status": {"phase": phase}}
        for n, phase in ((1, "Failed"), (2, "Successful"), (3, "Error"))
    ]
    world.tool.set(resources={"analysisruns.argoproj.io": {"items": runs}})
    assert [r.verdict for r in world.deployer.releases()] == [
        ReleaseVerdict.UNKNOWN,  # it is the stable one all the same
        ReleaseVerdict.UNKNOWN,
        ReleaseVerdict.ABORTED,
    ]


def test_after_an_abort_the_stable_version_runs(make: Make) -> None:
    world = make("argo-rollouts")
    world.tool.set(abort=True, stable="hash2", phase="Degraded")
    assert world.deployer.running() == "v1.1.0"
    assert world.deployer.releases()[0].verdict is ReleaseVerdict.ABORTED
    world.deployer.preflight("v1.0.0")


def test_while_a_rollout_is_under_way_nobody_says_what_runs(make: Make) -> None:
    world = make("argo-rollouts")
    world.tool.set(stable="hash2", phase="Progressing")
    with pytest.raises(Unavailable, match="two versions serve"):
        world.deployer.running()
    refused = refusal(world)
    assert "kubectl argo rollouts abort shop" in refused.remedy


def test_the_pauses_of_a_rollout_are_told(make: Make) -> None:
    told = " ".join(make("argo-rollouts").deployer.describe("v1.0.0"))
    assert "promote shop" in told and "capacity is waited for" in told


# -- a paused Deployment, Argo CD, Flux ------------------------------------------------------------


def test_a_paused_deployment_is_refused(make: Make) -> None:
    world = make("kubectl")
    world.tool.set(paused=True)
    assert refusal(world).remedy == "kubectl rollout resume deployment/shop, then again"


@pytest.mark.parametrize("kind", ["kubectl", "argo-rollouts"])
@pytest.mark.parametrize(
    "mark",
    [
        {"annotations": {f"{ARGO}/tracking-id": "shop:apps/Deployment:prod/shop"}},
        {"annotations": {f"{ARGO}/tracking-id": "argocd_shop:apps/Deployment:prod/shop"}},
        {"labels": {f"{ARGO}/instance": "shop"}},
        {"labels": {"app.kubernetes.io/instance": "shop"}},
    ],
)
def test_argo_cd_that_syncs_by_itself_is_refused(make: Make, kind: str, mark: dict[str, Any]) -> None:
    world = make(kind)
    listed = {"items": [application("other"), application(automated={"selfHeal": True})]}
    world.tool.set(**mark, resources={APPLICATIONS: listed})
    refused = refusal(world)
    assert refused.rule == "gitops" and "at once (selfHeal)" in refused.message
    assert "git revert the bad change in https://git.example.com/acme/deploy" in refused.remedy
    assert "argocd app set" in refused.remedy


@pytest.mark.parametrize("automated", [None, {"enabled": False, "selfHeal": True}])
def test_argo_cd_that_is_synced_by_hand_is_in_nobodys_way(make: Make, automated: object) -> None:
    world = make("kubectl")
    listed = {"items": [application(automated=automated)]}
    world.tool.set(labels={f"{ARGO}/instance": "shop"}, resources={APPLICATIONS: listed})
    world.deployer.preflight("v1.0.0")


@pytest.mark.parametrize("resources", [{}, {APPLICATIONS: {"items": []}}])
def test_an_application_that_cannot_be_seen_is_refused_unless_somebody_vouches(
    make: Make, resources: dict[str, Any]
) -> None:
    world = make("kubectl")
    world.tool.set(labels={f"{ARGO}/instance": "shop"}, resources=resources)
    refused = refusal(world)
    assert "is not known" in refused.message
    assert 'gitops = "paused"' in refused.remedy


def test_who_vouches_is_not_asked(make: Make) -> None:
    world = make("kubectl", asks_gitops=False)
    world.tool.set(labels={f"{ARGO}/instance": "shop"})
    world.deployer.preflight("v1.0.0")
    assert not world.tool.acts(APPLICATIONS)


def test_a_label_that_is_also_helms_proves_nothing(make: Make) -> None:
    world = make("kubectl")
    world.tool.set(labels={"app.kubernetes.io/instance": "shop"})
    world.deployer.preflight("v1.0.0")
    world.tool.set(resources={APPLICATIONS: {"items": [application("other", automated={})]}})
    world.deployer.preflight("v1.0.0")


FLUX = {"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "flux-system"}


@pytest.mark.parametrize(("suspended", "is_refused"), [(True, False), (False, True), (None, True)])
def test_flux_is_refused_unless_it_is_suspended(make: Make, suspended: bool | None, is_refused: bool) -> None:
    world = make("kubectl")
    resources = {"helmreleases.helm.toolkit.fluxcd.io/shop": {"spec": {"suspend": suspended}}}
    world.tool.set(labels=FLUX, resources={} if suspended is None else resources)
    if is_refused:
        assert "flux suspend helmrelease shop -n flux-system" in refusal(world).remedy
    else:
        world.deployer.preflight("v1.0.0")
