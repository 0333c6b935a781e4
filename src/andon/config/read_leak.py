"""What is known beforehand for the response to a leak: `[leak]`."""

from __future__ import annotations

from andon.config.model_team import LeakConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.table import Table


def read_leak(table: Table) -> LeakConfig:
    """Return who can read which remote; raises InvalidInput for one that is called both."""
    leak = LeakConfig(
        public_remotes=table.strings("public_remotes"),
        private_remotes=table.strings("private_remotes"),
        keep_backup_days=table.whole("keep_backup_days", 30, least=1, most=3650),
    )
    if set(leak.public_remotes) & set(leak.private_remotes):
        raise table.wrong("private_remotes", "remotes that are not among public_remotes")
    table.finish()
    return leak
