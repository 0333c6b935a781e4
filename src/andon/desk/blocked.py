"""Whether a blocked release is in production again, as the ledger has it; cheap enough for every status."""

from __future__ import annotations

from andon.desk.casefile import service_stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk


def blocked_back(desk: Desk) -> str:
    """Return what a blocked release that runs is blocked for, "" when none does.

    The ledger is read only when something was ever blocked.
    """
    stream = service_stream(desk)
    if stream not in desk.journal.newest(("ReleaseBlocked", "ReleaseUnblocked")):
        return ""
    from andon.incident.ledger import fold_ledger  # most services have nothing blocked

    ledger = fold_ledger(desk.journal.read(stream))
    running = ledger.running
    block = ledger.block_on(running.version) if running else None
    if running is None or block is None:
        return ""
    where = f" since {block.incident}" if block.incident else ""
    return f"{running.version} runs, blocked{where}: {block.reason}"
