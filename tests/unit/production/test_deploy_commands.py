"""The exact argument lists each deployer runs, and that it says the same beforehand."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from andon.incident.words import Outcome, Verdict
from tests.fakes.deploy_tools import IMAGE, WORLDS, World

Make = Callable[..., World]

#: Kind, settings, and the commands that put the oldest of the three releases into production.
DEPLOYS: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "compose",
        {"file": "ops/compose.yml", "project": "shop", "timeout": 100},
        [
            (
                "docker compose --file=ops/compose.yml --project-name=shop up --detach --no-build --no-deps "
                "--wait --wait-timeout=90 web worker"
            )
        ],
    ),
    (
        "kubectl",
        {},
        [
            "kubectl --namespace=prod rollout undo deployment/shop --to-revision=1",
            "kubectl --namespace=prod rollout status deployment/shop --timeout=270s",
            "kubectl --namespace=prod annotate deployment/shop andon/operation=op-1 --overwrite",
        ],
    ),
    (
        "argo-rollouts",
        {"timeout": 10},
        [
            "kubectl --context=eu argo rollouts undo shop --to-revision=1",
            "kubectl --context=eu argo rollouts status shop --timeout=9s",
            "kubectl --context=eu annotate rollouts.argoproj.io/shop andon/operation=op-1 --overwrite",
        ],
    ),
    (
        "helm",
        {},
        ["helm --kube-context=eu --namespace=prod rollback shop 1 --wait --timeout=270s"],
    ),
    (
        "github-actions",
        {"ref": "main"},
        [
            (
                "gh workflow run deploy.yml --ref=main --raw-field=version=v1.0.0 --raw-field=operation=op-1 "
                "--repo=acme/shop"
            ),
            "gh run watch 104 --exit-status --interval=5 --repo=acme/shop",
        ],
    ),
    ("kamal", {"destination": "staging"}, ["kamal rollback v1.0.0 --destination=staging"]),
    (
        "fly",
        {},
        ["fly deploy --image=registry.fly.io/shop:v1.0.0 --yes --wait-timeout=270s --app=shop"],
    ),
    ("heroku", {}, ["heroku releases:rollback v1 --app=shop"]),
    (
        "vercel",
        {},
        ["vercel rollback shop-aaaa-acme.vercel.app --yes --timeout=270s --scope=acme"],
    ),
]
#: Words of the commands that only ask.
ASKING = {
    "get",
    "history",
    "ls",
    "ps",
    "list",
    "inspect",
    "releases",
    "containers",
    "version",
    "lock",
    "view",
}


def test_every_kind_is_here() -> None:
    assert [kind for kind, *_ in DEPLOYS] and {kind for kind, *_ in DEPLOYS} == set(WORLDS)


@pytest.mark.parametrize(("kind", "settings", "commands"), DEPLOYS, ids=[kind for kind, *_ in DEPLOYS])
def test_it_runs_exactly_these(make: Make, kind: str, settings: dict[str, Any], commands: list[str]) -> None:
    world = make(kind, **settings)
    said = " ".join(world.deployer.describe(world.versions[2]))
    report = world.deployer.deploy(world.versions[2], "op-1")
    assert report.outcome is Outcome.SUCCEEDED, report.detail
    acts = [call for call in world.tool.calls() if not ASKING & set(call["argv"])]
    assert [shlex.join(call["argv"]) for call in acts] == commands
    for call in acts:
        assert call["env"]["ANDON_OPERATION"] == "op-1"
        assert call["env"]["ANDON_VERSION"] == world.versions[2]
    for command in commands:
        assert command in report.output
        assert command.replace("op-1", "OPERATION").replace("watch 104", "watch RUN") in said


def test_compose_hands_the_tag_over_in_the_environment(make: Make) -> None:
    world = make("compose", variable="IMAGE_TAG")
    assert any(
        step.startswith("run IMAGE_TAG=v1.1.0 docker compose") for step in world.deployer.describe("v1.1.0")
    )
    world.deployer.deploy("v1.1.0", "op-1")
    assert [call["env"]["IMAGE_TAG"] for call in world.tool.calls() if "up" in call["argv"]] == ["v1.1.0"]


def test_a_kamal_configuration_file_goes_with_every_command(make: Make) -> None:
    world = make("kamal", file="ops/deploy.yml")
    world.deployer.deploy("v1.0.0", "op-1")
    assert all(call["argv"][-1] == "--config-file=ops/deploy.yml" for call in world.tool.calls())


#: Kind and the command that reads the log since 2024-05-01T10:00:00Z.
LOGS = [
    (
        "compose",
        "docker compose logs --no-color --timestamps --since=2024-05-01T10:00:00Z web worker",
    ),
    (
        "kubectl",
        (
            "kubectl --namespace=prod logs --selector=app=shop,tier=web --all-containers --prefix "
            "--since-time=2024-05-01T10:00:00Z --tail=5000 --max-log-requests=50"
        ),
    ),
    (
        "argo-rollouts",
        (
            "kubectl --context=eu logs --selector=app=shop,tier=web --all-containers --prefix "
            "--since-time=2024-05-01T10:00:00Z --tail=5000 --max-log-requests=50"
        ),
    ),
    ("kamal", "kamal app logs --since=2024-05-01T10:00:00Z --lines=10000 --quiet"),
    ("fly", "fly logs --no-tail --app=shop"),
    ("heroku", "heroku logs --app=shop --num=1500"),
    ("vercel", "vercel logs --deployment=shop-cccc-acme.vercel.app --json --scope=acme"),
]


@pytest.mark.parametrize(("kind", "command"), LOGS, ids=[kind for kind, _ in LOGS])
def test_the_log_is_read_with(make: Make, kind: str, command: str) -> None:
    world = make(kind)
    excerpt = world.deployer.logs(datetime(2024, 5, 1, 10, tzinfo=UTC), 10_000)
    assert shlex.join(world.tool.calls()[-1]["argv"]) == command
    assert (excerpt.failure, b"out of luck" in excerpt.content) == ("", True)


def test_workflow_runs_are_no_log_of_production(make: Make) -> None:
    assert "no logs of its own" in make("github-actions").deployer.logs(None, 1000).failure


@pytest.mark.parametrize("kind", [kind for kind in WORLDS if kind != "github-actions"])
def test_all_copies_of_what_runs_are_ready(make: Make, kind: str) -> None:
    world = make(kind)
    seen = world.deployer.capacity(world.versions[0])
    assert seen.verdict is Verdict.PASSED, seen.summary
    assert world.deployer.capacity(world.versions[1]).verdict is Verdict.FAILED


def test_releases_bring_what_the_system_knows(make: Make) -> None:
    newest = make("kubectl").deployer.releases()[0]
    assert newest.artefact == "registry.example.com:5000/acme/shop:v1.2.0"
    assert newest.deployed_at == datetime(2024, 5, 3, 10, tzinfo=UTC)
    local = make("compose").deployer.releases()[0]
    assert (local.artefact, local.deployed_at) == (f"sha256:{3:064}", None)  # built is not deployed
    assert IMAGE not in local.artefact
