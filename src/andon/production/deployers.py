"""Which deployer belongs to a configuration: one line per kind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from andon.production.command_deployer import CommandDeployer
from andon.production.symlink_deployer import SymlinkDeployer

if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.config.model import DeployConfig
    from andon.desk.ports import Deployer


def _symlink(config: DeployConfig, root: str) -> Deployer:
    return SymlinkDeployer(
        os.path.join(root, os.path.expanduser(config.root)),
        restart=config.restart,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


def _command(config: DeployConfig, root: str) -> Deployer:
    return CommandDeployer(
        deploy=config.deploy,
        releases=config.releases,
        running=config.running,
        cwd=root,
        timeout=config.timeout,
        patience=config.settle,
    )


DEPLOYERS: dict[str, Callable[[DeployConfig, str], Deployer]] = {"symlink": _symlink, "command": _command}


def deployer_for(config: DeployConfig, root: str) -> Deployer | None:
    """Return the configured deployer, None when nothing is configured."""
    make = DEPLOYERS.get(config.kind)
    return make(config, root) if make else None
