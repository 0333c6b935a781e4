"""Which log source belongs to a configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.config.model_production import LogConfig
    from andon.desk.ports_production import Deployer, LogSource


def log_source_for(config: LogConfig, root: str, deployer: Callable[[], Deployer | None]) -> LogSource:
    """Return the source for a configured log; `deployer` is asked for only by a log that is its own."""
    if config.deployer:
        from andon.production.log_deployer import DeployerLog

        return DeployerLog(config.name, deployer)
    if config.command:
        from andon.production.log_command import LogCommand

        return LogCommand(config.name, config.command, cwd=root)
    from andon.production.log_file import LogFile

    return LogFile(config.name, os.path.join(root, os.path.expanduser(config.file)))
