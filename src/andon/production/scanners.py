"""Which scanners a repository has: the configured ones, and ruff for Python unless one is called so."""

from __future__ import annotations

from andon.production.scanner_command import CommandScanner
from andon.production.scanner_ruff import RuffScanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.config.model_team import ScannerConfig
    from andon.desk.ports_repository import Checkouts
    from andon.desk.ports_scanning import Scanner


def scanners_for(configured: Sequence[ScannerConfig], checkouts: Checkouts) -> tuple[Scanner, ...]:
    """Return the scanners in the order they are asked."""
    found: list[Scanner] = [CommandScanner(config, checkouts) for config in configured]
    if not any(config.name == RuffScanner.name for config in configured):
        found.insert(0, RuffScanner())
    return tuple(found)
