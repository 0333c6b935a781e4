"""Which deployer belongs to a configuration: one line per kind. Only the configured one is loaded."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.config.model_production import DeployConfig
    from andon.desk.ports_production import Deployer
    from andon.production.kubernetes import Cluster
    from andon.production.systemd_unit import SystemdUnit


def _symlink(config: DeployConfig, root: str) -> Deployer:
    from andon.production.symlink_deployer import SymlinkDeployer

    return SymlinkDeployer(
        os.path.join(root, os.path.expanduser(config.root)),
        restart=config.restart,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
        unit=_unit(config.unit, root) if config.unit else None,
    )


def _unit(name: str, root: str) -> SystemdUnit:
    from andon.production.systemd_unit import SystemdUnit

    return SystemdUnit(name, cwd=root)


def _command(config: DeployConfig, root: str) -> Deployer:
    from andon.production.command_deployer import CommandDeployer

    return CommandDeployer(
        deploy=config.deploy,
        releases=config.releases,
        running=config.running,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _compose(config: DeployConfig, root: str) -> Deployer:
    from andon.production.compose_deployer import ComposeDeployer

    return ComposeDeployer(
        config.services,
        image=config.image,
        variable=config.variable,
        file=config.file,
        project=config.project,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _kubectl(config: DeployConfig, root: str) -> Deployer:
    from andon.production.kubectl_deployer import KubectlDeployer

    return KubectlDeployer(
        config.deployment,
        cluster=_cluster(config, root),
        container=config.container,
        asks_gitops=config.gitops == "check",
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _helm(config: DeployConfig, root: str) -> Deployer:
    from andon.production.helm_deployer import HelmDeployer

    return HelmDeployer(
        config.release,
        cluster=_cluster(config, root),
        names=config.versions,
        asks_gitops=config.gitops == "check",
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _rollouts(config: DeployConfig, root: str) -> Deployer:
    from andon.production.rollouts_deployer import RolloutsDeployer

    return RolloutsDeployer(
        config.rollout,
        cluster=_cluster(config, root),
        container=config.container,
        asks_gitops=config.gitops == "check",
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _github(config: DeployConfig, root: str) -> Deployer:
    from andon.production.github_deployer import GitHubDeployer

    return GitHubDeployer(
        config.workflow,
        repository=config.repository,
        ref=config.ref,
        title=config.title,
        running=config.running,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _kamal(config: DeployConfig, root: str) -> Deployer:
    from andon.production.kamal_deployer import KamalDeployer

    return KamalDeployer(
        destination=config.destination,
        file=config.file,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _fly(config: DeployConfig, root: str) -> Deployer:
    from andon.production.fly_deployer import FlyDeployer

    return FlyDeployer(config.app, cwd=root, timeout=config.timeout, patience=config.settle)


def _heroku(config: DeployConfig, root: str) -> Deployer:
    from andon.production.heroku_deployer import HerokuDeployer

    return HerokuDeployer(config.app, cwd=root, timeout=config.timeout, patience=config.settle)


def _vercel(config: DeployConfig, root: str) -> Deployer:
    from andon.production.vercel_deployer import VercelDeployer

    return VercelDeployer(
        config.project,
        domain=config.domain,
        scope=config.scope,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _cluster(config: DeployConfig, root: str) -> Cluster:
    from andon.production.kubernetes import Cluster

    return Cluster(namespace=config.namespace, context=config.context, cwd=root)


DEPLOYERS: dict[str, Callable[[DeployConfig, str], Deployer]] = {
    "symlink": _symlink,
    "command": _command,
    "compose": _compose,
    "kubectl": _kubectl,
    "helm": _helm,
    "argo-rollouts": _rollouts,
    "github-actions": _github,
    "kamal": _kamal,
    "fly": _fly,
    "heroku": _heroku,
    "vercel": _vercel,
}


def deployer_for(config: DeployConfig, root: str) -> Deployer | None:
    """Return the configured deployer, None when nothing is configured."""
    make = DEPLOYERS.get(config.kind)
    return make(config, root) if make else None
