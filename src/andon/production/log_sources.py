"""Which log source belongs to a configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from andon.config.model import LogConfig
    from andon.desk.ports import LogSource


def log_source_for(config: LogConfig, root: str) -> LogSource:
    """Return the source for a configured log."""
    if config.command:
        from andon.production.log_command import LogCommand

        return LogCommand(config.name, config.command, cwd=root)
    from andon.production.log_file import LogFile

    return LogFile(config.name, os.path.join(root, os.path.expanduser(config.file)))
